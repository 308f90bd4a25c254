"""Schedules are said in words that nobody has to look up."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from storj_monitor.reports import calendar
from storj_monitor.schedules.when import When, zone_of
from storj_monitor.schedules.wording import (
    edition_in_words,
    moment_in_words,
    period_in_words,
    rule_in_words,
    zone_or_utc,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("daily 6:00", "Every day at 06:00"),
        ("weekly mon 06:00", "Every Monday at 06:00"),
        ("weekly sun,mon,thu 06:00", "Every Monday, Thursday and Sunday at 06:00"),
        ("monthly 1 06:00", "On the 1st of each month at 06:00"),
        ("monthly 12 06:00", "On the 12th of each month at 06:00"),
        ("monthly 22 06:00", "On the 22nd of each month at 06:00"),
        ("monthly 31 06:00", "On the 31st of each month at 06:00"),
        ("monthly last 06:00", "On the last day of each month at 06:00"),
        ("cron 0 6 * * 1", "By the cron line 0 6 * * 1"),
    ],
)
def test_a_rule_is_a_sentence(rule: str, words: str) -> None:
    assert rule_in_words(When.parse(rule, zone_of("UTC")).text) == words


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("yesterday", "Sun 2026-11-22"),
        ("2026-10-25", "Sun 2026-10-25"),  # of 25 hours in Berlin
        ("last-week", "2026-11-16 to 2026-11-22"),
        ("last-month", "October 2026"),
        ("2026-02", "February 2026"),
        ("last-year", "2025"),
    ],
)
@pytest.mark.parametrize("zone", [ZoneInfo("UTC"), BERLIN, ZoneInfo("Asia/Kolkata")])
def test_a_period_is_called_what_people_call_it(period: str, words: str, zone: ZoneInfo) -> None:
    span = calendar.period(period, zone, NOW)
    assert period_in_words(span.start, span.end, zone) == words


def test_two_months_are_told_by_their_days() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    assert period_in_words(start, end, ZoneInfo("UTC")) == "2026-01-01 to 2026-02-28"


def test_a_moment_is_said_by_the_clocks_of_the_zone() -> None:
    assert moment_in_words(NOW, BERLIN) == "Mon 2026-11-23 13:00"


def test_an_edition_is_told_by_what_it_is_for() -> None:
    editions = ("", "test-26e9", "again-2", "clock-1f", "alert-12-raised")
    assert [edition_in_words(edition) for edition in editions] == [
        "",
        "a test",
        "sent again",
        "by a wrong clock",
        "alert-12-raised",
    ]


def test_a_zone_that_is_gone_is_utc() -> None:
    assert zone_or_utc("Europe/Berlin") == BERLIN
    assert [zone_or_utc(name).key for name in ("Mars/Base", "../x", "", "Europe")] == ["UTC"] * 4
