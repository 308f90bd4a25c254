from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.settings import Settings, WebSettings
from storj_monitor.web.access import who
from storj_monitor.web.forwarded import (
    Forwarded,
    forwarded_by,
    is_https,
    networks_of,
    public_path,
)
from storj_monitor.web.keys import SETTINGS
from tests.web.proxies import asked

if TYPE_CHECKING:
    from collections.abc import Mapping

TRUSTED = networks_of(("127.0.0.0/8", "::1", "172.18.0.0/16", "2001:db8:1::/64"))
CLIENT = "198.51.100.2"
EVERYTHING = {
    "X-Forwarded-For": CLIENT,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "monitor.example",
    "X-Forwarded-Prefix": "/storj",
}


def known_of(headers: Mapping[str, str], peer: str | None = "127.0.0.1") -> Forwarded:
    return forwarded_by(TRUSTED, asked(headers, peer=peer))


def app_with(settings: WebSettings) -> web.Application:
    app = web.Application()
    app[SETTINGS] = Settings(web=settings)
    return app


@pytest.mark.parametrize(
    "peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:172.18.3.4", "172.18.0.2", "2001:db8:1::7"]
)
def test_a_trusted_proxy_is_believed(peer: str) -> None:
    known = known_of(EVERYTHING, peer)
    assert known[1:] == (ipaddress.ip_address(CLIENT), "https", "monitor.example", "/storj")


@pytest.mark.parametrize("peer", ["192.0.2.7", "172.19.0.2", "2001:db8:2::7", "fe80::1%eth0", None])
def test_nobody_else_is_believed_anything(peer: str | None) -> None:
    assert known_of(EVERYTHING, peer)[1:] == Forwarded(None)[1:]


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        (CLIENT, CLIENT),
        (f"10.0.0.1, {CLIENT}", CLIENT),
        (f"10.0.0.1,{CLIENT}, 172.18.0.9 ,127.0.0.1", CLIENT),
        ("172.18.0.9, 127.0.0.1", "172.18.0.9"),
        (f"{CLIENT}:5123", CLIENT),
        ("[2001:db8::7]:5123", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:198.51.100.2", CLIENT),
        (f"{CLIENT}, unknown", None),
        (f"{CLIENT}, unknown, 172.18.0.9", "172.18.0.9"),
        ("", None),
        ("1.2.3", None),
        ("\x01\x1b[31m", None),
    ],
)
def test_the_client_is_the_nearest_address_that_is_no_proxy(hops: str, client: str | None) -> None:
    found = known_of({"X-Forwarded-For": hops}).client
    assert (found and str(found)) == client


@pytest.mark.parametrize(
    ("given", "prefix"),
    [
        ("/storj", "/storj"),
        ("/storj/", "/storj"),
        ("/a/b-c/d.e_f~g", "/a/b-c/d.e_f~g"),
        ("/", ""),
        ("", ""),
        ("storj", ""),
        ("//evil.example", ""),
        ("/\\evil.example", ""),
        ("/..", ""),
        ("/a/../b", ""),
        ("/./a", ""),
        ("/a//b", ""),
        ("/a?b", ""),
        ("/a#b", ""),
        ("/a;b", ""),
        ("/a b", ""),
        ("/%2e%2e", ""),
        ("/\u00e4", ""),
        ('/"><script>', ""),
        ("/a, /b", "/b"),
        ("/a" * 9, ""),
        ("/" + "a" * 65, ""),
    ],
)
def test_a_prefix_is_a_plain_path_or_nothing(given: str, prefix: str) -> None:
    assert known_of({"X-Forwarded-Prefix": given}).prefix == prefix


