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
from storj_export_plugins.reports.words import listed, of_nodes
from storj_monitor.plugin import Figure, Kind, Note, Span
from storj_monitor.plugin.query import microseconds, moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime

    import pyarrow as pa

    from storj_export_plugins.reports.spans import Bucket
    from storj_monitor.plugin import Catalogue, Query

#: So far before the span the growth of a disk is looked at.
HISTORY = timedelta(days=28)
#: What was said of a disk is what is so for a day, and no longer.
_FRESH = timedelta(days=1)
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
    """The disks of the nodes of a query, as they were said to be up to the end of its span.

    `nodes` are those that ought to be known: a sum says of how many of them it is.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        query: Query,
        nodes: Collection[str] = (),
        history: timedelta = HISTORY,
    ) -> None:
        self.query = query
        span = Span(query.span.start - history, query.span.end)
        self._days = tuple(days(replace(query, span=span)))
        self._told = _told(catalogue, query, span)
        self._times = {node: [space.at for space in told] for node, told in self._told.items()}
        self._expected = {*nodes, *self._told}
        #: What is used where that is known when the span begins, and when it ends.
        self.first, self.last = self._using(query.span.start), self._using(query.span.end)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of whose disk anything is known."""
        return tuple(sorted(self._told))

    @property
    def summed(self) -> tuple[str, ...]:
        """The nodes whose sums can be compared over the span: those known at both of its ends.

        Where there are none, those that are known at its end, or else those that were at all.
        """
        both = self.first.keys() & self.last.keys()
        told = {node for node in self.nodes if self.latest(node).used is not None}
        return tuple(sorted(both or self.last.keys() or told))

    def latest(self, node: str) -> Space:
        """Return what was said last, however long ago."""
        return self._told[node][-1]

    def at(self, node: str, when: datetime) -> Space | None:
        """Return what was said last in the day before a time; None if nothing was."""
        return self._within(node, when - _FRESH, when)

    def on(self, node: str, day: Bucket) -> Space | None:
        """Return what was said last on a day; None if nothing was."""
        return self._within(node, day.start, day.end)

    def _within(self, node: str, start: datetime, end: datetime) -> Space | None:
        index = bisect_right(self._times[node], microseconds(end) - 1)
        space = self._told[node][index - 1] if index else None
        return space if space and space.at >= microseconds(start) else None

    def _using(self, when: datetime) -> Mapping[str, Space]:
        known = {node: self.at(node, when) for node in self.nodes}
        return {node: space for node, space in known.items() if space and space.used is not None}

    def grown(self, node: str) -> int | None:
        """Return what a node uses more at the end than at the start; None unless both are known."""
        first, last = self.first.get(node), self.last.get(node)
        return less(last and last.used, first and first.used)

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
        told = (self.on(node, day) for day in self._days)
        return [space for space in told if space]

    def day_of(self, at: int) -> date:
        """Return the day of a time (microseconds), in the zone of the query."""
        return moment(at).astimezone(self.query.timezone).date()

    def figure(self) -> Figure:
        """Return what is stored at the span's end, with the change of what is known at both."""
        stored = total(space.used for space in self.last.values())
        both = self.first.keys() & self.last.keys()
        now, before = (total(ends[node].used for node in both) for ends in (self.last, self.first))
        whom = of_nodes(len(self.last), len(self._expected))
        label = f"Stored {self.when}{',' if whom else ''}{whom}"
        return Figure("stored", label, stored, Kind.BYTES, change(now, before))

    @property
    def when(self) -> str:
        """When that is, until which anything is known of a span."""
        return "now" if self.query.now == self.query.span.end else "at the end"

    def whom(self) -> str:
        """Return of how many nodes the sums are, unless they are of all."""
        return of_nodes(len(self.summed), len(self._expected))

    def notes(self) -> list[Note]:
        """Return of which nodes it isn't known what they store, at the end or at the start."""
        return [*self._unknown()]

    def _unknown(self) -> Iterator[Note]:
        told = {node for node in self.nodes if self.latest(node).used is not None}
        if silent := sorted(told - self.last.keys()):
            text = f"What {listed(silent)} stored at the end isn't known: it is in no sum of that."
            yield Note(text, "warning")
        if self.first and (late := sorted(self.last.keys() - self.first.keys())):
            yield Note(
                f"What {listed(late)} stored when the span began isn't known: growth and change "
                "are those of the other nodes."
            )


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
    known = {node: _of_one_kind(spaces) for node, spaces in told.items()}
    return {node: spaces for node, spaces in known.items() if spaces}


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
    using = [space for space in spaces if space.used is not None]
    return using or [space for space in spaces if space.free is not None]
