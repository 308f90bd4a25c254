"""The axis along the bottom: a place for each row, and as many tick labels as there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts import times
from storj_monitor.plugin import Kind, display_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_export_plugins.formats.charts.series import Reading
    from storj_export_plugins.formats.charts.sheet import Sheet

_TIMES = (Kind.TIMESTAMP, Kind.DATE)
#: Distances between labels that people count in: days, weeks, dozens, months.
_EVERY = (1, 2, 3, 4, 5, 6, 7, 10, 12, 14, 15, 20, 24, 28, 30)
#: Between two labels, in sizes of the font, and what a label needs to be worth cutting down to.
_USUAL = "Sep 2026"
_GAP, _WORTH = 1.5, 5.0


@dataclass(frozen=True, kw_only=True)
class Along:
    """Where each row is, how much room it has, and the labels, in points from the left."""

    places: tuple[float, ...]
    band: float
    labels: tuple[tuple[float, str], ...]


def along(sheet: Sheet, reading: Reading, left: float, right: float, *, bands: bool) -> Along:
    """Lay out the rows from `left` to `right`: in bands of equal width, or lines by their time."""
    if bands or reading.x.kind not in _TIMES or len(set(reading.xs)) == 1:
        return _banded(sheet, reading, left, right)
    return _timed(sheet, [at for at in reading.xs if isinstance(at, date)], left, right)


def _banded(sheet: Sheet, reading: Reading, left: float, right: float) -> Along:
    band = (right - left) / len(reading.xs)
    places = tuple(left + (index + 0.5) * band for index in range(len(reading.xs)))
    texts = _texts(reading)
    gap = _GAP * sheet.size
    widest = max(map(sheet.measured, texts))
    if reading.x.kind is Kind.TEXT and band >= _WORTH * sheet.size:
        widest = min(widest, band - gap)
    every = _every((widest + gap) / band, len(texts))
    labels = [
        (place, sheet.clipped(text, max(widest, every * band - gap)))
        for place, text in zip(places[::every], texts[::every], strict=True)
    ]
    return Along(places=places, band=band, labels=tuple(labels))


def _every(least: float, count: int) -> int:
    return next((every for every in _EVERY if every >= least), count)


def _texts(reading: Reading) -> list[str]:
    if reading.x.kind in _TIMES:
        return times.texts([at for at in reading.xs if isinstance(at, date)])
    return [" ".join(display_text(value, reading.x.kind).split()) for value in reading.xs]


def _timed(sheet: Sheet, moments: Sequence[date], left: float, right: float) -> Along:
    """Lay out at least two different times."""
    at = [_seconds(moment) for moment in moments]
    first, last = at[0], at[-1]
    # A marker at either end has room for itself.
    left, right = left + sheet.size / 2, right - sheet.size / 2
    scale = (right - left) / (last - first)
    places = tuple(left + (moment - first) * scale for moment in at)
    room = sheet.measured(_USUAL) + _GAP * sheet.size
    most = max(int((right - left) / room), 1)
    start, end = times.wall(moments[0]), times.wall(moments[-1])
    marks = times.ticks(min(start, end), max(start, end), most)
    if not marks:
        texts = times.texts([moments[0], moments[-1]])
        return Along(places=places, band=0, labels=((places[0], texts[0]), (places[-1], texts[1])))
    labels = [
        (left + (_seconds(_like(mark, moments[0])) - first) * scale, text) for mark, text in marks
    ]
    kept = [(min(max(place, left), right), text) for place, text in labels]
    return Along(places=places, band=0, labels=tuple(kept))


def _like(mark: datetime, moment: date) -> datetime:
    """Return a wall time in the zone of `moment`; days have none."""
    return mark.replace(tzinfo=moment.tzinfo) if isinstance(moment, datetime) else mark


def _seconds(moment: date) -> float:
    wall = moment if isinstance(moment, datetime) else times.wall(moment)
    return (wall if wall.tzinfo else wall.replace(tzinfo=UTC)).timestamp()
