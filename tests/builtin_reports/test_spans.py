from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from storj_export_plugins.reports.chapters.months import whole_months
from storj_export_plugins.reports.spans import before, buckets, days, has_odd_days
from storj_monitor.plugin import Query, Span
from tests.sources.asking import moment


def query(start: str, end: str, zone: str = "UTC") -> Query:
    timezone = ZoneInfo(zone)
    ends = (moment(text).replace(tzinfo=timezone) for text in (start, end))
    return Query(span=Span(*ends), timezone=timezone)


def local(asked: Query) -> tuple[str, str]:
    span = asked.span
    first, after = (f"{at.astimezone(asked.timezone):%m-%d %H:%M}" for at in (span.start, span.end))
    return first, after


@pytest.mark.parametrize(
    ("start", "end", "first"),
    [
        ("2026-03-30", "2026-04-06", "03-23 00:00"),  # a week, the clocks change before it
        ("2026-03-29", "2026-03-30", "03-28 00:00"),  # the day of 23 hours
        ("2026-03-01", "2026-04-01", "02-01 00:00"),  # a month of 31 days after one of 28
        ("2026-01-01", "2026-04-01", "10-01 00:00"),  # a quarter, over the year's end
        ("2026-03-30T06:00", "2026-03-30T18:00", "03-29 18:00"),
    ],
)
def test_the_span_before_is_as_many_days_or_months_of_the_zone(
    start: str, end: str, first: str
) -> None:
    asked = query(start, end, "Europe/Berlin")
    assert local(before(asked)) == (first, local(asked)[0])


def test_days_are_those_of_the_zone_and_cut_at_the_ends() -> None:
    found = list(days(query("2026-03-28T12:00", "2026-03-30T06:00", "Europe/Berlin")))
    assert [day.label for day in found] == [date(2026, 3, day) for day in (28, 29, 30)]
    lengths = [day.end - day.start for day in found]
    assert lengths == [timedelta(hours=12), timedelta(hours=23), timedelta(hours=6)]


def test_a_day_that_a_zone_left_out_is_no_day() -> None:
    found = list(days(query("2011-12-29", "2012-01-01", "Pacific/Apia")))
    assert [str(day.label) for day in found] == ["2011-12-29", "2011-12-31"]


def test_a_short_span_is_shown_by_full_hours_and_a_long_one_by_days() -> None:
    day = query("2026-03-04", "2026-03-05", "Asia/Kathmandu")
    shown = buckets(day)
    assert len(shown) == 24
    assert {bucket.start.minute for bucket in shown} == {0}
    assert shown[0].start >= day.span.start
    assert len(buckets(query("2026-03-04", "2026-03-07"))) == 3


def test_zones_with_odd_days_are_known() -> None:
    assert has_odd_days(query("2026-03-04", "2026-03-05", "Asia/Kathmandu"))
    assert not has_odd_days(query("2026-03-04", "2026-03-05", "Europe/Berlin"))
    assert not has_odd_days(query("2026-03-04", "2026-03-05"))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin"])
def test_a_month_of_any_zone_means_the_month_of_that_name(zone: str) -> None:
    found = whole_months(query("2026-10-01", "2026-11-01", zone))
    assert found.span == query("2026-10-01", "2026-11-01").span


def test_whole_months_in_utc_stay_whatever_the_zone_and_parts_become_whole() -> None:
    ends = query("2026-10-01", "2026-11-01").span
    asked = Query(span=ends, timezone=ZoneInfo("America/New_York"))
    assert whole_months(asked).span == ends
    part = whole_months(query("2026-10-20", "2026-11-02"))
    assert part.span == query("2026-10-01", "2026-12-01").span
