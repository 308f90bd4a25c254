"""The sheet Info: what the workbook is, and what its columns mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from storj_export_plugins.formats.imprint import facts
from storj_export_plugins.formats.xlsx.cells import put, write_in
from storj_export_plugins.formats.xlsx.names import INFO
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from storj_export_plugins.formats.xlsx.book import Book
    from storj_export_plugins.formats.xlsx.sheets import Written
    from storj_monitor.plugin import Column, Document, Table

_WIDTHS = {"A": 24, "B": 28, "C": 28, "D": 12, "E": 16, "F": 90}
_UNITS = {
    Kind.MONEY: "USD",
    Kind.BYTES: "bytes",
    Kind.RATIO: "percent",
    Kind.DURATION: "milliseconds",
}


def write_info(book: Book, document: Document, written: Sequence[Written]) -> None:
    """Add the sheet, after all others."""
    sheet = book.add_own(INFO)
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    lines = _Lines(sheet)
    lines.add(document.title, bold=True)
    for pair in facts(document):
        lines.add(*pair)
    lines.add()
    lines.add("Sheet", "Rows", "Remarks", bold=True)
    for row in _sheets(written):
        lines.add(*row)
    lines.add()
    lines.add("Table", "Column", "Label", "Kind", "Unit", "Meaning", bold=True)
    for item in written:
        for column in item.table.columns:
            lines.add(*_meaning(item.table, column))


class _Lines:
    """Fills a sheet from the top."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._row = 0

    def add(self, *values: object, bold: bool = False) -> None:
        from openpyxl.styles import Alignment

        self._row += 1
        for number, value in enumerate(values, 1):
            cell = cast("Cell", self._sheet.cell(self._row, number))
            put(cell, value, Kind.INTEGER)
            cell.alignment = Alignment(horizontal="left")
            write_in(cell, bold=bold)


def _sheets(written: Sequence[Written]) -> Iterator[tuple[object, ...]]:
    for item in written:
        remarks = "; ".join(item.tally.remarks())
        for name, rows in item.rows.items():
            yield name, rows, remarks


def _meaning(table: Table, column: Column) -> tuple[object, ...]:
    default = str(table.timezone) if column.kind is Kind.TIMESTAMP else _UNITS.get(column.kind, "")
    unit = column.unit or default
    name = table.title or table.name
    return name, column.key, column.label, str(column.kind), unit, column.description
