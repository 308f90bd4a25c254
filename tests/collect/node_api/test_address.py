"""Addresses of nodes: what an operator may write, and where a request then goes."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.node_api import NodeApi, NodeApiError
from storj_monitor.collect.node_api.address import Address

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.collect.node_api.fake_node import FakeNode


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("http://127.0.0.1:14002", "http://127.0.0.1:14002/api/sno/", "127.0.0.1:14002"),
        ("http://127.0.0.1:14002/", "http://127.0.0.1:14002/api/sno/", "127.0.0.1:14002"),
        ("HTTP://NAS.lan:14002/#/payout", "http://nas.lan:14002/api/sno/", "nas.lan:14002"),
        ("http://nas:14002/api/sno/", "http://nas:14002/api/sno/", "nas:14002"),
        ("http://nas:14002/api/sno", "http://nas:14002/api/sno/", "nas:14002"),
        ("https://me.example/node1/", "https://me.example:443/node1/api/sno/", "me.example:443"),
        ("http://nas/node1/api/sno", "http://nas:80/node1/api/sno/", "nas:80"),
        ("http://[::1]:14002", "http://[::1]:14002/api/sno/", "[::1]:14002"),
        ("http://a:b@nas:1", "http://a:b@nas:1/api/sno/", "nas:1"),
    ],
)
def test_an_address_is_read(text: str, url: str, shown: str) -> None:
    address = Address.parse(text)
    assert (address.url("/api/sno/"), address.shown) == (url, shown)


@given(st.text() | st.text("htps:/@[]1.\\#?%").map("http://".__add__))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = Address.parse(text)
    except NodeApiError:
        return
    assert Address.parse(address.url("/api/sno/")) == address


@given(st.text() | st.text("htps:/@[]1.\\#?%n").map("http:".__add__))
def test_no_redirect_leads_to_another_server(location: str) -> None:
    address = Address.parse("http://nas:14002/node1")
    with suppress(NodeApiError):
        found = address.redirected(address.url("/api/sno/"), location)
        assert found.startswith("http://nas:14002/")


async def test_a_login_and_a_prefix_are_used(session: ClientSession, node: FakeNode) -> None:
    url = node.url.replace("http://", "http://operator:hush@") + "/node1"
    with pytest.raises(NodeApiError):
        await NodeApi(session, url).read()
    assert node.asked == ["GET /node1/api/sno/"]
    assert node.logins == {"Basic " + b64encode(b"operator:hush").decode()}
