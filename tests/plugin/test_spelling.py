"""The machine's spelling, people's spelling, and what a spreadsheet may not see."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.plugin import Kind, display_text, formula_safe, machine_text

AT = datetime(2026, 3, 4, 10, 11, 12, 345_678, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, None, ""),
        (None, Kind.MONEY, ""),
        ("", Kind.TEXT, ""),
        ("=1+1", Kind.TEXT, "=1+1"),
        (True, None, "true"),
        (False, Kind.FLAG, "false"),
        (7, None, "7"),
        (-(10**18), Kind.BYTES, "-1000000000000000000"),
        (1500, Kind.DURATION, "1500"),
        (AT.replace(microsecond=0), Kind.TIMESTAMP, "2026-03-04T10:11:12.000+00:00"),
        (AT, Kind.TIMESTAMP, "2026-03-04T10:11:12.345+00:00"),
        (AT.astimezone(ZoneInfo("Asia/Kathmandu")), None, "2026-03-04T15:56:12.345+05:45"),
        (date(2026, 3, 4), Kind.DATE, "2026-03-04"),
        (Decimal("3.1"), None, "3.100000"),
        (Decimal("-0.000001"), Kind.MONEY, "-0.000001"),
        (Decimal("1E+3"), Kind.MONEY, "1000.000000"),
        (3, Kind.MONEY, "3.000000"),
        (3.1, Kind.MONEY, "3.100000"),
        (Decimal("NaN"), None, ""),
        (Decimal("Infinity"), Kind.MONEY, ""),
        (math.nan, Kind.MONEY, ""),
        (0.1, None, "0.1"),
        (3.0, Kind.NUMBER, "3"),
        (3, Kind.NUMBER, "3"),
        (10**17, Kind.NUMBER, "1e+17"),
        (Decimal("0.5"), Kind.RATIO, "0.5"),
        (math.nan, Kind.NUMBER, ""),
        (math.inf, None, ""),
        (-math.inf, Kind.RATIO, ""),
        (ZoneInfo("Europe/Berlin"), None, "Europe/Berlin"),
    ],
)
def test_the_machine_spells_it_so(value: object, kind: Kind | None, text: str) -> None:
    assert machine_text(value, kind) == text


def test_a_time_without_a_zone_can_not_be_spelt() -> None:
    with pytest.raises(ValueError, match="zone") as raised:
        machine_text(datetime(2026, 3, 4))  # noqa: DTZ001  that is the test
    assert str(raised.value) == (
        "a time without a zone can't be spelt: datetime.datetime(2026, 3, 4, 0, 0)"
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_spelt_as_arrow_casts_them(value: float) -> None:
    [expected] = pa.array([value], pa.float64()).cast(pa.string()).to_pylist()
    assert machine_text(value) == expected
    assert machine_text(value, Kind.NUMBER) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_can_be_read_back(value: float) -> None:
    assert float(machine_text(value)) == value


def test_the_two_zeros_are_not_taken_for_each_other() -> None:
    assert [machine_text(zero) for zero in (0.0, -0.0, 0.0)] == ["0", "-0", "0"]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**11), max_value=10**11
    )
)
def test_money_can_be_read_back(value: Decimal) -> None:
    text = machine_text(value, Kind.MONEY)
    assert Decimal(text) == value
    assert text.partition(".")[2].isdigit()
    assert len(text.partition(".")[2]) == 6


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, Kind.TEXT, "n/a"),
        (math.nan, Kind.NUMBER, "n/a"),
        (Decimal("NaN"), Kind.MONEY, "n/a"),
        ("alpha", Kind.TEXT, "alpha"),
        (True, Kind.FLAG, "yes"),
        (False, Kind.FLAG, "no"),
        (AT, Kind.TIMESTAMP, "2026-03-04 10:11:12"),
        (date(2026, 3, 4), Kind.DATE, "2026-03-04"),
        (0, Kind.BYTES, "0 B"),
        (-999, Kind.BYTES, "-999 B"),
        (1_250_000_000, Kind.BYTES, "1.25 GB"),
        (-1_250_000_000, Kind.BYTES, "-1.25 GB"),
        (999_994, Kind.BYTES, "999.99 kB"),
        (999_995, Kind.BYTES, "1.00 MB"),
        (10**22, Kind.BYTES, "10000.00 EB"),
        (Decimal("3.131"), Kind.MONEY, "$3.13"),
        (Decimal("-1234.5"), Kind.MONEY, "-$1,234.50"),
        (Decimal("-0.001"), Kind.MONEY, "$0.00"),
        (0.982, Kind.RATIO, "98.20 %"),
        (999, Kind.DURATION, "999 ms"),
        (1500, Kind.DURATION, "1.5 s"),
        (1234.5, Kind.NUMBER, "1,234.50"),
        (1234567, Kind.INTEGER, "1,234,567"),
    ],
)
def test_people_read_it_so(value: object, kind: Kind, text: str) -> None:
    assert display_text(value, kind) == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001  the full-width forms are meant
def test_a_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(start: str) -> None:
    assert formula_safe(f"{start}1") == f"'{start}1"


@pytest.mark.parametrize("text", ["", "a=b", "'=1", " =1", "1-2"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert formula_safe(text) == text
