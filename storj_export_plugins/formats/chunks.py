"""Batches become bytes: a chunk for each batch, so that memory stays flat and bytes leave early."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from storj_monitor.plugin import Table

#: What is made into text at once: enough to be quick, and little enough to be small in memory.
_PIECE_ROWS = 10_000
_PIECE_BYTES = 64 * 1024 * 1024


def chunks(
    table: Table, encode: Callable[[pa.RecordBatch], bytes], head: bytes = b""
) -> Iterator[bytes]:
    """Yield `head` and the encoded rows of `table`, read batch by batch.

    The head comes with the first rows (or alone at the end when there are none), so that nothing
    leaves before a row was read. An empty batch gives an empty chunk: a sign that work goes on.
    """
    for batch in table.batches:
        if not batch.num_rows:
            yield b""
            continue
        for piece in pieces(batch):
            yield head + encode(piece)
            head = b""
    if head:
        yield head


def pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield `batch` in pieces that are safe to be made text of."""
    rows = batch.num_rows
    if rows > 1 and (rows > _PIECE_ROWS or batch.nbytes > _PIECE_BYTES):
        yield from pieces(batch.slice(0, rows // 2))
        yield from pieces(batch.slice(rows // 2))
    else:
        yield batch


def joined(
    parts: Iterable[pa.StringArray | str], separator: str = "", missing: str | None = None
) -> pa.StringArray:
    """Join texts row by row: arrays of one length (at least one), and strings for every row.

    A missing text is written as `missing`; with None it makes its whole row missing.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    # A literal is given its type, since Arrow takes 0.15 ms to guess one: longer than the join.
    texts = [
        pa.scalar(part, pa.string()) if isinstance(part, str) else part
        for part in (*parts, separator)
    ]
    options = pc.JoinOptions() if missing is None else pc.JoinOptions("replace", missing)
    return cast("pa.StringArray", pc.call_function("binary_join_element_wise", texts, options))


def text_bytes(texts: pa.StringArray) -> bytes:
    """Return all texts one after the other, straight from Arrow's buffer."""
    _, offsets, data = texts.buffers()
    if data is None or offsets is None or not len(texts):
        return b""
    ends = memoryview(offsets).cast("i")
    start = ends[texts.offset]
    return data.slice(start, ends[texts.offset + len(texts)] - start).to_pybytes()
