"""The pages of an export: where the next line goes, and what every page carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.chunks import text_bytes
from storj_export_plugins.formats.pdf.binding import DIGEST, TOTAL, Binding, link_to
from storj_export_plugins.formats.pdf.faces import BOLD, MONO, REGULAR, width
from storj_export_plugins.formats.pdf.layout import ADVANCE
from storj_export_plugins.formats.pdf.paper import (
    ACCENT,
    FAINT,
    INK,
    STRIPE,
    WARNING,
    is_address,
)
from storj_export_plugins.formats.pdf.typeface import Typeface
from storj_export_plugins.formats.pdf.wrapping import clipped, wrapped
from storj_export_plugins.formats.pdf.writer import escaped, numbers, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from storj_export_plugins.formats.pdf.paper import About, Colour
    from storj_export_plugins.formats.pdf.writer import Writer

_MARGIN = 36.0
_FOOT = 20.0
_LEADING = 1.38
_TITLE_SIZE, _HEADING_SIZE, _WORDS_SIZE, _FOOT_SIZE = 18.0, 11.5, 8.5, 7.0
#: How far an estimate's letters lean.
_SLANT = 0.2
#: A letter stands on its base line, a fifth of its height above its foot.
_BASE = 0.75
_ROUNDING = 1e-6
_DOT = "  ·  "


class Pages:
    """Draws words and the lines of a table from top to bottom, on as many pages as it takes.

        pages = Pages(writer, about, (595, 842))
        pages.words("Three nodes")
        pages.begin_table(layout.header, layout.font_size)
        pages.rows(layout.lines(batch))
        pages.end_table()
        pages.finish(layout.digest)

    All text is drawn as it is, never read as markup. The rows of a page are one text object in a
    font of fixed width: that is many times faster than a drawn string for each cell. A finished
    page is given to the writer at once, and forgotten.
    """

    def __init__(self, writer: Writer, about: About, size: tuple[float, float]) -> None:
        self._about, self._size = about, size
        self._width = room(size)
        self._words = Typeface("W", REGULAR)
        self._bold = Typeface("B", BOLD)
        self._cells = Typeface("M", MONO, advance=ADVANCE, fallback=self._words)
        self._binding = Binding(writer, about)
        self._header: Sequence[str] = ()
        self._cell_size, self._rows_here = 0.0, 0
        self._stripes: dict[range, bytes] = {}
        self._foot = self._foot_text()
        self._begin_page()

    def title(self) -> None:
        """Write what the file is: its title, the period, and its facts."""
        about = self._about
        self._binding.mark(about.title, self._y)
        self._write(about.title, self._bold, _TITLE_SIZE, INK)
        if about.period:
            self._write(about.period, self._words, _HEADING_SIZE, ACCENT)
        self._skip(_WORDS_SIZE / 2)
        for label, text in about.facts:
            self.words(f"{label}: {text}")

    def words(self, text: str) -> None:
        """Write a paragraph in small type."""
        self._write(text, self._words, _WORDS_SIZE, FAINT)

    def box(self, title: str, texts: Sequence[str]) -> None:
        """Write paragraphs under a title on a ground of their own."""
        self._skip(_WORDS_SIZE)
        self._write(title, self._bold, _WORDS_SIZE, INK, ground=WARNING)
        for text in texts:
            self._write(text, self._words, _WORDS_SIZE, INK, ground=WARNING)

    def heading(self, text: str) -> None:
        """Write a heading, on the next page if only it would still fit on this one."""
        self._skip(_HEADING_SIZE)
        if self._y - 6 * _HEADING_SIZE < self._bottom:
            self._turn()
        self._binding.mark(text, self._y)
        self._write(text, self._bold, _HEADING_SIZE, INK)
        self._skip(_HEADING_SIZE / 4)

    def begin_table(self, header: Sequence[str], font_size: float) -> None:
        """Write the header of a table here, and again on each page that its rows reach."""
        self._header, self._cell_size = header, font_size
        self._stripes.clear()
        self._skip(_WORDS_SIZE / 2)
        if self._y - (len(header) + 3) * font_size * _LEADING < self._bottom:
            self._turn()
        self._write_header()

    def rows(
        self,
        lines: pa.StringArray,
        slanted: Sequence[bool] = (),
        links: Sequence[tuple[int, int, int, str]] = (),
    ) -> None:
        """Write rows, each ended by a line feed; the slanted ones in italics.

        A link is a row's number, the characters where it begins and ends, and its address.
        """
        first = 0
        while first < len(lines):
            fitting = int((self._y - self._bottom) / self._row_height + _ROUNDING)
            if fitting < 1:
                self._turn()
                self._write_header()
                continue
            past = min(first + fitting, len(lines))
            self._link([link for link in links if first <= link[0] < past], first)
            self._write_rows(text_bytes(lines.slice(first, past - first)), slanted[first:past])
            first = past

    def end_table(self) -> None:
        """Leave room below the table."""
        self._skip(_WORDS_SIZE / 2)

    def finish(self, digest: str) -> None:
        """Write the last page, what all pages lacked, and the end of the file.

        That is the number of pages, and the digest: the hash of the data in hexadecimal digits.
        """
        self._end_page()
        total, data = f" of {self._binding.count}", f"data {digest[:8]}"
        at = -width(data, REGULAR, _FOOT_SIZE), 0.0
        self._binding.finish(
            (self._words, self._bold, self._cells),
            {
                TOTAL: self._text(self._words, _FOOT_SIZE, FAINT, total, (0, 0)),
                DIGEST: self._text(self._words, _FOOT_SIZE, FAINT, data, at),
            },
            size=self._size,
            identity=f"{self._about}{digest}",
        )

    @property
    def _bottom(self) -> float:
        return _MARGIN + _FOOT

    @property
    def _row_height(self) -> float:
        return self._cell_size * _LEADING

    @property
    def _table_width(self) -> float:
        return len(self._header[0]) * ADVANCE * self._cell_size

    def _skip(self, points: float) -> None:
        self._y -= points

    def _turn(self) -> None:
        self._end_page()
        self._begin_page()

    def _begin_page(self) -> None:
        self._binding.begin_page()
        self._content: list[bytes] = []
        self._links: list[bytes] = []
        self._y = self._size[1] - _MARGIN
        self._rows_here = 0

    def _end_page(self) -> None:
        page = f"Page {self._binding.count}"
        after = _MARGIN + width(page, REGULAR, _FOOT_SIZE)
        self._content += (
            self._foot,
            self._form(DIGEST, self._size[0] - _MARGIN),
            self._text(self._words, _FOOT_SIZE, FAINT, page, (_MARGIN, _MARGIN)),
            self._form(TOTAL, after),
        )
        self._binding.end_page(b"".join(self._content), self._links)

    def _foot_text(self) -> bytes:
        """Return the words at the right, before the hash."""
        page = width("Page 00000 of 00000 ", REGULAR, _FOOT_SIZE)
        data = width("data 00000000", REGULAR, _FOOT_SIZE)
        between = width(_DOT, REGULAR, _FOOT_SIZE)
        room_left = self._width - page - data - between
        foot = clipped(self._about.foot, REGULAR, _FOOT_SIZE, room_left)
        at = self._size[0] - _MARGIN - data - between - width(foot, REGULAR, _FOOT_SIZE)
        return self._text(self._words, _FOOT_SIZE, FAINT, foot + _DOT, (at, _MARGIN))

    def _form(self, name: bytes, x: float) -> bytes:
        return b"q 1 0 0 1 %b cm /%b Do Q\n" % (points(x, _MARGIN), name)

    def _write(
        self,
        text: str,
        face: Typeface,
        size: float,
        colour: Colour,
        *,
        ground: Colour | None = None,
    ) -> None:
        inset = size if ground else 0.0
        height = size * _LEADING
        # Whatever name a sentence begins with, it is English.
        for line in wrapped(text, face.name, size, self._width - 2 * inset, base="L"):
            if self._y - height < self._bottom:
                self._turn()
            self._skip(height)
            if ground:
                self._fill(ground, _MARGIN, self._y, self._width, height)
            base = self._y + height * (1 - _BASE)
            self._content.append(self._text(face, size, colour, line, (_MARGIN + inset, base)))

    def _text(
        self, face: Typeface, size: float, colour: Colour, text: str, at: tuple[float, float]
    ) -> bytes:
        shown = face.shown(text, size)
        return b"BT %b rg 1 0 0 1 %b Tm %bET\n" % (numbers(*colour), points(*at), shown)

    def _fill(self, colour: Colour, x: float, y: float, wide: float, high: float) -> None:
        box = points(x, y, wide, high)
        self._content.append(b"%b rg %b re f\n" % (numbers(*colour), box))

    def _write_header(self) -> None:
        # Bold by an outline of the letters: the fixed-width font comes in one weight.
        outline = numbers(*INK), points(self._cell_size / 30)
        for line in self._header:
            self._skip(self._row_height)
            base = self._y + self._row_height * (1 - _BASE)
            shown = self._text(self._cells, self._cell_size, INK, line, (_MARGIN, base))
            self._content.append(b"q %b RG 2 Tr %b w %bQ\n" % (*outline, shown))
        self._skip(self._cell_size * 0.2)
        rule = points(_MARGIN, self._y, self._table_width, 0.7)
        self._content.append(b"%b rg %b re f\n" % (numbers(*FAINT), rule))
        self._rows_here = 0

    def _write_rows(self, data: bytes, slanted: Sequence[bool]) -> None:
        """Write the rows of this page that are there by now, over stripes."""
        count, height = data.count(b"\n"), self._row_height
        self._stripe(range(1 - self._rows_here % 2, count, 2))
        base = self._y - height * _BASE
        text = data.decode()
        codes = None if any(slanted) else self._cells.encoded(text)
        if codes is None:
            shown = self._lines_one_by_one(text.split("\n")[:-1], slanted, base)
        else:
            body = escaped(codes[:-1]).replace(b"\n", b")'\n(")
            shown = b"%b%b TL 1 0 0 1 %b Tm (%b)'\n" % (
                self._cells.select(self._cell_size),
                *(points(height), points(_MARGIN, base + height), body),
            )
        self._content.append(b"BT %b rg %bET\n" % (numbers(*INK), shown))
        self._rows_here += count
        self._skip(count * height)

    def _stripe(self, rows: range) -> None:
        """Put a ground under these rows, counted from the line that is next."""
        if rows not in self._stripes:
            wide, high = self._table_width, self._row_height
            boxes = b"".join(b"%b re " % points(0, -(row + 1) * high, wide, high) for row in rows)
            self._stripes[rows] = b"%b rg %bf Q\n" % (numbers(*STRIPE), boxes)
        self._content.append(b"q 1 0 0 1 %b cm " % points(_MARGIN, self._y) + self._stripes[rows])

    def _lines_one_by_one(self, lines: list[str], slanted: Sequence[bool], base: float) -> bytes:
        """Show lines of letters beyond western Europe's, and those that lean."""
        slants = [_SLANT if lean else 0 for lean in slanted] or [0] * len(lines)
        return b"".join(
            b"1 0 %b 1 %b Tm %b\n"
            % (
                *(numbers(slant), points(_MARGIN, base - number * self._row_height)),
                self._cells.shown(line, self._cell_size),
            )
            for number, (line, slant) in enumerate(zip(lines, slants, strict=True))
        )

    def _link(self, links: Sequence[tuple[int, int, int, str]], first: int) -> None:
        for row, begin, end, address in links:
            if is_address(address):
                top = self._y - (row - first) * self._row_height
                left, right = (_MARGIN + at * ADVANCE * self._cell_size for at in (begin, end))
                area = points(left, top - self._row_height, right, top)
                self._links.append(link_to(address, area))


def room(size: tuple[float, float]) -> float:
    """Return the points between the margins of a page."""
    return size[0] - 2 * _MARGIN
