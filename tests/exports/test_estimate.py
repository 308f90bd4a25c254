from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.exports.estimate import (
    ESTIMATE,
    Counted,
    Expected,
    counted,
    estimate_of,
    expected,
)
from storj_monitor.exports.jobs.orders import order_of, request_of
from storj_monitor.exports.pipeline import Export
from storj_monitor.plugin import Column, Kind, Span, Table
from storj_monitor.plugin.batches import batches_of_rows
from storj_monitor.plugin.query import microseconds
from tests.exports.offers import NOW, asked, asked_report, format_, source
from tests.records import ListeningHost, catalogue_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.store import Store

TIMES = (Column(key="at", label="At", kind=Kind.TIMESTAMP), Column(key="text", label="Text"))
START = datetime(2026, 3, 1, tzinfo=UTC)
SPAN = Span(START, START + timedelta(days=10))
LATER = SPAN.end + timedelta(days=1)


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


def times(hours: Sequence[float | None], in_each: int = 2) -> Table:
    rows = [(None if number is None else hour(number), "x") for number in hours]
    return Table.stream("times", "Times", TIMES, batches_of_rows(TIMES, rows, in_each))


def test_rows_that_are_read_to_the_end_are_counted_exactly() -> None:
    seen = counted(times([3, 1, None]), math.inf)
    assert seen == Counted(rows=3, is_whole=True)
    assert expected(seen, SPAN, LATER) == Expected(count=3, is_exact=True)


def test_rows_that_take_too_long_are_reckoned_by_their_times() -> None:
    seen = counted(times([6, 24, 48, 72]), until=0)
    assert seen == Counted(rows=2, is_whole=False, last_us=microseconds(hour(24)))
    assert expected(seen, SPAN, LATER) == Expected(count=20, is_exact=False)


def test_what_is_yet_to_come_has_no_rows() -> None:
    seen = Counted(rows=2, is_whole=False, last_us=microseconds(hour(24)))
    assert expected(seen, SPAN, hour(48)) == Expected(count=4, is_exact=False)


@pytest.mark.parametrize("hours", [[24, 6, 48], [None, 24, 48], [6, None, 48], [0, 0, 48]])
def test_rows_without_order_in_time_can_not_be_reckoned(hours: list[float | None]) -> None:
    seen = counted(times(hours), until=0)
    assert not seen.is_whole
    assert expected(seen, SPAN, LATER) is None


def test_rows_without_a_time_can_not_be_reckoned() -> None:
    column = Column(key="number", label="Number", kind=Kind.INTEGER)
    table = Table.of("numbers", "Numbers", [column], [(1,), (2,)])
    assert counted(table, until=0) == Counted(rows=2, is_whole=False)


def test_order_is_looked_at_across_batches_too() -> None:
    class Slow(float):
        """A moment that comes after so many looks."""

        looks = 0

        def __lt__(self, _: float) -> bool:
            self.looks += 1
            return self.looks == 2

    assert counted(times([24, 48, 1, 2, 3]), Slow()).last_us is None
    assert counted(times([24, 48, 48, 50, 51]), Slow()).last_us == microseconds(hour(50))


@given(
    rows=st.integers(0, 10**9),
    last=st.integers(-100, 300),
    is_whole=st.booleans(),
    now=st.integers(-100, 400),
)
def test_there_are_never_less_than_were_seen(
    rows: int, last: int, is_whole: bool, now: int
) -> None:
    seen = Counted(rows=rows, is_whole=is_whole, last_us=microseconds(hour(last)))
    found = expected(seen, SPAN, hour(now))
    if is_whole:
        assert found == Expected(count=rows, is_exact=True)
    elif last <= 0:
        assert found is None
    else:
        assert found is not None
        assert found.count >= rows
        assert not found.is_exact


@given(hours=st.integers(2, 240), seen=st.integers(1, 240))
def test_rows_that_come_evenly_are_reckoned_well(hours: int, seen: int) -> None:
    seen = min(seen, hours)
    span = Span(START, hour(hours))
    part = Counted(rows=seen, is_whole=False, last_us=microseconds(hour(seen)))
    found = expected(part, span, LATER + timedelta(days=1))
    assert found == Expected(count=hours, is_exact=False)


def test_the_times_alone_are_read_to_count_a_source(store: Store) -> None:
    timed = source(columns=TIMES, rows=lambda *_: [(NOW, "x")] * 7)
    request = estimate_of(asked(timed, format_("csv"), columns="text"))
    assert request is not None
    assert (request.format, request.query.columns) == (ESTIMATE, ("at",))
    again = request_of(order_of(request), catalogue_of(timed))
    assert again == request
    content = b"".join(Export(again, store, ListeningHost(), NOW).chunks())
    assert msgspec.json.decode(content, type=Counted) == Counted(rows=7, is_whole=True)


def test_columns_stay_where_no_time_is_in_front() -> None:
    request = estimate_of(asked(columns="count"))
    assert request is not None
    assert request.query.columns == ("count",)


def test_a_report_is_not_counted() -> None:
    assert estimate_of(asked_report()) is None
