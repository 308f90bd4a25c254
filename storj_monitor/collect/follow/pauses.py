"""How long to wait before something is tried again."""

from __future__ import annotations

from random import SystemRandom
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORTEST, _LONGEST = 1.0, 60.0


def pauses() -> Iterator[float]:
    """Yield seconds, for ever: about 1, 2, 4, ... 60; many who wait at once don't wait alike."""
    random = SystemRandom()
    longest = _SHORTEST
    while True:
        yield random.uniform(longest / 2, longest)
        longest = min(2 * longest, _LONGEST)
