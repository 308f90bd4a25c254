"""The sheet Summary of a report: what it is, its figures and notes, and its charts beside them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from storj_export_plugins.formats.imprint import facts
from storj_export_plugins.formats.quality import notice
from storj_export_plugins.formats.xlsx.cells import put, write_in
from storj_export_plugins.formats.xlsx.charts import HEIGHT, native_chart
from storj_monitor.plugin import Chart, Figures, Kind, Note

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from storj_export_plugins.formats.xlsx.sheets import Written
    from storj_monitor.plugin import Document, Figure

_WIDTHS = {"A": 34, "B": 26, "C": 14, "D": 3}
#: Characters that the first three columns hold together, and the points a line of them takes.
_CHARACTERS = 72
_LINE = 15.5
#: Where charts stand: beside the figures, one below the other.
_CHARTS_AT = "E"
_CENTIMETRES_PER_ROW = 0.53
_GREY = "6B7280"
_SHADE = "F1F3F6"
_WARNING = "FFF3CD"
_CHANGE = "+0.0%;-0.0%;0.0%"
_SIZES = {10**12: '0.00,,,," TB"', 10**9: '0.00,,," GB"', 10**6: '0.00,," MB"'}
_FORMATS = {
    Kind.MONEY: '"$"#,##0.00;-"$"#,##0.00',
    Kind.DURATION: '#,##0" ms"',
    Kind.BYTES: '#,##0" B"',
}


def write_summary(sheet: Worksheet, document: Document, written: Sequence[Written]) -> None:
    """Fill the sheet; what `written` says is where a chart finds the rows of its table."""
    sheet.sheet_view.showGridLines = False
    # All charts on one page: a break could cut through one.
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "portrait", 1
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    page = _Page(sheet, document.timezone)
    page.title(document.title)
    page.notice(notice(document.blocks))
    for label, value in facts(document):
        page.fact(label, value)
    for block in document.blocks:
        if isinstance(block, Note):
            page.note(block)
        elif isinstance(block, Figures):
            page.figures(block)
    of_table = {id(item.table): item for item in written}
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    rows = round(HEIGHT / _CENTIMETRES_PER_ROW) + 2
    for number, chart in enumerate(charts):
        drawn = native_chart(chart, of_table[id(chart.table)])
        sheet.add_chart(drawn, f"{_CHARTS_AT}{2 + number * rows}")


class _Page:
    """Fills the first three columns from the top."""

    def __init__(self, sheet: Worksheet, timezone: tzinfo | None) -> None:
        self._sheet = sheet
        self._timezone = timezone
        self._row = 0

    def title(self, text: str) -> None:
        cell = self._line(text)[0]
        write_in(cell, bold=True, size=18)

    def notice(self, text: str) -> None:
        """Say at the top that there are warnings, if there are."""
        if text:
            (cell,) = self._line(text)
            _shade(cell, _WARNING)
            self._across(cell, text, "A", _CHARACTERS)

    def fact(self, label: str, fact: str | datetime) -> None:
        name, value = self._line(label, fact)
        write_in(name, colour=_GREY)
        self._across(value, str(fact), "B", _CHARACTERS - _WIDTHS["A"])

    def note(self, note: Note) -> None:
        """Write a note over the whole width, a warning marked as one by word and colour."""
        text = f"Warning: {note.text}" if note.level == "warning" else note.text
        self._row += 1
        (cell,) = self._line(text)
        if note.level == "warning":
            _shade(cell, _WARNING)
        self._across(cell, text, "A", _CHARACTERS)

    def figures(self, figures: Figures) -> None:
        self._row += 1
        write_in(self._line(figures.title)[0], bold=True, size=13)
        for cell in self._line("Figure", "Value", "Change"):
            write_in(cell, bold=True)
            _shade(cell, _SHADE)
            _align(cell, "left" if cell.column == 1 else "right")
        for figure in figures.items:
            self._figure(figure)

    def _figure(self, figure: Figure) -> None:
        _, value, change = self._line(figure.label, "n/a", figure.change)
        local = self._local(figure.value)
        if local is not None:
            value.value = None
            put(value, local, figure.kind)
        if value.value is None:
            put(value, "n/a")
        if value.data_type == "n":
            value.number_format = _figure_format(figure) or value.number_format
        if change.value is not None:
            change.number_format = _CHANGE
        write_in(value, bold=True)
        for cell in (value, change):
            _align(cell, "right")

    def _local(self, value: object) -> object:
        return value.astimezone(self._timezone) if isinstance(value, datetime) else value

    def _line(self, *values: object) -> list[Cell]:
        self._row += 1
        cells = [cast("Cell", self._sheet.cell(self._row, n)) for n in range(1, len(values) + 1)]
        for cell, value in zip(cells, values, strict=True):
            put(cell, value)
        return cells

    def _across(self, cell: Cell, text: str, first: str, characters: int) -> None:
        """Let a text go on to the third column, on as many lines as it is likely to need."""
        from openpyxl.styles import Alignment

        self._sheet.merge_cells(f"{first}{self._row}:C{self._row}")
        # Whatever name a sentence begins with, it reads from left to right (1).
        cell.alignment = Alignment(
            horizontal="left", wrap_text=True, vertical="top", readingOrder=1
        )
        lines = sum(-(-len(line) // characters) or 1 for line in text.split("\n"))
        self._sheet.row_dimensions[self._row].height = min(lines * _LINE, 400)


def _figure_format(figure: Figure) -> str | None:
    if figure.kind is Kind.BYTES and isinstance(figure.value, int):
        size = abs(figure.value)
        return next((_SIZES[step] for step in _SIZES if size >= step), _FORMATS[Kind.BYTES])
    return _FORMATS.get(figure.kind)


def _shade(cell: Cell, colour: str) -> None:
    from openpyxl.styles import PatternFill

    cell.fill = PatternFill("solid", fgColor=colour)


def _align(cell: Cell, side: str) -> None:
    from openpyxl.styles import Alignment

    cell.alignment = Alignment(horizontal=cast("Any", side))
