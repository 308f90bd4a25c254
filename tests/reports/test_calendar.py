from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.plugin import Span
from storj_monitor.reports.calendar import (
    day_start,
    first_and_last_day,
    last_days,
    latest_end,
    month_of,
    period,
    week_of,
    year_of,
)

UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
#: Zones whose clocks do odd things: a midnight that is skipped or comes twice, a day that never
#: was, halves and quarters of hours, both ends of the world.
ZONES = [
    ZoneInfo(name)
    for name in (
        *("UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "America/Havana"),
        *(
            "Pacific/Apia",
            "Asia/Kolkata",
            "Asia/Kathmandu",
            "America/St_Johns",
            "Australia/Lord_Howe",
        ),
        *("Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Cairo", "America/Nuuk"),
    )
]
days = st.dates(date(1971, 1, 1), date(2198, 12, 31))
zones = st.sampled_from(ZONES)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(start: str, end: str) -> Span:
    return Span(utc(start), utc(end))


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("today", "2026-03-04", "2026-03-05"),
        ("yesterday", "2026-03-03", "2026-03-04"),
        ("this-week", "2026-03-02", "2026-03-09"),
        ("last-week", "2026-02-23", "2026-03-02"),
        ("this-month", "2026-03-01", "2026-04-01"),
        ("last-month", "2026-02-01", "2026-03-01"),
        ("this-year", "2026-01-01", "2027-01-01"),
        ("last-year", "2025-01-01", "2026-01-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2023-02", "2023-02-01", "2023-03-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
        ("2020-W53", "2020-12-28", "2021-01-04"),
        ("2026-W53", "2026-12-28", "2027-01-04"),
        ("1970", "1970-01-01", "1971-01-01"),
        ("2199", "2199-01-01", "2200-01-01"),
    ],
)
def test_a_period_is_the_span_that_its_words_say(words: str, start: str, end: str) -> None:
    assert period(words, UTC_ZONE, utc("2026-03-04T12:00:00")) == span(start, end)


@pytest.mark.parametrize(
    "words",
    [
        *("", " ", "this", "this-", "last-day", "next-week", "this-week-", "Today", "TODAY"),
        *("2026-13", "2026-00", "2026-1", "2026-02-30", "2025-02-29", "20260304", "2026-3-4"),
        *("2025-W53", "2026-W00", "2026-W54", "2026-w10", "2026-W1", "2026-W10-1"),
        *("1969", "2200", "0000", "9999", "9999-12", "99999", "-2026", "2026-03-04T10:00"),
        *("\u0662\u0660\u0662\u0666", "\u0662\u0660\u0662\u0666-03", "2026-W\u0661\u0660"),
        *("2026\n", "2026-03\n", "2026-03-04\n", " 2026"),
    ],
)
def test_words_that_mean_no_period_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        period(words, UTC_ZONE, utc("2026-03-04T12:00:00"))


def test_a_period_is_that_of_the_zone_at_the_edge_of_a_month() -> None:
    now = utc("2026-03-01T00:05:00")
    los_angeles, kiritimati = ZoneInfo("America/Los_Angeles"), ZoneInfo("Pacific/Kiritimati")
    assert period("last-month", UTC_ZONE, now) == span("2026-02-01", "2026-03-01")
    assert period("last-month", los_angeles, now) == span("2026-01-01T08:00", "2026-02-01T08:00")
    assert period("today", los_angeles, now) == span("2026-02-28T08:00", "2026-03-01T08:00")
    assert period("today", kiritimati, now) == span("2026-02-28T10:00", "2026-03-01T10:00")


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-03-28", 24), ("2026-03-30", 24)],
)
def test_a_day_has_23_or_25_hours_where_the_clock_changes(day: str, hours: int) -> None:
    found = period(day, BERLIN, utc("2026-01-01"))
    assert found.end - found.start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00", 23),
        ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00", 23),
        ("America/Havana", "2024-11-03", "2024-11-03T04:00:00", 25),
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00", 25),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00", 24.5),
    ],
)
def test_a_day_begins_at_its_first_moment_where_midnight_is_skipped_or_comes_twice(
    zone: str, day: str, start: str, hours: float
) -> None:
    found = period(day, ZoneInfo(zone), utc("2026-01-01"))
    assert found == Span(utc(start), utc(start) + timedelta(hours=hours))


def test_a_day_that_a_zone_left_out_is_empty() -> None:
    found = period("2011-12-30", ZoneInfo("Pacific/Apia"), utc("2026-01-01"))
    assert found.start == found.end == utc("2011-12-30T10:00:00")


@given(day=days, zone=zones)
def test_a_day_holds_just_the_moments_of_its_date(day: date, zone: ZoneInfo) -> None:
    start = day_start(day, zone)
    assert start.astimezone(zone).date() >= day
    assert (start - timedelta(microseconds=1)).astimezone(zone).date() < day


@given(first=days, count=st.integers(1, 400), zone=zones)
def test_days_join_without_a_gap_or_an_overlap(first: date, count: int, zone: ZoneInfo) -> None:
    now = day_start(first, zone) + timedelta(hours=12)
    found = last_days(count, zone, now)
    today = now.astimezone(zone).date()
    assert found.start == day_start(today - timedelta(days=count - 1), zone)
    assert found.end == day_start(today + timedelta(days=1), zone)
    assert found.start <= now < found.end


@given(day=days)
def test_weeks_months_and_years_hold_their_day_and_begin_where_the_last_ended(day: date) -> None:
    for unit in (week_of, month_of, year_of):
        first, after = unit(day)
        assert first <= day < after
        assert unit(after)[0] == after
        assert unit(first - timedelta(days=1))[1] == first
    assert week_of(day)[0].isoweekday() == 1


@given(day=days, zone=zones)
def test_the_words_for_a_day_mean_that_day_on_every_day(day: date, zone: ZoneInfo) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
    day = noon.astimezone(zone).date()
    year, week, _ = day.isocalendar()
    for words, same in (
        ("today", day.isoformat()),
        ("this-week", f"{year}-W{week:02}"),
        ("this-month", f"{day:%Y-%m}"),
        ("this-year", f"{day:%Y}"),
    ):
        if 1970 <= year <= 2199:
            assert period(words, zone, noon) == period(same, zone, utc("2026-01-01"))


def test_the_last_day_of_a_span_is_the_last_that_it_touches() -> None:
    assert first_and_last_day(span("2026-03-01", "2026-04-01"), UTC_ZONE) == (
        date(2026, 3, 1),
        date(2026, 3, 31),
    )
    assert first_and_last_day(span("2026-03-01T23:30", "2026-03-01T23:31"), BERLIN) == (
        date(2026, 3, 2),
        date(2026, 3, 2),
    )


@pytest.mark.parametrize(
    ("zone", "start", "days", "end"),
    [
        ("UTC", "2026-02-01T00:00", 31, "2026-03-04T00:00"),
        ("UTC", "2024-02-01T00:00", 31, "2024-03-03T00:00"),
        ("Europe/Berlin", "2026-03-14T23:00", 31, "2026-04-14T22:00"),
        ("Europe/Berlin", "2026-10-09T22:00", 31, "2026-11-09T23:00"),
        ("Europe/Berlin", "2026-10-25T01:30", 1, "2026-10-26T01:30"),
        ("America/Sao_Paulo", "2018-11-03T03:00", 1, "2018-11-04T03:00"),
    ],
)
def test_so_many_days_on_is_the_same_time_of_day(
    zone: str, start: str, days: int, end: str
) -> None:
    assert latest_end(utc(start), days, ZoneInfo(zone)) == utc(end)
