"""What is known of the disks of a span: their last state at any time, and how they fill."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.reports.growth import Growth
from storj_export_plugins.reports.reading import arrow
from storj_export_plugins.reports.spans import days
from storj_export_plugins.reports.sums import change, less, total
from storj_monitor.plugin import Figure, Kind, Span
from storj_monitor.plugin.query import microseconds, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    import pyarrow as pa

    from storj_monitor.plugin import Catalogue, Query

#: So far before the span the growth of a disk is looked at.
HISTORY = timedelta(days=28)
_SPACE = ("allocated_bytes", "used_bytes", "free_bytes", "trash_bytes")
_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US


class Space(NamedTuple):
    """What was said of a disk at a time (microseconds), in bytes; None is unknown."""

    at: int
    allocated: int | None
    used: int | None
    free: int | None
    trash: int | None

    @property
    def left(self) -> int | None:
        """What can still be taken."""
        return less(self.allocated, self.used) if self.free is None else self.free


class Disks:
    """The disks of the nodes of a query, as they were said to be up to the end of its span."""

    def __init__(self, catalogue: Catalogue, query: Query, history: timedelta = HISTORY) -> None:
        self.query = query
        span = Span(query.span.start - history, query.span.end)
        self._days = tuple(days(replace(query, span=span)))
        self._told = _told(catalogue, query, span)
        self._times = {node: [space.at for space in told] for node, told in self._told.items()}

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of whose disk anything is known."""
        return tuple(sorted(self._told))

    def at(self, node: str, when: datetime) -> Space | None:
        """Return what was last said before a time; None if nothing was."""
        index = bisect_right(self._times[node], microseconds(when) - 1)
        return self._told[node][index - 1] if index else None

    def used(self, when: datetime) -> int | None:
        """Return what all nodes together used at a time, as far as is known."""
        return total(space.used for space in self._all_at(when))

    def trash(self, when: datetime) -> int | None:
        """Return how much of that was trash."""
        return total(space.trash for space in self._all_at(when))

    def allocated(self, when: datetime) -> int | None:
        """Return what all nodes together may use."""
        return total(space.allocated for space in self._all_at(when))

    def _all_at(self, when: datetime) -> list[Space]:
        return [space for node in self.nodes if (space := self.at(node, when)) is not None]

    def growth(self, node: str) -> Growth | None:
        """Fit a line to what a node used at the end of each day; None if too few are known.

        Where the log alone tells, the line is that of the free space, upside down.
        """
        return Growth.of([(space.at / _DAY_US, _filled(space)) for space in self._by_day(node)])

    def known_days(self, node: str) -> int:
        """Return of how many days anything is known of a node's disk."""
        return len(self._by_day(node))

    def _by_day(self, node: str) -> Sequence[Space]:
        """Return what was said last on each day of the zone."""
        times, told = self._times[node], self._told[node]
        after = [bisect_right(times, microseconds(day.end) - 1) for day in self._days]
        return [told[index - 1] for index in sorted({*after} - {0})]

    def day_of(self, at: int) -> date:
        """Return the day of a time (microseconds), in the zone of the query."""
        return moment(at).astimezone(self.query.timezone).date()

    def figure(self) -> Figure:
        """Return what is stored at the span's end, with its change since the start."""
        now, before = self.used(self.query.span.end), self.used(self.query.span.start)
        return Figure("stored", "Stored at the end", now, Kind.BYTES, change(now, before))


def _filled(space: Space) -> float:
    return float(space.used if space.used is not None else -(space.free or 0))


def _told(catalogue: Catalogue, query: Query, span: Span) -> Mapping[str, list[Space]]:
    """Return by node what was said last in each hour, in order of time."""
    found = arrow(catalogue, "storage", query, ("timestamp", "node", *_SPACE), span)
    hourly = _last_of_hour(found)
    columns = [hourly[key].to_pylist() for key in ("node", "timestamp", *_SPACE)]
    told: defaultdict[str, list[Space]] = defaultdict(list)
    for node, *space in sorted(zip(*columns, strict=True), key=lambda row: row[1]):
        told[node].append(Space(*space))
    return {node: _of_one_kind(spaces) for node, spaces in told.items()}


def _last_of_hour(found: pa.Table) -> pa.Table:
    """Keep one row for each hour and node that says what is used, and one that says what is free.

    Years of five minutes are read in Arrow; what comes back is few enough for Python.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    at = found["timestamp"].cast(pa.int64())
    hours = pc.divide(at, pa.scalar(_HOUR_US, pa.int64()))
    says_used = pc.is_valid(found["used_bytes"])
    marked = found.set_column(0, "timestamp", at).append_column("hour", hours)
    marked = marked.append_column("says_used", says_used)
    last = marked.group_by(["node", "hour", "says_used"], use_threads=False).aggregate(
        [(key, "last") for key in ("timestamp", *_SPACE)]
    )
    return last.rename_columns([name.removesuffix("_last") for name in last.schema.names])


def _of_one_kind(spaces: list[Space]) -> list[Space]:
    """Return what says how much is used, if anything does; else what says how much is free."""
    return [space for space in spaces if space.used is not None] or spaces
