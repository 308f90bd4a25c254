"""The hour that comes twice in autumn, in the formats that people read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from storj_export_plugins.formats.clocks import offsets
from storj_export_plugins.formats.html import storj_formats as html
from storj_export_plugins.formats.pdf import storj_formats as pdf
from storj_export_plugins.formats.xlsx import storj_formats as xlsx
from storj_monitor.plugin import Column, Document, Kind, Note, Span, Table
from tests.formats.pdf_files import words_of

NEW_YORK = ZoneInfo("America/New_York")
FIRST = datetime(2026, 11, 1, 4, tzinfo=UTC)
COLUMNS = (
    Column(key="hour", label="Hour", kind=Kind.TIMESTAMP),
    Column(key="count", label="Count", kind=Kind.INTEGER),
)
TWICE = [f"2026-11-01 0{hour}:00:00 -0{offset}:00" for hour, offset in ((0, 4), (1, 4), (1, 5))]


def document(*, days: int = 1, is_report: bool = False, zone: ZoneInfo = NEW_YORK) -> Document:
    rows = [(FIRST + timedelta(hours=hour), hour) for hour in range(3)]
    table = Table.of("hours", "Hours", COLUMNS, [*rows, (None, 9)])
    table = table.through(lambda batches: batches, zone)
    notes = (Note("One."), table) if is_report else (table,)
    start = FIRST - timedelta(days=days - 1)
    span = Span(start, start + timedelta(days=1, hours=1))
    return Document("Title", notes, FIRST, timezone=zone, span=span)


def test_offsets_are_those_of_the_span_if_they_change_in_it() -> None:
    assert offsets(document()) == ("-04:00", "-05:00")
    assert offsets(document(days=9)) == ()
    assert offsets(document(zone=ZoneInfo("UTC"))) == ()


@pytest.mark.parametrize("is_report", [False, True])
def test_pdf_and_html_show_the_offset_where_it_changes(is_report: bool) -> None:
    made = document(is_report=is_report)
    [offered] = html()
    page = b"".join(offered.render(made)).decode()
    text = words_of(made)
    for shown in TWICE:
        assert f">{shown}</t" in page
        assert shown in text
    assert words_of(document(days=9, is_report=is_report)).count("01:00:00 ") == 2
    assert pdf()


@pytest.mark.parametrize("is_report", [False, True])
def test_xlsx_has_dates_that_show_their_offset(is_report: bool) -> None:
    [offered] = xlsx()
    made = b"".join(offered.render(document(is_report=is_report)))
    cells = [row[0] for row in load_workbook(BytesIO(made))["Hours"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [
        *(datetime(2026, 11, 1, hour) for hour in (0, 1, 1)),  # noqa: DTZ001  a cell knows no zone
        None,
    ]
    formats = [cell.number_format for cell in cells[:3]]
    usual = "yyyy-mm-dd hh:mm:ss"
    assert formats == [f'{usual}" -0{offset}:00"' for offset in (4, 4, 5)]
    plain = b"".join(offered.render(document(days=9)))
    cells = [row[0] for row in load_workbook(BytesIO(plain))["Hours"].iter_rows(min_row=2)]
    assert {cell.number_format for cell in cells[:3]} == {usual}
