"""What was read of the span, and what is missing: the notes on the quality of a report's data."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.reports.chapters.columns import NODE
from storj_export_plugins.reports.reading import records
from storj_export_plugins.reports.spans import has_odd_days, is_over, so_far
from storj_export_plugins.reports.words import counted, listed
from storj_monitor.plugin import Column, Kind, Note, Span, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from storj_export_plugins.reports.reading import Record
    from storj_monitor.plugin import Catalogue, Query

#: How many nodes are told of one by one: those of which the most is missing.
_MOST_NODES = 10
#: What is missing, by the kind of coverage.
_WHAT = {"log": "no log", "api": "no answer of its API"}
#: Reasons in words, by what stands before the colon: what comes after it may be an address.
_REASONS = {
    "stopped": "the node was not running",
    "no lines": "nothing was read from the log",
    "muted": "the log has no lines of transfers",
    "not polled": "the API was not asked",
    "failed": "the API was asked in vain",
}
#: Spans of which logs were read so differently can't be compared.
_MOST_UNLIKE = 0.05
#: What happened in the hour that is just over may not have been read yet.
_HOUR = timedelta(hours=1)


class Gap(NamedTuple):
    """How many hours of a node's log or API are missing for one reason."""

    node: str
    kind: str
    reason: str
    hours: float


class Coverage:
    """From when to when logs were read and APIs answered, in a span as far as it is over.

    `earlier` is the query for the span that it is compared with, if it is.
    """

    def __init__(self, catalogue: Catalogue, asked: Query, earlier: Query | None = None) -> None:
        self._asked = asked
        self._query = so_far(asked)
        self._earlier = earlier
        span = self._query.span
        since = earlier.span.start if earlier else span.start
        found = records(catalogue, "coverage", asked, Span(since, span.end))
        self._rows = _clipped(found, span)
        self._rows_before = _clipped(found, earlier.span) if earlier else []

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that anything was heard of, and those that the query names."""
        return tuple(sorted({row["node"] for row in self._rows} | {*self._query.nodes}))

    def is_read(self, start: datetime, end: datetime, node: str | None = None) -> bool:
        """Whether a log was read between two times, be it for a part of it."""
        return any(
            row["kind"] == "log" and row["state"] == "ok"
            for row in self._rows
            if row["start_at"] < end and row["end_at"] > start and node in (None, row["node"])
        )

    def has_read(self, node: str) -> bool:
        """Whether a node's log was read in the span."""
        return self.is_read(self._query.span.start, self._query.span.end, node)

    def is_any_read(self) -> bool:
        """Whether any log was read in the span."""
        return self.is_read(self._query.span.start, self._query.span.end)

    def is_any_known(self) -> bool:
        """Whether any log was read in the span, or any API answered."""
        return any(row["state"] == "ok" for row in self._rows)

    def is_like_before(self) -> bool:
        """Whether each node's log was read of about as large a part of the span before."""
        if self._earlier is None:
            return False
        now = _parts_read(self._rows, self._query.span)
        before = _parts_read(self._rows_before, self._earlier.span)
        unlike = sum(abs(now[node] - before[node]) for node in now | before)
        return now.total() > 0 and unlike <= _MOST_UNLIKE * max(now.total(), before.total())

    def table(self) -> Table:
        """Return what was read and what wasn't, in order of time."""
        columns = (
            Column(key="start_at", label="From", kind=Kind.TIMESTAMP),
            Column(key="end_at", label="To", kind=Kind.TIMESTAMP),
            NODE,
            Column(key="kind", label="What", description="log or api."),
            Column(key="coverage", label="Read", description="ok, or gap."),
            Column(key="reason", label="Why not"),
        )
        rows = [
            (
                row["start_at"],
                row["end_at"],
                row["node"],
                row["kind"],
                row["state"],
                _reason(row["reason"]) if row["reason"] else None,
            )
            for row in self._rows
        ]
        return Table.of("coverage", "What was read of the span", columns, rows)

    def opening(self) -> list[Note]:
        """Return what has to be said before anything else: that there is nothing to tell of."""
        if self._rows:
            return []
        text = (
            "Nothing was collected of this span: no log was read, and no API was asked. What is "
            "empty here is unknown, not zero."
        )
        if not self._query.span.start < self._query.span.end:
            text = "This span has not begun: there is nothing to tell of it yet."
        return [Note(text, "warning")]

    def notes(self) -> list[Note]:
        """Return what else the reader has to know: what is missing first; if nothing is, that."""
        warnings = [Note(text, "warning") for text in self._warnings()]
        remarks = [Note(text) for text in self._remarks()]
        if self._rows and not warnings:
            whose = counted(len(self.nodes), "node")
            remarks.insert(
                0, Note(f"Nothing of logs and APIs is missing: {whose} told all the time.")
            )
        return warnings + remarks

    def _warnings(self) -> Iterator[str]:
        unheard = sorted({*self._query.nodes} - {row["node"] for row in self._rows})
        if self._rows and unheard:
            yield f"Nothing is known of {listed(unheard)} in this span."
        of_nodes = self._gaps()
        worst = sorted(of_nodes, key=lambda node: (-_hours(of_nodes[node]), node))
        for node in worst[:_MOST_NODES]:
            yield f"{node}: {_in_words(of_nodes[node])}."
        if rest := worst[_MOST_NODES:]:
            hours = sum(_hours(of_nodes[node]) for node in rest)
            yield f"{counted(len(rest), 'more node')}: {counted(hours, 'hour')} without data."
        yield from self._end()

    def _end(self) -> Iterator[str]:
        """Say from when on nothing was collected any more."""
        until = max((row["end_at"] for row in self._rows), default=None)
        end = self._query.span.end
        if self._query.now is not None:
            end = min(end, self._query.now - _HOUR)
        if until and until < end:
            hours = counted((end - until) / _HOUR, "hour")
            yield f"Nothing was collected after {until:%Y-%m-%d %H:%M}: {hours} are unknown."

    def _gaps(self) -> Mapping[str, list[Gap]]:
        """Return by node what is missing, summed up by reason, the longest first."""
        hours: defaultdict[tuple[str, str, str], float] = defaultdict(float)
        for row in self._rows:
            if row["state"] == "gap":
                reason = _reason(row["reason"] or "unknown")
                hours[row["node"], row["kind"], reason] += _length(row)
        for (node, kind), first in _begun(self._rows).items():
            if length := (first - self._query.span.start) / _HOUR:
                hours[node, kind, f"nothing is known before {first:%Y-%m-%d %H:%M}"] = length
        gaps: defaultdict[str, list[Gap]] = defaultdict(list)
        for (node, kind, reason), length in sorted(hours.items(), key=lambda item: -item[1]):
            gaps[node].append(Gap(node, kind, reason, length))
        return gaps

    def _remarks(self) -> Iterator[str]:
        of_kind = {
            kind: {row["node"] for row in self._rows if row["kind"] == kind} for kind in _WHAT
        }
        if silent := sorted(of_kind["log"] - of_kind["api"]):
            yield (
                f"The API of {listed(silent)} was never asked by the end of the span: disk space "
                "and payouts may be unknown, and scores are those of the log."
            )
        if not is_over(self._asked):
            yield (
                f"The span goes on until {self._local(self._asked.span.end)}: this is what was so "
                f"by {self._local(self._query.span.end)}. What adds up isn't compared with the "
                "span before."
            )
        if has_odd_days(self._query):
            yield (
                f"A day of {self._query.timezone} doesn't begin at a full UTC hour: its traffic is "
                "counted from the first full hour on."
            )

    def comparison(self) -> list[Note]:
        """Return why traffic isn't compared with that of the span before, unless it is."""
        if self._earlier is None or self.is_like_before() or not self.is_any_read():
            return []
        read, before = (
            sum(_length(row) for row in rows if _is_read(row))
            for rows in (self._rows, self._rows_before)
        )
        text = (
            f"Logs were read for {counted(read, 'hour')} of nodes here, and for {before:,.0f} in "
            "the span before: traffic isn't compared."
        )
        return [Note(text)]

    def _local(self, at: datetime) -> str:
        return f"{at.astimezone(self._query.timezone):%Y-%m-%d %H:%M}"


