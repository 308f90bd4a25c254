"""LibreOffice opens a workbook of ours and saves it again, and nothing is lost."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from storj_monitor.plugin import Chart, Document, Figure, Figures, Kind, Note
from tests.formats.workbooks import ALL_KINDS, BERLIN, MADE_AT, TEXT, render, table_of

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl import Workbook

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")

TEXTS = (
    *("=1+1", "+1", "-1", "@x", "＝1", "<b>x", "a & b", " a ", "a\nb", "#N/A", "1", "TRUE"),  # noqa: RUF001
    *("😀 node", "عُقدة", "n" * 200, "x" * 32_767, "<img src=http://127.0.0.1:9/x>", "2026-03-01"),
)


def values(kind: Kind, number: int) -> object:
    return {
        Kind.TEXT: f"text {number}",
        Kind.INTEGER: number * 10**14,
        Kind.NUMBER: number / 7,
        Kind.MONEY: Decimal(number) + Decimal("0.123456"),
        Kind.BYTES: -number * 10**9,
        Kind.RATIO: number / 9,
        Kind.DURATION: number,
        Kind.TIMESTAMP: MADE_AT + timedelta(hours=number, milliseconds=7),
        Kind.DATE: date(1900, 3, 1) + timedelta(days=number),
        Kind.FLAG: bool(number % 2),
    }[kind]


def document() -> Document:
    kinds = table_of(ALL_KINDS, [[values(kind, row) for kind in Kind] for row in range(9)])
    holes = table_of(ALL_KINDS, [[None] * len(Kind)] * 2, title="Holes")
    texts = table_of(TEXT, [[text] for text in TEXTS], title="It's <texts> & more")
    figures = Figures("Key figures", (Figure("net", "Net", Decimal("3.13"), Kind.MONEY, 0.1),))
    charts = (
        Chart("By day", kinds, "the_date", ("the_bytes", "the_duration"), "stacked"),
        Chart("By time", kinds, "the_timestamp", ("the_ratio",)),
    )
    blocks = (figures, Note("a gap", "warning"), *charts, kinds, holes, texts)
    return Document("Everything", blocks, MADE_AT, timezone=BERLIN)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workbook, Workbook]:
    folder = tmp_path_factory.mktemp("libreoffice")
    ours = folder / "ours.xlsx"
    ours.write_bytes(render(document()))
    return load_workbook(ours), load_workbook(saved_again(ours))


def saved_again(ours: Path) -> Path:
    folder = ours.parent / "again"
    words = [
        *(SOFFICE or "", "--headless", f"-env:UserInstallation=file://{ours.parent}/profile"),
        *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), str(ours)),
    ]
    subprocess.run(words, check=True, capture_output=True, timeout=240)
    return folder / ours.name


def cells(sheet: Any) -> list[tuple[object, ...]]:
    rows = [tuple(map(kept, row)) for row in sheet.iter_rows()]
    while rows and not any(value is not None for value in rows[-1]):
        rows.pop()
    return rows


def kept(cell: Any) -> object:
    """Return a cell's value as LibreOffice keeps it: 15 digits, and a flag as TRUE() or FALSE()."""
    if cell.data_type == "f":
        return {"=TRUE()": True, "=FALSE()": False}[cell.value]
    return float(f"{cell.value:.15g}") if isinstance(cell.value, float) else cell.value


def test_the_sheets_and_their_values_are_the_same(books: tuple[Workbook, Workbook]) -> None:
    ours, again = books
    assert ours.sheetnames == again.sheetnames
    for name in ours.sheetnames:
        same_width = [row[: ours[name].max_column] for row in cells(again[name])]
        assert same_width == cells(ours[name]), name


def test_formats_of_numbers_and_types_are_the_same(books: tuple[Workbook, Workbook]) -> None:
    ours, again = (book["Things"] for book in books)
    for row in range(2, 11):
        for column in range(1, len(Kind) + 1):
            mine, theirs = ours.cell(row, column), again.cell(row, column)
            flag = mine.data_type == "b"
            assert theirs.data_type == ("f" if flag else mine.data_type)
            escaped = theirs.number_format.replace("\\", "")
            assert flag or escaped == mine.number_format


def test_the_frame_of_a_sheet_and_the_charts_are_kept(books: tuple[Workbook, Workbook]) -> None:
    ours, again = books  # without a window, LibreOffice drops every frozen row, ours and others'
    for name in ("Things", "Holes"):
        assert again[name].auto_filter.ref == ours[name].auto_filter.ref
        assert again[name]["A1"].font.bold
    charts = [len(getattr(book["Summary"], "_charts")) for book in books]  # noqa: B009  openpyxl's own
    assert charts == [2, 2]


def test_no_text_became_a_formula(books: tuple[Workbook, Workbook]) -> None:
    _, again = books
    found = [cell.data_type for row in again.worksheets[3].iter_rows(max_col=1) for cell in row]
    assert found[: len(TEXTS) + 1] == ["s"] * (len(TEXTS) + 1)


def test_every_time_is_the_wall_clock_of_its_zone(books: tuple[Workbook, Workbook]) -> None:
    _, again = books
    headers = [cell.value for cell in again["Things"][1]]
    column = headers.index("Timestamp") + 1
    assert MADE_AT.tzinfo is UTC
    wall = datetime(2026, 3, 9, 13, 30, 15, 7_000)  # noqa: DTZ001  a cell knows no zone
    assert again["Things"].cell(2, column).value == wall
