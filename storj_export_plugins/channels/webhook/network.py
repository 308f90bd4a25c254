"""Connections that lead out of the local network, decided by the address that is connected to."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

#: Within clouds these lead to what a machine is told about itself, whatever they look like.
_INTERNAL = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16"))
#: What there is of global addresses of IPv6; all else is local, multicast or special.
_GLOBAL = IPv6Network("2000::/3")
#: IPv6 addresses that lead to the IPv4 address in their last four bytes.
_TRANSLATED = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
_SIX_TO_FOUR = IPv6Network("2002::/16")


class Gate:
    """Opens the sockets of a connection, but none to a private address unless that is allowed.

    It is asked for each address just before it is connected to, so that no name can say one
    thing when it is looked at and another when it is used. `was_shut` says that it refused one.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self.was_shut = False

    def socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Return a socket for an address as getaddrinfo gives it; raises OSError for others."""
        family, kind, protocol, _, place = address
        if not self._allow_private and not is_public(place[0]):
            self.was_shut = True
            message = "a private address"
            raise PermissionError(message)
        return socket.socket(family, kind, protocol)


def is_public(text: str) -> bool:
    """Whether an address is one of the internet: not local, private, multicast or reserved."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        embedded = _embedded(address)
        if embedded is None:
            return address in _GLOBAL and address.is_global
        address = embedded
    if any(address in network for network in _INTERNAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to, if it does."""
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _SIX_TO_FOUR:
        return address.sixtofour
    return None
