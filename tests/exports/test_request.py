from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.errors import Problem
from storj_monitor.exports.request import Limits, parse_export
from storj_monitor.plugin import Filter
from tests.exports.offers import NOW, asked, format_, source
from tests.records import catalogue_of


def problem_of(**words: Any) -> tuple[str, str, str]:
    with pytest.raises(Problem) as problem:
        asked(**words)
    return problem.value.code, problem.value.detail, problem.value.hint


def test_without_a_word_a_request_means_csv_of_all_nodes_in_utc_for_seven_days() -> None:
    request = asked()
    assert request.format.name == "csv"
    assert request.query.nodes == ()
    assert request.query.timezone == ZoneInfo("UTC")
    assert (request.query.span.end - request.query.span.start).days == 7
    assert request.query.filters == {"bucket": ("hour",)}
    assert request.options == {"guard": "on"}
    assert not request.query.personal
    assert not request.clamped


def test_personal_columns_are_left_out_unless_asked_for() -> None:
    assert asked().query.columns == ("node", "count")
    assert asked(personal="1").query.columns == ("node", "count", "address")
    assert asked(personal="TRUE").query.personal
    assert not asked(personal="0").query.personal


def test_columns_come_in_the_order_asked_for() -> None:
    request = asked(columns="count,node")
    assert request.query.columns == ("count", "node")
    assert request.query.columns == ("count", "node")
    request = asked(columns="address", personal="1")
    assert request.query.columns == ("address",)


def test_nodes_are_split_at_commas_and_a_node_is_not() -> None:
    assert asked(nodes="n2,n1,n2").query.nodes == ("n2", "n1")
    assert asked(node="a,b").query.nodes == ("a,b",)
    assert asked(node=["n2", "n1", "n2"]).query.nodes == ("n2", "n1")


def test_a_filter_takes_commas_and_repeats_as_any_of() -> None:
    request = asked(status=["good,bad", "good"], colour="red", bucket="day")
    assert request.query.filters == {
        "status": ("good", "bad"),
        "colour": ("red",),
        "bucket": ("day",),
    }


def test_options_begin_with_the_defaults_then_the_preset_then_what_is_asked_for() -> None:
    assert asked(preset="raw").options == {"guard": "off", "head": "none"}
    assert asked(preset="raw", option__guard="on").options == {"guard": "on", "head": "none"}
    assert asked(option__head="=1").options == {"guard": "on", "head": "=1"}


def test_an_empty_text_is_a_default_of_an_option_too() -> None:
    option = Filter(name="prefix", summary="What comes first", default="")
    assert asked(source(), format_("csv", options=(option,), presets={})).options == {"prefix": ""}


def test_a_request_can_not_be_changed_afterwards() -> None:
    request = asked()
    with pytest.raises(TypeError):
        request.options["guard"] = "off"  # type: ignore[index]  # that is the point
    with pytest.raises(TypeError):
        request.query.filters["status"] = ()  # type: ignore[index]  # as above


def test_the_limit_of_a_source_stands_above_the_setting() -> None:
    months = source(max_days=400)
    endless = source(max_days=None)
    words = {"start": "2024-01-01", "end": "2025-12-31"}
    for limited, days in ((source(), 10), (months, 400), (endless, 731)):
        span = asked(limited, format_("csv"), max_days=10, **words).query.span
        assert (span.end - span.start).days == days
        span = asked(limited, format_("csv"), max_days=None, **words).query.span
        assert (span.end - span.start).days == 731


def test_a_source_of_months_is_asked_for_whole_months_of_utc_and_keeps_the_zone() -> None:
    monthly = source(max_days=3660, period="month")
    words = {"timezone": "Europe/Berlin"}
    request = asked(monthly, format_("csv"), max_days=31, **words)
    assert str(request.query.span.start) == "2026-03-01 00:00:00+00:00"
    assert str(request.query.span.end) == "2026-04-01 00:00:00+00:00"
    assert request.query.timezone == ZoneInfo("Europe/Berlin")
    request = asked(monthly, format_("csv"), max_days=31, start="2016-03-04", **words)
    assert (request.query.span.end - request.query.span.start).days == 3652  # ten years
    assert request.clamped
    ordinary = source(period="month")
    assert asked(ordinary, format_("csv"), max_days=7, **words).query.span.end.month == 4