@given(st.text(max_size=40))
def test_no_prefix_leads_anywhere_else(given: str) -> None:
    prefix = known_of({"X-Forwarded-Prefix": f"/{given}"}).prefix
    assert prefix == "" or (prefix[0] == "/" and prefix[1:2].isascii() and prefix[1:2] != "/")
    assert set(prefix).isdisjoint("\\?#%\"'<> \t\r\n:@")
    assert not {".", ".."} & set(prefix.split("/"))


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("monitor.example:8443", "monitor.example:8443"),
        ("[2001:db8::7]:80", "[2001:db8::7]:80"),
        ("one.example, two.example", "two.example"),
        ("user@monitor.example", "?"),
        ("monitor.example/x", "?"),
        ("", None),
    ],
)
def test_a_name_that_is_none_is_nobodys(given: str, host: str | None) -> None:
    assert known_of({"X-Forwarded-Host": given}).host == host


@pytest.mark.parametrize(
    ("headers", "peer", "secure"),
    [
        ({"X-Forwarded-Proto": "https"}, "127.0.0.1", True),
        ({"X-Forwarded-Proto": "HTTPS"}, "127.0.0.1", True),
        ({"X-Forwarded-Proto": "http"}, "127.0.0.1", False),
        ({"X-Forwarded-Proto": "ftp"}, "127.0.0.1", False),
        ({"X-Forwarded-Proto": "https"}, "192.0.2.7", False),
        ({}, "127.0.0.1", False),
    ],
)
def test_https_is_what_a_trusted_proxy_says(
    headers: dict[str, str], peer: str, secure: bool
) -> None:
    request = asked(headers, peer=peer)
    assert is_https(request, forwarded_by(TRUSTED, request)) is secure


def test_a_path_is_as_the_client_has_to_ask_for_it() -> None:
    app = app_with(WebSettings(trusted_proxies=("127.0.0.1",)))
    by_proxy = asked({"X-Forwarded-Prefix": "/storj"}, app=app)
    assert public_path(by_proxy, "/api/nodes") == "/storj/api/nodes"
    direct = asked({"X-Forwarded-Prefix": "/storj"}, peer="127.0.0.2", app=app)
    assert public_path(direct, "/api/nodes") == "/api/nodes"


@pytest.mark.parametrize(
    ("token", "peer", "headers", "expected"),
    [
        ("secret", "192.0.2.7", {}, "token 192.0.2.7"),
        ("", "127.0.0.1", {}, "loopback 127.0.0.1"),
        ("", "::1", {}, "loopback ::1"),
        ("", "::ffff:127.0.0.1", {}, "loopback 127.0.0.1"),
        ("", "192.0.2.7", {}, "anyone 192.0.2.7"),
        ("", None, {}, "loopback unknown"),
        ("secret", "127.0.0.1", EVERYTHING, f"token 127.0.0.1 for {CLIENT}"),
        ("", "127.0.0.1", EVERYTHING, f"loopback 127.0.0.1 for {CLIENT}"),
        ("secret", "192.0.2.7", EVERYTHING, "token 192.0.2.7"),
        ("secret", "127.0.0.1", {"X-Forwarded-For": "\x1b[31m"}, "token 127.0.0.1"),
        ("secret", "127.0.0.1", {"X-Forwarded-For": "fe80::1%\x07"}, "token 127.0.0.1 for fe80::1"),
    ],
)
def test_who_asks_is_how_they_were_let_in_and_from_where(
    token: str, peer: str | None, headers: dict[str, str], expected: str
) -> None:
    assert who(asked(headers, peer=peer, app=app_with(WebSettings(token=token)))) == expected


@given(st.text(max_size=60), st.sampled_from(["", "secret"]))
def test_who_asks_never_holds_anything_but_addresses(hops: str, token: str) -> None:
    said = who(asked({"X-Forwarded-For": hops}, app=app_with(WebSettings(token=token))))
    assert said.isprintable()
    way, address, *rest = said.split(" ")
    assert way in ("token", "loopback")
    assert address == "127.0.0.1"
    assert rest[:1] in ([], ["for"])
    for client in rest[1:]:
        assert str(ipaddress.ip_address(client)) == client
