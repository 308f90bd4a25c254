"""Ticks at round times along the bottom, and how times are written there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOURS, _DAYS, _MONTHLY, _YEARLY = "hour", "day", "month", "year"
_HOUR, _DAY, _MONTH, _YEAR = 3_600.0, 86_400.0, 28 * 86_400.0, 365 * 86_400.0
#: Distances between ticks: unit, how many, and their least length in seconds.
_STEPS = (
    *((_HOURS, count, count * _HOUR) for count in (1, 2, 3, 6, 12)),
    *((_DAYS, count, count * _DAY) for count in (1, 2, 7, 14)),
    *((_MONTHLY, count, count * _MONTH) for count in (1, 2, 3, 6)),
    *((_YEARLY, count, count * _YEAR) for count in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)


def ticks(first: datetime, last: datetime, most: int) -> list[tuple[datetime, str]]:
    """Return up to `most` round times from `first` to `last`, on the wall clock, and their texts.

    Both are wall times without a zone. Weeks begin on Monday.
    """
    seconds = (last - first).total_seconds()
    fitting = [step for step in _STEPS if seconds / step[2] <= most]
    unit, count, _ = fitting[0] if fitting else _STEPS[-1]
    times = list(_round_times(first, last, unit, count))[: most + 1]
    return [(at, _text(at, unit, is_first=at == times[0])) for at in times]


def texts(moments: Sequence[date]) -> list[str]:
    """Return a text for each of some times or days, as short as tells them apart."""
    walls = [wall(at) for at in moments]
    days = {at.date() for at in walls}
    if any(at.time() != datetime.min.time() for at in walls):
        if len(days) == 1:
            return [f"{at:%H:%M}" for at in walls]
        return [f"{_day(at)} {at:%H:%M}" for at in walls]
    if len(days) > 1 and all(day.day == 1 for day in days):
        return [_month(at) for at in walls]
    return [_day(at) for at in walls]


def wall(at: date) -> datetime:
    """Return what the clock on the wall shows at a time, or at the start of a day."""
    if isinstance(at, datetime):
        return at.replace(tzinfo=None)
    return datetime(at.year, at.month, at.day)  # noqa: DTZ001  a wall clock has no zone


def _round_times(first: datetime, last: datetime, unit: str, count: int) -> Iterator[datetime]:
    at = first.replace(minute=0, second=0, microsecond=0)
    if unit != _HOURS:
        at = at.replace(hour=0)
    while at <= last:
        if at >= first and _is_round(at, unit, count):
            yield at
        try:
            at = _next(at, unit)
        except (OverflowError, ValueError):  # the end of the calendar
            return


def _next(at: datetime, unit: str) -> datetime:
    match unit:
        case "hour":
            return at + timedelta(hours=1)
        case "day":
            return at + timedelta(days=1)
        case "month":
            years, month = divmod(at.month, 12)
            return at.replace(year=at.year + years, month=month + 1, day=1)
        case _:
            return at.replace(year=at.year + 1, month=1, day=1)


def _is_round(at: datetime, unit: str, count: int) -> bool:
    match unit:
        case "hour":
            return at.hour % count == 0
        case "day":
            return at.toordinal() % count == 1 % count
        case "month":
            return at.day == 1 and (at.month - 1) % count == 0
        case _:
            return (at.month, at.day) == (1, 1) and at.year % count == 0


def _text(at: datetime, unit: str, *, is_first: bool) -> str:
    match unit:
        case "hour":
            return f"{at:%H:%M}" if at.hour and not is_first else _hour_of_day(at)
        case "day":
            return _day(at)
        case "month":
            return _month(at) if is_first or at.month == 1 else _MONTHS[at.month - 1]
        case _:
            return str(at.year)


def _hour_of_day(at: datetime) -> str:
    return _day(at) if not at.hour else f"{_day(at)} {at:%H:%M}"


def _day(at: datetime) -> str:
    return f"{at.day} {_MONTHS[at.month - 1]}"


def _month(at: datetime) -> str:
    return f"{_MONTHS[at.month - 1]} {at.year}"
