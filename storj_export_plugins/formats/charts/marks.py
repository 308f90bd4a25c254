"""The marks of a chart: lines with markers, bars, and stacked bars with a pattern each."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts.patterns import DASHES, hatched, marker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storj_export_plugins.formats.charts.frame import Frame
    from storj_export_plugins.formats.charts.series import Series
    from storj_export_plugins.formats.charts.sheet import Box, Point, Sheet

#: What bars leave free of their band, the narrowest that a bar may be in points, and the widest
#: that the bars of a band may be in sizes of the font.
_FREE, _NARROWEST, _WIDEST = 0.24, 0.4, 9.0
#: Between markers, in sizes of the font.
_MARKER_GAP = 2.6


def colour_of(sheet: Sheet, series: Series) -> str:
    """Return the colour of a series; a threshold is in the ink of the text."""
    if series.style is None:
        return sheet.theme.ink
    return sheet.theme.series[series.style % len(sheet.theme.series)]


def draw_line(
    sheet: Sheet, series: Series, places: Sequence[float], ys: Sequence[float | None]
) -> None:
    """Draw a line, interrupted where a value is missing; a value alone is a marker."""
    colour = colour_of(sheet, series)
    width = sheet.size * (0.14 if series.dashed else 0.2)
    dash = tuple(part * sheet.size for part in DASHES[series.style is None])
    for run in _runs(places, ys):
        if series.dashed:
            sheet.line(_long(run, sheet.size), colour, width, dash)
            continue
        if len(run) > 1:
            sheet.line(_thinned(run), colour, width)
        for point in _marked(sheet, run, series.style or 0):
            marker(sheet, point, series.style or 0, colour)


def _long(run: list[Point], half: float) -> list[Point]:
    """Make a dash of a dashed value that stands alone, which has no marker."""
    ((x, y), *others) = run
    return _thinned(run) if others else [(x - half, y), (x + half, y)]


def _runs(places: Sequence[float], ys: Sequence[float | None]) -> Iterator[list[Point]]:
    run: list[Point] = []
    for place, y in zip(places, ys, strict=True):
        if y is not None:
            run.append((place, y))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _marked(sheet: Sheet, run: Sequence[Point], style: int) -> Iterator[Point]:
    """Yield points that are far enough from each other; each style begins at another one."""
    gap = _MARKER_GAP * sheet.size
    next_x = run[0][0] + (style * gap / 3 if len(run) * gap > run[-1][0] - run[0][0] else 0)
    for x, y in run:
        if x >= next_x:
            yield x, y
            next_x = x + gap


def _thinned(run: list[Point]) -> list[Point]:
    """Keep the first, lowest, highest and last point of each half point along the bottom."""
    if len(run) < 4 * (run[-1][0] - run[0][0]):
        return run
    columns: dict[int, list[Point]] = {}
    for point in run:
        columns.setdefault(round(point[0] * 2), []).append(point)
    kept: list[Point] = []
    for points in columns.values():
        lowest = min(points, key=lambda point: point[1])
        highest = max(points, key=lambda point: point[1])
        kept += dict.fromkeys((points[0], lowest, highest, points[-1]))
    return kept


def draw_bars(
    sheet: Sheet, series: Sequence[Series], places: Sequence[float], band: float, frame: Frame
) -> None:
    """Draw bars side by side, from zero."""
    width = _width(sheet, band) / max(len(series), 1)
    for index, one in enumerate(series):
        shift = (index - len(series) / 2) * width
        boxes = [
            _box(place + shift, width, frame.y(0), frame.y(value))
            for place, value in zip(places, one.values, strict=True)
            if value
        ]
        _draw_boxes(sheet, one, boxes)


def _width(sheet: Sheet, band: float) -> float:
    """Return how much of a band its bars take: less of a wide one, so that few are no slabs."""
    return min(band * (1 - _FREE), _WIDEST * sheet.size)


def draw_stacks(
    sheet: Sheet, series: Sequence[Series], places: Sequence[float], band: float, frame: Frame
) -> None:
    """Draw bars on top of each other, from zero: what is negative downwards."""
    width = _width(sheet, band)
    for one, spans in zip(series, stacked(series), strict=True):
        boxes = [
            _box(place - width / 2, width, frame.y(start), frame.y(end))
            for place, (start, end) in zip(places, spans, strict=True)
            if start != end
        ]
        _draw_boxes(sheet, one, boxes)


def stacked(series: Sequence[Series]) -> list[list[tuple[float, float]]]:
    """Return from where to where each value goes when the series are put on top of each other."""
    return [
        list(column)
        for column in zip(
            *(_stack([one.values[row] or 0.0 for one in series]) for row in range(_rows(series))),
            strict=True,
        )
    ]


def _rows(series: Sequence[Series]) -> int:
    return len(series[0].values) if series else 0


def _stack(values: Sequence[float]) -> list[tuple[float, float]]:
    up = [0.0, *accumulate(max(value, 0.0) for value in values)]
    down = [0.0, *accumulate(min(value, 0.0) for value in values)]
    return [
        (up[index], up[index + 1]) if value >= 0 else (down[index], down[index + 1])
        for index, value in enumerate(values)
    ]


def _box(left: float, width: float, start: float, end: float) -> Box:
    low, high = sorted((start, end))
    return left, low, left + max(width, _NARROWEST), high


def _draw_boxes(sheet: Sheet, series: Series, boxes: Sequence[Box]) -> None:
    # The ground shows between bars that touch, as soon as there is room for it.
    edge = sheet.theme.ground if boxes and boxes[0][2] - boxes[0][0] > sheet.size / 2 else None
    corners = [
        [(left, low), (right, low), (right, high), (left, high)] for left, low, right, high in boxes
    ]
    sheet.shape(corners, colour_of(sheet, series), edge)
    hatched(sheet, boxes, series.style or 0)
