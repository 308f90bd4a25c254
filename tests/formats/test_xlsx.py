"""The format xlsx: what stands in its cells, read back with openpyxl."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings

from storj_monitor.plugin import Column, Kind, Table
from tests.formats.samples import tables
from tests.formats.workbooks import (
    ALL_KINDS,
    MADE_AT,
    TEXT,
    cells_of,
    document_of,
    info_of,
    opened,
    sheet_xml,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def expected(value: object) -> object:
    """Say what a cell should hold for a value of rows()."""
    match value:
        case None | "" | bool():
            return None if value == "" else value
        case str():
            return "".join(char if is_legal(ord(char)) else "\ufffd" for char in value)
        case int():
            return str(value) if abs(value) >= 10**15 else value
        case float():
            return value if abs(value) <= sys.float_info.max else None
        case Decimal():
            micros = abs(int(value.scaleb(6)))
            unneeded = next(zeros for zeros in range(6, -1, -1) if micros % 10**zeros == 0)
            return f"{value:.6f}" if micros // 10**unneeded >= 10**15 else float(value)
        case date():
            return expected_date(value)
    raise AssertionError(value)


def expected_date(value: date) -> object:
    if isinstance(value, datetime):
        if value.date() < date(1900, 3, 1):
            return value.isoformat(timespec="milliseconds")
        return value.replace(tzinfo=None, microsecond=value.microsecond // 1000 * 1000)
    if value < date(1900, 3, 1):
        return value.isoformat()
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001  as openpyxl reads it


def is_legal(code: int) -> bool:
    return code in (9, 10, 13) or (code >= 32 and code not in (0xFFFE, 0xFFFF))


@given(tables())
@settings(max_examples=100)
def test_every_cell_holds_what_the_table_gave(table: Table) -> None:
    rows = [tuple(map(expected, row)) for row in table.rows()]
    sheet = opened(document_of(table))["Things"]
    shape = {"min_row": 2, "max_row": 1 + len(rows), "max_col": len(table.columns)}
    assert (list(sheet.iter_rows(**shape, values_only=True)) if rows else []) == rows
    assert sheet.max_row == 1 + len(rows)


ODD_TEXTS = (
    *("=1+1", "plain", "", None, " ", " a", "a ", "a\nb", "\r\n", "a\tb", "_x000D_", "a_x0041_b"),
    *("<b>&amp;</b>", "]]>", "\x00\x1f", "\ufffe", "\u2028", "\x85", "#N/A", "TRUE", "1", "😀" * 9),
)


def test_odd_texts_stand_beside_plain_ones_in_their_rows() -> None:
    columns = (*TEXT, Column(key="number", label="Number", kind=Kind.INTEGER))
    rows = [(text, number) for number, text in enumerate(ODD_TEXTS)]
    read = [tuple(cell.value for cell in row) for row in cells_of(columns, rows)]
    assert read == [(expected(text), number) for text, number in rows]


def texts_of(raw: Sequence[bytes | None]) -> Table:
    """Return a table whose texts needn't be UTF-8, as a database may give them."""
    texts = pa.array(raw, pa.binary()).view(pa.string())
    batch = pa.RecordBatch.from_arrays([texts], names=["node"])
    return Table.stream("things", "Things", TEXT, [batch])


def test_bytes_that_are_no_text_are_shown_as_replaced() -> None:
    document = document_of(texts_of([b"a\xff", "é".encode(), None, b"\xed\xa0\x80"]))
    rows = list(opened(document)["Things"].iter_rows(min_row=2, max_row=5, values_only=True))
    assert rows == [("a\ufffd",), ("é",), (None,), ("\ufffd" * 3,)]
    document = document_of(texts_of([b"a\xff"]))
    assert ("Things", 1, "texts with control characters, shown as \ufffd: 1") in [
        row[:3] for row in info_of(document)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
    ],
)
def test_text_is_never_a_formula_and_stays_text_when_edited(text: str) -> None:
    ((cell,),) = cells_of(TEXT, [[text]])
    assert cell.value == text
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_harmless_text_has_no_quote_prefix_even_after_a_guarded_one() -> None:
    rows = cells_of(TEXT, [["=1"], ["alpha"], ["#REF!"]])
    assert [bool(row[0].quotePrefix) for row in rows] == [True, False, False]
    assert rows[2][0].data_type == "s"


