from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.errors import Problem
from storj_monitor.exports.spans import asked_months, asked_span
from storj_monitor.reports.calendar import first_and_last_day, latest_end

if TYPE_CHECKING:
    from storj_monitor.exports.spans import Asked
    from storj_monitor.plugin import Span

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
ISO = "2026-03"
PERIOD_HINT = (
    "Write YYYY-MM, YYYY-Www, YYYY-MM-DD, YYYY, today, yesterday, this-week, last-week, "
    "this-month, last-month, this-year or last-year."
)
TIME_FORMS = "Write a date (2026-03-04) or an ISO time (2026-03-04T10:00:00+01:00)."


def ask(
    zone: ZoneInfo = UTC_ZONE, max_days: int | None = None, strict: bool = False, **words: str
) -> Asked:
    return asked_span(words, zone, NOW, max_days, strict=strict)


def iso(span: Span) -> str:
    return f"{span.start:%Y-%m-%dT%H:%M:%S}/{span.end:%Y-%m-%dT%H:%M:%S}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, "2026-02-26T00:00:00/2026-03-05T00:00:00"),
        ({"days": "1"}, "2026-03-04T00:00:00/2026-03-05T00:00:00"),
        ({"days": "007"}, "2026-02-26T00:00:00/2026-03-05T00:00:00"),
        ({"period": "last-month"}, "2026-02-01T00:00:00/2026-03-01T00:00:00"),
        ({"start": "2026-03-01"}, "2026-03-01T00:00:00/2026-03-04T12:00:00"),
        ({"start": "2026-03-01", "end": "2026-03-01"}, "2026-03-01T00:00:00/2026-03-02T00:00:00"),
        ({"start": "2024-02-28", "end": "2024-02-29"}, "2024-02-28T00:00:00/2024-03-01T00:00:00"),
        (
            {"start": "2026-03-01T10:00", "end": "2026-03-01T11:00:00.5"},
            "2026-03-01T10:00:00/2026-03-01T11:00:00",
        ),
        (
            {"start": "2026-03-01 10:00", "end": "2026-03-01T10:00:01Z"},
            "2026-03-01T10:00:00/2026-03-01T10:00:01",
        ),
        (
            {"start": "2026-03-01T10:00:00+05:30", "end": "2026-03-01T10:00:00"},
            "2026-03-01T04:30:00/2026-03-01T10:00:00",
        ),
        (
            {"start": "2026-03-01T10:00:00 05:30", "end": "2026-03-02"},
            "2026-03-01T04:30:00/2026-03-03T00:00:00",
        ),
        ({"start": "1970-01-01", "end": "1970-01-01"}, "1970-01-01T00:00:00/1970-01-02T00:00:00"),
        ({"start": "2199-12-31", "end": "2199-12-31"}, "2199-12-31T00:00:00/2200-01-01T00:00:00"),
    ],
)
def test_each_way_to_say_a_span_means_what_it_says(words: dict[str, Any], expected: str) -> None:
    assert iso(ask(**words).span) == expected
    assert not ask(**words).clamped


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"days": "1"}, "2026-03-03T23:00:00/2026-03-04T23:00:00"),
        ({"start": "2026-03-29", "end": "2026-03-29"}, "2026-03-28T23:00:00/2026-03-29T22:00:00"),
        ({"start": "2026-03-01T10:00"}, "2026-03-01T09:00:00/2026-03-04T12:00:00"),
        ({"start": "1970-01-01", "end": "1970-01-01"}, "1969-12-31T23:00:00/1970-01-01T23:00:00"),
    ],
)
def test_words_without_an_offset_are_of_the_zone(words: dict[str, Any], expected: str) -> None:
    assert iso(ask(BERLIN, **words).span) == expected


