from __future__ import annotations

import pytest

from storj_monitor.store.satellites import KNOWN, short_name
from tests.records import US1

UNKNOWN = "1Unknown" + "x" * 42


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("us9.storj.io:7777", "us9"),
        ("US9.Storj.io:7777", "us9"),
        ("europe-south-1.tardigrade.io:7777", "europe-south-1"),
        ("satellite.home.org:7777", "satellite"),
        ("us1.storj.io:7777", "us1.storj.io"),
        *(
            (url, "1Unknownxxxx")
            for url in [
                *("", "us1:7777", "us9.storj.io", "192.168.1.5:7777", "[2001:db8::1]:7777"),
                *("=cmd.org:7777", "-x.org:7777", "a\tb.org:7777", f"{'x' * 41}.org:7777"),
                "\N{FULLWIDTH EQUALS SIGN}x.org:7777",
            ]
        ),
    ],
)
def test_an_unknown_satellite_is_named_by_its_host_if_that_is_one(url: str, name: str) -> None:
    assert short_name(UNKNOWN, url) == name


def test_a_known_satellite_keeps_its_name_wherever_it_is_said_to_be() -> None:
    assert short_name(US1, "satellite.evil.org:7777") == "us1"
    assert len(set(KNOWN.values())) == len(KNOWN)
