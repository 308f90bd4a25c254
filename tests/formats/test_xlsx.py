"""The format xlsx, read back with openpyxl."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from storj_export_plugins.formats.xlsx import sheets, storj_formats
from storj_monitor.plugin import (
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Kind,
    Note,
    Span,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    from openpyxl import Workbook

BERLIN = ZoneInfo("Europe/Berlin")
MADE_AT = datetime(2026, 3, 9, 12, 30, 15, tzinfo=UTC)
ALL_KINDS = tuple(Column(key=f"the_{kind}", label=kind.title(), kind=kind) for kind in Kind)
TEXT = (Column(key="node", label="Node"),)


def render(document: Document) -> bytes:
    (offered,) = storj_formats()
    return b"".join(offered.render(document))


def opened(document: Document) -> Workbook:
    return load_workbook(BytesIO(render(document)))


def table_of(
    columns: tuple[Column, ...],
    rows: Sequence[Sequence[object]],
    zone: ZoneInfo = BERLIN,
    title: str = "Things",
) -> Table:
    return Table.of("things", title, columns, rows).through(lambda batches: batches, zone)


def document_of(*tables: Table, **more: Any) -> Document:
    return Document("Title", tables, generated_at=MADE_AT, timezone=BERLIN, **more)


def cells_of(
    columns: tuple[Column, ...], rows: Sequence[Sequence[object]]
) -> list[tuple[Any, ...]]:
    sheet = opened(document_of(table_of(columns, rows)))["Things"]
    return list(sheet.iter_rows(min_row=2, max_row=1 + len(rows), max_col=len(columns)))


def info_of(document: Document) -> list[tuple[Any, ...]]:
    return list(opened(document)["Info"].iter_rows(values_only=True))


VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.text(max_size=40)
    | st.sampled_from(["_x000D_", "=1+1", "#N/A", " a\r\nb\t", "1"]),
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.BYTES: st.integers(-(2**63), 2**63 - 1),
    Kind.DURATION: st.integers(-(2**63), 2**63 - 1),
    Kind.NUMBER: st.floats(),
    Kind.RATIO: st.floats(0, 1) | st.floats(),
    Kind.MONEY: st.decimals(
        min_value=-999_999_999_999, max_value=999_999_999_999, places=6, allow_nan=False
    ),
    Kind.TIMESTAMP: st.datetimes(
        datetime(1800, 1, 1),  # noqa: DTZ001  the strategy wants naive limits
        datetime(9990, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    Kind.DATE: st.dates(date(1800, 1, 1), date(9990, 1, 1)),
    Kind.FLAG: st.booleans(),
}
ROWS = st.lists(st.tuples(*(st.none() | VALUES[kind] for kind in Kind)), max_size=4)


def expected(value: object) -> object:
    """Say what a cell should hold for a value of rows()."""
    match value:
        case None | "" | bool():
            return None if value == "" else value
        case str():
            return "".join(char if is_legal(ord(char)) else "\ufffd" for char in value)
        case int():
            return str(value) if abs(value) >= 10**15 else value
        case float():
            return value if abs(value) <= sys.float_info.max else None
        case Decimal():
            micros = abs(int(value.scaleb(6)))
            unneeded = next(zeros for zeros in range(6, -1, -1) if micros % 10**zeros == 0)
            return f"{value:.6f}" if micros // 10**unneeded >= 10**15 else float(value)
        case date():
            return expected_date(value)
    raise AssertionError(value)


def expected_date(value: date) -> object:
    if isinstance(value, datetime):
        if value.date() < date(1900, 3, 1):
            return value.isoformat(timespec="milliseconds")
        return value.replace(tzinfo=None, microsecond=value.microsecond // 1000 * 1000)
    if value < date(1900, 3, 1):
        return value.isoformat()
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001  as openpyxl reads it


def is_legal(code: int) -> bool:
    return code in (9, 10, 13) or (code >= 32 and code not in (0xFFFE, 0xFFFF))


@given(ROWS)
@settings(max_examples=60)
def test_every_cell_holds_what_the_table_gave(rows: list[tuple[object, ...]]) -> None:
    table = table_of(ALL_KINDS, rows)
    read = [tuple(cell.value for cell in row) for row in cells_of(ALL_KINDS, rows)]
    assert read == [tuple(map(expected, row)) for row in table.rows()]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
    ],
)
def test_text_is_never_a_formula_and_stays_text_when_edited(text: str) -> None:
    ((cell,),) = cells_of(TEXT, [[text]])
    assert cell.value == text
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_harmless_text_has_no_quote_prefix_even_after_a_guarded_one() -> None:
    rows = cells_of(TEXT, [["=1"], ["alpha"], ["#REF!"]])
    assert [bool(row[0].quotePrefix) for row in rows] == [True, False, False]
    assert rows[2][0].data_type == "s"


@pytest.mark.parametrize(
    "text", ["_x000D_", "a_x0041_b", "_x005F_x000D_", "_x", "_x000D", "__x0041__"]
)
def test_what_looks_like_an_escape_stays_as_it_is(text: str) -> None:
    ((cell,),) = cells_of(TEXT, [[text]])
    assert cell.value == text
    runs = opened_xml(document_of(table_of(TEXT, [[text]])))
    assert "_x000D_" not in runs
    assert "_x0041_" not in runs


def opened_xml(document: Document) -> str:
    with ZipFile(BytesIO(render(document))) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_a_text_longer_than_a_cell_is_cut_with_a_mark_and_said_on_info() -> None:
    document = document_of(table_of(TEXT, [["x" * 32_767], ["x" * 32_768], ["🚀" * 20_000]]))
    rows = list(opened(document)["Things"].iter_rows(min_row=2, values_only=True))
    assert rows[0][0] == "x" * 32_767
    assert rows[1][0] == "x" * 32_760 + "… [cut]"
    assert rows[2][0] == "🚀" * 16_380 + "… [cut]"
    assert ("Things", 3, "texts cut at 32,767 characters: 2") in [
        row[:3] for row in info_of(document)
    ]


def test_what_had_to_be_changed_is_counted_on_info() -> None:
    columns = (*TEXT, Column(key="bytes", label="Bytes", kind=Kind.BYTES))
    document = document_of(
        table_of(columns, [["a\x00b", 10**15], ["\x1b", -(10**15)], ["", 10**14]])
    )
    rows = list(opened(document)["Things"].iter_rows(min_row=2, values_only=True))
    assert rows == [
        ("a\ufffdb", "1000000000000000"),
        ("\ufffd", "-1000000000000000"),
        (None, 10**14),
    ]
    (remarks,) = [row[2] for row in info_of(document) if row[:2] == ("Things", 3)]
    assert remarks == (
        "texts with control characters, shown as \ufffd: 2; "
        "numbers over 15 digits, or dates before March 1900, as text: 2"
    )


@pytest.mark.parametrize(
    "zone", ["Pacific/Pago_Pago", "UTC", "Asia/Kathmandu", "Pacific/Kiritimati"]
)
def test_a_date_is_the_same_day_and_a_time_is_local_in_every_zone(zone: str) -> None:
    columns = (
        Column(key="day", label="Day", kind=Kind.DATE),
        Column(key="time", label="Time", kind=Kind.TIMESTAMP),
    )
    at = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    table = table_of(columns, [[date(2026, 3, 1), at]], ZoneInfo(zone))
    day, time = next(opened(document_of(table))["Things"].iter_rows(min_row=2))
    assert day.value == datetime(2026, 3, 1)  # noqa: DTZ001  a cell knows no zone
    assert day.number_format == "yyyy-mm-dd"
    assert time.value == at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert time.number_format == "yyyy-mm-dd hh:mm:ss"


def test_numbers_carry_the_format_of_their_kind() -> None:
    values = ["a", 1, 0.1 + 0.2, Decimal("3.13"), 2, 0.5, 3, MADE_AT, date(2026, 1, 1), True]
    (cells,) = cells_of(ALL_KINDS, [values])
    formats = {
        column.kind: cell.number_format for column, cell in zip(ALL_KINDS, cells, strict=True)
    }
    assert formats[Kind.RATIO] == "0.00%"
    assert formats[Kind.MONEY] == "#,##0.00####"
    assert formats[Kind.BYTES] == formats[Kind.INTEGER] == "#,##0"
    assert formats[Kind.NUMBER] == formats[Kind.TEXT] == "General"
    assert [cell.data_type for cell in cells] == ["s", *"nnnnnn", *"dd", "b"]


def numbers(count: int) -> Table:
    columns = (Column(key="number", label="Number", kind=Kind.INTEGER),)
    return table_of(columns, [[number] for number in range(count)])


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


def test_a_table_that_just_fits_needs_one_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_PER_SHEET", 4)
    assert opened(document_of(numbers(3))).sheetnames == ["Things", "Info"]


def test_the_limit_is_excels() -> None:
    assert sheets.ROWS_PER_SHEET == 2**20


@given(
    st.lists(st.text(max_size=50) | st.sampled_from(["Info", "history", "'", "A", "a", "x" * 40]))
)
def test_sheet_names_are_allowed_and_unique(wanted: list[str]) -> None:
    names = sheets.SheetNames()
    given_names = [names.name(text) for text in wanted]
    folded = [name.casefold() for name in given_names]
    assert len({*folded, "info", "history"}) == len(folded) + 2
    for name in given_names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.isprintable()


def test_a_plain_name_is_kept_and_a_taken_one_is_numbered() -> None:
    names = sheets.SheetNames()
    assert [names.name(text) for text in ("Earnings", "EARNINGS", "a/b", "", "Info")] == [
        "Earnings",
        "EARNINGS (2)",
        "a_b",
        "Sheet",
        "Info (2)",
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
        ("From", "2026-03-01 00:00:00+01:00"),
        ("Until (not included)", "2026-04-01 00:00:00+02:00"),
        ("Time zone", "Europe/Berlin"),
        ("Nodes", "=1+1, beta"),
        ("Generated at", "2026-03-09 13:30:15+01:00"),
        ("Prepared by", "ACME"),
        ("Version", "9.9"),
        ("Clamped", "true"),
    ]
    assert ("Things", 1, None, None, None) in rows
    assert rows[-3:] == [
        ("Things", "used", "Used", "bytes", "=what is used"),
        ("Things", "speed", "Speed", "MB/s", None),
        ("Things", "timestamp", "Time", "Europe/Berlin", None),
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
    assert opened(document_of()).sheetnames == ["Info"]


def test_a_report_has_a_sheet_for_each_of_its_blocks() -> None:
    table = numbers(2)
    figures = Figures("Key figures", (Figure("net", "Net", Decimal("3.13"), Kind.MONEY, 0.12),))
    chart = Chart("Numbers", numbers(3), "number", ("number",))
    report = Document("Report", (Note("a gap", level="warning"), figures, table, chart))
    workbook = opened(report)
    assert workbook.sheetnames == ["Note", "Key figures", "Things", "Things (2)", "Info"]
    assert [cell.value for cell in workbook["Note"][2]] == ["warning", "a gap"]
    assert [cell.value for cell in workbook["Key figures"][2]] == [
        "net",
        "Net",
        "3.130000",
        "money",
        0.12,
    ]


@pytest.mark.parametrize(
    "name", ["n" * 200, "🚀 node", "عُقدة", "<b>x", "<img src=http://127.0.0.1:9/x>"]
)
def test_strange_node_names_arrive_whole(name: str) -> None:
    workbook = opened(document_of(table_of(TEXT, [[name]], title=name), nodes=(name,)))
    assert workbook.worksheets[0]["A2"].value == name
    assert workbook["Info"]["B3"].value == name


def test_a_source_that_fails_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def batches() -> Iterator[pa.RecordBatch]:
        yield from numbers(3).batches
        message = "the disk is gone"
        raise OSError(message)

    table = Table.stream("things", "Things", numbers(0).columns, batches())
    with pytest.raises(OSError, match="the disk is gone"):
        render(document_of(numbers(2), table))
    assert list(tmp_path.iterdir()) == []


def test_rows_are_written_as_they_come() -> None:
    held: list[int] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for _ in range(50):
            (batch,) = numbers(100).batches
            held.append(batch.num_rows)
            yield batch

    sheet = opened(document_of(Table.stream("t", "T", numbers(0).columns, batches())))["T"]
    assert sheet.max_row == 1 + sum(held) == 5_001


def test_importing_the_plugin_loads_no_heavy_library() -> None:
    code = (
        "import sys, storj_export_plugins.formats.xlsx as plugin; plugin.storj_formats(); "
        "print(sorted({'openpyxl', 'pyarrow', 'lxml', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_milliseconds_are_kept_and_microseconds_are_not() -> None:
    at = MADE_AT + timedelta(microseconds=999_999)
    columns = (Column(key="time", label="Time", kind=Kind.TIMESTAMP),)
    ((cell,),) = cells_of(columns, [[at]])
    assert cell.value.microsecond == 999_000
