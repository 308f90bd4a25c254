"""The document that a format is given: a source's table, or what a report builds."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING

from storj_monitor.exports.guard import is_guarded
from storj_monitor.exports.sources import SourceError
from storj_monitor.plugin import (
    Chart,
    Document,
    Figures,
    Note,
    Report,
    Table,
    formula_safe,
)
from storj_monitor.plugin.query import UTC_ZONE
from storj_monitor.reports import calendar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from storj_monitor.exports.brand import Brand
    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.exports.sources import Sources
    from storj_monitor.plugin import Block, Figure, Span


class Canceled(Exception):  # noqa: N818  what happened, and no error
    """The export was told to stop while it was at work."""


class ReportError(Exception):
    """A report failed while it was built; `error` is what it raised."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


def document_of(
    request: ExportRequest, sources: Sources, now: datetime, nodes: tuple[str, ...], brand: Brand
) -> Document:
    """Return the document of a request, whatever was absent filled in.

    `nodes` are those there are. Raises ReportError where a report fails, SourceError where a
    source does.
    """
    subject, query = request.subject, request.query
    if isinstance(subject, Report):
        document = _built(subject, request, sources, now)
        document = replace(
            document,
            blocks=(*document.blocks, *_shortened(request)),
            brand=document.brand or brand.name,
            logo=document.logo or brand.logo,
        )
    else:
        document = Document(subject.title, (sources.table(subject.name, query),))
    return replace(
        document,
        generated_at=document.generated_at or now,
        span=document.span or query.span,
        timezone=document.timezone or query.timezone,
        nodes=(query.nodes or nodes) if document.nodes is None else document.nodes,
        metadata=MappingProxyType({**document.metadata, **_metadata(request)}),
        options=request.options,
    )


def _built(report: Report, request: ExportRequest, sources: Sources, now: datetime) -> Document:
    try:
        document = report.build(sources, replace(request.query, now=now))
        if not isinstance(document, Document):
            message = f"build must return a Document, not {type(document).__name__}"
            raise TypeError(message)  # noqa: TRY301  it is the report's like any other
    except (SourceError, Canceled):
        raise
    except (Exception, SystemExit) as error:
        raise ReportError(error) from error
    return document


def _shortened(request: ExportRequest) -> Iterator[Note]:
    """Yield a warning where a report is about less than was asked for."""
    if request.asked is not None:
        # Whole months are those of UTC, whatever the zone.
        zone = UTC_ZONE if request.subject.period == "month" else request.query.timezone
        asked, found = (_days(span, zone) for span in (request.asked, request.query.span))
        text = (
            f"Asked for {asked}, which is longer than exports.max_days allows over HTTP: this is "
            f"{found}."
        )
        yield Note(text, "warning")


def _days(span: Span, zone: ZoneInfo) -> str:
    return "{} to {}".format(*calendar.first_and_last_day(span, zone))


def _metadata(request: ExportRequest) -> Mapping[str, str]:
    kind = "report" if isinstance(request.subject, Report) else "source"
    about = {kind: request.subject.name, "storj-monitor": version("storj-monitor")}
    if request.clamped:
        about["clamped"] = "true"
    if request.format.spreadsheet:
        on = is_guarded(request.format, request.options)
        about["formula_guard"] = "on" if on else "off"
    return about


def with_tables(document: Document, change: Callable[[Table], Table]) -> Document:
    """Return the document with each of its tables changed; one that is there twice stays one."""
    changed: dict[int, Table] = {}

    def other(table: Table) -> Table:
        if id(table) not in changed:
            changed[id(table)] = change(table)
        return changed[id(table)]

    def replaced(block: Block) -> Block:
        if isinstance(block, Table):
            return other(block)
        return replace(block, table=other(block.table)) if isinstance(block, Chart) else block

    return replace(document, blocks=tuple(map(replaced, document.blocks)))


def guarded_words(document: Document) -> Document:
    """Make the texts of figures and notes safe, which a format may write into cells."""
    return replace(document, blocks=tuple(map(_guarded, document.blocks)))


def _guarded(block: Block) -> Block:
    if isinstance(block, Note):
        return replace(block, text=formula_safe(block.text))
    if isinstance(block, Figures):
        return replace(block, items=tuple(map(_guarded_figure, block.items)))
    return block


def _guarded_figure(figure: Figure) -> Figure:
    value = formula_safe(figure.value) if isinstance(figure.value, str) else figure.value
    return replace(
        figure, key=formula_safe(figure.key), label=formula_safe(figure.label), value=value
    )
