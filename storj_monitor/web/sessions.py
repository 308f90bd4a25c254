"""Who has logged in: each by a random key of its own, which is worth nothing after the log-out."""

from __future__ import annotations

import secrets
import time
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: Then one has to log in again, however busy one was.
LASTS_SECONDS = 7 * 24 * 60 * 60.0
#: More at once than any monitor has people; the oldest goes for the newest.
MOST = 1_000


class Sessions:
    """The sessions of one running server; they end with it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        #: Hash of a key -> until when it is good, oldest first. A hash can be looked up without
        #: the time it takes saying anything about the keys.
        self._until: dict[bytes, float] = {}

    def begin(self) -> str:
        """Return the key of a new session."""
        for old in [old for old, until in self._until.items() if until <= self._now()]:
            del self._until[old]
        if len(self._until) >= MOST:
            del self._until[next(iter(self._until))]
        key = secrets.token_urlsafe(32)
        self._until[_hash(key)] = self._now() + LASTS_SECONDS
        return key

    def knows(self, key: str) -> bool:
        """Tell whether there is such a session."""
        return self._until.get(_hash(key), 0.0) > self._now()

    def end(self, key: str) -> None:
        """End a session; one that isn't there is ended already."""
        self._until.pop(_hash(key), None)


def _hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogateescape")).digest()
