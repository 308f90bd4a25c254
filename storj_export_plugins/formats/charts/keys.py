"""Which series is which: labels beside the chart where they belong, or a legend above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts.marks import colour_of
from storj_export_plugins.formats.charts.patterns import DASHES, hatched, marker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_export_plugins.formats.charts.series import Series
    from storj_export_plugins.formats.charts.sheet import Sheet

#: Of a line, the sample of a series, and the gaps around it, in sizes of the font.
LINE, _SAMPLE, _GAP, _BETWEEN = 1.45, 1.9, 0.5, 1.6
#: How far below the middle of its letters a text's base line is.
_BASE = 0.34


def label_width(sheet: Sheet, series: Sequence[Series], most: float) -> float:
    """Return how wide the labels beside a chart are, with their samples."""
    widest = max(sheet.measured(one.label, bold=True) for one in series)
    return min(widest + (_SAMPLE + 2 * _GAP) * sheet.size, most)


def draw_beside(
    sheet: Sheet, series: Sequence[Series], places: Sequence[float], left: float, *, bars: bool
) -> None:
    """Write a label for each series at the height of its place, sample first."""
    for one, y in zip(series, places, strict=True):
        _draw_key(sheet, one, left + _GAP * sheet.size, y, bars=bars)


def spread(wanted: Sequence[float], low: float, high: float, distance: float) -> list[float]:
    """Return heights near the wanted ones, `distance` apart, if there is room from low to high."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    heights = [0.0] * len(wanted)
    least = low
    for index in order:
        heights[index] = least = max(wanted[index], least)
        least += distance
    most = high
    for index in reversed(order):
        heights[index] = most = min(heights[index], most)
        most -= distance
    return heights


def legend_rows(sheet: Sheet, series: Sequence[Series], room: float) -> list[list[Series]]:
    """Share out the series to the rows of a legend above a chart."""
    rows: list[list[Series]] = []
    used = room
    for one in series:
        width = _key_width(sheet, one) + _BETWEEN * sheet.size
        if used + width > room + _BETWEEN * sheet.size:
            rows.append([])
            used = 0
        rows[-1].append(one)
        used += width
    return rows


def draw_legend(sheet: Sheet, rows: Sequence[Sequence[Series]], *, bars: bool) -> None:
    """Write a legend at the top, in rows."""
    y = sheet.height - LINE / 2 * sheet.size
    for row in rows:
        x = 0.0
        for one in row:
            _draw_key(sheet, one, x, y, bars=bars)
            x += _key_width(sheet, one) + _BETWEEN * sheet.size
        y -= LINE * sheet.size


def _key_width(sheet: Sheet, series: Series) -> float:
    return sheet.measured(series.label, bold=True) + (_SAMPLE + _GAP) * sheet.size


def _draw_key(sheet: Sheet, series: Series, x: float, y: float, *, bars: bool) -> None:
    size, colour = sheet.size, colour_of(sheet, series)
    end = x + _SAMPLE * size
    if series.dashed:
        dash = tuple(part * size for part in DASHES[series.style is None])
        sheet.line([(x, y), (end, y)], colour, size * 0.14, dash)
    elif bars:
        box = (end - 1.3 * size, y - 0.42 * size, end, y + 0.42 * size)
        sheet.rect(box, colour)
        hatched(sheet, [box], series.style or 0)
    else:
        sheet.line([(x, y), (end, y)], colour, size * 0.2)
        marker(sheet, ((x + end) / 2, y), series.style or 0, colour)
    start = end + _GAP * size
    sheet.text(
        (start, y - _BASE * size),
        sheet.clipped(series.label, sheet.width - start, bold=True),
        sheet.theme.ink,
        bold=True,
    )
