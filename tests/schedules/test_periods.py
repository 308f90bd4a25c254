"""A period follows from when something is due, in the schedule's zone, and from nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.errors import Problem
from storj_monitor.reports import calendar
from storj_monitor.schedules.periods import PERIODS, changes_at, check_period, covered, name_of

LOS_ANGELES, APIA = ZoneInfo("America/Los_Angeles"), ZoneInfo("Pacific/Apia")
ZONES = [LOS_ANGELES, APIA, ZoneInfo("Europe/Berlin"), ZoneInfo("America/Sao_Paulo")]
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis wants naive limits


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days_of(period: str, zone: ZoneInfo, due: str) -> tuple[str, str]:
    """Return the first and the last day of what is covered."""
    first, last = calendar.first_and_last_day(covered(period, zone, at(due)), zone)
    return first.isoformat(), last.isoformat()


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("yesterday", "2026-11-30", "2026-11-30"),
        ("last-week", "2026-11-23", "2026-11-29"),
        ("last-month", "2026-11-01", "2026-11-30"),
        ("last-year", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_period_is_the_last_that_is_over(period: str, first: str, last: str) -> None:
    assert days_of(period, ZoneInfo("UTC"), "2026-12-01T00:00") == (first, last)
    assert days_of(period, ZoneInfo("UTC"), "2026-12-01T23:59") == (first, last)


def test_at_the_edge_of_a_month_the_zone_decides_which_month_it_is() -> None:
    # F21: 00:05 in UTC on the first is still the month before in Los Angeles.
    assert days_of("last-month", ZoneInfo("UTC"), "2026-11-01T00:05") == (
        "2026-10-01",
        "2026-10-31",
    )
    assert days_of("last-month", LOS_ANGELES, "2026-11-01T00:05") == ("2026-09-01", "2026-09-30")
    assert days_of("last-month", LOS_ANGELES, "2026-11-01T07:05") == ("2026-10-01", "2026-10-31")
    span = covered("last-month", LOS_ANGELES, at("2026-11-01T07:05"))
    assert (span.start, span.end) == (at("2026-10-01T07:00"), at("2026-11-01T07:00"))


def test_a_day_that_the_zone_left_out_is_nobodys_yesterday() -> None:
    # Apia went from 29 to 31 December 2011.
    span = covered("yesterday", APIA, at("2011-12-30T16:00"))
    assert span.start.astimezone(APIA).date().isoformat() == "2011-12-29"
    assert span.end - span.start == timedelta(days=1)
    assert name_of("yesterday", APIA, span) == "2011-12-29"


@given(st.sampled_from(PERIODS), st.sampled_from(ZONES), MOMENTS)
def test_a_period_is_over_when_it_is_due_and_the_next_follows_it(
    period: str, zone: ZoneInfo, due: datetime
) -> None:
    span = covered(period, zone, due)
    assert span.start < span.end <= due
    changes = changes_at(period, zone, due)
    assert covered(period, zone, changes - timedelta(microseconds=1)) == span
    assert covered(period, zone, changes).start == span.end


@given(st.sampled_from(PERIODS), st.sampled_from(ZONES), MOMENTS, MOMENTS)
def test_its_name_is_a_word_for_the_same_span_whenever_it_is_read(
    period: str, zone: ZoneInfo, due: datetime, now: datetime
) -> None:
    span = covered(period, zone, due)
    assert calendar.period(name_of(period, zone, span), zone, now) == span


@pytest.mark.parametrize(
    ("period", "detail", "hint"),
    [
        ("today", "period='today' isn't over when the report is sent", "Give 'yesterday'."),
        (
            "this-month",
            "period='this-month' isn't over when the report is sent",
            "Give 'last-month'.",
        ),
        (
            "last-moth",
            "period='last-moth' means nothing here",
            "Did you mean 'last-month'? Give yesterday, last-week, last-month or last-year.",
        ),
        (
            "2026-10",
            "period='2026-10' means nothing here",
            "Give yesterday, last-week, last-month or last-year.",
        ),
    ],
)
def test_a_period_that_can_not_be_covered_says_which_can(
    period: str, detail: str, hint: str
) -> None:
    with pytest.raises(Problem) as problem:
        check_period(period)
    said = problem.value
    assert (said.code, said.detail, said.hint) == ("bad_schedule", detail, hint)


def test_the_periods_are_those_that_are_over() -> None:
    assert [check_period(period) for period in PERIODS] == [
        *("yesterday", "last-week", "last-month", "last-year")
    ]
