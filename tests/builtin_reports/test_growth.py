from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from storj_export_plugins.reports.growth import FARTHEST_DAYS, FEWEST_POINTS, Growth

_DAYS = st.lists(st.integers(0, 400), min_size=FEWEST_POINTS, max_size=40, unique=True)


@example([0, 1, 2, 3, 5], 1, 34_359_738_366, 1)
@given(_DAYS, st.integers(1, 10**11), st.integers(0, 10**13), st.integers(1, 10**13))
def test_a_perfect_line_gives_the_exact_day_and_no_doubt(
    days: list[int], slope: int, first: int, left: int
) -> None:
    growth = Growth.of([(day, first + slope * day) for day in days])
    assert growth is not None
    assert growth.slope == pytest.approx(slope)
    assert growth.r_squared == pytest.approx(1)
    exact = left / slope
    assume(abs(exact - FARTHEST_DAYS) > 1)
    expected = exact if exact < FARTHEST_DAYS else None
    for found in growth.full_in(left):
        assert found == (None if expected is None else pytest.approx(expected))


def test_too_few_points_and_points_of_one_moment_are_no_line() -> None:
    points = [(float(day), 10.0 * day) for day in range(FEWEST_POINTS)]
    assert Growth.of(points) is not None
    assert Growth.of(points[1:]) is None
    assert Growth.of([]) is None
    assert Growth.of([(1.0, 5.0), (1.0, 6.0), (1.0, 7.0), (1.0, 8.0)]) is None


def test_the_error_of_the_slope_is_that_of_the_textbook() -> None:
    # x 1 to 5, y 2, 4, 5, 4, 5: slope 0.6, residuals -0.8, 0.6, 1, -0.6, -0.2, their squares 2.4.
    growth = Growth.of([(1, 2), (2, 4), (3, 5), (4, 4), (5, 5)])
    assert growth is not None
    assert growth.slope == pytest.approx(0.6)
    assert growth.error == pytest.approx(math.sqrt(2.4 / 3 / 10))
    assert growth.r_squared == pytest.approx(0.6)
    slowest, fastest = growth.bounds
    assert (slowest + fastest) / 2 == pytest.approx(0.6)
    assert fastest - 0.6 == pytest.approx(3.182 * growth.error)


def test_the_bounds_hold_the_true_slope_about_nineteen_times_of_twenty() -> None:
    random = Random(1)
    held = 0
    for _ in range(1_000):
        growth = Growth.of([(day, 7 * day + random.gauss(0, 20)) for day in range(30)])
        assert growth is not None
        slowest, fastest = growth.bounds
        held += slowest <= 7 <= fastest
    assert 930 <= held <= 970


def test_what_does_not_grow_is_never_full_and_what_is_full_is_so_now() -> None:
    still = Growth.of([(day, 5.0) for day in range(9)])
    shrinking = Growth.of([(day, -5.0 * day) for day in range(9)])
    assert still is not None
    assert shrinking is not None
    assert still.r_squared == 1
    assert still.full_in(10) == (None, None, None)
    assert shrinking.full_in(10) == (None, None, None)
    assert still.full_in(0) == (0, 0, 0)


def test_growth_that_is_not_certain_has_an_earliest_day_but_no_latest() -> None:
    growth = Growth.of([(0, 0), (1, 30), (2, -20), (3, 40), (4, 10)])
    assert growth is not None
    days, earliest, latest = growth.full_in(100)
    assert latest is None
    assert days is not None
    assert earliest is not None
    assert 0 < earliest < days
