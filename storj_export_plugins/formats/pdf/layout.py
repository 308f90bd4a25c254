"""How a table's rows become lines of one width, in characters of a fixed-width font."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin import Kind, display_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.plugin import Column

#: Width of a character of the font, as a part of its size.
ADVANCE = 0.6
LARGEST, SMALLEST = 9.0, 5.0
_ROUNDING = 1e-6
_GAP = "  "
#: What one column may take before it makes the font of all others smaller.
_FAIR = 64
#: What a column gets at most beyond its need.
_LOOSE = 8
#: The narrowest that a column can be and still say something.
_NARROWEST = 6
_LEFT = (Kind.TEXT, Kind.TIMESTAMP, Kind.DATE, Kind.FLAG)
#: Room for values that are larger than those of the sample.
_ROOM = {Kind.INTEGER: 9, Kind.BYTES: 9, Kind.RATIO: 8, Kind.MONEY: 10, Kind.DURATION: 9}
ELLIPSIS = "…"
UNKNOWN = "?"


def printable(text: str) -> str:
    """Return `text` with what the font can't show as a question mark, and spaces as such."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char.isspace():
        return " "
    try:
        char.encode("cp1252")
    except UnicodeEncodeError:
        return UNKNOWN
    return char if char.isprintable() else UNKNOWN


class Layout:
    """The widths of a table's columns, and its rows as lines of text.

    The font is as large as the widest line allows, a very wide column not counting in full. Where
    that is too wide, the widest columns are cut down; columns for which there is no room at all,
    even in the smallest font, are left out at the right.
    """

    def __init__(
        self, columns: tuple[Column, ...], sample: Sequence[Sequence[object]], points: float
    ) -> None:
        most = int(points / (ADVANCE * SMALLEST))
        fitting = (most + len(_GAP)) // (_NARROWEST + len(_GAP))
        self._left_out = [column.label for column in columns[fitting:]]
        self._columns = columns[:fitting]
        self._shortened = self._unknown = 0
        gaps = len(_GAP) * (len(self._columns) - 1)
        wanted = [
            min(_wanted(column, [row[number] for row in sample]), most)
            for number, column in enumerate(self._columns)
        ]
        fair = sum(min(width, _FAIR) for width in wanted) + gaps
        #: In points.
        self.font_size = min(max(points / (ADVANCE * fair), SMALLEST), LARGEST)
        room = int(points / (ADVANCE * self.font_size) + _ROUNDING)
        self._widths = _loosened(_fitted(wanted, room - gaps), room - gaps)
        self.header = self._joined([printable(_title(column)) for column in self._columns])

    def line(self, row: Sequence[object]) -> str:
        """Return a row as a line: numbers to the right, and n/a where a value is missing."""
        return self._joined(
            [
                self._cell(value, column.kind, width)
                for value, column, width in zip(row, self._columns, self._widths, strict=False)
            ]
        )

    def _cell(self, value: object, kind: Kind, width: int) -> str:
        text = display_text(value, kind)
        shown = printable(text)
        self._unknown += shown.count(UNKNOWN) != text.count(UNKNOWN)
        self._shortened += len(shown) > width
        return shown

    def _joined(self, cells: Sequence[str]) -> str:
        return _GAP.join(
            _clipped(cell, width).ljust(width)
            if column.kind in _LEFT
            else _clipped(cell, width).rjust(width)
            for cell, column, width in zip(cells, self._columns, self._widths, strict=True)
        )

    def remarks(self) -> list[str]:
        """Return what a reader of the lines so far must know about them."""
        remarks = []
        if self._shortened:
            remarks.append(f"{self._shortened:,} cells were shortened; the CSV has them whole.")
        if self._unknown:
            remarks.append(
                f"{self._unknown:,} cells hold characters that this file has no font for, shown as "
                f"{UNKNOWN}; the CSV has them."
            )
        if self._left_out:
            names = printable(", ".join(self._left_out))
            remarks.append(f"No room for {len(self._left_out):,} more columns: {names}.")
        return remarks


def _title(column: Column) -> str:
    spelt = column.kind in (Kind.BYTES, Kind.DURATION)  # with its unit, cell by cell
    return f"{column.label} ({column.unit})" if column.unit and not spelt else column.label


def _wanted(column: Column, values: Sequence[object]) -> int:
    longest = max(len(display_text(value, column.kind)) for value in values)
    return max(len(_title(column)), longest, _ROOM.get(column.kind, _NARROWEST))


def _fitted(wanted: Sequence[int], room: int) -> list[int]:
    """Cut the widest down to one common width, so that all together need `room` at most."""
    limit = max(wanted, default=0)
    while sum(min(width, limit) for width in wanted) > room:
        limit -= 1
    return [min(width, limit) for width in wanted]


def _loosened(widths: Sequence[int], room: int) -> list[int]:
    """Share out what room is left, for later rows with longer values than the sample."""
    spare = (room - sum(widths)) // max(len(widths), 1)
    return [width + min(spare, _LOOSE) for width in widths]


def _clipped(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + ELLIPSIS
