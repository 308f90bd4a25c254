"""The pages of a file: where the next line goes, and what every page carries."""

from __future__ import annotations

import re
from datetime import UTC
from typing import IO, TYPE_CHECKING

from storj_export_plugins.formats.pdf.layout import ADVANCE, printable

if TYPE_CHECKING:
    from datetime import datetime

_MARGIN = 34.0
_FOOT = 20.0
_LEADING = 1.35
_WORDS, _WORDS_BOLD = "Helvetica", "Helvetica-Bold"
_CELLS, _CELLS_BOLD = "Courier", "Courier-Bold"
_TITLE_SIZE, _HEADING_SIZE, _WORDS_SIZE, _FOOT_SIZE = 16.0, 11.0, 8.5, 7.5
_INK, _FAINT, _STRIPE = (0.11, 0.13, 0.17), (0.40, 0.43, 0.48), (0.95, 0.96, 0.975)
#: The form that is drawn on every page and defined when the number of pages is known.
_TOTAL = "total"


class Pages:
    """Draws words and the lines of tables from top to bottom, on as many pages as it takes.

        pages = Pages(file, "Events", author="me", subject="", generated_at=None)
        pages.words("Three nodes")
        pages.begin_table(header, font_size=7)
        pages.row(line)
        pages.end_table()
        pages.finish()

    All text is drawn as it is, never read as markup. A page's rows are one text object, in a font
    of fixed width: that is many times faster than a drawn string for each cell.
    """

    def __init__(  # noqa: PLR0913  what a file says about itself
        self,
        file: IO[bytes],
        title: str,
        *,
        author: str,
        subject: str,
        generated_at: datetime | None,
        paper: str = "a4",
        orientation: str = "landscape",
    ) -> None:
        from reportlab.lib import pagesizes
        from reportlab.pdfgen.canvas import Canvas

        size = {"a4": pagesizes.A4, "letter": pagesizes.LETTER}[paper]
        self._size = size if orientation == "portrait" else pagesizes.landscape(size)
        self._canvas = Canvas(file, self._size, pageCompression=1, invariant=1, lang="en")
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setSubject(subject)
        self._canvas.setCreator("storj-monitor")
        if generated_at:
            stamp = generated_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
            self._canvas.setDateFormatter(lambda *_: stamp)
        #: Points between the margins.
        self.width = self._size[0] - 2 * _MARGIN
        self._title = printable(title)
        self._number = 0
        self._header = ""
        self._cell_size = 0.0
        self._lines: list[str] = []
        self._begin_page()
        self._write(title, _WORDS_BOLD, _TITLE_SIZE, _INK)
        self._skip(_WORDS_SIZE / 2)

    def words(self, text: str, *, bold: bool = False) -> None:
        """Write a paragraph in small type."""
        self._write(text, _WORDS_BOLD if bold else _WORDS, _WORDS_SIZE, _INK if bold else _FAINT)

    def heading(self, text: str) -> None:
        """Write a heading, on the next page if only it would still fit on this one."""
        self._skip(_HEADING_SIZE)
        if self._y - 6 * _HEADING_SIZE < self._bottom:
            self._turn()
        self._write(text, _WORDS_BOLD, _HEADING_SIZE, _INK)
        self._skip(_HEADING_SIZE / 4)

    def begin_table(self, header: str, font_size: float) -> None:
        """Write the header of a table here, and again on each page that its rows reach."""
        self._header, self._cell_size = header, font_size
        if self._y - 4 * font_size * _LEADING < self._bottom:
            self._turn()
        self._write_header()

    def row(self, line: str) -> None:
        """Write the next row of the table."""
        leading = self._cell_size * _LEADING
        if self._y - (len(self._lines) + 1) * leading < self._bottom:
            self._write_rows()
            self._turn()
            self._write_header()
        self._lines.append(line)

    def end_table(self) -> None:
        """Write the rows that are still waiting."""
        self._write_rows()
        self._skip(_WORDS_SIZE / 2)

    def finish(self) -> None:
        """Write the last page, and the number of pages on all of them; ends the file."""
        self._canvas.showPage()
        self._canvas.beginForm(_TOTAL, 0, -10, 100, 20)
        self._canvas.setFont(_WORDS, _FOOT_SIZE)
        self._canvas.setFillColorRGB(*_FAINT)
        self._canvas.drawString(0, 0, str(self._number))
        self._canvas.endForm()
        self._canvas.save()

    @property
    def _bottom(self) -> float:
        return _MARGIN + _FOOT

    @property
    def _table_width(self) -> float:
        return len(self._header) * ADVANCE * self._cell_size

    def _skip(self, points: float) -> None:
        self._y -= points

    def _turn(self) -> None:
        self._canvas.showPage()
        self._begin_page()

    def _begin_page(self) -> None:
        self._number += 1
        self._y = self._size[1] - _MARGIN
        canvas = self._canvas
        canvas.setFont(_WORDS, _FOOT_SIZE)
        canvas.setFillColorRGB(*_FAINT)
        page = f"Page {self._number} of "
        canvas.drawString(_MARGIN, _MARGIN, page)
        canvas.saveState()
        canvas.translate(_MARGIN + canvas.stringWidth(page, _WORDS, _FOOT_SIZE), _MARGIN)
        canvas.doForm(_TOTAL)
        canvas.restoreState()
        room = self.width - canvas.stringWidth(page + "00000 ", _WORDS, _FOOT_SIZE)
        title = self._wrapped(self._title, _WORDS, _FOOT_SIZE, room)[0]
        canvas.drawRightString(self._size[0] - _MARGIN, _MARGIN, title)

    def _write(self, text: str, font: str, size: float, colour: tuple[float, float, float]) -> None:
        for line in self._wrapped(printable(text), font, size, self.width):
            if self._y - size * _LEADING < self._bottom:
                self._turn()
            self._skip(size * _LEADING)
            self._canvas.setFont(font, size)
            self._canvas.setFillColorRGB(*colour)
            self._canvas.drawString(_MARGIN, self._y, line)

    def _wrapped(self, text: str, font: str, size: float, room: float) -> list[str]:
        from reportlab.lib.utils import simpleSplit

        # simpleSplit breaks between words only: none may be wider than a line.
        longest = max(int(room / size), 1)
        broken = re.sub(rf"(\S{{{longest}}})(?=\S)", r"\1 ", text)
        return list(simpleSplit(broken, font, size, room)) or [""]

    def _write_header(self) -> None:
        self._skip(self._cell_size * _LEADING)
        canvas = self._canvas
        canvas.setFont(_CELLS_BOLD, self._cell_size)
        canvas.setFillColorRGB(*_INK)
        canvas.drawString(_MARGIN, self._y, self._header)
        self._skip(self._cell_size * 0.4)
        canvas.setStrokeColorRGB(*_FAINT)
        canvas.setLineWidth(0.6)
        canvas.line(_MARGIN, self._y, _MARGIN + self._table_width, self._y)

    def _write_rows(self) -> None:
        leading = self._cell_size * _LEADING
        canvas = self._canvas
        canvas.setFillColorRGB(*_STRIPE)
        for number in range(1, len(self._lines), 2):
            canvas.rect(
                _MARGIN,
                self._y - (number + 1) * leading,
                self._table_width,
                leading,
                stroke=0,
                fill=1,
            )
        # A text is drawn on its base line, a fifth of its height above its foot.
        text = canvas.beginText(_MARGIN, self._y - leading * 0.77)
        text.setFont(_CELLS, self._cell_size, leading)
        text.setFillColorRGB(*_INK)
        for line in self._lines:
            text.textLine(line)
        canvas.drawText(text)
        self._skip(len(self._lines) * leading)
        self._lines = []
