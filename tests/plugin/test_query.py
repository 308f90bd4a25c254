"""Spans and queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.plugin import Query, Span
from storj_monitor.plugin.query import microseconds, moment

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_a_span_is_in_utc_whatever_zone_it_was_given_in() -> None:
    berlin = datetime(2026, 3, 4, 13, tzinfo=ZoneInfo("Europe/Berlin"))
    span = Span(berlin, berlin + timedelta(microseconds=1))
    assert (span.start, span.start.tzinfo) == (NOON, UTC)
    assert span.end_us - span.start_us == 1
    assert span.start_us == 1_772_625_600_000_000


def test_a_span_may_be_empty_but_not_end_before_it_starts() -> None:
    assert Span(NOON, NOON).start == NOON
    with pytest.raises(ValueError, match="ends before") as raised:
        Span(NOON, NOON - timedelta(hours=1))
    assert str(raised.value) == (
        "a span ends before it starts: 2026-03-04 12:00:00+00:00 to 2026-03-04 11:00:00+00:00"
    )


@pytest.mark.parametrize("name", ["start", "end"])
def test_a_span_without_a_zone_is_refused(name: str) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone") as raised:
        Span(**{"start": NOON, "end": NOON, name: naive})
    assert str(raised.value) == f"{name} of a span needs a time zone: {naive!r}"


@given(st.datetimes(timezones=st.timezones(), allow_imaginary=False))
def test_times_survive_the_database(at: datetime) -> None:
    try:
        expected = at.astimezone(UTC)
    except OverflowError:  # the first and last hours of the calendar
        return
    assert moment(microseconds(at)) == expected


def test_a_query_means_everything_unless_it_says_so() -> None:
    query = Query(span=Span(NOON, NOON))
    assert (query.nodes, dict(query.filters), query.columns) == ((), {}, ())
    assert (query.timezone, query.personal) == (ZoneInfo("UTC"), False)


def test_a_span_of_anything_but_times_is_refused() -> None:
    with pytest.raises(TypeError) as raised:
        Span(1, 2)  # type: ignore[arg-type]  # that is the point
    assert str(raised.value) == "start of a span must be an aware datetime, not 1"
