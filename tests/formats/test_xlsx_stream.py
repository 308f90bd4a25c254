"""The format xlsx while it is written: what leaves when, and the bytes of its ZIP archive."""

from __future__ import annotations

import struct
import tracemalloc
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pyarrow as pa
import pytest
from openpyxl import load_workbook

from storj_export_plugins.formats.xlsx import archive, storj_formats
from storj_export_plugins.formats.xlsx.archive import Archive, file_time
from storj_monitor.plugin import Chart, Document, Table
from storj_monitor.plugin.kinds import arrow_schema
from tests.formats.workbooks import MADE_AT, document_of, numbers, opened, render

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = numbers(0).columns
BATCH = pa.RecordBatch.from_arrays(
    [pa.array(range(5_000), pa.int64())], schema=arrow_schema(COLUMNS)
)
EMPTY = BATCH.slice(0, 0)


class Source:
    """Batches that can be read once, and remember how many were."""

    def __init__(self, *batches: pa.RecordBatch, fails: bool = False) -> None:
        self._batches = batches
        self._fails = fails
        self.read = 0
        self.closed = False

    def rendered(self) -> Iterator[bytes]:
        table = Table.stream("things", "Things", COLUMNS, self._each())
        (offered,) = storj_formats()
        return iter(offered.render(document_of(table)))

    def _each(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._batches:
                self.read += 1
                yield batch
            if self._fails:
                message = "the disk is gone"
                raise OSError(message)
        finally:
            self.closed = True


def test_the_first_bytes_leave_before_the_second_batch_is_read() -> None:
    source = Source(BATCH, BATCH, BATCH)
    first = next(source.rendered())
    assert first.startswith(b"PK\3\4")
    assert source.read == 1


def test_rows_leave_while_further_ones_are_read() -> None:
    source = Source(*[BATCH] * 20)
    chunks = source.rendered()
    sizes = [len(next(chunks)) for _ in range(20)]
    assert source.read == 20
    assert sum(sizes[:10]) > 50_000


def test_nothing_leaves_before_the_first_rows_and_empty_batches_are_signs_of_life() -> None:
    chunks = Source(EMPTY, EMPTY, BATCH, EMPTY, BATCH).rendered()
    assert [bool(next(chunks)) for _ in range(4)] == [False, False, True, False]


def test_a_failing_source_is_heard_and_the_archive_is_not_finished() -> None:
    given = b""
    with pytest.raises(OSError, match="the disk is gone"):  # noqa: PT012  the loop is what raises
        for chunk in Source(BATCH, fails=True).rendered():
            given += chunk
    assert b"PK\5\6" not in given


def test_chunks_that_are_given_up_close_the_source() -> None:
    source = Source(BATCH, BATCH)
    chunks = source.rendered()
    next(chunks)
    del chunks
    assert source.closed
    assert source.read == 1


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(batches: int) -> int:
        tracemalloc.start()
        for _ in Source(*[BATCH] * batches).rendered():
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak(1)
    assert peak(60) < peak(2) + 1_000_000


def test_a_table_that_two_charts_draw_is_read_once() -> None:
    table = Table.stream("things", "Things", COLUMNS, [BATCH])
    charts = [Chart(title, table, "number", ("number",)) for title in ("One", "Two")]
    workbook = opened(Document("Report", (charts[0], table, charts[1])))
    assert workbook.sheetnames == ["Summary", "Things", "Info"]
    assert workbook["Things"].max_row == 5_001


def test_a_reader_that_streams_too_sees_every_row() -> None:
    content = b"".join(Source(BATCH, BATCH).rendered())
    workbook = load_workbook(BytesIO(content), read_only=True)
    numbers_read = [row[0] for row in workbook["Things"].iter_rows(min_row=2, values_only=True)]
    assert numbers_read == [*range(5_000)] * 2


def test_no_header_is_of_zip64() -> None:
    content = render(document_of(numbers(10)))
    with ZipFile(BytesIO(content)) as zipped:
        members = zipped.infolist()
        assert zipped.testzip() is None
    assert all(not member.extra and member.extract_version == 20 for member in members)
    for member in members:
        needed, flags, _, _, _, crc, packed, size, _, extra = struct.unpack_from(
            "<5H3L2H", content, member.header_offset + 4
        )
        assert (needed, flags, crc, packed, size, extra) == (20, 0x0808, 0, 0, 0, 0)
        name = len(member.filename)
        after = member.header_offset + 30 + name + member.compress_size
        sums = (member.CRC, member.compress_size, member.file_size)
        assert content[after : after + 16] == b"PK\7\x08" + struct.pack("<3L", *sums)
    assert b"PK\6\6" not in content
    assert b"PK\6\7" not in content


def test_types_come_first_and_the_sheet_with_rows_before_all_that_needs_their_number() -> None:
    with ZipFile(BytesIO(render(document_of(numbers(10))))) as zipped:
        names = zipped.namelist()
    assert names[:2] == ["[Content_Types].xml", "xl/worksheets/sheet1.xml"]
    assert len(names) == len(set(names))


def test_every_part_is_declared_as_what_it_is() -> None:
    chart = Chart("One", numbers(3), "number", ("number",))
    with ZipFile(BytesIO(render(Document("Report", (chart, chart))))) as zipped:
        declared = zipped.read("[Content_Types].xml").decode()
        named = {name for name in zipped.namelist() if f'PartName="/{name}"' in declared}
        undeclared = {name for name in zipped.namelist() if not name.endswith(".rels")} - named
    assert declared.count("<Override ") == len(named)
    assert undeclared == {
        "[Content_Types].xml",
        *(f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3)),
    }


def test_an_archive_ends_before_zip64_would_be_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 100)
    small = Archive(file_time(MADE_AT))
    with pytest.raises(ValueError, match="a workbook ends at 4 GiB: ask for a shorter span"):
        small.add("name", bytes(range(256)))


def test_a_time_before_zip_archives_is_the_first_that_one_can_state() -> None:
    assert file_time(datetime(1970, 1, 1, tzinfo=UTC)) == file_time(None)
    early = Archive(file_time(None))
    early.add("name", b"content")
    early.finish()
    with ZipFile(BytesIO(early.drain())) as zipped:
        assert zipped.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)
        assert zipped.read("name") == b"content"
