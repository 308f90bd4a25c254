"""A webhook leads out into the internet, unless the operator says otherwise."""

from __future__ import annotations

import socket
from typing import Any

import aiohttp.connector
import pytest

from storj_export_plugins.channels.webhook import send
from storj_export_plugins.channels.webhook.network import is_public
from tests.channels.parcels import parcel, refused
from tests.channels.receivers import Receiver


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.0.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255"),
        *(
            "192.168.1.5",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
        ),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe"),
        *("fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1"),
        *("64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:db8::1"),
        *("2001::1", "4000::1"),
    ],
)
def test_an_address_of_no_public_network_is_told_apart(address: str) -> None:
    assert is_public(address) is False


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "162.159.135.232", "172.15.0.1", "172.32.0.1", "2606:4700::6810:1"),
        *("::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),
    ],
)
def test_an_address_of_the_internet_is_told_apart(address: str) -> None:
    assert is_public(address) is True


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "0x7f000001", "0x7f.0x1", "LOCALHOST", "0.0.0.0", "[::1]"),
        *("169.254.169.254", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "10.0.0.1"),
    ],
)
async def test_nothing_is_posted_to_a_private_address_however_it_is_written(host: str) -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        port = url.partition("127.0.0.1:")[2]
        error = await refused(send(parcel(f"http://{host}:{port}"), {}))

    assert "is on this machine or in the local network: set allow_private to on" in error.reason
    assert error.retryable is False
    assert receiver.requests == []


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0177.0.0.1"])
async def test_an_address_in_no_usual_spelling_is_refused_for_good(host: str) -> None:
    for settings in ({}, {"allow_private": "on"}):
        error = await refused(send(parcel(f"http://{host}/"), settings))
        assert error.reason == f"http://{host} is no address to post to"
        assert error.retryable is False


class _Rebinding:
    """A name server that leads to our own machine when the name is used."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, **_: Any) -> list[dict[str, Any]]:
        self.asked += 1
        fields = {"hostname": host, "port": port, "family": socket.AF_INET}
        return [{**fields, "host": "127.0.0.1", "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """Hold nothing."""


async def test_what_counts_is_the_address_that_is_connected_to_not_an_earlier_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = _Rebinding()
    monkeypatch.setattr(aiohttp.connector, "DefaultResolver", lambda **_: names)
    receiver = Receiver()
    async with receiver.served() as url:
        port = url.partition("127.0.0.1:")[2]
        error = await refused(send(parcel(f"http://example.org:{port}"), {}))

    assert names.asked == 1
    assert "is on this machine or in the local network" in error.reason
    assert receiver.requests == []


async def test_what_is_private_is_reached_where_the_operator_says_so() -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        await send(parcel(url), {"allow_private": "true"})
        error = await refused(send(parcel(url), {"allow_private": "maybe"}))

    assert len(receiver.requests) == 1
    assert "allow_private under [channels.webhook] is 'maybe', and must be on or off" in (
        error.reason
    )
