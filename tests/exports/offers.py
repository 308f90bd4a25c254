"""Sources and formats to export with, and requests for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from storj_monitor.exports.request import Limits, parse_export
from storj_monitor.plugin import Column, Filter, Format, Kind, Source
from tests.records import catalogue_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.plugin import Document

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


def asked(
    *items: Source | Format,
    subject: str = "things",
    known: Iterable[str] = ("n1", "n2", "a,b"),
    max_days: int | None = None,
    **words: str | list[str],
) -> ExportRequest:
    """Parse a request; a word with an underscore before it has a name that Python keeps."""
    given = {
        key.removeprefix("_").replace("__", "."): value if isinstance(value, list) else [value]
        for key, value in words.items()
    }
    offered = items or (source(), format_("csv"), format_())
    limits = Limits(now=NOW, nodes=list(known), max_days=max_days)
    return parse_export(subject, given, catalogue_of(*offered), limits)
