from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.plugin import Span
from storj_monitor.plugin.payouts import (
    HELD_PERCENTS,
    TB,
    Earned,
    Price,
    Usage,
    estimated,
    held_percent,
    month_of,
    month_start,
    months_of,
    next_month,
    returned,
    split,
    withheld_percent,
)

PRICE = Price(storage=1_350_000, egress=1_000_000, repair=1_000_000, audit=1_000_000)
PERIODS = st.builds("{:04}-{:02}".format, st.integers(1970, 2199), st.integers(1, 12))
BYTES = st.integers(0, 10**16)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def later(period: str, months: int) -> str:
    for _ in range(months):
        period = next_month(period)
    return period


# Months


def test_a_month_is_that_of_utc_wherever_the_time_was_told() -> None:
    assert month_of(datetime.fromisoformat("2026-10-01T01:30:00+02:00")) == "2026-09"
    assert month_of(moment("2026-10-01")) == "2026-10"
    assert month_start("2026-10") == moment("2026-10-01")


@pytest.mark.parametrize("period", ["", "2026", "2026-13", "2026-00", "2026-1x"])
def test_what_is_no_month_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|month must be in"):
        month_start(period)


@given(PERIODS)
def test_months_follow_one_another_without_a_gap(period: str) -> None:
    assert month_of(month_start(period)) == period
    end = month_start(next_month(period))
    assert month_of(end - timedelta(microseconds=1)) == period


def test_a_span_touches_the_months_that_any_moment_of_it_is_in() -> None:
    whole = Span(moment("2026-11-01"), moment("2027-02-01"))
    assert list(months_of(whole)) == ["2026-11", "2026-12", "2027-01"]
    edges = Span(moment("2026-11-30T23:59:59"), moment("2026-12-01T00:00:01"))
    assert list(months_of(edges)) == ["2026-11", "2026-12"]


# What is held back


def test_a_node_expects_less_to_be_held_back_every_three_months() -> None:
    joined_at = moment("2026-06-10")
    percents = [held_percent(joined_at, later("2026-06", month)) for month in range(11)]
    assert percents == [75, 75, 75, 50, 50, 50, 25, 25, 25, 0, 0]
    assert held_percent(joined_at, "2026-05") == 75


def test_a_satellite_returns_from_the_sixteenth_month_on() -> None:
    joined_at = moment("2026-06-10")
    percents = [withheld_percent(joined_at, later("2026-06", month)) for month in range(17)]
    assert percents == [*HELD_PERCENTS, 0, 0, 0, 0, 0, 0, None, None]
    assert later("2026-06", 15) == "2027-09"


def test_a_day_that_a_month_lacks_is_so_many_days_after_its_last() -> None:
    """The satellite's clock is Go's: Nov 30 and 3 months is Mar 2, so February is a month more."""
    late, usual = moment("2026-11-30"), moment("2026-11-28")
    assert (withheld_percent(late, "2027-02"), withheld_percent(usual, "2027-02")) == (75, 50)
    assert held_percent(late, "2027-02") == held_percent(usual, "2027-02") == 50
    # In a leap year it is Mar 1: only what joined after midnight is later than the month's end.
    assert withheld_percent(moment("2027-11-30T00:00:01"), "2028-02") == 75
    assert withheld_percent(moment("2027-11-30"), "2028-02") == 50


def test_a_month_that_ends_when_the_next_step_begins_is_of_that_step() -> None:
    first = moment("2026-06-01")
    assert withheld_percent(first, "2026-08") == 50
    assert withheld_percent(first + timedelta(microseconds=1), "2026-08") == 75


@given(st.datetimes(datetime(2018, 1, 1), datetime(2100, 1, 1)), st.integers(0, 20))  # noqa: DTZ001  it gets its zone below
def test_node_and_satellite_differ_by_no_more_than_a_step(joined: datetime, months: int) -> None:
    joined_at = joined.replace(tzinfo=UTC)
    period = later(month_of(joined_at), months)
    withheld = withheld_percent(joined_at, period)
    assert abs((withheld or 0) - held_percent(joined_at, period)) in (0, 25)
    if months not in (14, 15):  # it joined in a month's first moment, or on a day of few months
        assert (withheld is None) is (months > 15)


def test_half_of_what_is_held_is_returned_and_all_of_it_after_an_exit() -> None:
    assert returned(21_400_000, 0) == 10_700_000
    assert returned(21_400_000, 10_700_000) == 0
    assert returned(21_400_001, 10_000_000) == 700_000
    assert returned(21_400_000, 10_700_000, after_exit=True) == 10_700_000
    assert returned(10, 8) == 0


# What a node expects


def test_the_example_of_a_month_is_exact_to_the_micro_dollar() -> None:
    usage = Usage(
        byte_hours=4_200_000_000_000 * 744,
        egress_bytes=310_000_000_000,
        repair_bytes=95_000_000_000,
        audit_bytes=1_200_000_000,
    )
    earned = estimated(usage, PRICE)
    assert earned == Earned(storage=5_859_000, egress=310_000, repair=95_000, audit=1_200)
    assert sum(earned) == 6_265_200
    assert held_percent(moment("2026-06-10"), "2026-10") == 50


def test_a_node_rounds_to_a_hundredth_of_a_cent() -> None:
    def egress(bytes_: int) -> int:
        return estimated(Usage(0, bytes_, 0, 0), PRICE).egress

    assert [egress(n) for n in (49_999_999, 50_000_000, 149_999_999)] == [0, 100, 100]
    assert egress(TB) == 1_000_000


@given(st.builds(Usage, BYTES, BYTES, BYTES, BYTES))
def test_no_part_is_further_from_the_truth_than_half_of_that(usage: Usage) -> None:
    earned = estimated(usage, PRICE)
    exact = (usage.byte_hours * PRICE.storage, usage.egress_bytes * PRICE.egress * 720)
    for part, amount in zip(earned, exact, strict=False):
        assert abs(part * 720 * TB - amount) <= 50 * 720 * TB
        assert part % 100 == 0


@given(st.integers(0, 10**12), BYTES, BYTES)
def test_what_is_divided_between_repair_and_audits_stays_the_same(
    amount: int, repair_bytes: int, audit_bytes: int
) -> None:
    repair, audit = split(amount, repair_bytes, audit_bytes)
    assert repair + audit == amount
    assert repair >= 0
    assert audit >= 0


def test_it_is_divided_by_their_bytes() -> None:
    assert split(96_200, 95_000_000_000, 1_200_000_000) == (95_000, 1_200)
    assert split(100, 0, 0) == (100, 0)
    assert split(100, 0, 5) == (0, 100)