def _clipped(rows: Iterable[Record], span: Span) -> list[Record]:
    """Return what of the rows is within a span."""
    return [
        {
            **row,
            "start_at": max(row["start_at"], span.start),
            "end_at": min(row["end_at"], span.end),
        }
        for row in rows
        if row["start_at"] < span.end and row["end_at"] > span.start
    ]


def _begun(rows: Iterable[Record]) -> Mapping[tuple[str, str], datetime]:
    """Return from when on anything is known of each node and kind."""
    begun: dict[tuple[str, str], datetime] = {}
    for row in rows:
        who = row["node"], row["kind"]
        begun[who] = min(begun.get(who, row["start_at"]), row["start_at"])
    return begun


def _parts_read(rows: Iterable[Record], span: Span) -> Counter[str]:
    """Return the part of a span, 1 at most, of which each node's log was read."""
    parts = Counter[str]()
    for row in filter(_is_read, rows):
        parts[row["node"]] += (row["end_at"] - row["start_at"]) / (span.end - span.start)
    return parts


def _is_read(row: Record) -> bool:
    return (row["kind"], row["state"]) == ("log", "ok")


def _length(row: Record) -> float:
    """Return the hours of a row."""
    hours: float = (row["end_at"] - row["start_at"]) / _HOUR
    return hours


def _reason(reason: str) -> str:
    """Return why something is missing, without the address that may stand after the colon."""
    kind = reason.partition(":")[0]
    return _REASONS.get(kind, kind)


def worst_first(*notes: Note) -> list[Note]:
    """Return notes with the warnings before the rest."""
    return sorted(notes, key=lambda note: note.level != "warning")


def _hours(gaps: list[Gap]) -> float:
    return sum(gap.hours for gap in gaps)


def _in_words(gaps: list[Gap]) -> str:
    """Return what is missing of one node, with the reasons."""
    said = []
    for kind, what in _WHAT.items():
        of_kind = [gap for gap in gaps if gap.kind == kind]
        if not of_kind:
            continue
        reasons = [gap.reason for gap in of_kind]
        if len(of_kind) > 1:
            each = zip(of_kind, reasons, strict=True)
            reasons = [f"{counted(gap.hours, 'hour')}: {reason}" for gap, reason in each]
        said.append(f"{what} for {counted(_hours(of_kind), 'hour')} ({'; '.join(reasons)})")
    return ", and ".join(said)
