"""Numbers the lines that say the same at the same moment, also across logs and restarts."""

from __future__ import annotations

from array import array

from msgspec import Struct

from storj_monitor.collect.recent import Recent

#: Times may go back a little in a log, so the counts of so many moments are kept.
_REMEMBERED_MOMENTS = 600
#: A line is written at most so long after its time: what a log that is gone on with needs.
OPEN_US = 2_000_000


class Moment(Struct, gc=False):
    """A moment's lines: their fingerprints, as the bytes of 64-bit integers."""

    at: int
    fingerprints: bytes


class Occurrences:
    """Tells identical lines apart by their number: identical twins are two transfers.

    The number is the same whenever the same log is read again, so that nothing counts twice.
    """

    def __init__(self) -> None:
        self._moments: Recent[int, dict[int, int]] = Recent(_REMEMBERED_MOMENTS)
        #: The moment of the line that was counted last.
        self.at: int | None = None
        self._now: dict[int, int] = {}

    def count(self, at: int, fingerprint: int) -> int:
        """Return how many such lines came before this one."""
        if at != self.at:
            self.at, self._now = at, self._moment(at)
        now = self._now
        before = now.get(fingerprint, 0)
        now[fingerprint] = before + 1
        return before

    def has(self, at: int, fingerprint: int) -> bool:
        """Say whether such a line came before, as far as is remembered."""
        moment = self._moments.get(at)
        return moment is not None and fingerprint in moment

    def since(self, at: int) -> list[Moment]:
        """Return the moments since this time, for `resume`."""
        return [
            Moment(moment, array("q", _repeated(counts)).tobytes())
            for moment, counts in self._moments.items()
            if moment >= at
        ]

    def resume(self, moments: list[Moment]) -> None:
        """Go on from the moments that were open. Raises ValueError for bytes that are none."""
        for moment in moments:
            fingerprints = array("q")
            fingerprints.frombytes(moment.fingerprints)
            for fingerprint in fingerprints:
                self.count(moment.at, fingerprint)

    def _moment(self, at: int) -> dict[int, int]:
        counts = self._moments.get(at)
        if counts is None:
            counts = {}
            self._moments.put(at, counts)
        return counts


def _repeated(counts: dict[int, int]) -> list[int]:
    return [fingerprint for fingerprint, count in counts.items() for _ in range(count)]
