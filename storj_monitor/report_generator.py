"""Reports from Python, without a server: the same bytes as the command line and HTTP give.

params = ReportParams("weekly_performance", start="2026-03-02", end="2026-03-08")
media_type, content = generate_report(params, "storj-monitor.db")
"""

from __future__ import annotations

import codecs
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError, Problem

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from datetime import date

    from storj_monitor.exports.pipeline import Export

    When = date | str | None

__all__ = ["ReportError", "ReportParams", "generate_csv", "generate_pdf", "generate_report"]


class ReportError(Exception):
    """A report that can't be made: `reason` says what and why, `hint` what would work.

    `code` is that of the HTTP interface, such as unknown_report, bad_span or export_failed.
    """

    def __init__(self, code: str, reason: str, hint: str) -> None:
        super().__init__(f"{reason}. {hint}" if hint else reason)
        self.code = code
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True)
class ReportParams:
    """What to report: the type, the span, the nodes (None: all), and the format.

    `start` and `end` are dates (the end's whole day included), aware times (the end exclusive), or
    either as ISO text; a time as text without an offset is UTC. Without both it is the report's
    last complete day, week or month.
    """

    report_type: str
    start: When = None
    end: When = None
    node_names: Sequence[str] | None = None
    format: str = "pdf"


def generate_report(params: ReportParams, db_path: str | Path) -> tuple[str, bytes]:
    """Return the media type and the content of a report; raise ReportError."""
    with _problems_told():
        export = _export(params, Path(db_path))
        export.begin()
        content = b"".join(export.chunks())
    return export.request.format.media_type, content


def generate_csv(params: ReportParams, db_path: str | Path) -> Iterable[str]:
    """Return a report's CSV in pieces as they are made, whatever `params.format` says.

    Raises ReportError, at once if the request makes no sense; iterate to the end, or close it.
    """
    with _problems_told():
        export = _export(replace(params, format="csv"), Path(db_path))
        export.begin()
    return _texts(export)


def generate_pdf(params: ReportParams, db_path: str | Path) -> bytes:
    """Return a report as PDF, whatever `params.format` says; raise ReportError."""
    return generate_report(replace(params, format="pdf"), db_path)[1]


def _export(params: ReportParams, path: Path) -> Export:
    from storj_monitor import clock
    from storj_monitor.exports.pipeline import Export
    from storj_monitor.exports.request import Limits, parse_report
    from storj_monitor.registry import PluginHost
    from storj_monitor.settings import load
    from storj_monitor.store import Store

    host = PluginHost(load().plugins)
    now = clock.now()
    store = Store.open(path)
    limits = Limits(now=now, nodes=[known.name for known in store.nodes()])
    request = parse_report(params.report_type, _words(params), host.catalogue, limits)
    return Export(request, store, host, now)


def _words(params: ReportParams) -> dict[str, list[str]]:
    words = {"format": [params.format]}
    for name, when in (("start", params.start), ("end", params.end)):
        if when is not None:
            words[name] = [_moment(name, when)]
    if params.node_names is not None:
        words["node"] = list(params.node_names)
    return words


def _moment(name: str, when: date | str) -> str:
    if isinstance(when, datetime) and when.tzinfo is None:
        detail = f"{name} is a time without a zone: {when}"
        raise Problem("bad_span", detail, "Give it one: datetime(..., tzinfo=UTC).")
    return when if isinstance(when, str) else when.isoformat()


def _texts(export: Export) -> Generator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _problems_told():
        for chunk in export.chunks():
            yield decoder.decode(chunk)
        decoder.decode(b"", final=True)


@contextmanager
def _problems_told() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        raise ReportError(problem.code, problem.detail, problem.hint) from problem
    except OperatorError as error:
        raise ReportError("export_failed", error.reason, error.hint) from error
