from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storj_monitor.errors import Problem
from storj_monitor.exports.file_names import file_name
from tests.exports.offers import asked_report, format_, report, source


def problem_of(**words: Any) -> tuple[str, str, str]:
    with pytest.raises(Problem) as problem:
        asked_report(**words)
    return problem.value.code, problem.value.detail, problem.value.hint


def days_of(*items: Any, **words: Any) -> tuple[str, str]:
    span = asked_report(format_("pdf"), *items, **words).query.span
    return span.start.isoformat(), span.end.isoformat()


def test_without_a_word_a_report_is_a_pdf_of_all_nodes_in_utc() -> None:
    request = asked_report()
    assert request.subject.name == "tally"
    assert request.format.name == "pdf"
    assert request.query.nodes == ()
    assert request.query.timezone == ZoneInfo("UTC")
    assert (dict(request.query.filters), request.query.columns) == ({}, ())
    assert not request.query.personal
    assert not request.clamped


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("day", ("2026-03-03T00:00:00+00:00", "2026-03-04T00:00:00+00:00")),
        ("week", ("2026-02-23T00:00:00+00:00", "2026-03-02T00:00:00+00:00")),
        ("month", ("2026-02-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00")),
        ("custom", ("2026-02-26T00:00:00+00:00", "2026-03-05T00:00:00+00:00")),
    ],
)
def test_without_a_span_it_is_the_last_complete_one(period: str, days: tuple[str, str]) -> None:
    assert days_of(report(period=period), max_days=31) == days


def test_the_last_complete_day_is_one_of_the_zone() -> None:
    days = days_of(report(period="day"), timezone="Asia/Tokyo")
    assert days == ("2026-03-02T15:00:00+00:00", "2026-03-03T15:00:00+00:00")


def test_a_report_by_months_has_whole_months_of_utc_in_its_span_and_its_name() -> None:
    monthly = report(period="month")
    request = asked_report(
        format_("pdf"), monthly, start="2026-01-15", end="2026-02-02", timezone="Europe/Berlin"
    )
    assert request.query.span.start == datetime(2026, 1, 1, tzinfo=UTC)
    assert request.query.span.end == datetime(2026, 3, 1, tzinfo=UTC)
    assert file_name(request) == "tally_all_2026-01-01_2026-02-28.pdf"


def test_a_report_is_named_after_its_nodes_and_days() -> None:
    request = asked_report(period="2026-W09", node="n1", timezone="Europe/Berlin", format="csv")
    assert file_name(request) == "tally_n1_2026-02-23_2026-03-01.csv"


@pytest.mark.parametrize("period", ["day", "week", "custom"])
def test_a_long_span_keeps_its_start_or_is_refused(period: str) -> None:
    items = format_("pdf"), report(period=period)
    request = asked_report(*items, start="2026-01-01", end="2026-03-01", max_days=31)
    assert request.clamped
    assert request.query.span.end == datetime(2026, 2, 1, tzinfo=UTC)
    assert not asked_report(*items, start="2026-01-01", end="2026-03-01").clamped
    with pytest.raises(Problem, match="longer than 31 days"):
        asked_report(*items, start="2026-01-01", end="2026-03-01", max_days=31, strict="1")


def test_a_year_of_a_report_by_months_keeps_its_first_month() -> None:
    request = asked_report(format_("pdf"), report(period="month"), period="2025", max_days=31)
    assert request.clamped
    assert file_name(request) == "tally_all_2025-01-01_2025-01-31.pdf"


def test_metrics_are_a_filter_of_the_query_each_once_in_order() -> None:
    request = asked_report(metrics=["traffic,storage.used_bytes", "traffic", "reputation"])
    wanted = ("traffic", "storage.used_bytes", "reputation")
    assert dict(request.query.filters) == {"metrics": wanted}


def test_personal_columns_nodes_and_options_mean_what_they_mean_for_exports() -> None:
    request = asked_report(personal="1", nodes="n2,n1", preset="raw", option__head="some")
    assert request.query.personal
    assert request.query.nodes == ("n2", "n1")
    assert dict(request.options) == {"guard": "off", "head": "some"}


@pytest.mark.parametrize(
    ("words", "code", "detail", "hint"),
    [
        ({"subject": "taly"}, "unknown_report", "unknown report 'taly'", "Did you mean 'tally'?"),
        ({"subject": "things"}, "unknown_report", "unknown report 'things'", "Installed: tally."),
        ({"format": "xls"}, "unknown_format", "unknown format 'xls'", "Installed: csv, pdf."),
        ({"columns": "node"}, "unknown_filter", "unknown parameter 'columns'", "Report 'tally' "),
        (
            {"status": "good"},
            "unknown_filter",
            "unknown parameter 'status'",
            "Did you mean 'start'?",
        ),
        ({"metrics": ""}, "bad_filter", "metrics: '' is none", "A metric is a word such as"),
        ({"metrics": []}, "bad_filter", "metrics names none", "Name some, or leave it out."),
        ({"metrics": "Traffic"}, "bad_filter", "metrics: 'Traffic' is none", "A metric is"),
        ({"metrics": "a" * 65}, "bad_filter", f"metrics: '{'a' * 65}' is none", "A metric is"),
        ({"node": []}, "bad_request", "no node is asked for", "Leave the parameter out to"),
        ({"node": "n3"}, "unknown_node", "unknown node 'n3'", "Known: a,b, n1, n2."),
        ({"period": "later"}, "bad_span", "period='later' means nothing", "Write YYYY-MM"),
        ({"end": "2026-03-01"}, "bad_span", "there is an end but no start", "Give a start"),
        ({"timezone": "Mars"}, "bad_timezone", "there is no time zone 'Mars'", "Give a name"),
        ({"preset": "x"}, "unknown_preset", "unknown preset 'x'", "Format 'pdf' has the presets"),
        ({"option__x": "1"}, "bad_option", "unknown option 'x'", "Format 'pdf' has the options"),
    ],
)
def test_each_thing_that_makes_no_sense_is_said_with_what_would_work(
    words: dict[str, Any], code: str, detail: str, hint: str
) -> None:
    said = problem_of(**words)
    assert said[:2] == (code, detail)
    assert said[2].startswith(hint)


def test_metrics_of_a_report_that_is_about_one_thing_are_refused() -> None:
    with pytest.raises(Problem, match="report 'tally' takes no metrics") as problem:
        asked_report(source(), format_("pdf"), report(period="week"), metrics="traffic")
    assert problem.value.code == "unknown_filter"
    assert problem.value.hint.endswith("a report of any span, such as custom_range.")
