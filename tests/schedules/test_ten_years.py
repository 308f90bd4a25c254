"""Over ten years of days, every schedule fires once a period, and for the right one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from storj_monitor.reports.calendar import first_and_last_day
from tests.schedules.days import Expected, Years
from tests.schedules.samples import scheduled

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from storj_monitor.plugin import Span
    from storj_monitor.schedules.schedule import Occurrence

#: They try the same again and again.
pytestmark = pytest.mark.no_cover

#: Apia left out a day, São Paulo has no midnight in spring and Lord Howe shifts by half an hour;
#: Casablanca has its winter in Ramadan.
ZONES = (
    *("UTC", "Europe/Berlin", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata"),
    *("Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"),
)
FIRST, AFTER = 2010, 2020
_MICROSECOND = timedelta(microseconds=1)


def days_in_month(day: date) -> int:
    return ((day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)).day


#: A rule and its period; the days on which it is due, by date, and at what time.
RULES: list[tuple[str, str, Callable[[date], bool], time]] = [
    ("daily 02:30", "yesterday", lambda _: True, time(2, 30)),
    ("cron 0 0 * * *", "yesterday", lambda _: True, time(0, 0)),
    ("weekly mon 02:15", "last-week", lambda day: day.weekday() == 0, time(2, 15)),
    ("weekly fri,sun 00:30", "last-week", lambda day: day.weekday() in (4, 6), time(0, 30)),
    ("monthly 31 02:30", "last-month", lambda day: day.day == days_in_month(day), time(2, 30)),
    (
        "monthly 30 23:59",
        "last-month",
        lambda day: day.day == min(30, days_in_month(day)),
        time(23, 59),
    ),
    ("cron 5 0 1 * *", "last-month", lambda day: day.day == 1, time(0, 5)),
    # It fires far more often than the period changes.
    ("cron */20 * * * *", "last-week", lambda day: day.weekday() == 0, time(0, 0)),
]


def found(rule: str, period: str, zone: str) -> list[Occurrence]:
    """Return the occurrences of the ten years: of the first day's midnight too."""
    local = ZoneInfo(zone)
    start, end = (datetime(year, 1, 1, tzinfo=local).astimezone(UTC) for year in (FIRST, AFTER))
    upcoming = scheduled(when=rule, period=period, timezone=zone).upcoming(start - _MICROSECOND)
    return list(takewhile(lambda one: one.due < end, upcoming))


@pytest.mark.parametrize("zone", ZONES)
def test_it_fires_once_a_period_and_for_the_right_one(zone: str) -> None:
    years = Years(ZoneInfo(zone), FIRST, AFTER)
    for rule, period, is_meant, at in RULES:
        occurrences = found(rule, period, zone)
        seen = [Expected(one.due, *first_and_last_day(one.span, years.zone)) for one in occurrences]
        expected = list(years.expected(is_meant, at, period))
        # In the first week of 2010 a rule by elapsed time finds the rest of it.
        if rule == "cron */20 * * * *":
            seen, occurrences = seen[1:], occurrences[1:]
        assert seen == expected, rule
        assert_whole([one.span for one in occurrences], years)


def assert_whole(spans: list[Span], years: Years) -> None:
    """Hold that spans follow one another without a gap, and that each edge is a day's beginning."""
    assert len(spans) >= (AFTER - FIRST) * 12 - 1
    for span, following in pairwise(spans):
        assert span.end == following.start
    for span in spans:
        before = (span.start - _MICROSECOND).astimezone(years.zone).date()
        assert before < span.start.astimezone(years.zone).date()
