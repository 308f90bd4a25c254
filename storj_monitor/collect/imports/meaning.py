"""What `total_bytes` of a node meant: the whole disk space, or since v1.143 what is free of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

#: Free space falls by what the used grows, but for what else is on the disk.
_TOLERANCE = 4


class Sizes(NamedTuple):
    """What a row says that came from the API."""

    rowid: int
    total: int
    used: int

    @property
    def is_suspect(self) -> bool:
        """Whether the total can't be the whole."""
        return self.used > self.total


@dataclass
class _Series:
    """The rows of a node so far: the more often the total stays, the lower is the balance."""

    last: Sizes
    balance: int = 0
    lowest: int = 0
    #: Where the later meaning begins, if what follows bears it out.
    since: int | None = None

    def mean(self, weight: int, since: int) -> None:
        """Count a sign of the later meaning (1), of the earlier (-1), or of a change (0)."""
        self.balance += weight
        if weight < 0 and self.balance <= self.lowest:
            self.lowest, self.since = self.balance, None
        elif self.since is None:
            self.since = since


class Meanings:
    """Finds, for each node, the row with which the later meaning began.

    A node is updated once and never goes back. Before that the total stays while the used changes;
    from then on the total falls by what the used grows. The rows in between show neither, but at
    the update itself the total jumps. Memory is that of one row a node.
    """

    def __init__(self) -> None:
        self._series: dict[str, _Series] = {}

    def see(self, node: str, sizes: Sizes) -> None:
        """Look at the next row of a node."""
        series = self._series.get(node)
        if series is None:
            series = self._series[node] = _Series(sizes)
            if sizes.is_suspect:
                series.mean(1, sizes.rowid)
            return
        last, series.last = series.last, sizes
        more_total, more_used = sizes.total - last.total, sizes.used - last.used
        if more_total == 0 and more_used != 0:
            series.mean(-1, sizes.rowid)
        elif _is_mirrored(more_total, more_used):
            series.mean(1, last.rowid)
        elif sizes.is_suspect:
            series.mean(1, sizes.rowid)
        elif more_total != 0:
            series.mean(0, sizes.rowid)

    def is_free(self, node: str, rowid: int) -> bool:
        """Say whether the total of a row is what is free; all rows have been seen."""
        series = self._series.get(node)
        if series is None or series.since is None or series.balance <= series.lowest:
            return False
        return rowid >= series.since


def _is_mirrored(more_total: int, more_used: int) -> bool:
    """Whether one grew by about as much as the other fell."""
    largest = max(abs(more_total), abs(more_used))
    return more_total != 0 and abs(more_total + more_used) <= largest // _TOLERANCE
