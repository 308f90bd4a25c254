"""The sheet Info: what the workbook is, and what its columns mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from storj_export_plugins.formats.imprint import imprint
from storj_export_plugins.formats.xlsx.cells import ColumnCells, Tally, legal_text
from storj_export_plugins.formats.xlsx.sheets import INFO, fit_to_width
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from storj_export_plugins.formats.xlsx.sheets import Written
    from storj_monitor.plugin import Column, Document, Table

_WIDTHS = {"A": 24, "B": 24, "C": 24, "D": 24, "E": 80}
_UNITS = {
    Kind.MONEY: "USD",
    Kind.BYTES: "bytes",
    Kind.RATIO: "percent",
    Kind.DURATION: "milliseconds",
}


def write_info(workbook: Workbook, document: Document, written: Sequence[Written]) -> None:
    """Add the sheet, and the title that the file's own properties show."""
    workbook.properties.title = legal_text(document.title)
    workbook.properties.creator = legal_text(document.brand or "storj-monitor")
    sheet = cast("Worksheet", workbook.create_sheet(INFO))
    fit_to_width(sheet)
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    _append(sheet, (document.title,), bold=True)
    for pair in imprint(document):
        _append(sheet, pair)
    _append(sheet, ())
    _append(sheet, ("Sheet", "Rows", "Remarks"), bold=True)
    for row in _sheets(written):
        _append(sheet, row)
    _append(sheet, ())
    _append(sheet, ("Table", "Column", "Label", "Unit", "Meaning"), bold=True)
    for item in written:
        for column in item.table.columns:
            _append(sheet, _meaning(item.table, column))


def _append(sheet: Worksheet, row: Sequence[object], *, bold: bool = False) -> None:
    cells = (ColumnCells(sheet, Kind.INTEGER, Tally(), bold=bold) for _ in row)
    sheet.append([cells_.cell(value) for cells_, value in zip(cells, row, strict=True)])


def _sheets(written: Sequence[Written]) -> Iterator[tuple[object, ...]]:
    for item in written:
        remarks = "; ".join(item.tally.remarks())
        for name, rows in item.rows.items():
            yield name, rows, remarks


def _meaning(table: Table, column: Column) -> tuple[object, ...]:
    default = str(table.timezone) if column.kind is Kind.TIMESTAMP else _UNITS.get(column.kind, "")
    unit = column.unit or default
    return table.title or table.name, column.key, column.label, unit, column.description
