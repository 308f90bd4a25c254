"""The format parquet: typed columns, compressed with zstd, written group by group.

A plain export keeps the types of its columns. Parquet holds one table, so a document of several
blocks becomes a long one: a row for each cell, with its table, title, row (from 0), column and
value in the machine's spelling.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from storj_export_plugins.formats.chunks import pieces
from storj_export_plugins.formats.spelling import spelt
from storj_monitor.plugin import Column, Format, Kind, hookimpl, machine_text
from storj_monitor.plugin.kinds import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from _typeshed import ReadableBuffer

    from storj_monitor.plugin import Document, Table

_GROUP_ROWS = 32_768
_CELLS = (
    Column(key="table", label="Table"),
    Column(key="title", label="Title"),
    Column(key="row", label="Row", kind=Kind.INTEGER),
    Column(key="column", label="Column"),
    Column(key="value", label="Value"),
)


class _Outbox(io.RawIOBase):
    """A file for Arrow to write to, whose bytes are taken out as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def drain(self) -> bytes:
        drained = b"".join(self._parts)
        self._parts.clear()
        return drained


def _metadata(document: Document) -> dict[bytes | str, bytes | str]:
    """Return what the file says of itself, together with the document's own words."""
    zone = document.timezone
    texts: dict[bytes | str, bytes | str] = {"title": document.title}
    if document.span is not None:
        ends = (document.span.start, document.span.end)
        texts["span"] = "/".join(machine_text(end.astimezone(zone)) for end in ends)
    if zone is not None:
        texts["timezone"] = str(zone)
    if document.nodes is not None:
        texts["nodes"] = json.dumps(document.nodes, ensure_ascii=False)
    if document.generated_at is not None:
        texts["generated_at"] = machine_text(document.generated_at.astimezone(zone))
    texts.update(document.metadata.items())
    return texts


def _schema(columns: tuple[Column, ...], document: Document) -> pa.Schema:
    """Return the columns' types, with their labels, kinds and units beside them."""
    import pyarrow as pa

    fields = []
    for field, column in zip(arrow_schema(columns), columns, strict=True):
        words = {"label": column.label, "kind": str(column.kind), "unit": column.unit}
        fields.append(field.with_metadata({key: word for key, word in words.items() if word}))
    return pa.schema(fields, metadata=_metadata(document))


def _cells(document: Document) -> Iterator[pa.RecordBatch]:
    for table in document.tables():
        first_row = 0
        for batch in table.batches:
            for piece in pieces(batch):
                yield _cells_of(table, piece, first_row)
                first_row += piece.num_rows


def _cells_of(table: Table, batch: pa.RecordBatch, first_row: int) -> pa.RecordBatch:
    """Return a row for each cell, from left to right and then down."""
    import pyarrow as pa
    import pyarrow.compute as pc

    height, width = batch.num_rows, batch.num_columns
    cells = pa.array(range(height * width), pa.int64())
    rows = pc.divide(cells, width)
    across = pc.subtract(cells, pc.multiply(rows, width))
    texts = pa.concat_arrays(
        [
            spelt(array, column.kind, table.timezone)
            for array, column in zip(batch.columns, table.columns, strict=True)
        ]
    )
    return pa.RecordBatch.from_arrays(
        [
            pa.repeat(table.name, len(cells)),
            pa.repeat(table.title, len(cells)),
            pc.add(rows, first_row),
            pa.array([column.key for column in table.columns]).take(across),
            texts.take(pc.add(pc.multiply(across, height), rows)),
        ],
        schema=arrow_schema(_CELLS),
    )


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Gather batches until they make a row group; an empty list is a sign that work goes on."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(each.num_rows for each in held) < _GROUP_ROWS:
            yield []
        else:
            yield held
            held = []
    yield held


def render(document: Document) -> Iterator[bytes]:
    """Yield the document as a Parquet file; an empty table is a file without rows."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    table = document.sole_table
    columns = _CELLS if table is None else table.columns
    outbox = _Outbox()
    with ParquetWriter(
        pa.PythonFile(outbox, "w"), _schema(columns, document), compression="zstd"
    ) as writer:
        for group in _groups(_cells(document) if table is None else table.batches):
            if group:
                writer.write_table(pa.Table.from_batches(group), row_group_size=2 * _GROUP_ROWS)
            yield outbox.drain() if group else b""
    yield outbox.drain()


@hookimpl
def storj_formats() -> list[Format]:
    """Offer parquet."""
    return [
        Format(
            name="parquet",
            title="Parquet",
            media_type="application/vnd.apache.parquet",
            render=render,
        )
    ]
