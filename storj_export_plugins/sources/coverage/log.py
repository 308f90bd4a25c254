"""What the hours in which a log had lines tell: when it was read, and why it wasn't in between."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.sources.coverage.stretches import HOUR_US, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa
    from sqlalchemy import Select

    from storj_monitor.plugin import Query, Reader

#: Why hours are gaps: for people, but the word before the colon doesn't change.
STOPPED = "stopped: the node was not running"
NO_LINES = "no lines: nothing was read from the log"
MUTED = "muted: the log has no transfer lines"

#: So long without a transfer isn't idle. Also how far beyond the span one has to read to tell: a
#: run of hours that reaches from the span to there is as long as that.
_NEVER_IDLE_US = 24 * HOUR_US
#: Orders are sent so long after their transfers at most: sooner, they are no sign of traffic since.
_SENT_WITHIN_US = 3 * HOUR_US
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
        return self.last.hour_at + HOUR_US

    @property
    def reason(self) -> str | None:
        """Why its transfers are unknown; None if they are known, be it that there were none."""
        is_long = self.end_at - self.first.hour_at >= _NEVER_IDLE_US
        is_muted = not self.last.has_transfers and (self.shows_traffic or is_long)
        return MUTED if is_muted else None


def log_stretches(
    reader: Reader, query: Query, node_ids: Sequence[int], known_until: int
) -> Iterator[tuple[int, Iterator[Stretch]]]:
    """Yield what is known of the log of each node that was ever heard, with the node's id."""
    for node_id, runs in _runs(_hours(reader, query, node_ids)).items():
        yield node_id, _stretches(runs, known_until)


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


def _stretches(runs: list[_Run], known_until: int) -> Iterator[Stretch]:
    """Yield a node's runs and the gaps between and after them, in order."""
    for run, following in pairwise([*runs, None]):
        if run:
            yield Stretch(run.first.hour_at, run.end_at, run.reason)
            gap_end = following.first.hour_at if following else known_until
            if run.end_at < gap_end:
                yield Stretch(run.end_at, gap_end, _why_missing(run, following))


def _why_missing(before: _Run, after: _Run | None) -> str:
    is_stopped = before.last.ends_stopped() or (after and after.first.begins_with_start())
    return STOPPED if is_stopped else NO_LINES


def _hours(reader: Reader, query: Query, node_ids: Sequence[int]) -> Iterator[tuple[int, _Hour]]:
    """Yield the heard hours that decide about the span, with whose they are, each node's in order.

    They are those of the span, a day more on both sides, and the nearest before and after that,
    since what is at the two ends of a gap says why it is one.
    """
    from storj_monitor.schema import log_hours

    hour_at, node_id = log_hours.c.hour_at, log_hours.c.node_id
    start = query.span.start_us // HOUR_US * HOUR_US - _NEVER_IDLE_US
    end = query.span.end_us + HOUR_US + _NEVER_IDLE_US
    hours = _select_hours()
    before = hours.where(hour_at < start).order_by(hour_at.desc()).limit(1)
    within = hours.where(hour_at >= start, hour_at < end, node_id.in_(node_ids))
    after = hours.where(hour_at >= end).order_by(hour_at).limit(1)
    for each in node_ids:
        yield from _of_page(reader.fetch(before.where(node_id == each)))
    for page in reader.scan(within, key=_KEY):
        yield from _of_page(page)
    for each in node_ids:
        yield from _of_page(reader.fetch(after.where(node_id == each)))


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
