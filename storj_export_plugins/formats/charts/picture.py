"""A chart on a sheet: its frame, its axes, its marks, and which series is which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts import keys
from storj_export_plugins.formats.charts.along import along
from storj_export_plugins.formats.charts.frame import Frame
from storj_export_plugins.formats.charts.marks import draw_bars, draw_line, draw_stacks, stacked
from storj_export_plugins.formats.charts.series import reading
from storj_export_plugins.formats.charts.values import values_axis

if TYPE_CHECKING:
    from storj_export_plugins.formats.charts.along import Along
    from storj_export_plugins.formats.charts.series import Reading, Series
    from storj_export_plugins.formats.charts.sheet import Sheet
    from storj_export_plugins.formats.charts.values import Values
    from storj_monitor.plugin import Chart

NO_DATA = "no data"
#: From this width on labels are written beside the chart, up to a part of it; in sizes of the font.
_WIDE, _BESIDE = 42.0, 0.3
#: Between ticks of the axis of values, and below the frame, in sizes of the font.
_TICK_GAP, _FOOT, _HEAD, _GAP = 3.4, 1.9, 0.7, 0.6
_THIN, _BASE = 0.07, 0.34


def picture(sheet: Sheet, chart: Chart) -> None:
    """Draw a chart on an empty sheet."""
    read = reading(chart)
    if not read.numbers():
        at = (sheet.width / 2, (sheet.height - sheet.size) / 2)
        sheet.text(at, NO_DATA, sheet.theme.quiet, anchor="middle")
        return
    Picture(sheet, read, chart.shape).draw()


class Picture:
    """The drawing of what was read of a chart that has at least one number."""

    def __init__(self, sheet: Sheet, read: Reading, shape: str) -> None:
        self._sheet = sheet
        self._read = read
        self._shape = shape
        self._bars = [one for one in read.series if not one.dashed and shape != "line"]
        self._lines = [one for one in read.series if one not in self._bars]

    def draw(self) -> None:
        """Draw all of it: first what is behind."""
        sheet, size = self._sheet, self._sheet.size
        rows = self._legend()
        top = sheet.height - (_HEAD + len(rows) * keys.LINE) * size
        bottom = _FOOT * size
        values = self._values(int((top - bottom) / (_TICK_GAP * size)))
        left = max(map(sheet.measured, values.texts)) + _GAP * size
        beside = 0.0 if rows else keys.label_width(sheet, self._read.series, _BESIDE * sheet.width)
        right = sheet.width - beside - (_GAP * size if rows else 0)
        frame = Frame(left=left, bottom=bottom, right=right, top=top, values=values)
        spots = along(sheet, self._read, left, right, bands=bool(self._bars))
        self._draw_values(frame)
        self._draw_along(frame, spots)
        self._draw_marks(frame, spots)
        if rows:
            keys.draw_legend(sheet, rows, bars=bool(self._bars))
        else:
            self._draw_labels(frame)

    def _legend(self) -> list[list[Series]]:
        """Return the rows of a legend above, or none where labels are written beside."""
        sheet, series = self._sheet, self._read.series
        needed = (len(series) + 2) * keys.LINE * sheet.size
        if len(series) > 1 and sheet.width >= _WIDE * sheet.size and needed <= sheet.height:
            return []
        return keys.legend_rows(sheet, series, sheet.width)

    def _values(self, most: int) -> Values:
        numbers = self._read.numbers()
        if self._shape == "stacked":
            ends = [end for spans in stacked(self._bars) for _, end in spans]
            numbers = ends + [
                value for one in self._lines for value in one.values if value is not None
            ]
        return values_axis(self._read.kind, numbers, most, from_zero=bool(self._bars))

    def _draw_values(self, frame: Frame) -> None:
        sheet, thin = self._sheet, _THIN * self._sheet.size
        for tick, text in zip(frame.values.ticks, frame.values.texts, strict=True):
            y = frame.y(tick)
            if tick:
                sheet.line([(frame.left, y), (frame.right, y)], sheet.theme.grid, thin)
            at = (frame.left - _GAP * sheet.size, y - _BASE * sheet.size)
            sheet.text(at, text, sheet.theme.quiet, anchor="end")

    def _draw_along(self, frame: Frame, spots: Along) -> None:
        sheet, size = self._sheet, self._sheet.size
        free = 0.0
        for place, text in spots.labels:
            if not spots.band:
                ends = [(place, frame.bottom), (place, frame.bottom - size / 3)]
                sheet.line(ends, sheet.theme.quiet, _THIN * size)
            half = sheet.measured(text) / 2
            at = min(max(place, half), sheet.width - half)
            if at - half >= free:
                foot = (at, frame.bottom - 1.4 * size)
                sheet.text(foot, text, sheet.theme.quiet, anchor="middle")
                free = at + half + _GAP * size

    def _draw_marks(self, frame: Frame, spots: Along) -> None:
        draw = draw_stacks if self._shape == "stacked" else draw_bars
        draw(self._sheet, self._bars, spots.places, spots.band, frame)
        base = frame.y(min(max(0.0, frame.values.low), frame.values.high))
        ends = [(frame.left, base), (frame.right, base)]
        self._sheet.line(ends, self._sheet.theme.quiet, 1.5 * _THIN * self._sheet.size)
        for one in self._lines:
            ys = [None if value is None else frame.y(value) for value in one.values]
            draw_line(self._sheet, one, spots.places, ys)

    def _draw_labels(self, frame: Frame) -> None:
        sheet = self._sheet
        wanted = [frame.y(self._height(one)) for one in self._read.series]
        heights = keys.spread(wanted, frame.bottom, frame.top, keys.LINE * sheet.size)
        keys.draw_beside(sheet, self._read.series, heights, frame.right, bars=bool(self._bars))

    def _height(self, series: Series) -> float:
        """Return the value that a label stands beside: the last one, or the middle of its bar."""
        if self._shape == "stacked" and series in self._bars:
            spans = stacked(self._bars)[self._bars.index(series)]
            return sum(spans[-1]) / 2
        last = [value for value in series.values if value is not None]
        return last[-1] if last else 0.0
