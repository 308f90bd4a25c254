"""What needed an eye: the alerts of a span, and those that were open at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters.columns import NODE, SATELLITE
from storj_export_plugins.reports.reading import records
from storj_export_plugins.reports.sums import change
from storj_monitor.plugin import Column, Figure, Kind, Span, Table

if TYPE_CHECKING:
    from storj_export_plugins.reports.reading import Record
    from storj_monitor.plugin import Catalogue, Query

_SEVERITIES = ("critical", "warning", "info")
#: An alert may be open since it was raised, however long ago.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Alerts:
    """The alerts that were raised in a span or before it."""

    def __init__(self, catalogue: Catalogue, query: Query) -> None:
        self._span = query.span
        span = Span(min(_EVER, query.span.start), query.span.end)
        self._rows = records(catalogue, "alerts", replace(query, span=span))
        #: Those of the span and the open ones.
        self._wanted = [
            row
            for row in self._rows
            if row["timestamp"] >= query.span.start or _is_open(row, query.span.end)
        ]

    def open_at(self, when: datetime) -> list[Record]:
        """Return those that were raised before a time and not yet resolved then."""
        return [row for row in self._rows if row["timestamp"] < when and _is_open(row, when)]

    def figure(self, *, is_watched: bool) -> Figure:
        """Return how many are open at the span's end, with the change since its start.

        That there are none isn't known of a span in which nothing was watched.
        """
        if not is_watched and not self._wanted:
            return Figure("open_alerts", "Open alerts", None, Kind.INTEGER)
        now, before = (len(self.open_at(at)) for at in (self._span.end, self._span.start))
        return Figure("open_alerts", "Open alerts", now, Kind.INTEGER, change(now, before))

    def table(self) -> Table:
        """Return those of the span and the open ones: open before resolved, the worst first."""
        end = self._span.end
        wanted = sorted(
            self._wanted,
            key=lambda row: (not _is_open(row, end), _rank(row), row["timestamp"]),
        )
        columns = (
            Column(key="raised_at", label="Raised", kind=Kind.TIMESTAMP, description="When."),
            Column(key="severity", label="Severity", description="critical, warning or info."),
            Column(
                key="alert_state",
                label="State",
                description="open at the end: of the span; it was resolved after.",
            ),
            NODE,
            SATELLITE,
            Column(key="title", label="What", description="What it is about."),
            Column(key="message", label="Message", description="What was so, and what to do."),
            Column(
                key="resolved_at",
                label="Resolved",
                kind=Kind.TIMESTAMP,
                description="Since when it is no longer so.",
            ),
        )
        rows = [
            (
                row["timestamp"],
                row["severity"],
                _state(row, end),
                row["node"],
                row["satellite"],
                row["title"],
                row["message"],
                row["resolved_at"],
            )
            for row in wanted
        ]
        return Table.of("alerts", "Alerts of the span, and open ones", columns, rows)


def _state(row: Record, end: datetime) -> str:
    if row["resolved_at"] is None:
        return "open"
    return "open at the end" if _is_open(row, end) else "resolved"


def _is_open(row: Record, when: datetime) -> bool:
    return row["resolved_at"] is None or row["resolved_at"] >= when


def _rank(row: Record) -> int:
    severity = row["severity"]
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
