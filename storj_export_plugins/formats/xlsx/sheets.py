"""How a table becomes one sheet, or several when it has more rows than a sheet can hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, cast

from storj_export_plugins.formats.xlsx.cells import ColumnCells, Tally, cut_to_units
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from storj_monitor.plugin import Column, Table

#: Rows that a sheet can hold, the header among them.
ROWS_PER_SHEET = 1_048_576
INFO = "Info"
_NAME_UNITS = 31
#: Excel keeps this name for itself.
_RESERVED = "History"
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_WIDTHS = {
    Kind.TEXT: 18,
    Kind.MONEY: 14,
    Kind.BYTES: 18,
    Kind.TIMESTAMP: 20,
    Kind.DATE: 12,
}
_WIDTH = 12
#: What the button of the auto filter hides of a header.
_BUTTON = 4


@dataclass
class Written:
    """A table in the workbook: the rows in each of its sheets, and what had to be changed."""

    table: Table
    rows: dict[str, int] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)


class SheetNames:
    """Gives each sheet a name that Excel takes, and never the same twice."""

    def __init__(self) -> None:
        self._taken = {INFO.casefold(), _RESERVED.casefold()}

    def name(self, wanted: str) -> str:
        """Return `wanted` as far as it is allowed, with a number after it where it was taken."""
        printable = "".join(char if char.isprintable() else " " for char in wanted)
        allowed = _NOT_IN_NAMES.sub("_", printable)
        name = _trimmed(allowed, _NAME_UNITS) or "Sheet"
        number = 1
        while name.casefold() in self._taken:
            number += 1
            ending = f" ({number})"
            name = _trimmed(allowed, _NAME_UNITS - len(ending)) + ending
        self._taken.add(name.casefold())
        return name


def _trimmed(name: str, units: int) -> str:
    return cut_to_units(name.strip(" '"), units).strip(" '")


class Sheets:
    """Writes tables into a workbook, one after the other, a row at a time."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._names = SheetNames()
        self.written: list[Written] = []

    def write(self, table: Table) -> None:
        """Write a table into a sheet of its own, and into further ones where that is full."""
        written = Written(table)
        self.written.append(written)
        rows = table.rows()
        self._write_sheet(written, rows)
        while (row := next(rows, None)) is not None:
            self._write_sheet(written, chain((row,), rows))

    def _write_sheet(self, written: Written, rows: Iterator[tuple[object, ...]]) -> None:
        columns = written.table.columns
        name = self._names.name(written.table.title or written.table.name)
        sheet = cast("Worksheet", self._workbook.create_sheet(name))
        _prepare(sheet, columns)
        count = 0
        cells = [ColumnCells(sheet, column.kind, written.tally).cell for column in columns]
        for row in islice(rows, ROWS_PER_SHEET - 1):
            sheet.append([cell(value) for cell, value in zip(cells, row, strict=True)])
            count += 1
        written.rows[name] = count
        if columns:
            sheet.auto_filter.ref = f"A1:{_letters(len(columns))}{count + 1}"


def _prepare(sheet: Worksheet, columns: tuple[Column, ...]) -> None:
    """Set all that stands before the rows in the file: afterwards it would be silently lost."""
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    fit_to_width(sheet)
    for number, column in enumerate(columns, 1):
        width = max(_WIDTHS.get(column.kind, _WIDTH), len(column.key) + _BUTTON)
        sheet.column_dimensions[_letters(number)].width = width
    header = [ColumnCells(sheet, Kind.TEXT, Tally(), bold=True).cell(c.key) for c in columns]
    sheet.append(header)


def fit_to_width(sheet: Worksheet) -> None:
    """Let all columns be printed on one page, and the rows on as many as they need."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0


def _letters(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(number)