@pytest.mark.parametrize(
    "text", ["_x000D_", "a_x0041_b", "_x005F_x000D_", "_x", "_x000D", "__x0041__"]
)
def test_what_looks_like_an_escape_stays_as_it_is(text: str) -> None:
    ((cell,),) = cells_of(TEXT, [[text]])
    assert cell.value == text
    runs = sheet_xml(document_of(table_of(TEXT, [[text]])))
    assert "_x000D_" not in runs
    assert "_x0041_" not in runs


def test_a_text_longer_than_a_cell_is_cut_with_a_mark_and_said_on_info() -> None:
    document = document_of(table_of(TEXT, [["x" * 32_767], ["x" * 32_768], ["🚀" * 20_000]]))
    rows = list(opened(document)["Things"].iter_rows(min_row=2, values_only=True))
    assert rows[0][0] == "x" * 32_767
    assert rows[1][0] == "x" * 32_760 + "… [cut]"
    assert rows[2][0] == "🚀" * 16_380 + "… [cut]"
    assert ("Things", 3, "texts cut at 32,767 characters: 2") in [
        row[:3] for row in info_of(document)
    ]


def test_what_had_to_be_changed_is_counted_on_info() -> None:
    columns = (*TEXT, Column(key="bytes", label="Bytes", kind=Kind.BYTES))
    document = document_of(
        table_of(columns, [["a\x00b", 10**15], ["\x1b", -(10**15)], ["", 10**14]])
    )
    rows = list(opened(document)["Things"].iter_rows(min_row=2, values_only=True))
    assert rows == [
        ("a\ufffdb", "1000000000000000"),
        ("\ufffd", "-1000000000000000"),
        (None, 10**14),
    ]
    (remarks,) = [row[2] for row in info_of(document) if row[:2] == ("Things", 3)]
    assert remarks == (
        "texts with control characters, shown as \ufffd: 2; "
        "numbers over 15 digits, or dates before March 1900, as text: 2"
    )


@pytest.mark.parametrize(
    "zone", ["Pacific/Pago_Pago", "UTC", "Asia/Kathmandu", "Pacific/Kiritimati"]
)
def test_a_date_is_the_same_day_and_a_time_is_local_in_every_zone(zone: str) -> None:
    columns = (
        Column(key="day", label="Day", kind=Kind.DATE),
        Column(key="time", label="Time", kind=Kind.TIMESTAMP),
    )
    at = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    table = table_of(columns, [[date(2026, 3, 1), at]], ZoneInfo(zone))
    day, time = next(opened(document_of(table))["Things"].iter_rows(min_row=2))
    assert day.value == datetime(2026, 3, 1)  # noqa: DTZ001  a cell knows no zone
    assert day.number_format == "yyyy-mm-dd"
    assert time.value == at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert time.number_format == "yyyy-mm-dd hh:mm:ss"


def test_numbers_carry_the_format_of_their_kind() -> None:
    values = ["a", 1, 0.1 + 0.2, Decimal("3.13"), 2, 0.5, 3, MADE_AT, date(2026, 1, 1), True]
    (cells,) = cells_of(ALL_KINDS, [values])
    formats = {
        column.kind: cell.number_format for column, cell in zip(ALL_KINDS, cells, strict=True)
    }
    assert formats[Kind.RATIO] == "0.00%"
    assert formats[Kind.MONEY] == "#,##0.00####"
    assert formats[Kind.BYTES] == formats[Kind.INTEGER] == "#,##0"
    assert formats[Kind.NUMBER] == formats[Kind.TEXT] == "General"
    assert [cell.data_type for cell in cells] == ["s", *"nnnnnn", *"dd", "b"]


def test_milliseconds_are_kept_and_microseconds_are_not() -> None:
    at = MADE_AT + timedelta(microseconds=999_999)
    columns = (Column(key="time", label="Time", kind=Kind.TIMESTAMP),)
    ((cell,),) = cells_of(columns, [[at]])
    assert cell.value.microsecond == 999_000
