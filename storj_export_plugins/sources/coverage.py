"""The source `coverage`: from when to when a node's log was read, and why it wasn't in between.

It is worked out from the hours in which a log had lines. Hours of one node that follow each other
and are alike become one row, so that a year is a handful of rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.sources.naming import Names
from storj_monitor.plugin import Column, Filter, Kind, Source, hookimpl
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from sqlalchemy import Select

    from storj_monitor.plugin import Query, Reader

STORJ_PLUGIN_API = 1

#: Why hours are gaps: for people, but the word before the colon doesn't change.
STOPPED = "stopped: the node was not running"
NO_LINES = "no lines: nothing was read from the log"
MUTED = "muted: the log has no transfer lines"

COLUMNS = (
    Column(
        key="start_at",
        label="From",
        kind=Kind.TIMESTAMP,
        description="When it begins: a full UTC hour, or the start of the span.",
    ),
    Column(
        key="end_at",
        label="To",
        kind=Kind.TIMESTAMP,
        description="When it ends, that moment not included.",
    ),
    Column(key="node", label="Node", description="The node, as the operator named it."),
    Column(key="kind", label="Kind", description="What was read or wasn't: log or api."),
    Column(
        key="state",
        label="State",
        description="ok, or gap: nothing is known of the node's transfers then.",
    ),
    Column(
        key="reason",
        label="Reason",
        description=(
            "Why it is a gap, empty if it is ok. stopped: the node was not running. no lines: its "
            "log was not read, or had none. muted: the log has lines, but none of transfers for 24 "
            "hours, or for less where orders were sent; else a node without transfers is idle."
        ),
    ),
)

_HOUR_US = 3_600_000_000
#: So long without a transfer isn't idle. Also how far beyond the span one has to read to tell: a
#: run of hours that reaches from the span to there is as long as that.
_NEVER_IDLE_US = 24 * _HOUR_US
#: Orders are sent so long after their transfers at most: sooner, they are no sign of traffic since.
_SENT_WITHIN_US = 3 * _HOUR_US
#: A start so soon after the first line of an hour is what that hour began with.
_NEAR_US = 5 * 60 * 1_000_000
_KEY = ("hour_at", "node_id")


class _Hour(NamedTuple):
    """An hour in which a node's log had lines."""

    hour_at: int
    first_at: int
    started_at: int | None
    stopped_at: int | None
    shows_traffic: bool
    has_transfers: bool

    def ends_stopped(self) -> bool:
        """Whether the node was told to stop, and did not start again."""
        return self.stopped_at is not None and self.stopped_at >= (
            self.started_at or self.stopped_at
        )

    def begins_with_start(self) -> bool:
        """Whether the first that was heard is how the node starts."""
        return self.started_at is not None and self.started_at - self.first_at <= _NEAR_US


@dataclass
class _Run:
    """Hours that follow each other, either all with transfers or all without."""

    first: _Hour
    last: _Hour
    #: Whether the log shows that there was traffic since it began.
    shows_traffic: bool = False

    def go_on_with(self, hour: _Hour) -> None:
        """Take in the next hour."""
        self.last = hour
        is_since = hour.hour_at >= self.first.hour_at + _SENT_WITHIN_US
        self.shows_traffic |= hour.shows_traffic and is_since

    def goes_on_with(self, hour: _Hour) -> bool:
        """Whether `hour`, a later one, belongs to this run."""
        return self.end_at == hour.hour_at and self.last.has_transfers is hour.has_transfers

    @property
    def end_at(self) -> int:
        return self.last.hour_at + _HOUR_US

    @property
    def reason(self) -> str | None:
        """Why its transfers are unknown; None if they are known, be it that there were none."""
        is_long = self.end_at - self.first.hour_at >= _NEVER_IDLE_US
        is_muted = not self.last.has_transfers and (self.shows_traffic or is_long)
        return MUTED if is_muted else None


class _Stretch(NamedTuple):
    """From when to when something was so: ok without a reason, a gap with one."""

    start_at: int
    end_at: int
    reason: str | None


def rows(reader: Reader, query: Query) -> Iterator[tuple[object, ...]]:
    """Yield the stretches of the span, in order of time and then of the nodes' names."""
    if "log" not in query.filters.get("kind", ("log",)):
        return
    names = Names(reader)
    runs = _runs(_hours(reader, query, names))
    known_until = _known_until(reader)
    found = [
        (stretch, node)
        for node, of_node in zip(_names(names, runs), runs.values(), strict=True)
        for stretch in _clipped(_joined(_stretches(of_node, known_until)), query)
    ]
    states = query.filters.get("state", ("ok", "gap"))
    for (start_at, end_at, reason), node in sorted(
        found, key=lambda row: (row[0].start_at, row[1])
    ):
        state = "gap" if reason else "ok"
        if state in states:
            yield moment(start_at), moment(end_at), node, "log", state, reason


def _names(names: Names, ids: Iterable[int]) -> list[str]:
    import pyarrow as pa

    return [str(name) for name in names.node(pa.array(ids, pa.int64())).to_pylist()]


