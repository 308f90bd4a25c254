"""Behind a reverse proxy: what the request was like before it, as far as the proxy is trusted.

X-Forwarded-For, -Proto, -Host and -Prefix are believed from the addresses under
web.trusted_proxies, and are nothing from anybody else.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.web.keys import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from ipaddress import IPv4Address, IPv4Network, IPv6Network

    from aiohttp import web

    Address = IPv4Address | IPv6Address
    Networks = Sequence[IPv4Network | IPv6Network]

#: Some segments, none of which is `.` or `..`, and nothing that could mean more than a path.
_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]{1,64}){0,8}/?", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9._\-\[\]:]{1,255}", re.ASCII)
_PORT = re.compile(r"(\[[^\]]*\]|[^:]*):\d{1,5}", re.ASCII)


class Forwarded(NamedTuple):
    """Where a request comes from, and how it was sent there."""

    #: The address at the other end of the connection; None where it has none.
    peer: Address | None
    #: For whom a trusted proxy asks, if one does and says so.
    client: Address | None = None
    #: `http` or `https`, if a trusted proxy says which.
    scheme: str | None = None
    #: The name, and perhaps the port, that the client called a trusted proxy by, if that says so.
    host: str | None = None
    #: What a trusted proxy took off the path: "" or such as `/storj`.
    prefix: str = ""


def networks_of(trusted: Iterable[str]) -> Networks:
    """Return the networks that the settings name; a single address is one too."""
    return tuple(map(ip_network, trusted))


def forwarded_by(networks: Networks, request: web.Request) -> Forwarded:
    """Return what is known of a request whose proxies are trusted if in one of the networks."""
    peer = _address(request.remote or "")
    if peer is None or not _is_in(peer, networks):
        return Forwarded(peer)
    scheme = _last(request, "X-Forwarded-Proto").lower()
    host = _last(request, "X-Forwarded-Host")
    prefix = _last(request, "X-Forwarded-Prefix")
    return Forwarded(
        peer,
        _client(_values(request, "X-Forwarded-For"), networks),
        scheme if scheme in ("http", "https") else None,
        # What is no name is kept as one that nobody has, so that it is refused and not forgotten.
        (host if _HOST.fullmatch(host) else "?") if host else None,
        prefix.rstrip("/") if _PREFIX.fullmatch(prefix) else "",
    )


def forwarded(request: web.Request) -> Forwarded:
    """Return what is known of a request to an application with settings."""
    return forwarded_by(networks_of(request.app[SETTINGS].web.trusted_proxies), request)


def public_path(request: web.Request, path: str) -> str:
    """Return a path of this server (from its `/`) as the client has to ask for it."""
    return forwarded(request).prefix + path


def is_https(request: web.Request, known: Forwarded) -> bool:
    """Tell whether the client's side of the connection is encrypted."""
    return request.secure if known.scheme is None else known.scheme == "https"


def _client(hops: Sequence[str], networks: Networks) -> Address | None:
    """Return the nearest address that isn't a trusted proxy's: what stands before it is hearsay."""
    client = None
    for hop in reversed(hops):
        address = _address(_without_port(hop))
        if address is None:
            break
        client = address
        if not _is_in(address, networks):
            break
    return client


def _values(request: web.Request, name: str) -> list[str]:
    """Return the values of a header, which may be repeated and may hold several each."""
    return [value.strip() for line in request.headers.getall(name, []) for value in line.split(",")]


def _last(request: web.Request, name: str) -> str:
    """Return the value that the nearest proxy put there."""
    values = _values(request, name)
    return values[-1] if values else ""


def _without_port(hop: str) -> str:
    """Return the address of `192.0.2.7:80`, `[2001:db8::7]:80` or `[2001:db8::7]`."""
    found = _PORT.fullmatch(hop)
    return (found[1] if found else hop).strip("[]")


def _address(text: str) -> Address | None:
    """Return an address, without a zone; one of IPv4 that came by IPv6 is of IPv4."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_in(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)
