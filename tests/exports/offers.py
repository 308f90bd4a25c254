"""Sources, formats and reports to export with, and requests for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from storj_monitor.exports.request import Limits, parse_export, parse_report
from storj_monitor.plugin import (
    Column,
    Document,
    Figure,
    Figures,
    Filter,
    Format,
    Kind,
    Note,
    Report,
    Source,
)
from tests.records import catalogue_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.plugin import Catalogue, Query

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
COLUMNS = (
    Column(key="node", label="Node"),
    Column(key="count", label="Count", kind=Kind.INTEGER),
    Column(key="address", label="Address", personal=True),
)
ROWS = [("n1", 1, "192.0.2.1"), ("=n2", -2, "192.0.2.2"), (None, None, None)]


def source(name: str = "things", **changes: Any) -> Source:
    """Return a source of three rows with two filters, but for what is given."""
    fields: dict[str, Any] = {
        "title": "Things",
        "summary": "Some things",
        "columns": COLUMNS,
        "filters": (
            Filter(name="status", summary="S", choices=("good", "bad")),
            Filter(name="colour", summary="C"),
            Filter(name="bucket", summary="B", choices=("hour", "day"), default="hour"),
        ),
    } | changes
    if not fields.keys() & {"rows", "batches"}:
        fields["rows"] = lambda *_: ROWS
    return Source(name=name, **fields)


def lines(document: Document) -> Iterator[bytes]:
    """Write a header, then a line for each row."""
    for table in document.tables():
        yield ("|".join(column.key for column in table.columns) + "\n").encode()
        for row in table.rows():
            yield ("|".join(map(str, row)) + "\n").encode()


def format_(name: str = "lines", **changes: Any) -> Format:
    """Return a format that writes lines, but for what is given."""
    fields: dict[str, Any] = {
        "title": "Lines",
        "media_type": "text/plain",
        "render": lines,
        "options": (
            Filter(name="guard", summary="G", choices=("on", "off"), default="on"),
            Filter(name="head", summary="H"),
        ),
        "presets": {"raw": {"guard": "off", "head": "none"}},
    } | changes
    return Format(name=name, **fields)


def build(catalogue: Catalogue, query: Query) -> Document:
    """Put a figure of the source, its table, and a note into a document."""
    table = catalogue.fetch("things", query)
    count = sum(1 for _ in table.rows())
    figures = Figures("In short", (Figure("count", "Count", count, Kind.INTEGER),))
    return Document("A tally", (figures, table, Note("all is well")))


def report(name: str = "tally", **changes: Any) -> Report:
    """Return a report over `things`, but for what is given."""
    fields: dict[str, Any] = {"title": "A tally", "summary": "What is there", "build": build}
    return Report(name=name, **fields | changes)


def asked(
    *items: Source | Format,
    subject: str = "things",
    known: Iterable[str] = ("n1", "n2", "a,b"),
    max_days: int | None = None,
    **words: str | list[str],
) -> ExportRequest:
    """Parse a request; a word with an underscore before it has a name that Python keeps."""
    given = _given(words)
    offered = items or (source(), format_("csv"), format_())
    limits = Limits(now=NOW, nodes=list(known), max_days=max_days)
    return parse_export(subject, given, catalogue_of(*offered), limits)


def asked_report(
    *items: Source | Format | Report,
    subject: str = "tally",
    known: Iterable[str] = ("n1", "n2", "a,b"),
    max_days: int | None = None,
    **words: str | list[str],
) -> ExportRequest:
    """Parse a request for a report likewise."""
    offered = items or (source(), format_("pdf"), format_("csv"), report())
    limits = Limits(now=NOW, nodes=list(known), max_days=max_days)
    return parse_report(subject, _given(words), catalogue_of(*offered), limits)


def _given(words: dict[str, str | list[str]]) -> dict[str, list[str]]:
    return {
        key.removeprefix("_").replace("__", "."): value if isinstance(value, list) else [value]
        for key, value in words.items()
    }
