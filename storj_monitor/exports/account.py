"""What is said of an export when it begins and ends: to the log, and to the plugins that listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.plugin import ExportOutcome, Span


class Account:
    """Logs the beginning and the end of an export, and gives the outcome to `tell`."""

    def __init__(self, tell: Callable[[ExportOutcome], None]) -> None:
        self._tell = tell

    def started(self, request: ExportRequest) -> None:
        """Say that the work on a request begins."""
        query = request.query
        log().info(
            "export.started",
            subject=request.subject.name,
            format=request.format.name,
            nodes=list(query.nodes) or "all",
            span=_iso(query.span),
        )

    def finished(self, outcome: ExportOutcome) -> None:
        """Say how it ended."""
        log().info(
            "export.finished",
            subject=outcome.subject,
            format=outcome.format,
            nodes=list(outcome.nodes) or "all",
            span=_iso(outcome.span),
            status=outcome.status,
            rows=outcome.rows,
            bytes=outcome.bytes,
            seconds=round(outcome.seconds, 3),
            **({"error": outcome.error} if outcome.error else {}),
        )
        self._tell(outcome)


class NoAccount:
    """Says nothing, and keeps the outcome: somebody else tells it."""

    def __init__(self) -> None:
        self.outcome: ExportOutcome | None = None

    def started(self, request: ExportRequest) -> None:
        """Say nothing."""

    def finished(self, outcome: ExportOutcome) -> None:
        """Keep how it ended."""
        self.outcome = outcome


def _iso(span: Span) -> str:
    return f"{span.start.isoformat()}/{span.end.isoformat()}"
