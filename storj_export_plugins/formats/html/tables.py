"""Tables as HTML, batch by batch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from storj_export_plugins.formats.charts.escaping import safe
from storj_export_plugins.formats.chunks import chunks
from storj_export_plugins.formats.clocks import shown_times
from storj_monitor.plugin import Kind, display_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from storj_monitor.plugin import Column, Table

MISSING = '<abbr title="not available">n/a</abbr>'
_TIMES = (Kind.TIMESTAMP, Kind.DATE)
_LEFT = (Kind.TEXT, Kind.TIMESTAMP, Kind.DATE, Kind.FLAG)
#: Kinds that are spelt with their unit, value by value.
_SPELT = (Kind.BYTES, Kind.DURATION, Kind.MONEY, Kind.RATIO)
_LINKS = "receipt_url"
_LINK = re.compile(r"https://[^\s\"'<>\\]+")
_TOTAL, _TOTAL_ROW = "Total", '<tr class="total">'


def plain_table(table: Table, *, offset: bool) -> Iterator[bytes]:
    """Yield the only table of a document, and what its columns mean."""
    yield from table_markup(table, "table", "h2", totals=False, offset=offset)
    yield _meanings(table.columns).encode()


def table_markup(
    table: Table, key: str, heading: str, *, totals: bool = True, offset: bool = False
) -> Iterator[bytes]:
    """Yield a table with its heading, which gets `key` as its id.

    With `totals` a row whose first text is Total is written bold, with `offset` each time has it.
    """
    rows = Rows(table.columns, table.timezone, totals=totals, offset=offset)
    yield from chunks(table, rows.encoded, _opening(table, key, heading).encode())
    yield _closing(rows.count).encode()


def column_label(column: Column) -> str:
    """Return what stands above a column: its label, with the unit unless each value has it."""
    unit = f" ({column.unit})" if column.unit and column.kind not in _SPELT else ""
    return column.label + unit


def _opening(table: Table, key: str, heading: str) -> str:
    title = safe(table.title or table.name)
    labels = "".join(
        f'<th scope="col"{_class(column)}>{safe(column_label(column))}</th>'
        for column in table.columns
    )
    return (
        f'<section>\n<{heading} id="{key}">{title}</{heading}>\n'
        f'<div class="table" role="group" aria-labelledby="{key}" tabindex="0">\n'
        f"<table>\n<caption>{title}</caption>\n<thead>\n<tr>{labels}</tr>\n</thead>\n<tbody>\n"
    )


def _closing(count: int) -> str:
    said = "No rows in this span." if not count else "1 row." if count == 1 else f"{count:,} rows."
    return f'</tbody>\n</table>\n</div>\n<p class="count">{said}</p>\n</section>\n'


def _class(column: Column) -> str:
    """Return the class of a column's cells: a number, or a time, which isn't broken in two."""
    if column.kind in _LEFT:
        return ' class="t"' if column.kind in _TIMES else ""
    return ' class="n"'


def _meanings(columns: Sequence[Column]) -> str:
    pairs = "".join(
        f"<div><dt>{safe(column.label)}</dt><dd>{safe(column.description)}</dd></div>\n"
        for column in columns
        if column.description
    )
    if not pairs:
        return ""
    return f"<details>\n<summary>What the columns mean</summary>\n<dl>\n{pairs}</dl>\n</details>\n"


class Rows:
    """Turns batches into rows of a table, and counts them."""

    def __init__(
        self, columns: tuple[Column, ...], zone: ZoneInfo, *, totals: bool, offset: bool
    ) -> None:
        self.count = 0
        self._offset = offset
        self._columns = columns
        self._zone = zone
        self._totals = totals
        keys = [column.key for column in columns]
        self._state = keys.index("state") if "state" in keys else None
        texts = [index for index, column in enumerate(columns) if column.kind is Kind.TEXT]
        self._first_text = texts[0] if texts else None

    def encoded(self, batch: pa.RecordBatch) -> bytes:
        """Return the rows of a batch."""
        self.count += batch.num_rows
        cells = [
            _cells(column, array, self._zone, offset=self._offset)
            for column, array in zip(self._columns, batch.columns, strict=True)
        ]
        if len(cells) > 1:
            cells[0] = [_as_header(cell) for cell in cells[0]]
        rows = zip(self._openings(batch), map("".join, zip(*cells, strict=True)), strict=True)
        return "".join(f"{opening}{_row(opening, row)}</tr>\n" for opening, row in rows).encode()

    def _openings(self, batch: pa.RecordBatch) -> list[str]:
        looks = ["<tr>"] * batch.num_rows
        if self._state is not None:
            states = batch.column(self._state).to_pylist()
            looks = ['<tr class="estimate">' if state == "estimate" else "<tr>" for state in states]
        if self._totals and self._first_text is not None:
            firsts = batch.column(self._first_text).to_pylist()
            for index, first in enumerate(firsts):
                if str(first).split(" ", 1)[0] == _TOTAL:
                    looks[index] = _TOTAL_ROW
        return looks


def _row(opening: str, cells: str) -> str:
    # A total has no node and no state: these cells are empty, while a missing sum is n/a.
    return cells.replace(f"<td>{MISSING}</td>", "<td></td>") if opening is _TOTAL_ROW else cells


def _cells(column: Column, array: pa.Array[Any], zone: ZoneInfo, *, offset: bool) -> list[str]:
    """Return the cells of a column, each with its tag."""
    opening = f"<td{_class(column)}>"
    return [f"{opening}{text}</td>" for text in _texts(column, array, zone, offset=offset)]


def _texts(column: Column, array: pa.Array[Any], zone: ZoneInfo, *, offset: bool) -> list[str]:
    if column.kind is Kind.TIMESTAMP:
        times = shown_times(array, zone, offset=offset).to_pylist()
        return [MISSING if text is None else text for text in times]
    values: list[Any] = array.to_pylist()
    if column.kind is Kind.TEXT:
        spelt = _linked if column.key == _LINKS else safe
        return [MISSING if value is None else spelt(value) for value in values]
    texts = [display_text(value, column.kind) for value in values]
    return [MISSING if text == "n/a" else text for text in texts]


def _linked(address: str) -> str:
    text = safe(address)
    if not _LINK.fullmatch(address):
        return text
    return f'<a href="{text}" rel="noopener noreferrer">{text}</a>'


def _as_header(cell: str) -> str:
    """Make a cell the header of its row."""
    return f'<th scope="row"{cell.removeprefix("<td").removesuffix("</td>")}</th>'
