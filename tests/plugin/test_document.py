"""Tables that are read once or again, and documents that any format can write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from storj_monitor.plugin import Chart, Column, Document, Figure, Figures, Kind, Note, Table
from storj_monitor.plugin.kinds import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = (
    Column(key="day", label="Day", kind=Kind.TIMESTAMP),
    Column(key="count", label="Count", kind=Kind.INTEGER),
)
ROWS = [
    (datetime(2026, 3, 1, tzinfo=UTC), 3),
    (datetime(2026, 3, 2, tzinfo=UTC), None),
]


def held(name: str = "daily") -> Table:
    return Table.of(name, "By day", COLUMNS, ROWS)


def streamed() -> Table:
    return Table.stream("daily", "By day", COLUMNS, iter(list(held().batches)))


def test_a_table_in_memory_may_be_read_again() -> None:
    table = held()
    assert list(table.rows()) == ROWS
    assert list(table.rows()) == ROWS
    assert [batch.num_rows for batch in table.batches] == [2]


def test_a_stream_is_read_once() -> None:
    table = streamed()
    assert list(table.rows()) == ROWS
    with pytest.raises(RuntimeError) as raised:
        list(table.rows())
    assert str(raised.value) == "table 'daily' is a stream and was read before: read it once"


def test_a_stream_is_not_read_before_it_is_asked_for() -> None:
    def never() -> Iterator[pa.RecordBatch]:
        raise AssertionError
        yield

    table = Table.stream("daily", "By day", COLUMNS, never())
    assert table.columns == COLUMNS


@pytest.mark.parametrize(
    ("schema", "difference"),
    [
        (
            pa.schema([("day", pa.timestamp("us", "UTC")), ("sum", pa.int64())]),
            "columns day, sum instead of day, count",
        ),
        (
            pa.schema([("day", pa.timestamp("us", "UTC")), ("count", pa.int32())]),
            "count is int32 instead of int64",
        ),
        (
            pa.schema(
                [
                    pa.field("day", pa.timestamp("us", "UTC"), nullable=False),
                    pa.field("count", pa.int64()),
                ]
            ),
            "only the metadata or nullability differs",
        ),
    ],
)
def test_a_batch_of_another_schema_is_refused_and_the_difference_named(
    schema: pa.Schema, difference: str
) -> None:
    batch = pa.RecordBatch.from_arrays(
        [pa.array([], field.type) for field in schema], schema=schema
    )
    table = Table.stream("daily", "By day", COLUMNS, [batch])
    with pytest.raises(TypeError) as raised:
        list(table.batches)
    assert str(raised.value) == (
        "table 'daily' got a batch of another schema than its columns declare: " + difference
    )


@pytest.mark.parametrize(
    ("name", "columns", "text"),
    [
        ("", COLUMNS, "name of a table must be a text that isn't empty, not ''"),
        ("daily", (), "table 'daily' declares no columns"),
        ("daily", ("day",), "column of table 'daily' must be a Column, not 'day'"),
        ("daily", COLUMNS + COLUMNS, "column of table 'daily': count, day is there twice"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(name: str, columns: Any, text: str) -> None:
    with pytest.raises((ValueError, TypeError)) as raised:
        Table.stream(name, "T", columns, [])
    assert str(raised.value) == text


def test_a_table_in_memory_checks_its_columns_before_its_rows() -> None:
    with pytest.raises(ValueError, match="declares no columns"):
        Table.of("daily", "T", (), [()])


def test_batches_can_be_passed_through_a_change_in_another_zone() -> None:
    def doubled(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield batch
            yield batch

    table = held().through(doubled, ZoneInfo("Asia/Tokyo"))
    assert len(list(table.rows())) == 4
    [first, *_] = table.rows()
    assert str(first[0]) == "2026-03-01 09:00:00+09:00"


def test_a_stream_that_was_passed_through_is_still_read_once() -> None:
    stream = streamed()
    table = stream.through(iter, ZoneInfo("UTC"))
    assert list(table.rows()) == ROWS
    with pytest.raises(RuntimeError):
        list(table.rows())
    with pytest.raises(RuntimeError):
        list(stream.rows())


FIGURES = Figures("Egress", (Figure("egress", "Egress", 1500, Kind.BYTES, 0.12),))


def test_a_document_gives_every_block_as_a_table_in_order() -> None:
    table, drawn = held("shown"), held("drawn")
    document = Document(
        "Report",
        (
            FIGURES,
            Chart("Again", table, "day", ("count",)),
            table,
            Chart("Alone", drawn, "day", ("count",), "bar"),
            Chart("Alone too", drawn, "day", ("count",)),
            Note("Two hours are missing", "warning"),
        ),
    )
    tables = list(document.tables())
    assert [it.name for it in tables] == ["figures", "shown", "drawn", "note"]
    assert tables[1] is table
    assert tables[2] is drawn
    assert list(tables[0].rows()) == [("egress", "Egress", "1500", "bytes", 0.12)]
    assert list(tables[3].rows()) == [("warning", "Two hours are missing")]
    assert document.sole_table is None


def test_a_plain_export_has_a_sole_table() -> None:
    table = held()
    assert Document("Events", (table,)).sole_table is table
    assert Document("Two", (table, held())).sole_table is None
    assert Document("Words", (Note("nothing"),)).sole_table is None
    assert Document("Empty", ()).sole_table is None


def test_title_and_blocks_are_enough() -> None:
    blocks: Any = [held()]
    document = Document("Events", blocks)
    assert isinstance(document.blocks, tuple)
    assert (document.generated_at, document.span, document.timezone) == (None, None, None)
    assert (document.nodes, document.brand) == (None, None)
    assert (dict(document.metadata), dict(document.options)) == ({}, {})


BAD: Any = "bad"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: Document("Report", (BAD,)),
            "a block of 'Report' must be a Table, Figures, Chart or Note, not 'bad'",
        ),
        (
            lambda: Figure("egress", "Egress", 1, BAD),
            "figure 'egress': kind must be a Kind, not 'bad'",
        ),
        (
            lambda: Figures("Egress", BAD),
            "figure of 'Egress': give a tuple of Figure, even of one, not 'bad'",
        ),
        (lambda: Figures("Egress", (BAD,)), "figure of 'Egress' must be a Figure, not 'bad'"),
        (
            lambda: Chart("Days", held(), "date", ("sum", "count")),
            "chart 'Days' draws columns that its table hasn't: ['date', 'sum']",
        ),
        (
            lambda: Chart("Days", held(), "day", BAD),
            "y of chart 'Days': give a tuple of str, even of one, not 'bad'",
        ),
        (
            lambda: Chart("Days", held(), "day", ("count",), BAD),
            "chart 'Days': shape must be line, bar or stacked: 'bad'",
        ),
        (lambda: Note("Hello", BAD), "level of a note must be info or warning: 'bad'"),
    ],
)
def test_a_block_that_makes_no_sense_is_refused_in_these_words(make: Any, text: str) -> None:
    with pytest.raises((ValueError, TypeError)) as raised:
        make()
    assert str(raised.value) == text


def test_the_schema_of_a_table_is_that_of_its_columns() -> None:
    assert [batch.schema for batch in held().batches] == [arrow_schema(COLUMNS)]


@pytest.mark.parametrize("item", [pa.table({"at": [1]}), [(1, 2)], None])
def test_what_is_no_batch_is_refused_by_name(item: object) -> None:
    table = Table.stream("daily", "By day", COLUMNS, [item])  # type: ignore[list-item]  # that is the point
    with pytest.raises(TypeError) as raised:
        list(table.batches)
    assert str(raised.value) == f"table 'daily' got {type(item).__name__}, not a RecordBatch"
