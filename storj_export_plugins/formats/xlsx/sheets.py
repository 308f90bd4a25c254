"""How a table becomes one sheet, or several when it has more rows than a sheet can hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from storj_export_plugins.formats.chunks import pieces
from storj_export_plugins.formats.xlsx.book import around_rows
from storj_export_plugins.formats.xlsx.cells import Tally, put, write_in
from storj_export_plugins.formats.xlsx.names import sheet_name
from storj_export_plugins.formats.xlsx.rows import Rows
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from storj_export_plugins.formats.xlsx.archive import Archive
    from storj_export_plugins.formats.xlsx.book import Book
    from storj_monitor.plugin import Column, Table

#: Rows that a sheet can hold, the header among them.
ROWS_PER_SHEET = 1_048_576
#: Bytes of XML after which the next sheet begins. What one more piece of rows adds stays well
#: below 1.9 GiB: ZIP64 would begin at 2.
BYTES_PER_SHEET = 1_400 * 2**20
_WIDTHS = {
    Kind.MONEY: 14,
    Kind.BYTES: 18,
    Kind.TIMESTAMP: 20,
}
_WIDTH = 12
_UNITS = {Kind.MONEY: "USD", Kind.BYTES: "B", Kind.DURATION: "ms"}
_ON_THE_RIGHT = (
    *(Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.BYTES, Kind.RATIO, Kind.DURATION),
    *(Kind.TIMESTAMP, Kind.DATE),
)
_WIDEST = 60
#: What the button of the auto filter hides of a header, and what stands around a text.
_BUTTON = 4
_MARGIN = 2


@dataclass
class Written:
    """A table in the workbook: the rows in each of its sheets, and what had to be changed."""

    table: Table
    rows: dict[str, int] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    #: Of all cells that are a part of a whole.
    highest_ratio: float = 0.0

    def note_ratios(self, batch: pa.RecordBatch) -> None:
        """Take in the ratios of a batch."""
        import pyarrow.compute as pc

        for number, column in enumerate(self.table.columns):
            if column.kind is Kind.RATIO:
                highest = pc.max(batch.column(number)).as_py() or 0.0
                self.highest_ratio = max(self.highest_ratio, highest)


class Sheets:
    """Writes tables into an archive, one after the other, a batch at a time."""

    def __init__(
        self, book: Book, archive: Archive, *, labelled: bool, offsets: Sequence[str] = ()
    ) -> None:
        self._book = book
        self._wider = max((len(offset) + 1 for offset in offsets), default=0)
        self._archive = archive
        self._labelled = labelled
        self._styles = book.styles(offsets)
        self.written: list[Written] = []

    def write(self, table: Table) -> Iterator[bytes]:
        """Write a table into a sheet of its own, and into further ones where that is full.

        Yields the archive's bytes as soon as there are rows. An empty batch gives an empty chunk:
        a sign that work goes on.
        """
        written = Written(table)
        self.written.append(written)
        rows = Rows(table, self._styles, written.tally)
        sheet = None
        for batch in table.batches:
            if not batch.num_rows:
                yield b""
                continue
            written.note_ratios(batch)
            for piece in pieces(batch):
                rest = piece
                while rest.num_rows:
                    if sheet is None or sheet.is_full:
                        self._end(sheet, written)
                        sheet = self._begun(table, rest)
                    part = rest.slice(0, sheet.room)
                    sheet.add(part.num_rows, rows.xml(part))
                    rest = rest.slice(part.num_rows)
                yield self._archive.drain()
        self._end(sheet or self._begun(table), written)

    def _begun(self, table: Table, first: pa.RecordBatch | None = None) -> _Sheet:
        sheet = self._book.add_sheet(sheet_name(table))
        _prepare(sheet, table.columns, first, labelled=self._labelled, wider=self._wider)
        self._archive.begin(self._book.streamed(sheet))
        return _Sheet(sheet, len(table.columns), self._archive)

    def _end(self, sheet: _Sheet | None, written: Written) -> None:
        if sheet:
            written.rows[sheet.end()] = sheet.rows


class _Sheet:
    """A sheet that is being written."""

    def __init__(self, sheet: Worksheet, width: int, archive: Archive) -> None:
        self._sheet = sheet
        self._width = width
        self._archive = archive
        self.rows = 0
        self._size = 0
        self._write(around_rows(sheet)[0])

    @property
    def room(self) -> int:
        """How many more rows it can hold."""
        return ROWS_PER_SHEET - 1 - self.rows

    @property
    def is_full(self) -> bool:
        """Whether further rows belong to the next sheet."""
        return not self.room or self._size >= BYTES_PER_SHEET

    def add(self, rows: int, xml: bytes) -> None:
        self.rows += rows
        self._write(xml)

    def end(self) -> str:
        """Write what follows the rows, and return the sheet's name."""
        self._sheet.auto_filter.ref = f"A1:{_letters(self._width)}{self.rows + 1}"
        self._write(around_rows(self._sheet)[1])
        self._archive.end()
        return self._sheet.title

    def _write(self, xml: bytes) -> None:
        self._size += len(xml)
        self._archive.write(xml)


def _prepare(
    sheet: Worksheet,
    columns: tuple[Column, ...],
    first: pa.RecordBatch | None,
    *,
    labelled: bool,
    wider: int,
) -> None:
    """Set all that stands before the rows, the header among it; `first` are some of them.

    Columns of times are so much `wider` as their offsets need.
    """
    from openpyxl.styles import Alignment

    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    for number, column in enumerate(columns, 1):
        header = _labelled(column) if labelled else column.key
        cell = cast("Cell", sheet.cell(1, number))
        put(cell, header)
        write_in(cell, bold=True)
        if column.kind in _ON_THE_RIGHT:
            cell.alignment = Alignment(horizontal="right")
        room = _width(column, first) + (wider if column.kind is Kind.TIMESTAMP else 0)
        width = max(room, len(header) + _BUTTON)
        sheet.column_dimensions[_letters(number)].width = width


def _labelled(column: Column) -> str:
    """Return a column's label with the unit of its cells, which are mere numbers."""
    unit = column.unit or _UNITS.get(column.kind, "")
    return f"{column.label} ({unit})" if unit else column.label


def _width(column: Column, first: pa.RecordBatch | None) -> int:
    """Return how wide a column should be, in characters: texts as wide as the first of them."""
    import pyarrow.compute as pc

    if column.kind is not Kind.TEXT or first is None:
        return _WIDTHS.get(column.kind, _WIDTH)
    texts = cast("pa.StringArray", first.column(column.key))
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    return min(max(longest + _MARGIN, _WIDTH), _WIDEST)


def _letters(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(number)
