"""The format parquet, read back with pyarrow."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given

from storj_export_plugins.formats.parquet import storj_formats
from storj_monitor.plugin import Column, Document, Figure, Figures, Kind, Note, Span, Table
from storj_monitor.plugin.kinds import arrow_schema
from tests.formats.samples import AT, BERLIN, columns_of, table_of, tables, written

if TYPE_CHECKING:
    from collections.abc import Iterator

(PARQUET,) = storj_formats()
COLUMNS = (
    Column(key="node", label="Node"),
    Column(key="paid_usd", label="Paid", kind=Kind.MONEY, unit="USD"),
)


def read(file: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(file))


@given(tables())
def test_every_table_comes_back_with_its_types_and_values(table: Table) -> None:
    back = read(written(PARQUET, table))
    assert back.schema.equals(arrow_schema(table.columns), check_metadata=False)
    bare = [
        pa.RecordBatch.from_arrays(batch.columns, schema=arrow_schema(table.columns))
        for batch in back.to_batches()
    ]
    again = Table("again", "Again", table.columns, lambda: bare, repeatable=True)
    in_zone = again.through(lambda batches: batches, table.timezone)
    # repr, since NaN is not equal to itself and 0.0 is equal to -0.0
    assert repr(list(in_zone.rows())) == repr(list(table.rows()))


def test_the_file_says_what_it_is() -> None:
    document = Document(
        "Earnings",
        (table_of(COLUMNS, [("alpha", Decimal(1))]),),
        generated_at=AT,
        span=Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
        timezone=BERLIN,
        nodes=("alpha", "beta, too"),
        metadata={"clamped": "true"},
    )
    schema = pq.read_schema(io.BytesIO(b"".join(PARQUET.render(document))))
    assert schema.metadata == {
        b"title": b"Earnings",
        b"span": b"2026-03-01T01:00:00.000+01:00/2026-04-01T02:00:00.000+02:00",
        b"timezone": b"Europe/Berlin",
        b"nodes": json.dumps(["alpha", "beta, too"]).encode(),
        b"generated_at": b"2026-03-04T11:11:12.987+01:00",
        b"clamped": b"true",
    }
    words = {b"label": b"Paid", b"kind": b"money", b"unit": b"USD"}
    assert words.items() <= (schema.field("paid_usd").metadata or {}).items()


def test_a_table_without_rows_is_a_valid_file_with_its_columns() -> None:
    back = read(written(PARQUET, table_of(COLUMNS, [])))
    assert back.num_rows == 0
    assert back.schema.names == ["node", "paid_usd"]


def test_the_same_document_gives_the_same_bytes_compressed_with_zstd() -> None:
    table = table_of(COLUMNS, [("alpha", Decimal(1)), (None, None)])
    assert written(PARQUET, table) == written(PARQUET, table)
    chunk = pq.read_metadata(io.BytesIO(written(PARQUET, table))).row_group(0).column(0)
    assert chunk.compression == "ZSTD"


def test_row_groups_gather_small_batches_and_cut_huge_ones() -> None:
    def batches(*sizes: int) -> Iterator[pa.RecordBatch]:
        for size in sizes:
            yield pa.RecordBatch.from_arrays(
                [pa.array(range(size), pa.int64())], schema=arrow_schema(columns_of(Kind.INTEGER))
            )

    sizes = (*[5_000] * 15, 300_000)
    table = Table.stream("n", "N", columns_of(Kind.INTEGER), batches(*sizes))
    metadata = pq.read_metadata(io.BytesIO(written(PARQUET, table)))
    groups = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    assert groups == [35_000, 35_000, 65_536, 65_536, 65_536, 65_536, 42_856]


def test_a_document_of_several_blocks_is_one_long_table_of_machine_texts() -> None:
    rows = [("alpha", Decimal("1.25")), (None, None)]
    document = Document(
        "Daily",
        (
            Figures("What matters", (Figure("late", "Late", 7, Kind.INTEGER),)),
            table_of(COLUMNS, rows, title="Totals", page=1),
            table_of(COLUMNS, [], title="Empty"),
            Note("hm"),
        ),
    )
    back = read(b"".join(PARQUET.render(document)))
    assert [tuple(row.values()) for row in back.to_pylist()] == [
        ("figures", "What matters", 0, "figure", "late"),
        ("figures", "What matters", 0, "label", "Late"),
        ("figures", "What matters", 0, "value", "7"),
        ("figures", "What matters", 0, "kind", "integer"),
        ("figures", "What matters", 0, "change", None),
        ("totals", "Totals", 0, "node", "alpha"),
        ("totals", "Totals", 0, "paid_usd", "1.250000"),
        ("totals", "Totals", 1, "node", None),
        ("totals", "Totals", 1, "paid_usd", None),
        ("note", "Note", 0, "level", "info"),
        ("note", "Note", 0, "text", "hm"),
    ]


def test_a_document_without_blocks_is_a_long_table_without_rows() -> None:
    back = read(b"".join(PARQUET.render(Document("Nothing", ()))))
    assert back.schema.names == ["table", "title", "row", "column", "value"]
    assert back.num_rows == 0
