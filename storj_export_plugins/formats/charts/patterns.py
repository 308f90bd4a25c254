"""What tells series apart without colour: markers on lines, patterns on bars, dashes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from storj_export_plugins.formats.charts.sheet import Box, Point, Sheet

    Lines = Iterator[tuple[Point, Point]]

#: Of a forecast, and of a threshold, in sizes of the font.
DASHES = ((0.55, 0.4), (0.15, 0.3))
#: Radius of a marker, and the distance of a pattern's lines, in sizes of the font.
_RADIUS, _DISTANCE = 0.3, 0.55
#: Bars narrower or lower than this are without a pattern.
_TOO_SMALL = 0.25
_AROUND = tuple((math.cos(turn * math.pi / 8), math.sin(turn * math.pi / 8)) for turn in range(16))
_ARM, _REACH = 0.38, 1.1
_MARKERS: tuple[Sequence[Point], ...] = (
    _AROUND,
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    ((-1.15, -0.8), (1.15, -0.8), (0, 1.2)),
    ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    ((-1.15, 0.8), (0, -1.2), (1.15, 0.8)),
    tuple(
        (x * _REACH, y * _REACH)
        for x, y in (
            *((-_ARM, -1), (_ARM, -1), (_ARM, -_ARM), (1, -_ARM), (1, _ARM), (_ARM, _ARM)),
            *((_ARM, 1), (-_ARM, 1), (-_ARM, _ARM), (-1, _ARM), (-1, -_ARM), (-_ARM, -_ARM)),
        )
    ),
)


def marker(sheet: Sheet, at: Point, style: int, colour: str) -> None:
    """Draw the marker of a style: circle, square, triangle, diamond, its reverse, cross."""
    radius = _RADIUS * sheet.size
    corners = _MARKERS[style % len(_MARKERS)]
    points = [(at[0] + x * radius, at[1] + y * radius) for x, y in corners]
    sheet.shape([points], colour, sheet.theme.ground)


def hatched(sheet: Sheet, boxes: Iterable[Box], style: int) -> None:
    """Draw the pattern of a style over filled boxes; the first style is plain."""
    slopes = _PATTERNS[style % len(_PATTERNS)]
    least, distance = _TOO_SMALL * sheet.size, _DISTANCE * sheet.size
    strokes = [
        stroke
        for box in boxes
        if box[2] - box[0] > least and box[3] - box[1] > least
        for lines in slopes
        for stroke in lines(box, distance)
    ]
    sheet.strokes(strokes, sheet.theme.ground, sheet.size / 14)


def _rising(box: Box, distance: float) -> Lines:
    """Yield lines at 45 degrees; they go on from one bar to that on top of it."""
    left, low, right, high = box
    distance *= math.sqrt(2)
    # On each line y - x is the same.
    shift = math.ceil((low - right) / distance) * distance
    while shift < high - left:
        start, end = max(left, low - shift), min(right, high - shift)
        if start < end:
            yield (start, start + shift), (end, end + shift)
        shift += distance


def _falling(box: Box, distance: float) -> Lines:
    left, low, right, high = box
    for (x, y), (to_x, to_y) in _rising((-right, low, -left, high), distance):
        yield (-x, y), (-to_x, to_y)


def _level(box: Box, distance: float) -> Lines:
    left, low, right, high = box
    y = (math.floor(low / distance) + 1) * distance
    while y < high:
        yield (left, y), (right, y)
        y += distance


def _upright(box: Box, distance: float) -> Lines:
    left, low, right, high = box
    count = max(round((right - left) / distance), 2)
    for index in range(1, count):
        x = left + (right - left) * index / count
        yield (x, low), (x, high)


_PATTERNS: tuple[tuple[Callable[[Box, float], Lines], ...], ...] = (
    (),
    (_rising,),
    (_level,),
    (_falling,),
    (_upright,),
    (_rising, _falling),
)
