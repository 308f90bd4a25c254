"""Words on the pages of a report, drawn as they are: none is read as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.platypus import Flowable

from storj_export_plugins.formats.pdf.faces import BOLD, REGULAR
from storj_export_plugins.formats.pdf.paper import INK
from storj_export_plugins.formats.pdf.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_export_plugins.formats.pdf.paper import Colour

LEADING = 1.38
#: A letter stands on its base line, a fifth of its height above its foot.
BASE = 0.27
_BAR = 2.5


class Words(Flowable):
    """A paragraph, its lines leaving `clear` points free at the right.

    With a `ground` it stands on that colour, which neighbours continue.
    """

    def __init__(  # noqa: PLR0913  how it looks, each with a name
        self,
        text: str,
        size: float,
        colour: Colour = INK,
        *,
        font: str = REGULAR,
        ground: Colour | None = None,
        bar: Colour = INK,
        clear: float = 0,
    ) -> None:
        super().__init__()
        self._text, self._size, self._colour, self._font = text, size, colour, font
        self._ground, self._bar, self._clear = ground, bar, clear
        self._inset = 10.0 if ground else 0.0
        self._lines: Sequence[str] | None = None

    def wrap(self, availWidth: float, _: float) -> tuple[float, float]:  # noqa: N803  reportlab's
        """Break the text into lines; return width and height."""
        if self._lines is None or availWidth != self.width:
            room = availWidth - 2 * self._inset - self._clear
            # Whatever name a sentence begins with, it is English.
            self._lines = wrapped(self._text, self._font, self._size, room, base="L")
        self.width = availWidth
        self.height = len(self._lines) * self._leading
        return self.width, self.height

    def split(self, availWidth: float, availHeight: float) -> list[Flowable]:  # noqa: N803
        """Return the lines that fit and the others; nothing if none fits."""
        self.wrap(availWidth, availHeight)
        lines = self._lines or ()
        fitting = int(availHeight / self._leading)
        if not fitting:
            return []
        return [self._part(lines[:fitting]), self._part(lines[fitting:])]

    def draw(self) -> None:
        """Draw the lines; reportlab calls this."""
        canvas: Any = self.canv
        if self._ground:
            canvas.setFillColorRGB(*self._ground)
            canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
            canvas.setFillColorRGB(*self._bar)
            canvas.rect(0, 0, _BAR, self.height, stroke=0, fill=1)
        canvas.setFillColorRGB(*self._colour)
        canvas.setFont(self._font, self._size)
        for number, line in enumerate(self._lines or (), 1):
            at = self.height - number * self._leading + self._leading * BASE
            canvas.drawString(self._inset, at, line)

    @property
    def _leading(self) -> float:
        return self._size * LEADING

    def _part(self, lines: Sequence[str]) -> Words:
        part = Words(
            *(self._text, self._size, self._colour),
            font=self._font,
            ground=self._ground,
            bar=self._bar,
        )
        part._lines, part.width = lines, self.width
        return part


class Heading(Words):
    """A heading with a bookmark; the caller sees to it that it isn't the last on its page."""

    def __init__(
        self, text: str, size: float, *, level: int, number: int, clear: float = 0
    ) -> None:
        super().__init__(text, size, font=BOLD, clear=clear)
        self._level, self._key = level, f"heading-{number}"

    def draw(self) -> None:
        """Draw the heading, and bookmark its place."""
        canvas: Any = self.canv
        canvas.bookmarkHorizontal(self._key, 0, self.height + 4)
        canvas.addOutlineEntry(self._text, self._key, self._level)
        super().draw()
