"""Rows to batches and back, and what a source's author is told of a value that doesn't fit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.plugin import Column, Kind
from storj_monitor.plugin.batches import BATCH_ROWS, batches_of_rows, rows_of_batches
from storj_monitor.plugin.kinds import arrow_schema

UTC_ZONE = ZoneInfo("UTC")
ALL = tuple(Column(key=str(kind), label=str(kind), kind=kind) for kind in Kind)
INT64 = st.integers(-(2**63), 2**63 - 1)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.text(st.characters(codec="utf-8")),
    Kind.INTEGER: INT64,
    Kind.NUMBER: st.floats(allow_nan=False),
    Kind.MONEY: st.decimals(-(10**11), 10**11, places=6),
    Kind.BYTES: INT64,
    Kind.RATIO: st.floats(0, 1),
    Kind.DURATION: INT64,
    Kind.TIMESTAMP: st.datetimes(
        datetime(1700, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
        datetime(2300, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
        timezones=st.just(UTC_ZONE),
    ),
    Kind.DATE: st.dates(),
    Kind.FLAG: st.booleans(),
}


def one(kind: Kind) -> tuple[Column, ...]:
    return (Column(key="cell", label="Cell", kind=kind),)


@given(st.lists(st.tuples(*(st.none() | VALUES[kind] for kind in Kind)), max_size=7))
def test_rows_of_every_kind_come_back_as_they_were(rows: list[tuple[object, ...]]) -> None:
    batches = list(batches_of_rows(ALL, rows, size=3))
    assert all(batch.schema == arrow_schema(ALL) for batch in batches)
    assert list(rows_of_batches(ALL, batches, UTC_ZONE)) == rows


def test_a_batch_has_as_many_rows_as_a_page() -> None:
    rows = ((number,) for number in range(BATCH_ROWS + 1))
    assert [batch.num_rows for batch in batches_of_rows(one(Kind.INTEGER), rows)] == [BATCH_ROWS, 1]


def test_no_rows_are_no_batches() -> None:
    assert list(batches_of_rows(ALL, [])) == []


def test_whole_numbers_do_for_numbers_and_money() -> None:
    columns = (*one(Kind.MONEY), Column(key="ratio", label="Ratio", kind=Kind.RATIO))
    [row] = rows_of_batches(columns, batches_of_rows(columns, [[3, 1]]), UTC_ZONE)
    assert row == (Decimal("3.000000"), 1.0)
    assert isinstance(row[0], Decimal)


def test_times_are_in_the_zone_that_was_asked_for_and_keep_their_microseconds() -> None:
    at = datetime(2026, 3, 4, 10, 11, 12, 345_678, tzinfo=timezone(timedelta(hours=-3)))
    batches = batches_of_rows(one(Kind.TIMESTAMP), [(at,)])
    [(back,)] = rows_of_batches(one(Kind.TIMESTAMP), batches, ZoneInfo("Europe/Berlin"))
    assert isinstance(back, datetime)
    assert back.isoformat() == "2026-03-04T14:11:12.345678+01:00"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.TEXT, 7, "column 'cell' (text) expects str or None, not 7"),
        (Kind.TEXT, b"x", "column 'cell' (text) expects str or None, not b'x'"),
        (Kind.INTEGER, "7", "column 'cell' (integer) expects int or None, not '7'"),
        (Kind.INTEGER, 7.0, "column 'cell' (integer) expects int or None, not 7.0"),
        (Kind.INTEGER, True, "column 'cell' (integer) expects int or None, not True"),
        (Kind.NUMBER, False, "column 'cell' (number) expects float or None, not False"),
        (Kind.MONEY, 0.1, "column 'cell' (money) expects Decimal or None, not 0.1"),
        (Kind.FLAG, 1, "column 'cell' (flag) expects bool or None, not 1"),
        (
            Kind.TIMESTAMP,
            datetime(2026, 3, 4),  # noqa: DTZ001  that is the test
            (
                "column 'cell' (timestamp) expects an aware datetime: give it a time zone, "
                "not datetime.datetime(2026, 3, 4, 0, 0)"
            ),
        ),
        (
            Kind.TIMESTAMP,
            date(2026, 3, 4),
            "column 'cell' (timestamp) expects datetime or None, not datetime.date(2026, 3, 4)",
        ),
        (
            Kind.DATE,
            datetime(2026, 3, 4, tzinfo=UTC),
            (
                "column 'cell' (date) expects a date, not a time, "
                "not datetime.datetime(2026, 3, 4, 0, 0, tzinfo=datetime.timezone.utc)"
            ),
        ),
    ],
)
def test_a_value_of_a_wrong_type_is_named_with_its_column(
    kind: Kind, value: object, text: str
) -> None:
    with pytest.raises(TypeError) as raised:
        list(batches_of_rows(one(kind), [(None,), (value,)]))
    assert str(raised.value) == text


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.INTEGER, 2**63),
        (Kind.MONEY, Decimal("0.0000001")),
        (Kind.MONEY, Decimal(10**12)),
        (Kind.MONEY, Decimal("NaN")),
        (Kind.TEXT, "\ud800"),
        (Kind.NUMBER, 2**53 + 1),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_column(kind: Kind, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^column 'cell' \({kind}\): "):
        list(batches_of_rows(one(kind), [(value,)]))


@pytest.mark.parametrize("row", [(), (1, 2), "1", b"1", {"cell": 1}, {1}, iter((1,)), None, 1])
def test_a_row_must_be_a_sequence_of_as_many_values_as_columns(row: Any) -> None:
    with pytest.raises(ValueError, match="a row must have") as raised:
        list(batches_of_rows(one(Kind.INTEGER), [row]))
    assert str(raised.value) == f"a row must have 1 values, one for each column: {row!r}"


def test_every_kind_has_the_arrow_type_that_the_guide_promises() -> None:
    assert {str(kind): str(kind.arrow_type()) for kind in Kind} == {
        "text": "string",
        "integer": "int64",
        "number": "double",
        "money": "decimal128(18, 6)",
        "bytes": "int64",
        "ratio": "double",
        "duration": "int64",
        "timestamp": "timestamp[us, tz=UTC]",
        "date": "date32[day]",
        "flag": "bool",
    }
    assert arrow_schema(one(Kind.TEXT)) == pa.schema([("cell", pa.string())])
