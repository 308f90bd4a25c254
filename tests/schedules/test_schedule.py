"""One parser for schedules: what makes no sense is refused with what would."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storj_monitor.errors import Problem
from storj_monitor.schedules.schedule import KEYS, Schedule, parse_schedule
from tests.schedules.samples import LIMITS, body, catalogue, scheduled

FULL: dict[str, Any] = {
    "name": "Bills of \N{SNOWMAN}",
    "source": "things",
    "format": "pdf",
    "nodes": ["n2", "a,b"],
    "when": "monthly 31 06:30",
    "timezone": "Asia/Kolkata",
    "period": "last-year",
    "channel": "post",
    "recipients": ["ann@example.org", "https://example.org/hook?token=1"],
    "skip_empty": True,
    "enabled": False,
    "parameters": {"status": ["good", "bad"], "option.guard": ["off"], "personal": ["1"]},
}


def problem_of(**changes: object) -> tuple[str, str, str]:
    with pytest.raises(Problem) as problem:
        scheduled(**changes)
    return problem.value.code, problem.value.detail, problem.value.hint


def test_what_is_left_out_is_the_usual() -> None:
    schedule = scheduled()
    assert (schedule.kind, schedule.subject, schedule.format) == ("source", "things", "csv")
    assert (schedule.nodes, schedule.words, schedule.when.zone.key) == ((), {}, "UTC")
    assert (schedule.period, schedule.skip_empty, schedule.enabled) == ("last-week", False, True)
    assert scheduled(source=None, report="tally").format == "pdf"
    for when, period in (("daily 06:00", "yesterday"), ("monthly 1 06:00", "last-month")):
        assert scheduled(when=when).period == period


def test_a_schedule_is_told_as_it_is_asked_for_and_kept_whole() -> None:
    schedule = parse_schedule(FULL, catalogue(), LIMITS)
    assert schedule.as_json() == FULL
    assert set(KEYS) == {*FULL, "report"}
    entry = schedule.entry()
    assert (entry.rule, entry.timezone) == ("monthly 31 06:30", "Asia/Kolkata")
    assert Schedule.of(entry) == schedule
    report = scheduled(source=None, report="tally", parameters={"metrics": "traffic"})
    assert parse_schedule(report.as_json(), catalogue(), LIMITS) == report


def test_words_may_be_texts_lists_or_yes_and_no() -> None:
    words = scheduled(
        parameters={"colour": "red", "status": ["good", "bad"], "personal": True}
    ).words
    assert words == {"colour": ("red",), "status": ("good", "bad"), "personal": ("1",)}


def test_a_recipient_or_node_that_is_named_twice_is_one() -> None:
    schedule = scheduled(recipients=[" ann@example.org", "ann@example.org "], nodes=["n1", "n1"])
    assert (schedule.recipients, schedule.nodes) == (("ann@example.org",), ("n1",))


@pytest.mark.parametrize(
    ("changes", "detail", "hint"),
    [
        (
            {"recipient": ["a"]},
            "unknown key 'recipient'",
            "Did you mean 'recipients'? A schedule has: name, ",
        ),
        ({"name": None}, "name is missing", 'Give "name": "...".'),
        ({"name": " "}, "the name is empty or too long", "Give 1 to 100 characters."),
        ({"name": "x" * 101}, "the name is empty or too long", "Give 1 to 100 characters."),
        ({"name": 3}, "name: 3 is no text", "Give a text."),
        (
            {"name": "a\r\nBcc: b"},
            "name: 'a\\r\\nBcc: b' has characters that can't be printed",
            "Give one line without control characters.",
        ),
        ({"report": "tally"}, "it has both a report and a source", "Leave one of them out."),
        ({"source": None}, "it has neither a report nor a source", 'Give one: "report": "...".'),
        ({"when": None}, "when is missing", 'Write "daily 06:00", '),
        (
            {"when": "dayly 06:00"},
            "when='dayly 06:00' is no rule that can be read",
            "Did you mean 'daily'? ",
        ),
        ({"when": "cron 0 6 * * 1"}, "period is missing", 'Give "period": "...".'),
        (
            {"period": "this-week"},
            "period='this-week' isn't over when the report is sent",
            "Give 'last-week'.",
        ),
        ({"channel": "pots"}, "unknown channel 'pots'", "Did you mean 'post'? Installed: post."),
        ({"channel": None}, "channel is missing", 'Give "channel": "...".'),
        ({"recipients": None}, "it has no recipients", 'Give a list: "recipients": '),
        ({"recipients": []}, "it has no recipients", 'Give a list: "recipients": '),
        ({"recipients": ["a", " "]}, "a recipient is empty", "Leave it out, or say who it is."),
        (
            {"recipients": "ann@example.org"},
            "recipients='ann@example.org' is no list of texts",
            'Write "recipients": ["..."].',
        ),
        ({"recipients": [None]}, "recipients: None is no text", "Give a text."),
        (
            {"recipients": ["a\nb"]},
            "recipients: 'a\\nb' has characters that can't be printed",
            "Give one line without control characters.",
        ),
        (
            {"recipients": ["a\x7f"]},
            "recipients: 'a\\x7f' has characters that can't be printed",
            "Give one line without control characters.",
        ),
        ({"recipients": ["a" * 2001]}, "recipients is too long", "Give 2000 characters at most."),
        (
            {"recipients": [f"{n}@example.org" for n in range(101)]},
            "it has 101 recipients",
            "Give 100 at most.",
        ),
        ({"nodes": "n1"}, "nodes='n1' is no list of texts", 'Write "nodes": ["..."].'),
        (
            {"skip_empty": "yes"},
            "skip_empty='yes' is neither true nor false",
            "Give true or false.",
        ),
        ({"enabled": 1}, "enabled=1 is neither true nor false", "Give true or false."),
        (
            {"parameters": ["status"]},
            "parameters=['status'] is no object",
            'Write "parameters": {"preset": "excel-eu"}.',
        ),
        (
            {"parameters": {"days": "7"}},
            "parameters has 'days'",
            "Leave it out: the schedule itself says it.",
        ),
        (
            {"parameters": {"status": []}},
            "parameters has 'status' without a value",
            "Give one, or leave it out.",
        ),
        ({"parameters": {"status": 3}}, "status=3 is no list of texts", 'Write "status": ["..."].'),
    ],
)
def test_what_makes_no_sense_says_what_would(
    changes: dict[str, object], detail: str, hint: str
) -> None:
    code, said, advice = problem_of(**changes)
    assert (code, said) == ("bad_schedule", detail)
    assert advice.startswith(hint)


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        ({"source": "thing"}, "unknown_source", "unknown source 'thing'"),
        ({"source": None, "report": "tale"}, "unknown_report", "unknown report 'tale'"),
        ({"format": "xls"}, "unknown_format", "unknown format 'xls'"),
        ({"nodes": ["n3"]}, "unknown_node", "unknown node 'n3'"),
        ({"timezone": "Mars"}, "bad_timezone", "there is no time zone 'Mars'"),
        ({"parameters": {"colr": "red"}}, "unknown_filter", "unknown parameter 'colr'"),
        (
            {"parameters": {"status": "ugly"}},
            "bad_filter",
            "status='ugly' is no value of the filter",
        ),
        ({"parameters": {"columns": "address"}}, "unknown_column", "unknown column 'address'"),
    ],
)
def test_it_is_refused_as_its_request_would_be(
    changes: dict[str, object], code: str, detail: str
) -> None:
    assert problem_of(**changes)[:2] == (code, detail)


def test_the_request_is_for_the_period_whole_and_in_the_zone() -> None:
    schedule = parse_schedule(FULL, catalogue(), LIMITS)
    span = schedule.covered(datetime(2026, 12, 31, 1, 0, tzinfo=UTC))
    request = schedule.request(
        span, catalogue(), replace(LIMITS, now=datetime(2030, 1, 1, tzinfo=UTC))
    )
    assert request.query.span == span
    assert (request.query.span.end - request.query.span.start).days == 365
    assert not request.clamped
    assert request.query.timezone == ZoneInfo("Asia/Kolkata")
    assert (request.subject.name, request.format.name) == ("things", "pdf")
    assert request.query.nodes == ("n2", "a,b")
    assert request.query.filters["status"] == ("good", "bad")
    assert (request.options["guard"], request.query.personal) == ("off", True)


def test_a_report_is_for_the_period_of_the_schedule_and_not_for_its_own() -> None:
    schedule = scheduled(source=None, report="tally", timezone="Pacific/Apia")
    span = schedule.covered(datetime(2011, 12, 31, 12, 0, tzinfo=UTC))
    assert schedule.request(span, catalogue(), LIMITS).query.span == span


def test_a_month_of_a_monthly_source_is_that_month_whatever_the_zone() -> None:
    schedule = scheduled(
        source="bills", when="monthly 1 06:00", timezone="Asia/Kolkata", parameters={}
    )
    span = schedule.covered(datetime(2026, 11, 1, 0, 30, tzinfo=UTC))
    request = schedule.request(span, catalogue(), LIMITS)
    assert schedule.period_name(span) == "2026-10"
    assert request.query.span.start == datetime(2026, 10, 1, tzinfo=UTC)
    assert request.query.span.end == datetime(2026, 11, 1, tzinfo=UTC)


def test_the_next_runs_are_those_that_will_send() -> None:
    hourly = scheduled(when="cron 30 * * * *", period="last-month")
    found = list(islice(hourly.upcoming(datetime(2026, 11, 23, 12, 0, tzinfo=UTC)), 4))
    assert [f"{one.due:%Y-%m-%d %H:%M}" for one in found] == [
        *("2026-11-23 12:30", "2026-12-01 00:30", "2027-01-01 00:30", "2027-02-01 00:30")
    ]
    assert [hourly.period_name(one.span) for one in found] == [
        *("2026-10", "2026-11", "2026-12", "2027-01")
    ]


def test_the_next_runs_of_what_comes_often_or_seldom_are_found_at_once() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    minutely = scheduled(when="cron * * * * *", period="last-year").upcoming(start)
    assert [one.due.year for one in islice(minutely, 20)] == [2026, *range(2027, 2046)]
    leap = scheduled(when="cron 0 6 29 2 *", period="last-year").upcoming(start)
    assert [one.due.year for one in islice(leap, 3)] == [2028, 2032, 2036]


def test_a_body_is_read_and_never_changed() -> None:
    asked = body(parameters={"status": ["good"]})
    before = dict(asked)
    schedule = parse_schedule(asked, catalogue(), LIMITS)
    assert asked == before
    with pytest.raises(TypeError):
        schedule.words["status"] = ("bad",)  # type: ignore[index]  # what the test is about
