"""The format xlsx: its sheets, and the one about the others, read back with openpyxl."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from storj_export_plugins.formats.xlsx import sheets
from storj_export_plugins.formats.xlsx.names import SheetNames
from storj_monitor.plugin import Column, Document, Kind, Span, Table
from tests.formats.workbooks import (
    ALL_KINDS,
    MADE_AT,
    TEXT,
    document_of,
    info_of,
    numbers,
    opened,
    render,
    table_of,
)


def test_rows_past_the_limit_go_on_in_further_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_PER_SHEET", 4)
    workbook = opened(document_of(numbers(7)))
    assert workbook.sheetnames == ["Things", "Things (2)", "Things (3)", "Info"]
    read = [list(workbook[name].iter_rows(values_only=True)) for name in workbook.sheetnames[:3]]
    assert read == [
        [("number",), (0,), (1,), (2,)],
        [("number",), (3,), (4,), (5,)],
        [("number",), (6,)],
    ]
    assert [workbook[name].auto_filter.ref for name in workbook.sheetnames[:3]] == [
        "A1:A4",
        "A1:A4",
        "A1:A2",
    ]
    counts = [
        row[:2] for row in info_of(document_of(numbers(7))) if str(row[0]).startswith("Things")
    ]
    assert counts[:3] == [("Things", 3), ("Things (2)", 3), ("Things (3)", 1)]


def test_a_sheet_ends_before_its_xml_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "BYTES_PER_SHEET", 2_000)
    halves = [numbers(50), numbers(60), numbers(7)]
    batches = [batch for half in halves for batch in half.batches]
    table = Table.stream("things", "Things", numbers(0).columns, batches)
    workbook = opened(document_of(table))
    assert [workbook[name].max_row for name in workbook.sheetnames[:-1]] == [51, 61, 8]


def test_the_limit_of_bytes_leaves_no_room_for_zip64() -> None:
    largest_piece = 5 * 64 * 2**20  # every character escaped
    assert sheets.BYTES_PER_SHEET + largest_piece < 1.9 * 2**30


def test_columns_are_as_wide_as_the_first_texts() -> None:
    rows = [["a" * 50], ["b"]]
    sheet = opened(document_of(table_of(TEXT, rows)))["Things"]
    assert sheet.column_dimensions["A"].width == 52
    sheet = opened(document_of(table_of(TEXT, [["a" * 500]])))["Things"]
    assert sheet.column_dimensions["A"].width == 60


def test_a_table_that_just_fits_needs_one_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_PER_SHEET", 4)
    assert opened(document_of(numbers(3))).sheetnames == ["Things", "Info"]


def test_the_limit_is_excels() -> None:
    assert sheets.ROWS_PER_SHEET == 2**20


@given(
    st.lists(
        st.text(max_size=50)
        | st.sampled_from(["Info", "summary", "history", "'", "A", "a", "x" * 40])
    )
)
def test_sheet_names_are_allowed_and_unique(wanted: list[str]) -> None:
    names = SheetNames()
    given_names = [names.name(text) for text in wanted]
    folded = [name.casefold() for name in given_names]
    assert len({*folded, "info", "summary", "history"}) == len(folded) + 3
    for name in given_names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.isprintable()


def test_a_plain_name_is_kept_and_a_taken_one_is_numbered() -> None:
    names = SheetNames()
    assert [
        names.name(text) for text in ("Earnings", "EARNINGS", "a/b", "", "Info", "SUMMARY")
    ] == [
        "Earnings",
        "EARNINGS (2)",
        "a_b",
        "Sheet",
        "Info (2)",
        "SUMMARY (2)",
    ]


def test_the_header_is_bold_frozen_filtered_and_wide_enough() -> None:
    columns = (
        Column(key="timestamp", label="Time", kind=Kind.TIMESTAMP),
        Column(key="a_key_that_is_long_for_itself", label="Long"),
    )
    sheet = opened(document_of(table_of(columns, [[MADE_AT, "a"], [MADE_AT, "b"]])))["Things"]
    assert [cell.value for cell in sheet[1]] == ["timestamp", "a_key_that_is_long_for_itself"]
    assert all(cell.font.bold for cell in sheet[1])
    assert not sheet["A2"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"
    assert sheet.column_dimensions["A"].width == 20
    assert sheet.column_dimensions["B"].width == 33


def test_info_says_what_the_file_is_and_what_its_columns_mean() -> None:
    columns = (
        Column(key="used", label="Used", kind=Kind.BYTES, description="=what is used"),
        Column(key="speed", label="Speed", kind=Kind.NUMBER, unit="MB/s"),
        Column(key="timestamp", label="Time", kind=Kind.TIMESTAMP),
    )
    span = Span(datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))
    document = document_of(
        table_of(columns, [[1, 2.0, MADE_AT]]),
        span=span,
        nodes=("=1+1", "beta"),
        metadata={"Version": "9.9", "Clamped": "true"},
        brand="ACME",
    )
    rows = info_of(document)
    assert [row[:2] for row in rows[:9]] == [
        ("Title", None),
        ("From", datetime(2026, 3, 1)),  # noqa: DTZ001  a cell knows no zone
        ("Until (not included)", datetime(2026, 4, 1)),  # noqa: DTZ001  likewise
        ("Time zone", "Europe/Berlin"),
        ("Nodes", "=1+1, beta"),
        ("Generated at", datetime(2026, 3, 9, 13, 30, 15)),  # noqa: DTZ001  likewise
        ("Prepared by", "ACME"),
        ("Version", "9.9"),
        ("Clamped", "true"),
    ]
    assert ("Things", 1, None, None, None, None) in rows
    assert rows[-3:] == [
        ("Things", "used", "Used", "bytes", "bytes", "=what is used"),
        ("Things", "speed", "Speed", "number", "MB/s", None),
        ("Things", "timestamp", "Time", "timestamp", "Europe/Berlin", None),
    ]


def test_the_same_document_gives_the_same_bytes_at_any_time() -> None:
    def made(at: datetime) -> bytes:
        with time_machine.travel(at, tick=False):
            return render(document_of(numbers(3), metadata={"Version": "1"}))

    first = made(datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert first == made(datetime(2031, 7, 1, 3, 4, 6, tzinfo=UTC))
    with ZipFile(BytesIO(first)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(2026, 3, 9, 12, 30, 14)}
    properties = load_workbook(BytesIO(first)).properties
    assert properties.created == properties.modified == MADE_AT.replace(tzinfo=None)
    assert properties.title == "Title"


def test_a_document_with_title_and_blocks_alone_can_be_written() -> None:
    workbook = opened(Document("Bare \x00", (numbers(1),)))
    assert workbook.properties.title == "Bare \ufffd"
    assert workbook["Info"]["A1"].value == "Bare \ufffd"
    assert workbook["Info"]["B3"].value == "all"


def test_an_empty_table_has_a_header_and_a_filter_over_it() -> None:
    sheet = opened(document_of(table_of(ALL_KINDS, [])))["Things"]
    assert sheet.max_row == 1
    assert sheet.auto_filter.ref == "A1:J1"


def test_a_document_without_tables_still_opens() -> None:
    assert opened(document_of()).sheetnames == ["Summary", "Info"]


@pytest.mark.parametrize(
    "name", ["n" * 200, "🚀 node", "عُقدة", "<b>x", "<img src=http://127.0.0.1:9/x>"]
)
def test_strange_node_names_arrive_whole(name: str) -> None:
    workbook = opened(document_of(table_of(TEXT, [[name]], title=name), nodes=(name,)))
    assert workbook.worksheets[0]["A2"].value == name
    assert workbook["Info"]["B3"].value == name


def test_importing_the_plugin_loads_no_heavy_library() -> None:
    code = (
        "import sys, storj_export_plugins.formats.xlsx as plugin; plugin.storj_formats(); "
        "print(sorted({'openpyxl', 'pyarrow', 'lxml', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
