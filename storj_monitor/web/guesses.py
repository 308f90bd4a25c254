"""How often somebody may guess the token on the log-in page."""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address

#: So many wrong ones at once, and then one each time that so many seconds are over.
BURST, PAUSE_SECONDS = 10, 6.0
#: So many addresses are remembered; the one that guessed first is forgotten for the newest.
MOST = 10_000
#: Whoever has one address of IPv6 has a network of them.
_HOME_BITS = 64


class Guesses:
    """Counts wrong tokens by where they came from."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        #: Where from -> when all its guesses will be forgiven.
        self._forgiven: dict[str, float] = {}

    def may(self, address: IPv4Address | IPv6Address | None) -> bool:
        """Tell whether an address may try now."""
        left = self._forgiven.get(_home(address), 0.0) - self._now()
        return left <= (BURST - 1) * PAUSE_SECONDS

    def note(self, address: IPv4Address | IPv6Address | None) -> None:
        """Count a wrong one."""
        home, now = _home(address), self._now()
        forgiven = max(self._forgiven.pop(home, now), now) + PAUSE_SECONDS
        if len(self._forgiven) >= MOST:
            del self._forgiven[next(iter(self._forgiven))]
        self._forgiven[home] = forgiven


def _home(address: IPv4Address | IPv6Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), _HOME_BITS), strict=False))
    return str(address)
