"""What was read of the span, and what is missing: the notes on the quality of a report's data."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.reports.chapters.columns import NODE
from storj_export_plugins.reports.reading import records
from storj_export_plugins.reports.spans import has_odd_days
from storj_export_plugins.reports.words import counted, listed
from storj_monitor.plugin import Column, Kind, Note, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

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


class Gap(NamedTuple):
    """How many hours of a node's log or API are missing for one reason."""

    node: str
    kind: str
    reason: str
    hours: float


class Coverage:
    """From when to when logs were read and APIs answered."""

    def __init__(self, catalogue: Catalogue, query: Query) -> None:
        self._query = query
        self._rows = records(catalogue, "coverage", query)

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

    def notes(self) -> list[Note]:
        """Return what the reader has to know: what is missing first, and if nothing is, that."""
        warnings = [Note(text, "warning") for text in self._warnings()]
        remarks = [Note(text) for text in self._remarks()]
        if not warnings:
            whose = counted(len(self.nodes), "node")
            remarks.insert(
                0, Note(f"Nothing of logs and APIs is missing: {whose} told all the time.")
            )
        return warnings + remarks

    def _warnings(self) -> Iterator[str]:
        if not self._rows:
            yield (
                "Nothing was collected of this span: no log was read, and no API was asked. What "
                "is empty here is unknown, not zero."
            )
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

    def _gaps(self) -> Mapping[str, list[Gap]]:
        """Return by node what is missing, summed up by reason, the longest first."""
        hours = Counter[tuple[str, str, str]]()
        for row in self._rows:
            if row["state"] == "gap":
                reason = _reason(row["reason"] or "unknown")
                length = (row["end_at"] - row["start_at"]).total_seconds() / 3600
                hours[row["node"], row["kind"], reason] += length
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
        until = max((row["end_at"] for row in self._rows), default=None)
        if until and until < self._query.span.end:
            yield f"Known until {until:%Y-%m-%d %H:%M}; what comes after that isn't in here."
        if has_odd_days(self._query):
            yield (
                f"A day of {self._query.timezone} doesn't begin at a full UTC hour: its traffic is "
                "counted from the first full hour on."
            )


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
