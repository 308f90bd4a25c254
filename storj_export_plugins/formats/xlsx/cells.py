"""How one value becomes one cell: typed, exact, and never a formula."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from storj_monitor.plugin import Kind, formula_safe, machine_text

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.cell.rich_text import CellRichText
    from openpyxl.worksheet.worksheet import Worksheet

#: What a cell can hold, counted like Excel does: in UTF-16 code units.
MOST_UNITS = 32_767
#: What a number can hold without losing digits.
MOST_DIGITS = 15
CUT_MARK = "… [cut]"
NUMBER_FORMATS = {
    Kind.INTEGER: "#,##0",
    Kind.BYTES: "#,##0",
    Kind.DURATION: "#,##0",
    Kind.MONEY: "#,##0.00####",
    Kind.RATIO: "0.00%",
    Kind.TIMESTAMP: "yyyy-mm-dd hh:mm:ss",
    Kind.DATE: "yyyy-mm-dd",
}
#: Spreadsheets agree on dates from here on: to Excel, 1900 was a leap year.
_FIRST_DAY = date(1900, 3, 1)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Excel reads `_x000D_` as the character of that number.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass
class Tally:
    """How many values of a table could not be written as they are."""

    cut: int = 0
    replaced: int = 0
    spelt: int = 0

    def remarks(self) -> list[str]:
        """Return some words for each kind of change that was made."""
        said = (
            (self.cut, f"texts cut at {MOST_UNITS:,} characters"),
            (self.replaced, "texts with control characters, shown as \ufffd"),
            (self.spelt, f"numbers over {MOST_DIGITS} digits, or dates before March 1900, as text"),
        )
        return [f"{what}: {count:,}" for count, what in said if count]


def cut_to_units(text: str, units: int, mark: str = "") -> str:
    """Return `text` in at most `units` UTF-16 code units, ending in `mark` if it was longer."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * units:
        return text
    return encoded[: 2 * (units - len(mark))].decode("utf-16-le", errors="ignore") + mark


def legal_text(text: str) -> str:
    """Return `text` with what XML can't hold shown as the replacement character."""
    return _NOT_IN_XML.sub("\ufffd", text)


class ColumnCells:
    """Makes the cells of one column of a sheet.

        cells = ColumnCells(sheet, Kind.TEXT, Tally())
        sheet.append([cells.cell("=1+1")])

    The cell that is returned is valid until the next one is asked for: a write-only sheet writes
    a row at once, and styling a new cell for each value would take longer than writing it.
    """

    def __init__(self, sheet: Worksheet, kind: Kind, tally: Tally, *, bold: bool = False) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font

        self._tally = tally
        self._typed, self._text, self._guarded = (WriteOnlyCell(sheet) for _ in range(3))
        self._typed.number_format = NUMBER_FORMATS.get(kind, "General")
        # As if typed with a leading apostrophe: it stays a text when somebody edits the cell.
        self._guarded.quotePrefix = True
        if bold:
            self._text.font = self._guarded.font = Font(bold=True)

    def cell(self, value: object) -> Cell | None:
        """Return the cell for a value of `Table.rows()`; None is an empty one."""
        match value:
            case None | "":
                return None
            case str():
                return self._of_text(value)
            case bool():
                return self._of_type("b", "1" if value else "0")
            case int() | float() | Decimal():
                return self._of_number(value)
            case datetime() | date():
                return self._of_date(value)
        message = f"a workbook has no cell for {value!r}"
        raise TypeError(message)

    def _of_type(self, data_type: str, value: str | date) -> Cell:
        self._typed.value = value
        self._typed.data_type = data_type
        return self._typed

    def _of_number(self, value: float | Decimal) -> Cell | None:
        if not math.isfinite(value):
            return None
        # As text: openpyxl would round a float to 16 digits.
        text = f"{value:f}" if isinstance(value, Decimal) else repr(value)
        if not isinstance(value, float) and _digits(text) > MOST_DIGITS:
            self._tally.spelt += 1
            return self._of_text(text)
        return self._of_type("n", text)

    def _of_date(self, value: date) -> Cell:
        day = value.date() if isinstance(value, datetime) else value
        if day < _FIRST_DAY:
            self._tally.spelt += 1
            return self._of_text(machine_text(value))
        if isinstance(value, datetime):
            # A cell knows no zone, and milliseconds are what every format gives.
            value = value.replace(tzinfo=None, microsecond=value.microsecond // 1000 * 1000)
        return self._of_type("d", value)

    def _of_text(self, text: str) -> Cell:
        legal = legal_text(text)
        self._tally.replaced += legal != text
        if len(legal) > MOST_UNITS // 2:
            whole, legal = legal, cut_to_units(legal, MOST_UNITS, CUT_MARK)
            self._tally.cut += legal != whole
        cell = self._text if formula_safe(legal) == legal else self._guarded
        cell.value = _literal(legal) if "_x" in legal else legal
        # openpyxl takes '=1+1' for a formula and '#N/A' for an error.
        cell.data_type = "s"
        return cell


def _digits(text: str) -> int:
    whole, _, fraction = text.lstrip("-").partition(".")
    return len((whole + fraction.rstrip("0")).lstrip("0"))


def _literal(text: str) -> str | CellRichText:
    """Keep `_x000D_` what it is by a change of run within it, which every reader understands."""
    from openpyxl.cell.rich_text import CellRichText

    runs = _ESCAPE.sub("_\0", text).split("\0")
    return CellRichText(runs) if len(runs) > 1 else text
