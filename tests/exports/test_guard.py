from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storj_monitor.exports.guard import guarded, is_guarded
from storj_monitor.plugin import Column, Kind, formula_safe
from storj_monitor.plugin.batches import batches_of_rows
from storj_monitor.plugin.kinds import arrow_schema
from tests.exports.offers import format_

TEXT = (Column(key="text", label="Text"),)
STARTS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001  the full-width forms are meant


def safe(*texts: str | None) -> list[object]:
    batches = batches_of_rows(TEXT, [(text,) for text in texts])
    return [row["text"] for batch in guarded(TEXT, batches) for row in batch.to_pylist()]


@pytest.mark.parametrize("start", STARTS)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe(f"{start}1", start, f"a{start}", None) == [
        *(f"'{start}1", f"'{start}", f"a{start}", None)
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "0", "9", "A", "Z", "'=1", " =1", "a\n=1", '"=1', ",=1", "~", "日本"),
        *("ｂ", "Ａ", "\U0001f680", "\U0010ffff", "：", "Ä", "\0=", ":", ";", "?", "<", ">"),  # noqa: RUF001  neighbours of the full-width forms
    ],
)
def test_any_other_text_is_left_as_it_is(text: str) -> None:
    assert safe(text) == [text]
    assert safe(text, "=1") == [text, "'=1"]


@given(
    texts=st.lists(
        st.none() | st.text(st.characters(codec="utf-8") | st.sampled_from(STARTS), max_size=3)
    )
)
@example(texts=[chr(code) for code in range(0x80)])
@example(texts=[chr(code) for code in range(0xFF00, 0xFFF0)])
@example(texts=[None, None])
@example(texts=[])
def test_cells_and_the_own_texts_of_a_format_are_made_safe_alike(texts: list[str | None]) -> None:
    assert safe(*texts) == [None if text is None else formula_safe(text) for text in texts]


def test_the_guard_never_touches_what_is_no_text() -> None:
    columns = tuple(Column(key=f"a_{kind}", label="x", kind=kind) for kind in Kind)
    numbers = {
        Kind.TEXT: ["-1.5", "=x"],
        Kind.INTEGER: [-1, 2],
        Kind.NUMBER: [-1.5, 2.5],
        Kind.MONEY: [Decimal("-1.5"), None],
        Kind.BYTES: [-5, None],
        Kind.RATIO: [-0.5, None],
        Kind.DURATION: [-5, None],
        Kind.TIMESTAMP: [None, None],
        Kind.DATE: [None, None],
        Kind.FLAG: [True, None],
    }
    rows = list(zip(*(numbers[column.kind] for column in columns), strict=True))
    [before] = batches_of_rows(columns, rows)
    [after] = guarded(columns, iter([before]))
    assert after.schema == arrow_schema(columns)
    assert after["a_text"].to_pylist() == ["'-1.5", "'=x"]
    for column in columns[1:]:
        assert after[column.key].equals(before[column.key])


def test_a_part_of_a_larger_batch_is_guarded_as_well() -> None:
    [batch] = batches_of_rows(TEXT, [("=1",), ("=2",), ("3",), ("=4",)])
    [after] = guarded(TEXT, iter([batch.slice(1, 2)]))
    assert after["text"].to_pylist() == ["'=2", "3"]
    assert isinstance(after, pa.RecordBatch)


@pytest.mark.parametrize(
    ("spreadsheet", "options", "expected"),
    [
        (True, {}, True),
        (True, {"guard": "on"}, True),
        (True, {"guard": "off"}, False),
        (False, {}, False),
        (False, {"guard": "on"}, False),
    ],
)
def test_only_a_spreadsheet_is_guarded_and_its_option_turns_it_off(
    spreadsheet: bool, options: dict[str, str], expected: bool
) -> None:
    assert is_guarded(format_(spreadsheet=spreadsheet), options) is expected
