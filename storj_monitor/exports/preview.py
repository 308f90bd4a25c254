"""The first rows of an export as people read them: what a format writes that stops there."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from storj_monitor.errors import Problem
from storj_monitor.exports.own_format import OwnFormat
from storj_monitor.plugin import Report, display_text
from storj_monitor.plugin.batches import rows_of_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.plugin import Document, Format, Table

#: How many rows there are at most.
ROWS = 20
#: Rows that are hard to find are looked for so long.
_SECONDS = 5.0
#: What a report is looked at as: the first, if nothing is said or it is another.
REPORT_LOOKS = ("html", "svg")


def render(document: Document) -> Iterator[bytes]:
    """Yield {columns, rows, has_more} of a plain export as JSON, the cells spelt for people."""
    if document.sole_table is None:
        raise AssertionError(document.title)  # a report is looked at as it is
    yield json.dumps(looked_at(document.sole_table, time.monotonic() + _SECONDS)).encode()


def looked_at(table: Table, until: float) -> dict[str, Any]:
    """Return the first rows of a table, or those that were found `until` then (monotonic)."""
    rows, has_more = _first(table, until)
    return {
        "columns": [
            {"key": item.key, "label": item.label, "kind": str(item.kind), "unit": item.unit}
            for item in table.columns
        ],
        "rows": [
            [display_text(value, item.kind) for value, item in zip(row, table.columns, strict=True)]
            for row in rows
        ],
        "has_more": has_more,
    }


def _first(table: Table, until: float) -> tuple[list[tuple[object, ...]], bool]:
    """Return the first rows, and whether there may be more."""
    rows: list[tuple[object, ...]] = []
    for batch in table.batches:
        few = batch.slice(length=ROWS + 1 - len(rows))
        rows += rows_of_batches(table.columns, [few], table.timezone)
        if len(rows) > ROWS or time.monotonic() > until:
            return rows[:ROWS], True
    return rows, False


PREVIEW = OwnFormat(
    name="_preview",
    title="First rows",
    media_type="application/json",
    render=render,
    suffix="json",
)


def preview_of(request: ExportRequest, formats: Mapping[str, Format]) -> ExportRequest:
    """Return the request for a look at what `request` asks for.

    Of a source that is its first rows, of a report the page that it would be, or the image if that
    is asked for. Raises Problem unknown_format where there is no such format.
    """
    if not isinstance(request.subject, Report):
        return replace(request, format=PREVIEW, options=MappingProxyType({}))
    if request.format.name in REPORT_LOOKS:
        return request
    name, *_ = REPORT_LOOKS
    if name not in formats:
        hint = "Install a format of that name, or download the report."
        raise Problem("unknown_format", f"there is no format {name!r} to show a report as", hint)
    page = formats[name]
    usual = {option.name: option.default for option in page.options if option.default}
    return replace(request, format=page, options=MappingProxyType(usual))
