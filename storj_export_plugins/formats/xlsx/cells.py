"""How one value becomes one cell: typed, exact, and never a formula."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from storj_monitor.plugin import Kind, formula_safe, machine_text

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

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
FIRST_DAY = date(1900, 3, 1)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Excel reads `_x000D_` as the character of that number.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = {"\r": "&#13;"}


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


def legal_text(text: str, tally: Tally | None = None) -> str:
    """Return `text` as a cell can hold it: characters that XML can't hold replaced, not too long.

    What had to be changed is counted in `tally`.
    """
    legal = _NOT_IN_XML.sub("\ufffd", text)
    cut = cut_to_units(legal, MOST_UNITS, CUT_MARK)
    if tally:
        tally.replaced += legal != text
        tally.cut += cut != legal
    return cut


def is_guarded(text: str) -> bool:
    """Whether a spreadsheet would take `text` for a formula as soon as somebody edits its cell."""
    return formula_safe(text) != text


def digits(number: str) -> int:
    """Count the digits that a number in plain decimal spelling needs."""
    whole, _, fraction = number.lstrip("-").partition(".")
    return len((whole + fraction.rstrip("0")).lstrip("0"))


def text_xml(text: str, tally: Tally) -> str:
    """Return what stands within a cell for `text`, whatever it holds."""
    runs = [
        f'<t xml:space="preserve">{escape(run, _ENTITIES)}</t>'
        for run in _runs(legal_text(text, tally))
    ]
    return f"<is>{runs[0]}</is>" if len(runs) == 1 else f"<is>{_rich(runs)}</is>"


def _rich(runs: list[str]) -> str:
    return "".join(f"<r>{run}</r>" for run in runs)


def _runs(text: str) -> list[str]:
    """Keep `_x000D_` what it is by a change of run within it, which every reader understands."""
    return _ESCAPE.sub("_\0", text).split("\0")


def put(cell: Cell, value: object, kind: Kind = Kind.TEXT) -> None:
    """Fill a cell of openpyxl's with a value of `kind`, times in their own zone.

    What a number or a date can't hold stands there as text; NaN, infinity and None as nothing.
    """
    match value:
        case None | "":
            return
        case bool():
            cell.value = value
        case int() | float() | Decimal():
            _put_number(cell, value, kind)
        case datetime() | date():
            _put_date(cell, value)
        case _:
            _put_text(cell, str(value))


def _put_number(cell: Cell, value: float | Decimal, kind: Kind) -> None:
    if not math.isfinite(value):
        return
    if not isinstance(value, float) and digits(f"{value:f}") > MOST_DIGITS:
        _put_text(cell, machine_text(value, kind))
        return
    cell.value = value
    cell.number_format = NUMBER_FORMATS.get(kind, "General")


def _put_date(cell: Cell, value: date) -> None:
    is_time = isinstance(value, datetime)
    if (value.date() if isinstance(value, datetime) else value) < FIRST_DAY:
        _put_text(cell, machine_text(value))
        return
    # A cell knows no zone.
    cell.value = value.replace(tzinfo=None) if isinstance(value, datetime) else value
    cell.number_format = NUMBER_FORMATS[Kind.TIMESTAMP if is_time else Kind.DATE]


def _put_text(cell: Cell, text: str) -> None:
    from openpyxl.cell.rich_text import CellRichText

    legal = legal_text(text)
    runs = _runs(legal)
    cell.value = CellRichText(runs) if len(runs) > 1 else legal
    # openpyxl takes '=1+1' for a formula and '#N/A' for an error.
    cell.data_type = "s"
    # As if typed with a leading apostrophe: it stays a text when somebody edits the cell.
    cell.quotePrefix = is_guarded(legal)


def write_in(
    cell: Cell, *, bold: bool = False, size: float = 11, colour: str | None = None
) -> None:
    """Set how a cell is written, in the same face as all the others."""
    from openpyxl.styles import Font

    cell.font = Font(name="Calibri", family=2, bold=bold, size=size, color=colour)
