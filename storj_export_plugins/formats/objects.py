"""Rows as JSON objects (RFC 8259), put together by Arrow a batch at a time; values one by one."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from storj_export_plugins.formats.chunks import chunks, joined, text_bytes
from storj_export_plugins.formats.spelling import spelt
from storj_monitor.plugin import Kind, machine_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from storj_monitor.plugin import Column, Table

_IN_QUOTES = (Kind.TEXT, Kind.TIMESTAMP, Kind.DATE)
_FIRST_PRINTABLE = 0x20
#: What can't stand in a JSON string as it is, and how it is written; the backslash comes first.
_ESCAPES = {
    char: json.dumps(char)[1:-1] for char in ("\\", '"', *map(chr, range(_FIRST_PRINTABLE)))
}


def value_text(value: object, kind: Kind | None = None) -> str:
    """Return one Python value as JSON: numbers bare, money with six digits, what is missing null.

    Everything that isn't a number or a flag is a string in the machine's spelling.
    """
    if value is None:
        return "null"
    if isinstance(value, int | float | Decimal):
        return machine_text(value, kind) or "null"
    return json.dumps(machine_text(value), ensure_ascii=False)


def object_text(members: Mapping[str, str]) -> str:
    """Return a JSON object whose values are JSON texts already."""
    return "{" + ",".join(f"{json.dumps(key)}:{text}" for key, text in members.items()) + "}"


def object_chunks(
    table: Table, *, before: str = "{", after: str = "\n", head: bytes = b""
) -> Iterator[bytes]:
    """Yield the rows of `table` as objects, keys in the order of the columns.

    Each begins with `before`, which opens the object, and is followed by `after`.
    """
    return chunks(table, partial(_objects, table.columns, table.timezone, before, after), head)


def _objects(
    columns: tuple[Column, ...], zone: ZoneInfo, before: str, after: str, batch: pa.RecordBatch
) -> bytes:
    parts: list[pa.StringArray | str] = []
    literal = before
    for column, array in zip(columns, batch.columns, strict=True):
        texts, quote = _member(spelt(array, column.kind, zone), column.kind)
        parts += [f'{literal}"{column.key}":{quote}', texts]
        literal = f"{quote},"
    parts.append(f"{literal[:-1]}}}{after}")
    return text_bytes(joined(parts, missing="null"))


def _member(texts: pa.StringArray, kind: Kind) -> tuple[pa.StringArray, str]:
    """Return texts ready to stand in an object, and the quote to put around each of them.

    A column with missing values brings its own quotes, since null stands without.
    """
    if kind not in _IN_QUOTES or texts.null_count == len(texts):
        return texts, ""
    if kind is Kind.TEXT:
        texts = _escaped(texts)
    if texts.null_count:
        return joined(['"', texts, '"']), ""
    return texts, '"'


def _escaped(texts: pa.StringArray) -> pa.StringArray:
    import pyarrow.compute as pc

    data = text_bytes(texts)
    if b'"' in data or b"\\" in data or _has_control_characters(data):
        for char, escape in _ESCAPES.items():
            if char.encode() in data:
                texts = pc.replace_substring(texts, char, escape)
    return texts


def _has_control_characters(data: bytes) -> bool:
    """Look for them with Arrow's minimum, ten times as fast as a search for each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = pa.Array.from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)])
    smallest = pc.min_max(codes)["min"].as_py()
    return smallest is not None and smallest < _FIRST_PRINTABLE
