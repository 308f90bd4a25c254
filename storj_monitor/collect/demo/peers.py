"""Who the demo's nodes talk to: addresses of the ranges that are reserved for documentation."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random

_COUNTRIES = {
    "US": 34,
    "DE": 19,
    "NL": 9,
    "FR": 7,
    "GB": 7,
    "FI": 5,
    "SG": 4,
    "JP": 4,
    "CA": 4,
    "PL": 3,
    "AU": 2,
    "BR": 2,
}
#: Among a hundred addresses, those whose country isn't known.
_NOWHERE = 6
_PORTS = range(1024, 65536)


class Peer(NamedTuple):
    """An address without its port, and the country it is in, where that is known."""

    address: str
    country: str | None

    def with_port(self, random: Random) -> str:
        """Return the address as an error text shows it."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{random.choice(_PORTS)}"


class Peers:
    """A fixed set of peers: a few gateways are seen all the time, most others now and then."""

    def __init__(self, random: Random) -> None:
        addresses = [
            *(f"203.0.113.{host}" for host in range(1, 255)),
            *(f"198.51.100.{host}" for host in range(1, 255)),
            *(f"2001:db8:{net:x}::{host:x}" for net in range(16, 28) for host in range(1, 5)),
        ]
        random.shuffle(addresses)
        names: list[str | None] = [None, *_COUNTRIES]
        countries = random.choices(names, [_NOWHERE, *_COUNTRIES.values()], k=len(addresses))
        self._peers = [Peer(*both) for both in zip(addresses, countries, strict=True)]
        self._weights = list(accumulate(1 / rank for rank in range(3, len(addresses) + 3)))

    def choose(self, random: Random, count: int) -> list[Peer]:
        """Return `count` of them, the busy ones more often."""
        return random.choices(self._peers, cum_weights=self._weights, k=count)
