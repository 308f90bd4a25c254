"""Calendar words as spans: days, ISO weeks, months and years of any zone, whatever its clock does.

Everything here is a pure function of the words, the zone and the moment that counts as now.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from storj_monitor.plugin import Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

#: Spans outside of these years are mistakes.
FIRST_YEAR, LAST_YEAR = 1970, 2199
PERIOD_FORMS = (
    "YYYY-MM, YYYY-Www, YYYY-MM-DD, YYYY, today, yesterday, "
    "this-week, last-week, this-month, last-month, this-year or last-year"
)
_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"[0-9]{4}")


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) a calendar day begins: after the gap where midnight is skipped."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def days_between(first: date, after: date, zone: ZoneInfo) -> Span:
    """Return the span from the beginning of one day to the beginning of another."""
    return Span(day_start(first, zone), day_start(after, zone))


def last_days(count: int, zone: ZoneInfo, now: datetime) -> Span:
    """Return today and the days before it, `count` in all."""
    today = now.astimezone(zone).date()
    return days_between(today - timedelta(days=count - 1), today + timedelta(days=1), zone)


def period(words: str, zone: ZoneInfo, now: datetime) -> Span:
    """Return the span that a period's words mean; raise ValueError if they mean none."""
    today = now.astimezone(zone).date()
    if words in ("today", "yesterday"):
        first = today - timedelta(days=words == "yesterday")
        return days_between(first, first + timedelta(days=1), zone)
    which, _, unit = words.partition("-")
    if unit in _UNITS and which in ("this", "last"):
        first, after = _UNITS[unit](today)
        if which == "last":
            first, after = _UNITS[unit](first - timedelta(days=1))
        return days_between(first, after, zone)
    return days_between(*_named(words), zone)


def _named(words: str) -> tuple[date, date]:
    """Return the first day of a named period, and the first one after it."""
    if found := _WEEK.fullmatch(words):
        first = date.fromisocalendar(_checked_year(found[1]), int(found[2]), 1)
        return first, first + timedelta(days=7)
    if found := _MONTH.fullmatch(words):
        return month_of(date(_checked_year(found[1]), int(found[2]), 1))
    if _YEAR.fullmatch(words):
        return year_of(date(_checked_year(words), 1, 1))
    if _DAY.fullmatch(words):
        day = date.fromisoformat(words)
        _checked_year(words[:4])
        return day, day + timedelta(days=1)
    raise ValueError(words)


def _checked_year(digits: str) -> int:
    year = int(digits)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(digits)
    return year


def week_of(day: date) -> tuple[date, date]:
    """Return the Monday of a day's ISO week, and the next Monday."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)


def month_of(day: date) -> tuple[date, date]:
    """Return the first day of a day's month, and of the next month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def year_of(day: date) -> tuple[date, date]:
    """Return the first day of a day's year, and of the next year."""
    first = day.replace(month=1, day=1)
    return first, first.replace(year=first.year + 1)


_UNITS: dict[str, Callable[[date], tuple[date, date]]] = {
    "week": week_of,
    "month": month_of,
    "year": year_of,
}


def first_and_last_day(span: Span, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last calendar day that a span touches."""
    last = span.end - timedelta(microseconds=1)
    return span.start.astimezone(zone).date(), last.astimezone(zone).date()


def latest_end(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return when a span of `days` calendar days ends: the same time of day, so many days on."""
    local = start.astimezone(zone)
    return (local.replace(fold=0) + timedelta(days=days)).astimezone(UTC)
