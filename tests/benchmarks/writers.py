"""One writer of workbooks, in a process of its own: prints the seconds that it takes.

All write 14 columns: the 12 of the events, and two more of numbers. Ours reads the database within
the time it states; the others are given rows of Python values that are in memory already.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from storj_export_plugins.formats.xlsx import storj_formats
from storj_export_plugins.sources.events import storj_sources
from storj_monitor.plugin import Column, Document, Kind, Query, Span, Table
from storj_monitor.plugin.query import UTC_ZONE
from storj_monitor.store import Store
from tests.benchmarks.data import START

if TYPE_CHECKING:
    from collections.abc import Iterator

_MORE = (
    Column(key="megabytes", label="Megabytes", kind=Kind.NUMBER),
    Column(key="seconds", label="Seconds", kind=Kind.NUMBER),
)


@contextmanager
def _events(path: Path, end: datetime) -> Iterator[Table]:
    """Give all columns of the events, and two more, as a stream from the database."""
    (source,) = storj_sources()
    assert source.batches is not None
    keys = tuple(column.key for column in source.columns)
    query = Query(
        span=Span(START, end),
        nodes=(),
        filters={},
        timezone=UTC_ZONE,
        columns=keys,
        personal=True,
    )
    with Store.open(path).reader() as reader:
        batches = map(_with_numbers, source.batches(reader, query))
        yield Table.stream("events", "Events", (*source.columns, *_MORE), batches)


def _with_numbers(batch: pa.RecordBatch) -> pa.RecordBatch:
    for name, key, unit in (("megabytes", "size_bytes", 1e6), ("seconds", "duration_ms", 1e3)):
        numbers = pc.divide(batch.column(key).cast(pa.float64()), pa.scalar(unit, pa.float64()))
        batch = batch.append_column(name, numbers)
    return batch


def _ours(path: Path, end: datetime, output: Path) -> float:
    (offered,) = storj_formats()
    started = time.perf_counter()
    with _events(path, end) as table, output.open("wb") as file:
        file.writelines(offered.render(Document("Events", (table,))))
    return time.perf_counter() - started


def _rows(path: Path, end: datetime) -> list[tuple[object, ...]]:
    """Return rows as both of the others take them: times without a zone."""

    def without_zone(value: object) -> object:
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value

    with _events(path, end) as table:
        return [tuple(map(without_zone, row)) for row in table.rows()]


def _openpyxl(path: Path, end: datetime, output: Path) -> float:
    from openpyxl import Workbook

    rows = _rows(path, end)
    started = time.perf_counter()
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in rows:
        sheet.append(row)
    workbook.save(output)
    return time.perf_counter() - started


def _xlsxwriter(path: Path, end: datetime, output: Path) -> float:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no types

    rows = _rows(path, end)
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    started = time.perf_counter()
    workbook = Workbook(str(output), options)
    sheet = workbook.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    workbook.close()
    return time.perf_counter() - started


if __name__ == "__main__":
    writers = {"ours": _ours, "openpyxl": _openpyxl, "xlsxwriter": _xlsxwriter}
    name, path, end, output = sys.argv[1:]
    print(writers[name](Path(path), datetime.fromisoformat(end), Path(output)))
