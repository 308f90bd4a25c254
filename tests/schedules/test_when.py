"""Rules are read strictly, and go by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.errors import Problem
from storj_monitor.schedules.when import When, zone_of

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
UTC_ZONE = ZoneInfo("UTC")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(rule: str, after: str, count: int, zone: ZoneInfo = UTC_ZONE) -> list[str]:
    """Return the next moments in UTC, as texts."""
    found = islice(When.parse(rule, zone).after(at(after)), count)
    return [f"{one:%Y-%m-%dT%H:%M}" for one in found]


def refusal_of(rule: str) -> tuple[str, str, str]:
    with pytest.raises(Problem) as problem:
        When.parse(rule, BERLIN)
    return problem.value.code, problem.value.detail, problem.value.hint


@pytest.mark.parametrize(
    ("given", "spelt"),
    [
        ("daily 06:00", "daily 06:00"),
        ("  Daily   6:05 ", "daily 06:05"),
        ("weekly MON 23:59", "weekly mon 23:59"),
        ("weekly thu,mon,thu 06:00", "weekly mon,thu 06:00"),
        ("monthly 31 06:00", "monthly 31 06:00"),
        ("monthly LAST 06:00", "monthly last 06:00"),
        ("cron  0 6 * *   MON-FRI", "cron 0 6 * * MON-FRI"),
        ("cron 0 6 29 2 *", "cron 0 6 29 2 *"),
    ],
)
def test_a_rule_has_one_spelling_that_means_the_same(given: str, spelt: str) -> None:
    when = When.parse(given, BERLIN)
    assert when.text == spelt
    assert When.parse(when.text, BERLIN) == when
    assert when.kind == spelt.split(maxsplit=1)[0]


@pytest.mark.parametrize(
    ("rule", "detail", "hint"),
    [
        ("", "is no rule that can be read", 'Write "daily 06:00", '),
        ("dayly 06:00", "is no rule that can be read", "Did you mean 'daily'? Write "),
        ("06:00", "is no rule that can be read", 'Write "daily 06:00", '),
        ("daily", "has no time of day in ''", 'Write "daily 06:00", '),
        ("daily 24:00", "has no time of day in '24:00'", 'Write "daily 06:00", '),
        ("daily 6", "has no time of day in '6'", 'Write "daily 06:00", '),
        ("daily 06:00 07:00", "has no time of day in '06:00 07:00'", 'Write "daily 06:00", '),
        ("weekly 06:00", "has no time of day in ''", 'Write "daily 06:00", '),
        ("weekly moon 06:00", "names no weekday with 'moon'", "Days are mon, tue, "),
        ("weekly mon, 06:00", "names no weekday with ''", "Days are mon, tue, "),
        ("monthly 0 06:00", "names no day of a month with '0'", "Give 1 to 31, or last."),
        ("monthly 32 06:00", "names no day of a month with '32'", "Give 1 to 31, or last."),
        ("monthly -1 06:00", "names no day of a month with '-1'", "Give 1 to 31, or last."),
        ("monthly first 06:00", "names no day of a month with 'first'", "Give 1 to 31, or last."),
        ("cron 0 6 * *", "has 4 fields, not 5", 'Write "daily 06:00", '),
        ("cron 0 0 6 * * 1", "has 6 fields, not 5", 'Write "daily 06:00", '),
        ("cron @daily", "has 1 fields, not 5", 'Write "daily 06:00", '),
        ("cron 60 6 * * *", "can't be used: bad minute", "Write a day that comes, and numbers"),
        ("cron 0 6 30 2 *", "can't be used: bad day-of-month", "Write a day that comes, "),
        ("cron 0 6 31 4,6 *", "can't be used: bad day-of-month", "Write a day that comes, "),
    ],
)
def test_a_rule_that_can_not_be_meant_says_what_would_work(
    rule: str, detail: str, hint: str
) -> None:
    code, said, advice = refusal_of(rule)
    assert (code, said) == ("bad_schedule", f"when={rule!r} {detail}")
    assert advice.startswith(hint) or hint in advice


def test_a_line_of_cron_that_never_comes_is_refused() -> None:
    # The first of a month is never its fifth Monday.
    code, detail, hint = refusal_of("cron 0 0 */99 2 MON#5")
    assert (code, detail) == ("bad_schedule", "when='cron 0 0 */99 2 MON#5' never comes")
    assert hint == "Write a day that there is in the months you name."


def test_an_endless_rule_is_refused_without_being_repeated() -> None:
    _, detail, _ = refusal_of("cron " + "1," * 10_000 + "1 * * * *")
    assert len(detail) < 300


@given(st.text(max_size=40) | st.from_regex(r"cron [0-9*,/#LW-]{1,8}( [0-9*,/#LWAMON-]{1,6}){4}"))
def test_whatever_is_written_is_a_rule_or_a_problem(text: str) -> None:
    start = at("2026-01-01T00:00")
    try:
        first, second = islice(When.parse(text, BERLIN).after(start), 2)
    except Problem as problem:
        said = problem
        assert (said.code, bool(said.hint)) == ("bad_schedule", True)
    else:
        assert start < first < second


def test_a_month_that_is_too_short_has_it_on_its_last_day() -> None:
    leap = ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]
    for rule in ("monthly 31 06:00", "monthly last 06:00"):
        assert due(rule, "2028-01-01T00:00", 5) == [f"{day}T06:00" for day in leap]
    expected = ["2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30"]
    assert due("monthly 30 06:00", "2027-01-01T00:00", 4) == [f"{day}T06:00" for day in expected]
    expected = ["2027-01-29", "2027-02-28", "2027-03-29", "2028-02-29"]
    found = due("monthly 29 06:00", "2027-01-01T00:00", 14)
    assert [found[0], found[1], found[2], found[13]] == [f"{day}T06:00" for day in expected]


def test_it_is_due_after_a_moment_and_never_at_it() -> None:
    assert due("daily 06:00", "2026-11-23T05:59:59", 1) == ["2026-11-23T06:00"]
    assert due("daily 06:00", "2026-11-23T06:00", 1) == ["2026-11-24T06:00"]
    assert due("daily 06:00", "2026-11-23T05:59:59.999999", 1) == ["2026-11-23T06:00"]
    assert due("daily 06:00", "2026-11-23T06:00:00.000001", 1) == ["2026-11-24T06:00"]


def test_a_missing_hour_runs_right_after_it() -> None:
    # On 29 March 2026 Berlin's clock goes from 02:00 to 03:00, which is 01:00 UTC.
    found = due("daily 02:30", "2026-03-28T00:00", 3, BERLIN)
    assert found == ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]
    # Several in the missing hour, and one right after it, are one.
    found = due("cron 0,30 2,3 * * *", "2026-03-29T00:00", 3, BERLIN)
    assert found == ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:00"]


def test_a_doubled_hour_runs_once_wherever_one_begins_to_look() -> None:
    # On 25 October 2026 Berlin has 02:00 to 03:00 twice, from 00:00 and from 01:00 UTC.
    expected = ["2026-10-25T00:30", "2026-10-26T01:30"]
    assert due("daily 02:30", "2026-10-25T00:00", 2, BERLIN) == expected
    for after in ("2026-10-25T00:30", "2026-10-25T00:45", "2026-10-25T01:10", "2026-10-25T01:45"):
        assert due("daily 02:30", after, 1, BERLIN) == expected[1:], after


def test_every_quarter_of_an_hour_is_by_elapsed_time() -> None:
    found = due("cron */15 * * * *", "2026-10-24T23:59", 100, BERLIN)
    assert len(set(found)) == 100
    assert (found[0], found[-1]) == ("2026-10-25T00:00", "2026-10-26T00:45")


def test_a_rule_is_read_in_its_zone() -> None:
    assert due("weekly mon 00:30", "2026-11-01T00:00", 2, NEW_YORK) == [
        "2026-11-02T05:30",
        "2026-11-09T05:30",
    ]
    assert due("weekly mon 00:30", "2026-10-20T00:00", 1, NEW_YORK) == ["2026-10-26T04:30"]


def test_a_zone_that_there_is_not_says_which_there_are() -> None:
    assert zone_of("Asia/Kolkata").key == "Asia/Kolkata"
    for name in ("Mars/Base", "", "../etc/passwd", "Europe/", "\0"):
        with pytest.raises(Problem) as problem:
            zone_of(name)
        assert problem.value.code == "bad_timezone"
        assert problem.value.detail == f"there is no time zone {name!r}"
        assert problem.value.hint.endswith("Give a name such as Europe/Berlin or UTC.")
    with pytest.raises(Problem, match="no time zone") as problem:
        zone_of("Europe/Berlim")
    assert problem.value.hint.startswith("Did you mean 'Europe/Berlin'? ")