@pytest.mark.parametrize(
    ("words", "detail", "hint"),
    [
        (
            {"period": "today", "days": "3"},
            "the span is given in more than one way: period, days",
            "Give start and end, or period, or days: one of the three.",
        ),
        (
            {"end": "2026-03-01", "days": "3"},
            "the span is given in more than one way: days, start and end",
            "Give start and end, or period, or days: one of the three.",
        ),
        (
            {"end": "2026-03-01"},
            "there is an end but no start",
            "Give a start as well, or use period or days.",
        ),
        (
            {"start": "2026-03-02", "end": "2026-03-01"},
            "the span ends when it starts (2026-03-02T00:00:00+00:00)",
            "Give an end after the start; a date includes its day.",
        ),
        (
            {"start": "2026-03-03", "end": "2026-03-01"},
            f"the span ends ({ISO}-02T00:00:00+00:00) before it starts ({ISO}-03T00:00:00+00:00)",
            "Give an end after the start; a date includes its day.",
        ),
        (
            {"start": "2026-03-05"},
            f"the span ends ({ISO}-04T12:00:00+00:00) before it starts ({ISO}-05T00:00:00+00:00)",
            "Give an end after the start; a date includes its day.",
        ),
        *(
            ({"start": text}, f"start={text!r} is no date or time", TIME_FORMS)
            for text in (
                *("", "yesterday", "2026-02-30", "2026-3-4", "20260304", "2026-W10", "2026-03"),
                *("04.03.2026", "2026-03-04T25:00", "2026-03-04T10:00:00+99:00", "2026-03-04\n"),
                *("\u0662\u0660\u0662\u0666-03-04", "1772582400", "2026-03-04T10:00\0"),
            )
        ),
        ({"start": "2026-03-01", "end": "x"}, "end='x' is no date or time", TIME_FORMS),
        *(
            (
                {"start": text},
                f"start={text!r} is out of range",
                "Years from 1970 to 2199 are understood.",
            )
            for text in ("1969-12-31", "2200-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59")
        ),
        *(
            (
                {"days": text},
                f"days={text!r} is no number of days",
                "Give a whole number from 1 to 36600.",
            )
            for text in ("", "0", "-1", "1.5", "36601", "9" * 99, "seven", "٣", "1e3", " 7", "+7")
        ),
        *(
            (
                {"period": text},
                f"period={text!r} means nothing",
                PERIOD_HINT,
            )
            for text in ("", "2026-13", "tomorrow", "2025-W53")
        ),
    ],
)
def test_a_span_that_makes_no_sense_is_refused_in_words(
    words: dict[str, Any], detail: str, hint: str
) -> None:
    with pytest.raises(Problem) as problem:
        ask(**words)
    assert (problem.value.code, problem.value.detail) == ("bad_span", detail)
    assert problem.value.hint == hint


def test_a_day_that_a_zone_left_out_is_refused() -> None:
    with pytest.raises(Problem) as problem:
        ask(ZoneInfo("Pacific/Apia"), period="2011-12-30")
    assert problem.value.code == "bad_span"
    assert problem.value.detail == "Pacific/Apia left out the day 2011-12-30"


@pytest.mark.parametrize(
    ("zone", "words", "expected"),
    [
        (
            "UTC",
            {"start": "2026-02-01", "end": "2026-12-31"},
            "2026-02-01T00:00:00/2026-03-04T00:00:00",
        ),
        ("UTC", {"period": "2024"}, "2024-01-01T00:00:00/2024-02-01T00:00:00"),
        ("UTC", {"days": "32"}, "2026-02-02T00:00:00/2026-03-05T00:00:00"),
        ("Europe/Berlin", {"days": "36600"}, "2026-02-01T23:00:00/2026-03-04T23:00:00"),
        (
            "Europe/Berlin",
            {"start": "2026-03-15", "end": "2026-05-01"},
            "2026-03-14T23:00:00/2026-04-14T22:00:00",
        ),
        (
            "Europe/Berlin",
            {"start": "2026-10-10", "end": "2026-12-01"},
            "2026-10-09T22:00:00/2026-11-09T23:00:00",
        ),
        ("UTC", {"start": "2025-01-01"}, "2025-01-01T00:00:00/2025-02-01T00:00:00"),
    ],
)
def test_a_span_that_is_too_long_keeps_its_start_but_days_keep_today(
    zone: str, words: dict[str, Any], expected: str
) -> None:
    found = ask(ZoneInfo(zone), 31, **words)
    assert iso(found.span) == expected
    assert found.clamped
    with pytest.raises(Problem) as problem:
        ask(ZoneInfo(zone), 31, strict=True, **words)
    assert (problem.value.code, problem.value.detail) == (
        "bad_span",
        "the span is longer than 31 days",
    )
    assert problem.value.hint == (
        "Ask for a shorter span, or leave out strict=1 to get the first part."
    )


@pytest.mark.parametrize(
    "words",
    [
        {"start": "2026-01-01", "end": "2026-01-31"},
        {"start": "2026-02-01", "end": "2026-03-03"},
        {"period": "2026-03"},
        {"period": "2026-10"},
        {"days": "31"},
    ],
)
def test_31_days_are_not_too_long_whatever_the_clock_does(words: dict[str, Any]) -> None:
    for zone in (UTC_ZONE, BERLIN, ZoneInfo("America/Sao_Paulo")):
        found = ask(zone, 31, strict=True, **words)
        assert not found.clamped
        first, last = first_and_last_day(found.span, zone)
        assert (last - first).days == 30


def test_a_limit_beyond_the_calendar_is_none() -> None:
    assert not ask(max_days=10**12, start="1970-01-01", end="2199-12-31").clamped


zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo", "Australia/Lord_Howe"]
).map(ZoneInfo)
times = (
    st.datetimes(datetime(1960, 1, 1), datetime(2210, 1, 1)).map(str)  # noqa: DTZ001  as people write
    | st.datetimes(timezones=st.timezones(), allow_imaginary=False).map(lambda it: it.isoformat())
    | st.dates().map(str)
    | st.text(max_size=12)
)
periods = (
    st.from_regex(r"[0-9]{4}(-(W?[0-9]{2}(-[0-9]{2})?))?", fullmatch=True)
    | st.sampled_from(["today", "this-week", "last-month", "this-year", "last-year"])
    | st.text(max_size=12)
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "start": times,
        "end": times,
        "period": periods,
        "days": st.integers().map(str) | st.text(max_size=5),
    },
)


@given(words=requests, zone=zones, max_days=st.integers(1, 400), strict=st.booleans())
def test_whatever_is_asked_for_is_a_problem_or_no_more_than_so_many_calendar_days(
    words: dict[str, Any], zone: ZoneInfo, max_days: int, strict: bool
) -> None:
    try:
        span, clamped, _ = asked_span(words, zone, NOW, max_days, strict=strict)
    except Problem as problem:
        assert problem.code == "bad_span"  # noqa: PT017  any other exception fails the test
        return
    assert span.start < span.end <= latest_end(span.start, max_days, zone)
    begins = span.start.astimezone(zone).replace(tzinfo=None)
    ends = span.end.astimezone(zone).replace(tzinfo=None)
    # A clock that is put forward where the span would end moves the end's time of day as well.
    assert ends - begins <= timedelta(days=max_days, hours=1)
    if (begins.hour, begins.minute, begins.second, begins.microsecond) == (0, 0, 0, 0):
        first, last = first_and_last_day(span, zone)
        assert (last - first).days + 1 <= max_days
    assert not (strict and clamped)


def test_days_before_the_calendar_are_refused() -> None:
    with pytest.raises(Problem) as problem:
        asked_span({"days": "36600"}, UTC_ZONE, NOW.replace(year=50), None, strict=False)
    assert problem.value.detail == "days='36600' goes back too far"


# Whole months


def months(
    max_days: int | None = None, strict: bool = False, now: datetime = NOW, **words: str
) -> Asked:
    return asked_months(words, now, max_days, strict=strict)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, "2026-03-01/2026-04-01"),
        ({"period": "this-month"}, "2026-03-01/2026-04-01"),
        ({"period": "2026"}, "2026-01-01/2027-01-01"),
        ({"period": "2026-W01"}, "2025-12-01/2026-02-01"),
        ({"period": "yesterday"}, "2026-03-01/2026-04-01"),
        ({"days": "1"}, "2026-03-01/2026-04-01"),
        ({"days": "5"}, "2026-02-01/2026-04-01"),
        ({"start": "2026-01-31", "end": "2026-02-01"}, "2026-01-01/2026-03-01"),
        ({"start": "2026-01-31", "end": "2026-02-01T00:00"}, "2026-01-01/2026-02-01"),
        ({"start": "2026-01-01T00:30+01:00"}, "2025-12-01/2026-04-01"),
        ({"start": "2199-12-31", "end": "2199-12-31"}, "2199-12-01/2200-01-01"),
    ],
)
def test_of_whole_months_those_are_meant_that_are_touched(
    words: dict[str, Any], expected: str
) -> None:
    found = months(**words)
    assert f"{found.span.start:%Y-%m-%d}/{found.span.end:%Y-%m-%d}" == expected
    assert not found.clamped
    assert found.span.start.time() == found.span.end.time() == datetime.min.time()


def test_the_month_is_that_of_utc_whatever_the_clock_on_the_wall_says() -> None:
    midnight = datetime(2026, 4, 1, 0, 30, tzinfo=BERLIN)
    assert iso(months(now=midnight).span) == "2026-03-01T00:00:00/2026-04-01T00:00:00"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"period": "2026"}, "2026-01-01/2026-03-01"),
        ({"start": "2026-01-31", "end": "2026-04-01"}, "2026-01-01/2026-03-01"),
        ({"days": "63"}, "2026-02-01/2026-04-01"),
    ],
)
def test_of_too_many_months_no_more_than_fit_are_kept_and_none_is_cut(
    words: dict[str, Any], expected: str
) -> None:
    found = months(60, **words)
    assert f"{found.span.start:%Y-%m-%d}/{found.span.end:%Y-%m-%d}" == expected
    assert found.clamped
    with pytest.raises(Problem) as problem:
        months(60, strict=True, **words)
    assert problem.value.detail == "the span is longer than 60 days"


def test_one_month_is_never_too_long() -> None:
    assert months(7, strict=True) == months()
    assert months(7, days="2000")[:2] == (months().span, True)
    assert not months(59, strict=True, days="5").clamped


def test_months_are_said_in_one_way_at_a_time() -> None:
    with pytest.raises(Problem) as problem:
        months(period="2026-03", days="1")
    assert problem.value.detail == "the span is given in more than one way: period, days"