def _runs(hours: Iterable[tuple[int, _Hour]]) -> dict[int, list[_Run]]:
    """Gather hours into the runs of each node, in order."""
    runs = defaultdict[int, list[_Run]](list)
    for node_id, hour in hours:
        of_node = runs[node_id]
        if of_node and of_node[-1].goes_on_with(hour):
            of_node[-1].go_on_with(hour)
        else:
            of_node.append(_Run(hour, hour))
    return runs


def _stretches(runs: list[_Run], known_until: int) -> Iterator[_Stretch]:
    """Yield a node's runs and the gaps between and after them, in order."""
    for run, following in pairwise([*runs, None]):
        if run:
            yield _Stretch(run.first.hour_at, run.end_at, run.reason)
            gap_end = following.first.hour_at if following else known_until
            if run.end_at < gap_end:
                yield _Stretch(run.end_at, gap_end, _why_missing(run, following))


def _why_missing(before: _Run, after: _Run | None) -> str:
    is_stopped = before.last.ends_stopped() or (after and after.first.begins_with_start())
    return STOPPED if is_stopped else NO_LINES


def _joined(stretches: Iterable[_Stretch]) -> Iterator[_Stretch]:
    """Make one of neighbours that are alike."""
    for reason, alike in groupby(stretches, key=attrgetter("reason")):
        first, *rest = alike
        yield _Stretch(first.start_at, (rest or [first])[-1].end_at, reason)


def _clipped(stretches: Iterable[_Stretch], query: Query) -> Iterator[_Stretch]:
    """Leave away what is outside the span."""
    for stretch in stretches:
        start_at = max(stretch.start_at, query.span.start_us)
        end_at = min(stretch.end_at, query.span.end_us)
        if start_at < end_at:
            yield _Stretch(start_at, end_at, stretch.reason)


def _hours(reader: Reader, query: Query, names: Names) -> Iterator[tuple[int, _Hour]]:
    """Yield the heard hours that decide about the span, with whose they are, each node's in order.

    They are those of the span, a day more on both sides, and the nearest before and after that,
    since what is at the two ends of a gap says why it is one.
    """
    from storj_monitor.schema import log_hours

    hour_at, node_id = log_hours.c.hour_at, log_hours.c.node_id
    start = query.span.start_us // _HOUR_US * _HOUR_US - _NEVER_IDLE_US
    end = query.span.end_us + _HOUR_US + _NEVER_IDLE_US
    hours = _select_hours()
    asked = _node_ids(reader, query, names)
    before = hours.where(hour_at < start).order_by(hour_at.desc()).limit(1)
    within = hours.where(hour_at >= start, hour_at < end, *names.conditions(query, node_id))
    after = hours.where(hour_at >= end).order_by(hour_at).limit(1)
    for each in asked:
        yield from _of_page(reader.fetch(before.where(node_id == each)))
    for page in reader.scan(within, key=_KEY):
        yield from _of_page(page)
    for each in asked:
        yield from _of_page(reader.fetch(after.where(node_id == each)))


def _node_ids(reader: Reader, query: Query, names: Names) -> list[int]:
    from sqlalchemy import select

    from storj_monitor.schema import nodes

    found = reader.fetch(select(nodes.c.id).where(*names.conditions(query, nodes.c.id)))
    return [int(row["id"]) for row in found.to_pylist()]


def _select_hours() -> Select[tuple[object, ...]]:
    from sqlalchemy import exists, select

    from storj_monitor.schema import event_hours, log_hours

    hours, transfers = log_hours.c, event_hours.c
    has_transfers = exists().where(
        transfers.hour_at == hours.hour_at,
        transfers.node_id == hours.node_id,
        transfers.status.in_(("success", "canceled")),
    )
    return select(
        hours.node_id,
        hours.hour_at,
        hours.first_at,
        hours.started_at,
        hours.stopped_at,
        hours.traffic_at.is_not(None).label("shows_traffic"),
        has_transfers.label("has_transfers"),
    )


def _of_page(page: pa.RecordBatch | pa.Table) -> Iterator[tuple[int, _Hour]]:
    for node_id, *of_hour in zip(*(column.to_pylist() for column in page.columns), strict=True):
        yield node_id, _Hour(*of_hour)


def _known_until(reader: Reader) -> int:
    """Return the end of the last hour that is over, as far as the database knows."""
    from sqlalchemy import func, select

    from storj_monitor.schema import followed_logs, nodes

    latest = [
        reader.fetch(select(func.max(column).label("latest")))["latest"][0].as_py()
        for column in (nodes.c.last_heard_at, followed_logs.c.checked_at)
    ]
    return max((at for at in latest if at is not None), default=0) // _HOUR_US * _HOUR_US


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source; without a limit of days, since a year is a few rows."""
    return [
        Source(
            name="coverage",
            title="Coverage",
            summary="From when to when each node's log was read, and why it wasn't in between",
            columns=COLUMNS,
            rows=rows,
            filters=(
                Filter(name="state", summary="What was read, or wasn't", choices=("ok", "gap")),
                Filter(name="kind", summary="Read from the log or the API", choices=("log", "api")),
            ),
            max_days=None,
        )
    ]
