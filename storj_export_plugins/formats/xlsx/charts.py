"""Native charts, drawn by the spreadsheet itself from the cells of a table's sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.xlsx.cells import legal_text
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from openpyxl.chart import BarChart, LineChart
    from openpyxl.chart.series import Series
    from openpyxl.chart.title import Title
    from openpyxl.drawing.line import LineProperties

    from storj_export_plugins.formats.xlsx.sheets import Written
    from storj_monitor.plugin import Chart, Column

#: In centimetres.
WIDTH, HEIGHT = 20, 9
#: Told apart by most who see colours differently too, and in print by their lightness.
_COLOURS = ("1F6FB2", "E08A1E", "2A9D74", "B5417A", "7A6FC0", "8A8F98")
#: What is no measurement is drawn dashed.
_NOT_MEASURED = ("_forecast", "_threshold")
_SIZE = '[>=1000000000000]0.0,,,," TB";[>=1000000000]0.0,,," GB";0,," MB"'
_AXIS_FORMATS = {
    Kind.BYTES: _SIZE,
    Kind.MONEY: '"$"#,##0.00',
    Kind.RATIO: "0%",
    Kind.DURATION: '#,##0" ms"',
    Kind.TIMESTAMP: "d mmm hh:mm",
    Kind.DATE: "d mmm",
}


def native_chart(chart: Chart, written: Written) -> LineChart | BarChart:
    """Return the chart, whose rows are those of the first sheet in `written`."""
    columns = {column.key: column for column in chart.table.columns}
    drawn = _shaped(chart)
    drawn.title = legal_text(
        chart.title if any(written.rows.values()) else f"{chart.title}: no data"
    )
    drawn.width, drawn.height = WIDTH, HEIGHT
    # A missing value is a gap, never a zero.
    drawn.display_blanks = "gap"
    for number, key in enumerate(chart.y):
        drawn.series.append(_series(chart, key, written, _COLOURS[number % len(_COLOURS)]))
    _set_axes(drawn, columns[chart.x], [columns[key] for key in chart.y])
    if {columns[key].kind for key in chart.y} == {Kind.RATIO} and written.highest_ratio <= 1:
        drawn.y_axis.scaling.max = 1
    if len(chart.y) > 1 and drawn.legend:
        drawn.legend.position = "b"
    else:
        drawn.legend = None
    _set_words(drawn.title, 1200, bold=True)
    for axis in (drawn.x_axis, drawn.y_axis):
        _set_words(axis.title, 900, bold=False)
    return drawn


def _shaped(chart: Chart) -> LineChart | BarChart:
    from openpyxl.chart import BarChart, LineChart

    if chart.shape == "line":
        return LineChart()
    bars = BarChart()
    bars.gapWidth = 60
    if chart.shape == "stacked":
        bars.grouping = "stacked"
        bars.overlap = 100
    return bars


def _series(chart: Chart, key: str, written: Written, colour: str) -> Series:
    from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
    from openpyxl.chart.marker import Marker
    from openpyxl.chart.series import Series, SeriesLabel

    columns = chart.table.columns
    kinds = {column.key: column.kind for column in columns}
    labels = {column.key: column.label for column in columns}
    place = {column.key: number for number, column in enumerate(columns, 1)}
    along = _cells(written, place[chart.x])
    is_text = kinds[chart.x] is Kind.TEXT
    series = Series(
        tx=SeriesLabel(v=legal_text(labels[key])),
        cat=AxDataSource(strRef=StrRef(f=along)) if is_text else AxDataSource(NumRef(f=along)),
        val=NumDataSource(NumRef(f=_cells(written, place[key]))),
    )
    if chart.shape == "line":
        series.smooth = False
        series.marker = Marker(symbol="none")
        series.graphicalProperties.line.solidFill = colour
        series.graphicalProperties.line.width = 28_000  # EMU, about 2 points
        if key.endswith(_NOT_MEASURED):
            series.graphicalProperties.line.dashStyle = "dash"
    else:
        series.graphicalProperties.solidFill = colour
        series.graphicalProperties.line.noFill = True
    return series


def _cells(written: Written, column: int) -> str:
    from openpyxl.utils import get_column_letter, quote_sheetname

    name, rows = next(iter(written.rows.items()))
    letter = get_column_letter(column)
    return f"{quote_sheetname(name)}!${letter}$2:${letter}${max(rows, 1) + 1}"


def _set_axes(drawn: LineChart | BarChart, x: Column, ys: list[Column]) -> None:
    from openpyxl.chart.axis import ChartLines
    from openpyxl.chart.shapes import GraphicalProperties

    drawn.x_axis.title = legal_text(x.label)
    drawn.y_axis.title = legal_text(_scale(ys)) or None
    for axis, kind in ((drawn.x_axis, x.kind), (drawn.y_axis, ys[0].kind if ys else Kind.NUMBER)):
        axis.delete = False
        axis.number_format = _AXIS_FORMATS.get(kind, "General" if axis is drawn.x_axis else "#,##0")
        axis.majorTickMark = "none"
    drawn.x_axis.tickLblPos = "low"
    drawn.y_axis.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=_thin_line()))


def _set_words(words: Title | None, size: int, *, bold: bool) -> None:
    """Set a title's size, in hundredths of a point, and keep it out of the picture."""
    from openpyxl.drawing.text import CharacterProperties, ParagraphProperties

    if words is None or words.tx is None or words.tx.rich is None:
        return
    words.overlay = False
    for paragraph in words.tx.rich.p:
        paragraph.pPr = ParagraphProperties(defRPr=CharacterProperties(sz=size, b=bold))


def _thin_line() -> LineProperties:
    from openpyxl.drawing.line import LineProperties

    return LineProperties(solidFill="D9DCE1", w=9_000)


def _scale(ys: list[Column]) -> str:
    """Say what stands along the side: the one series, or what all of them are counted in."""
    if len(ys) == 1:
        return ys[0].label
    return next((column.unit for column in ys if column.unit), "")