TAKES = (
    "An export of 'things' takes: bucket, colour, columns, days, end, format, manifest, node, "
    "nodes, period, personal, preset, start, status, strict, timezone."
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            {"subject": "thing"},
            (
                "unknown_source",
                "unknown source 'thing'",
                "Did you mean 'things'? Installed: things.",
            ),
        ),
        (
            {"_format": "xls"},
            ("unknown_format", "unknown format 'xls'", "Installed: csv, lines."),
        ),
        (
            {"_format": "line"},
            (
                "unknown_format",
                "unknown format 'line'",
                "Did you mean 'lines'? Installed: csv, lines.",
            ),
        ),
        (
            {"perod": "today"},
            ("unknown_filter", "unknown parameter 'perod'", f"Did you mean 'period'? {TAKES}"),
        ),
        (
            {"statuses": "good"},
            ("unknown_filter", "unknown parameter 'statuses'", f"Did you mean 'status'? {TAKES}"),
        ),
        (
            {"timezone": "Europe/Atlantis"},
            (
                "bad_timezone",
                "there is no time zone 'Europe/Atlantis'",
                "Give a name such as Europe/Berlin or UTC.",
            ),
        ),
        (
            {"columns": "node,cout"},
            (
                "unknown_column",
                "unknown column 'cout'",
                "Did you mean 'count'? Source 'things' has: count, node.",
            ),
        ),
        (
            {"columns": ""},
            ("unknown_column", "unknown column ''", "Source 'things' has: count, node."),
        ),
        (
            {"columns": "address"},
            (
                "unknown_column",
                "unknown column 'address'",
                "It is personal: ask for it with personal=1.",
            ),
        ),
        (
            {"columns": "node,node"},
            ("bad_request", "columns='node,node' names one twice", "Name each once."),
        ),
        (
            {"columns": ["node", "count"]},
            ("bad_request", "columns is given more than once", "Give it once."),
        ),
        (
            {"nodes": "n1", "node": "n2"},
            (
                "bad_request",
                "nodes and node are both given",
                "Use nodes=A,B or node=A, not both.",
            ),
        ),
        *(
            (
                {key: value},
                (
                    "bad_request",
                    "a node without a name is asked for",
                    "Leave the parameter out to get all nodes.",
                ),
            )
            for key, value in (
                *(("nodes", ""), ("nodes", "n1,")),
                *(("node", ""), ("node", ["n1", ""])),
            )
        ),
        (
            {"nodes": []},
            ("bad_request", "no node is asked for", "Leave the parameter out to get all nodes."),
        ),
        *(
            (
                {"node": name},
                (
                    "unknown_node",
                    f"unknown node {name!r}",
                    f"Did you mean {meant!r}? Known: a,b, n1, n2."
                    if meant
                    else "Known: a,b, n1, n2.",
                ),
            )
            for name, meant in (
                *(("n3", ""), ("zzz", ""), ("N1", ""), (" n1", "n1")),
                *(("\uff4e1", ""), ("n1\u200b", "n1")),
            )
        ),
        (
            {"status": "good,ugly"},
            ("bad_filter", "status='ugly' is no value of the filter", "Allowed: bad, good."),
        ),
        (
            {"colour": "red,"},
            ("bad_filter", "colour='' is no value of the filter", "Give a value, or leave it out."),
        ),
        (
            {"personal": "maybe"},
            ("bad_request", "personal='maybe' is neither yes nor no", "Give 1 or 0."),
        ),
        (
            {"strict": ""},
            ("bad_request", "strict='' is neither yes nor no", "Give 1 or 0."),
        ),
        (
            {"preset": "rae"},
            (
                "unknown_preset",
                "unknown preset 'rae'",
                "Did you mean 'raw'? Format 'csv' has the presets: raw.",
            ),
        ),
        (
            {"option__gard": "on"},
            (
                "bad_option",
                "unknown option 'gard'",
                "Did you mean 'guard'? Format 'csv' has the options: guard, head.",
            ),
        ),
        (
            {"option__guard": "of"},
            (
                "bad_option",
                "option guard='of' can't be used",
                "Did you mean 'off'? Allowed: off, on.",
            ),
        ),
        (
            {"option__head": ["a", "b"]},
            ("bad_option", "option head='a,b' can't be used", "Give one value."),
        ),
        (
            {"option__head": ""},
            ("bad_option", "option head='' can't be used", "Give one value."),
        ),
        (
            {"option__guard": []},
            ("bad_option", "option guard='' can't be used", "Allowed: off, on."),
        ),
        (
            {"days": "0"},
            (
                "bad_span",
                "days='0' is no number of days",
                "Give a whole number from 1 to 36600.",
            ),
        ),
    ],
)
def test_each_thing_that_makes_no_sense_is_said_with_what_would_work(
    words: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert problem_of(**words) == expected


def test_a_preset_of_a_format_without_any_says_so() -> None:
    with pytest.raises(Problem) as problem:
        asked(source(), format_("csv", presets={}), preset="raw")
    assert problem.value.hint == "Format 'csv' has the presets: none."


def test_of_many_names_some_are_shown() -> None:
    many = [f"node{number:03}" for number in range(100)]
    with pytest.raises(Problem) as problem:
        asked(known=many, node="x")
    assert problem.value.hint == f"Known: {', '.join(many[:20])}, ...."


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "/etc/passwd", "../etc/passwd", "Europe", "Europe/", "Europe/Berlin\0"),
        *("zone.tab", "x" * 5000, "\udcff", "Europe/Berlin ", "Europe//Berlin", "tzdata.zi", "é"),
    ],
)
def test_what_is_no_time_zone_is_only_that(name: str) -> None:
    code, detail, _ = problem_of(timezone=name)
    assert (code, detail) == ("bad_timezone", f"there is no time zone {name!r}")


words_known = st.sampled_from(
    [
        *("format", "start", "end", "period", "days", "node", "nodes", "columns", "timezone"),
        *("personal", "preset", "strict", "status", "colour", "bucket", "manifest"),
        *("option.guard", "option.head", "option.", "option"),
    ]
)
values_likely = st.sampled_from(
    [
        *("", "1", "0", "csv", "lines", "n1", "n1,n2", "today", "2026-03", "2026-03-04", "node"),
        *("2026-03-04T10:00", "good", "hour", "day", "raw", "on", "Europe/Berlin", "address", ","),
    ]
)
parameters = st.dictionaries(
    words_known | st.text(max_size=8),
    st.lists(values_likely | st.text(max_size=20), max_size=3),
    max_size=6,
)


@given(subject=st.just("things") | st.text(max_size=5), words=parameters)
def test_any_parameters_give_a_request_or_a_problem(
    subject: str, words: dict[str, list[str]]
) -> None:
    limits = Limits(now=NOW, nodes=["n1", "n2"], max_days=31)
    catalogue = catalogue_of(source(), format_("csv"), format_())
    try:
        request = parse_export(subject, words, catalogue, limits)
    except Problem as problem:
        assert problem.is_the_callers  # noqa: PT017  any other exception fails the test
        return
    assert set(request.query.nodes) <= {"n1", "n2"}
    assert request.query.personal or "address" not in request.query.columns
    assert request.query.columns
