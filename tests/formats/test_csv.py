"""The format csv, against Python's own csv module and byte by byte."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storj_export_plugins.formats.csv import storj_formats
from storj_monitor.plugin import (
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Kind,
    Note,
    OptionError,
    machine_text,
)
from tests.formats.samples import AT, BERLIN, HOSTILE, columns_of, table_of, tables, written

if TYPE_CHECKING:
    from storj_monitor.plugin import Table

(CSV,) = storj_formats()
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
NODE = (Column(key="node", label="Node"),)
EVENTS = (
    Column(key="timestamp", label="Time", kind=Kind.TIMESTAMP),
    Column(key="node", label="Node"),
    Column(key="size_bytes", label="Size", kind=Kind.BYTES),
    Column(key="paid_usd", label="Paid", kind=Kind.MONEY),
    Column(key="used_ratio", label="Used", kind=Kind.RATIO),
    Column(key="day", label="Day", kind=Kind.DATE),
    Column(key="late", label="Late", kind=Kind.FLAG),
)
ROWS = [
    (AT, "node, one", 2_319_360, Decimal("-1.5"), 0.25, date(2026, 3, 4), True),
    (None, None, None, None, None, None, None),
    (AT, 'a "b";\r\nc', 0, Decimal(0), float("nan"), date(1969, 12, 31), False),
]


def machine_cells(table: Table) -> list[list[str]]:
    kinds = [column.kind for column in table.columns]
    rows = [list(map(machine_text, row, kinds)) for row in table.rows()]
    return [[column.key for column in table.columns], *rows]


@given(tables(), st.sampled_from(sorted(DELIMITERS)))
@example(table_of(columns_of(Kind.TEXT), [(text,) for text in (*HOSTILE, None)]), "comma")
@example(table_of(columns_of(Kind.TEXT, Kind.TEXT), [(text, text) for text in HOSTILE]), "tab")
def test_every_table_is_written_as_pythons_csv_module_writes_it_and_reads_back(
    table: Table, delimiter: str
) -> None:
    cells = machine_cells(table)
    expected = io.StringIO(newline="")
    csv.writer(expected, delimiter=DELIMITERS[delimiter]).writerows(cells)
    text = written(CSV, table, delimiter=delimiter).decode()
    assert text == expected.getvalue()
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[delimiter])) == cells


def test_the_default_is_plain_utf_8_with_commas_crlf_and_quotes_only_where_needed() -> None:
    assert written(CSV, table_of(EVENTS, ROWS, BERLIN)).decode() == (
        "timestamp,node,size_bytes,paid_usd,used_ratio,day,late\r\n"
        '2026-03-04T11:11:12.987+01:00,"node, one",2319360,-1.500000,0.25,2026-03-04,true\r\n'
        ",,,,,,\r\n"
        '2026-03-04T11:11:12.987+01:00,"a ""b"";\r\nc",0,0.000000,,1969-12-31,false\r\n'
    )


def test_the_preset_excel_eu_has_bom_semicolons_decimal_commas_and_local_times() -> None:
    options = CSV.presets["excel-eu"]
    assert written(CSV, table_of(EVENTS, ROWS, BERLIN), **options) == (
        b"\xef\xbb\xbftimestamp;node;size_bytes;paid_usd;used_ratio;day;late\r\n"
        b"2026-03-04 11:11:12;node, one;2319360;-1,500000;0,25;2026-03-04;true\r\n"
        b";;;;;;\r\n"
        b'2026-03-04 11:11:12;"a ""b"";\r\nc";0;0,000000;;1969-12-31;false\r\n'
    )


@given(st.decimals("-999999999999", "999999999999", places=6))
def test_a_decimal_comma_changes_numbers_and_no_texts(amount: Decimal) -> None:
    columns = columns_of(Kind.MONEY, Kind.TEXT)
    table = table_of(columns, [(amount, "1.5")])
    text = written(CSV, table, delimiter="tab", decimal="comma").decode()
    assert text.splitlines()[1] == f"{amount:.6f}".replace(".", ",") + "\t1.5"


@pytest.mark.parametrize("options", [{"decimal": "comma"}, {"decimal": "comma", "bom": "on"}])
def test_decimal_commas_between_commas_are_refused_with_what_would_work(
    options: dict[str, str],
) -> None:
    table = table_of(NODE, [])
    with pytest.raises(OptionError) as refused:
        written(CSV, table, **options)
    assert str(refused.value) == (
        "decimal=comma needs another delimiter than the comma: "
        "ask for delimiter=semicolon or delimiter=tab too, or for the preset excel-eu"
    )


def test_a_table_without_rows_is_its_header() -> None:
    assert written(CSV, table_of(EVENTS[:2], [])) == b"timestamp,node\r\n"


def test_a_lone_empty_cell_is_two_quotes_so_that_its_row_is_read_back() -> None:
    table = table_of(NODE, [("",), (None,), ("x",)])
    assert written(CSV, table) == b'node\r\n""\r\n""\r\nx\r\n'


def test_a_document_of_several_blocks_is_titled_sections_with_an_empty_line_between() -> None:
    totals = table_of(NODE, [("alpha",), ("beta",)], title="Totals, by node")
    document = Document(
        "Daily",
        (
            Figures("What matters", (Figure("paid", "Paid", Decimal(3), Kind.MONEY, 0.5),)),
            Chart("By node", totals, "node", ("node",)),
            totals,
            Note("no data before 08:00", "warning"),
        ),
    )
    assert b"".join(CSV.render(document)).decode() == (
        "What matters\r\nfigure,label,value,kind,change\r\npaid,Paid,3.000000,money,0.5\r\n"
        '\r\n"Totals, by node"\r\nnode\r\nalpha\r\nbeta\r\n'
        "\r\nNote\r\nlevel,text\r\nwarning,no data before 08:00\r\n"
    )


@pytest.mark.parametrize(("guard", "title"), [("on", "'=1+1"), ("off", "=1+1")])
def test_a_title_that_looks_like_a_formula_is_guarded_unless_the_guard_is_off(
    guard: str, title: str
) -> None:
    blocks = (table_of(NODE, [], title="=1+1"), Note("x"))
    document = Document("Report", blocks, options={"guard": guard})
    assert b"".join(CSV.render(document)).decode().splitlines()[0] == title


def test_a_bom_stands_once_at_the_very_beginning_of_a_report_too() -> None:
    document = Document("Report", (Note("x"), Note("y")), options={"bom": "on"})
    file = b"".join(CSV.render(document))
    assert file.startswith(b"\xef\xbb\xbfNote\r\nlevel,text\r\n")
    assert file.count(b"\xef\xbb\xbf") == 1


def test_the_host_guards_csv_because_it_says_that_it_is_for_spreadsheets() -> None:
    assert CSV.spreadsheet
    assert (CSV.media_type, CSV.suffix) == ("text/csv; charset=utf-8", "csv")
    assert {option.name: option.default for option in CSV.options} == {
        "delimiter": "comma",
        "decimal": "point",
        "bom": "off",
        "times": "iso",
        "guard": "on",
    }


def test_local_times_are_in_the_zone_of_the_file() -> None:
    columns = columns_of(Kind.TIMESTAMP)
    table = table_of(columns, [(datetime(2026, 7, 1, 22, 0, tzinfo=UTC),)], BERLIN)
    assert written(CSV, table, times="local").splitlines()[1] == b"2026-07-02 00:00:00"
