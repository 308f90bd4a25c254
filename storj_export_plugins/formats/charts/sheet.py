"""What a chart is drawn on: reportlab's shapes, rounded so that equal charts are equal files."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Literal

from reportlab.graphics.shapes import Drawing, Path, PolyLine, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storj_export_plugins.formats.charts.themes import Theme

Point = tuple[float, float]
#: Left, bottom, right, top.
Box = tuple[float, float, float, float]
ELLIPSIS = "…"
_DIGITS = 2
#: What a text may stick out: the noise of added lengths.
_HAIR = 0.01
#: Of the letters that the font may not have: most are narrower, and wide ones are as wide as high.
_OTHER, _WIDE = 0.62, 1.05


class Sheet:
    """A drawing, the theme and the fonts to draw with; lengths in points from the lower left."""

    def __init__(  # noqa: PLR0913  the same words as those of `drawing`
        self, width: float, height: float, *, theme: Theme, font: str, bold: str, size: float
    ) -> None:
        self.drawing = Drawing(width, height)
        self.width = width
        self.height = height
        self.theme = theme
        self.size = size
        self._fonts = (font, bold)

    def line(
        self,
        points: Sequence[Point],
        colour: str,
        width: float,
        dash: tuple[float, ...] | None = None,
    ) -> None:
        """Draw a line through the points."""
        line = PolyLine(
            [_rounded(number) for point in points for number in point],
            strokeColor=HexColor(colour),
            strokeWidth=_rounded(width),
            strokeLineJoin=1,
            strokeLineCap=0 if dash else 1,
        )
        if dash:
            line.strokeDashArray = tuple(map(_rounded, dash))
        self.drawing.add(line)

    def strokes(self, lines: Iterable[tuple[Point, Point]], colour: str, width: float) -> None:
        """Draw many short lines as one shape."""
        path = Path(fillColor=None, strokeColor=HexColor(colour), strokeWidth=_rounded(width))
        for start, end in lines:
            path.moveTo(*map(_rounded, start))
            path.lineTo(*map(_rounded, end))
        if path.operators:
            self.drawing.add(path)

    def shape(self, corners: Sequence[Sequence[Point]], fill: str, edge: str | None = None) -> None:
        """Fill closed shapes, given by their corners, as one; `edge` is the colour around them."""
        path = Path(
            fillColor=HexColor(fill),
            strokeColor=HexColor(edge) if edge else None,
            strokeWidth=_rounded(self.size / 12),
        )
        for points in corners:
            path.moveTo(*map(_rounded, points[0]))
            for point in points[1:]:
                path.lineTo(*map(_rounded, point))
            path.closePath()
        if path.operators:
            self.drawing.add(path)

    def rect(self, box: Box, fill: str) -> None:
        """Fill a rectangle."""
        left, bottom, right, top = map(_rounded, box)
        shape = Rect(left, bottom, _rounded(right - left), _rounded(top - bottom))
        shape.fillColor, shape.strokeColor = HexColor(fill), None
        self.drawing.add(shape)

    def text(
        self,
        at: Point,
        text: str,
        colour: str,
        *,
        anchor: Literal["start", "middle", "end"] = "start",
        bold: bool = False,
    ) -> None:
        """Write a text with its base line at a point, its start, middle or end there."""
        self.drawing.add(
            String(
                _rounded(at[0]),
                _rounded(at[1]),
                text,
                fontName=self._fonts[bold],
                fontSize=_rounded(self.size),
                fillColor=HexColor(colour),
                textAnchor=anchor,
            )
        )

    def measured(self, text: str, *, bold: bool = False) -> float:
        """Return how wide a text is, or may be where the font lacks its letters."""
        if text.isascii():
            return stringWidth(text, self._fonts[bold], self.size)
        return sum(self._letter(letter, bold=bold) for letter in text)

    def _letter(self, letter: str, *, bold: bool) -> float:
        if unicodedata.east_asian_width(letter) in "WF":
            return _WIDE * self.size
        own = stringWidth(letter, self._fonts[bold], self.size)
        return own if letter < "\u0100" else max(own, _OTHER * self.size)

    def clipped(self, text: str, room: float, *, bold: bool = False) -> str:
        """Return as much of `text` as there is room for, in one line."""
        text = " ".join(text.split())
        if self.measured(text, bold=bold) <= room + _HAIR:
            return text
        length = len(text)
        while length and self.measured(text[:length].rstrip() + ELLIPSIS, bold=bold) > room:
            length -= 1
        return text[:length].rstrip() + ELLIPSIS


def _rounded(number: float) -> float:
    # Adding zero makes -0.0 a plain 0.
    return round(float(number), _DIGITS) + 0.0
