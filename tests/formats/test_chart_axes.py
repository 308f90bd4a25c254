"""The axes of a chart: round ticks, spelt for people, as many as there is room for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.graphics.shapes import String

from storj_export_plugins.formats.charts.keys import spread
from storj_export_plugins.formats.charts.times import texts, ticks
from storj_export_plugins.formats.charts.values import values_axis
from storj_monitor.plugin import Chart, Column, Kind
from tests.formats.drawn import (
    DAY,
    DAYS,
    NODE,
    SHAPES,
    by_day,
    chart_of,
    drawn,
    number,
    shapes_of,
    texts_of,
)
from tests.formats.samples import VALUES, table_of

if TYPE_CHECKING:
    from tests.formats.drawn import (
        Shape,
    )


@pytest.mark.parametrize("shape", ["bar", "stacked"])
def test_bars_stand_on_zero_even_where_all_values_are_large(shape: Shape) -> None:
    chart = by_day(1_000_000, 1_000_100, 1_000_050, shape=shape)
    assert "0" in texts_of(chart)
    assert "1.0 MB" in texts_of(chart)


def test_lines_that_keep_to_a_narrow_part_are_shown_large() -> None:
    assert "0" not in texts_of(by_day(0.97, 0.98, 0.99, kind=Kind.RATIO))
    assert "0" in texts_of(by_day(0.2, 0.98, 0.99, kind=Kind.RATIO))


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_labels_beside_a_chart_keep_their_distance_and_their_order(wanted: list[float]) -> None:
    heights = spread(wanted, 0, 100, 12)
    ordered = sorted(zip(wanted, heights, strict=True))
    assert all(0 <= height <= 100 for height in heights)
    gaps = [after[1] - before[1] for before, after in pairwise(ordered)]
    assert all(gap >= 12 - 1e-9 for gap in gaps) or len(set(wanted)) < len(wanted)


@pytest.mark.parametrize("width", [120, 250, 500, 900])
@pytest.mark.parametrize("count", [1, 2, 12, 31, 400])
def test_tick_labels_never_touch_and_stay_on_the_sheet(width: float, count: int) -> None:
    texts_ = [(f"node {index}", index) for index in range(count)]
    for shape in SHAPES:
        by_name = chart_of((NODE, number("aa")), texts_, shape)
        days = [(DAYS[0] + timedelta(days=index), index + 1) for index in range(count)]
        for chart in (by_name, chart_of((DAY, number("aa")), days, shape)):
            image = drawn(chart, width)
            labels = [one for one in shapes_of(image, String) if one.textAnchor == "middle"]
            assert labels
            ends = 0.0
            for label in sorted(labels, key=lambda one: one.x):
                half = (label.getEast() - label.x) / 2
                start, end = label.x - half, label.x + half
                assert start >= ends - 0.1
                assert end <= width + 0.1
                ends = end


def test_times_are_marked_on_the_clock_of_the_table() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    start = datetime(2026, 3, 4, tzinfo=kathmandu)
    column = Column(key="at", label="At", kind=Kind.TIMESTAMP)
    rows = [(start + timedelta(hours=hour), hour) for hour in range(25)]
    table = table_of((column, number("aa")), rows, kathmandu)
    labels = texts_of(Chart("A title", table, "at", ("aa",)))
    assert labels[-1] != labels[0]
    assert {"4 Mar", "06:00", "12:00", "18:00", "5 Mar"} <= set(labels)


@pytest.mark.parametrize(
    ("first", "last", "most", "expected"),
    [
        ((2026, 3, 4), (2026, 3, 4, 6), 4, ["4 Mar", "02:00", "04:00", "06:00"]),
        ((2026, 3, 4), (2026, 3, 31), 5, ["9 Mar", "16 Mar", "23 Mar", "30 Mar"]),
        ((2025, 11, 15), (2026, 3, 2), 6, ["Dec 2025", "Jan 2026", "Feb", "Mar"]),
        ((2019, 5, 1), (2026, 3, 2), 8, ["2020", "2021", "2022", "2023", "2024", "2025", "2026"]),
        ((1, 1, 1), (9999, 12, 31), 12, [str(year) for year in range(1000, 10_000, 1000)]),
    ],
)
def test_ticks_are_at_round_times(
    first: tuple[int, int, int], last: tuple[int, int, int], most: int, expected: list[str]
) -> None:
    marks = ticks(datetime(*first), datetime(*last), most)  # noqa: DTZ001  a wall clock
    assert [text for _, text in marks] == expected


def test_times_are_spelt_as_short_as_tells_them_apart() -> None:
    day = datetime(2026, 3, 4, tzinfo=UTC)
    assert texts([day, day + timedelta(hours=1)]) == ["00:00", "01:00"]
    assert texts([day, day + timedelta(hours=25)]) == ["4 Mar 00:00", "5 Mar 01:00"]
    assert texts([date(2026, 3, 4), date(2026, 3, 5)]) == ["4 Mar", "5 Mar"]
    assert texts([date(2026, 3, 1), date(2026, 4, 1)]) == ["Mar 2026", "Apr 2026"]


@pytest.mark.parametrize(
    ("kind", "low", "high", "expected"),
    [
        (Kind.BYTES, 0, 9.1e12, ["0", "2 TB", "4 TB", "6 TB", "8 TB", "10 TB"]),
        (Kind.BYTES, 0, 3, ["0", "1 B", "2 B", "3 B"]),
        (Kind.MONEY, 0, 2.1, ["$0", "$0.50", "$1.00", "$1.50", "$2.00", "$2.50"]),
        (Kind.MONEY, -7, 18, ["−$10", "−$5", "$0", "$5", "$10", "$15", "$20"]),  # noqa: RUF001
        (Kind.RATIO, 0.1, 0.99, ["0", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        (Kind.RATIO, 0.962, 0.999, ["96 %", "97 %", "98 %", "99 %", "100 %"]),
        (Kind.DURATION, 0, 4_100, ["0", "1 s", "2 s", "3 s", "4 s", "5 s"]),
        (Kind.INTEGER, 0, 45_000, ["0", "10,000", "20,000", "30,000", "40,000", "50,000"]),
        (Kind.NUMBER, 0, 2.5e6, ["0", "0.5 M", "1.0 M", "1.5 M", "2.0 M", "2.5 M"]),
        (Kind.INTEGER, 0, 0, ["0", "1"]),
    ],
)
def test_values_are_marked_at_round_numbers(
    kind: Kind, low: float, high: float, expected: list[str]
) -> None:
    assert list(values_axis(kind, [low, high], 5, from_zero=False).texts) == expected


@given(
    st.sampled_from([*VALUES]),
    st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=5),
    st.integers(0, 12),
    st.booleans(),
)
def test_every_value_is_on_its_axis_with_a_few_ticks(
    kind: Kind, numbers: list[float], most: int, from_zero: bool
) -> None:
    numbers = [one if abs(one) > 1e-100 else 0.0 for one in numbers]
    axis = values_axis(kind, numbers, most, from_zero=from_zero)
    assert all(-1e-6 <= axis.part(one) <= 1 + 1e-6 for one in numbers)
    assert 2 <= len(axis.ticks) <= most + 3
    assert list(axis.ticks) == sorted(set(axis.ticks))
    if from_zero:
        assert axis.low <= 0 <= axis.high
