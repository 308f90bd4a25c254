"""A table on the pages of a report: its header on each of them, its rows as they are."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportlab.platypus import Flowable

from storj_export_plugins.formats.pdf.faces import BOLD, ITALIC, REGULAR, has
from storj_export_plugins.formats.pdf.paper import ACCENT, FAINT, INK, RULE, STRIPE
from storj_export_plugins.formats.pdf.report.words import BASE, LEADING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_export_plugins.formats.pdf.paper import Colour

#: Points between the text of a cell and its edges.
PADDING = 4.0
_APART = 14.0
_MISSING = "n/a"
#: A table begins on a page where so many of its rows fit.
_FIRST_ROWS = 2


@dataclass(frozen=True)
class Row:
    """The lines of each cell, and what the row is; a link is the address behind a cell."""

    cells: tuple[tuple[str, ...], ...]
    is_total: bool = False
    is_estimate: bool = False
    links: tuple[tuple[int, str], ...] = ()

    @property
    def depth(self) -> int:
        """How many lines the tallest cell has."""
        return max(map(len, self.cells), default=1)


@dataclass(frozen=True)
class Ruled:
    """A table ready to be drawn: columns' widths in points, and which stand at the right."""

    widths: tuple[float, ...]
    at_right: tuple[bool, ...]
    size: float
    header: Row
    rows: Sequence[Row]
    #: The height of all rows before each one, and of all.
    heights: Sequence[float]


def insets_of(at_right: Sequence[bool]) -> list[float]:
    """Return what is free at the left of each column: more between a number and a text."""
    before = (False, *at_right)
    return [
        _APART if was_right and not is_right else PADDING
        for was_right, is_right in zip(before, at_right, strict=False)
    ]


def row_height(row: Row, size: float) -> float:
    """Return the height of a row in points."""
    return row.depth * size * LEADING + PADDING


def beginning(ruled: Ruled) -> float:
    """Return the height of the header and the rows that a page has at least."""
    first = ruled.heights[min(_FIRST_ROWS, len(ruled.rows))]
    return row_height(ruled.header, ruled.size) + first


class Grid(Flowable):
    """Rows `first` to `past` of a ruled table; splits between rows, in no time."""

    def __init__(self, ruled: Ruled, first: int = 0, past: int | None = None) -> None:
        super().__init__()
        self._ruled = ruled
        self._first = first
        self._past = len(ruled.rows) if past is None else past

    def wrap(self, availWidth: float, _: float) -> tuple[float, float]:  # noqa: N803  reportlab's
        """Return width and height."""
        ruled = self._ruled
        rows = ruled.heights[self._past] - ruled.heights[self._first]
        self.width, self.height = availWidth, row_height(ruled.header, ruled.size) + rows
        return self.width, self.height

    def split(self, _: float, availHeight: float) -> list[Flowable]:  # noqa: N803  reportlab's
        """Return the rows that fit and the others; nothing if too few fit."""
        heights = self._ruled.heights
        limit = (
            availHeight - row_height(self._ruled.header, self._ruled.size) + heights[self._first]
        )
        past = min(bisect_right(heights, limit) - 1, self._past)
        if past - self._first < min(_FIRST_ROWS, self._past - self._first):
            return []
        # A row of totals doesn't stand alone on a page.
        if past == self._past - 1 and past - self._first > _FIRST_ROWS:
            past -= 1
        return [Grid(self._ruled, self._first, past), Grid(self._ruled, past, self._past)]

    def draw(self) -> None:
        """Draw the header and the rows; reportlab calls this."""
        canvas: Any = self.canv
        ruled = self._ruled
        wide = sum(ruled.widths)
        top = self._draw_row(ruled.header, self.height, BOLD)
        self._line(top, wide, FAINT, 0.9)
        for number in range(self._first, self._past):
            row = ruled.rows[number]
            high = row_height(row, ruled.size)
            if (number - self._first) % 2 and not row.is_total:
                canvas.setFillColorRGB(*STRIPE)
                canvas.rect(0, top - high, wide, high, stroke=0, fill=1)
            if row.is_total:
                self._line(top, wide, INK, 0.7)
            top = self._draw_row(row, top, _font(row))
        self._line(top, wide, RULE, 0.5)

    def _line(self, y: float, wide: float, colour: Colour, thickness: float) -> None:
        canvas: Any = self.canv
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(thickness)
        canvas.line(0, y, wide, y)

    def _draw_row(self, row: Row, top: float, font: str) -> float:
        """Draw a row below `top`; return its foot."""
        canvas: Any = self.canv
        ruled, left = self._ruled, 0.0
        leading, links = ruled.size * LEADING, dict(row.links)
        insets = insets_of(ruled.at_right)
        foot = top - row_height(row, ruled.size)
        canvas.setFont(font, ruled.size)
        for number, (lines, wide) in enumerate(zip(row.cells, ruled.widths, strict=True)):
            colour = ACCENT if number in links else FAINT if lines == (_MISSING,) else INK
            canvas.setFillColorRGB(*colour)
            y = top - PADDING / 2 - leading * (1 - BASE)
            if row is ruled.header:
                y -= leading * (row.depth - len(lines))
            for line in lines:
                if ruled.at_right[number]:
                    canvas.drawRightString(left + wide - PADDING, y, line)
                else:
                    canvas.drawString(left + insets[number], y, line)
                y -= leading
            if number in links:
                canvas.linkURL(links[number], (left, foot, left + wide, top), relative=1)
            left += wide
        return foot


def _font(row: Row) -> str:
    if row.is_total:
        return BOLD
    if row.is_estimate and all(
        line.isascii() or all(has(ITALIC, char) for char in line)
        for lines in row.cells
        for line in lines
    ):
        return ITALIC
    return REGULAR
