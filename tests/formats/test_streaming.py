"""What csv, json, ndjson and parquet share: they stream, and they agree."""

from __future__ import annotations

import csv
import importlib
import io
import json
import weakref
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

from storj_export_plugins.formats.chunks import pieces, text_bytes
from storj_monitor.plugin import Document, Kind, Table, machine_text
from storj_monitor.plugin.kinds import arrow_schema
from tests.formats.samples import columns_of, table_of, tables, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.plugin import Format

NAMES = ("csv", "json", "ndjson", "parquet")
COLUMNS = columns_of(Kind.INTEGER, Kind.TEXT)
#: More than a row group of parquet, so that each batch leaves by itself in every format.
MANY = 70_000


def format_called(name: str) -> Format:
    module = importlib.import_module(f"storj_export_plugins.formats.{name}")
    offered: Format = module.storj_formats()[0]
    return offered


@pytest.fixture(params=NAMES)
def offered(request: pytest.FixtureRequest) -> Format:
    return format_called(request.param)


def batch_of(rows: int) -> pa.RecordBatch:
    arrays: list[pa.Array[Any]] = [
        pa.array(range(rows), pa.int64()),
        pa.array(["x" * 10] * rows, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(COLUMNS))


class Source:
    """Batches that remember how many were read, how many live, and whether they were closed."""

    def __init__(self, *sizes: int, fails: bool = False) -> None:
        self.sizes = sizes
        self.fails = fails
        self.read = 0
        self.most_alive = 0
        self.closed = False
        self._seen: list[weakref.ref[pa.RecordBatch]] = []

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for size in self.sizes:
                self.read += 1
                yield self._watched(batch_of(size))
            if self.fails:
                message = "the disk is gone"
                raise OSError(message)
        finally:
            self.closed = True

    def _watched(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        self._seen.append(weakref.ref(batch))
        self.most_alive = max(self.most_alive, sum(ref() is not None for ref in self._seen))
        return batch

    def rendered(self, offered: Format) -> Iterator[bytes]:
        table = Table.stream("n", "N", COLUMNS, self.batches())
        return iter(offered.render(Document("N", (table,))))


def test_the_first_bytes_leave_before_the_second_batch_is_read(offered: Format) -> None:
    source = Source(MANY, MANY, MANY)
    assert next(source.rendered(offered))
    assert source.read == 1


def test_nothing_leaves_before_the_first_rows_were_read(offered: Format) -> None:
    source = Source(0, 0, MANY)
    chunks = source.rendered(offered)
    assert [bool(next(chunks)) for _ in range(3)] == [False, False, True]


def test_an_empty_batch_gives_an_empty_chunk_as_a_sign_of_life(offered: Format) -> None:
    rows = 40_000 if offered.name == "parquet" else 9  # a row group, a piece of text
    chunks = Source(rows, 0, rows).rendered(offered)
    assert [bool(next(chunks)) for _ in range(3)] == [True, False, True]


def test_an_iterator_closed_half_way_closes_the_source(offered: Format) -> None:
    source = Source(MANY, MANY, MANY)
    chunks = source.rendered(offered)
    next(chunks)
    del chunks
    assert source.closed
    assert source.read == 1


def test_a_failing_source_is_heard_and_the_file_is_not_finished(offered: Format) -> None:
    whole = b"".join(Source(MANY).rendered(offered))
    part = b""
    with pytest.raises(OSError, match="the disk is gone"):  # noqa: PT012  the loop is what raises
        for chunk in Source(MANY, fails=True).rendered(offered):
            part += chunk
    assert whole.startswith(part)
    assert len(part) < len(whole) or offered.name in ("csv", "ndjson")


def test_memory_holds_a_few_batches_however_many_there_are(offered: Format) -> None:
    source = Source(*[MANY] * 8)
    for _ in source.rendered(offered):
        pass
    assert source.read == 8
    assert source.most_alive <= 2


def test_parquet_holds_no_more_batches_than_a_row_group() -> None:
    source = Source(*[10_000] * 30)
    for _ in source.rendered(format_called("parquet")):
        pass
    assert source.most_alive <= 8


def test_rendering_does_not_depend_on_how_the_rows_came_in_batches(offered: Format) -> None:
    rows = [(index, str(index)) for index in range(10)]
    if offered.name != "parquet":
        by_three = written(offered, table_of(COLUMNS, rows, page=3))
        assert by_three == written(offered, table_of(COLUMNS, rows))


def test_a_huge_batch_is_taken_in_pieces() -> None:
    batch = batch_of(250_000)
    parts = list(pieces(batch))
    assert max(part.num_rows for part in parts) <= 10_000
    assert pa.Table.from_batches(parts) == pa.Table.from_batches([batch])


@pytest.mark.parametrize(
    ("texts", "together"),
    [
        (pa.array(["ab", None, "", "é"], pa.string()), "abé"),
        (pa.array(["ab", "cd", "ef"], pa.string()).slice(1, 1), "cd"),
        (pa.nulls(3, pa.string()), ""),
        (pa.array([], pa.string()), ""),
    ],
)
def test_texts_are_taken_from_the_buffer_one_after_the_other(
    texts: pa.StringArray, together: str
) -> None:
    assert text_bytes(texts).decode() == together


def cells_by_csv(table: Table) -> list[list[str]]:
    text = written(format_called("csv"), table).decode()
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def cells_of_objects(objects: list[dict[str, Any]], table: Table) -> list[list[str]]:
    """Number texts are kept as they stand in the file, true and false are spelt out."""
    return [[machine_text(item[column.key]) for column in table.columns] for item in objects]


def cells_by_json(table: Table) -> list[list[str]]:
    text = written(format_called("json"), table)
    return cells_of_objects(json.loads(text, parse_float=str, parse_int=str), table)


def cells_by_ndjson(table: Table) -> list[list[str]]:
    lines = written(format_called("ndjson"), table).split(b"\n")[:-1]
    return cells_of_objects(
        [json.loads(line, parse_float=str, parse_int=str) for line in lines], table
    )


def cells_by_parquet(table: Table) -> list[list[str]]:
    back = pq.read_table(io.BytesIO(written(format_called("parquet"), table)))
    batches = [
        pa.RecordBatch.from_arrays(batch.columns, schema=arrow_schema(table.columns))
        for batch in back.to_batches()
    ]
    again = Table("t", "T", table.columns, lambda: batches, repeatable=True)
    rows = again.through(lambda same: same, table.timezone).rows()
    kinds = [column.kind for column in table.columns]
    return [list(map(machine_text, row, kinds)) for row in rows]


@given(tables())
def test_the_four_formats_agree_cell_by_cell(table: Table) -> None:
    cells = cells_by_csv(table)
    assert cells_by_json(table) == cells
    assert cells_by_ndjson(table) == cells
    assert cells_by_parquet(table) == cells


def test_the_modules_load_no_heavy_library_by_being_imported() -> None:
    import subprocess
    import sys

    script = "\n".join(
        [
            "import sys",
            *(f"import storj_export_plugins.formats.{name}" for name in NAMES),
            "assert 'pyarrow' not in sys.modules",
        ]
    )
    subprocess.run([sys.executable, "-c", script], check=True)
