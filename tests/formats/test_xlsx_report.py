"""The format xlsx of a report: its summary, its charts, and a sheet for each table."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from storj_monitor.plugin import Chart, Column, Document, Figure, Figures, Kind, Note, Span, Table
from tests.formats.workbooks import BERLIN, MADE_AT, numbers, opened, render, table_of

if TYPE_CHECKING:
    from storj_monitor.plugin import Block

BY_DAY = (
    Column(key="day", label="Day", kind=Kind.DATE),
    Column(key="egress", label="Egress", kind=Kind.BYTES, unit="bytes"),
    Column(key="ingress", label="Ingress", kind=Kind.BYTES, unit="bytes"),
)
DAYS = [[date(2026, 3, day), day * 10**9, None] for day in (1, 2, 3)]


def report(*blocks: Block) -> Document:
    span = Span(datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))
    about = {"span": span, "nodes": ("attic", "=1+1"), "metadata": {"storj-monitor": "9.9"}}
    return Document("The month", blocks, MADE_AT, timezone=BERLIN, **about)  # type: ignore[arg-type]  # a dict of several types


def summary_of(*blocks: Block) -> list[tuple[Any, ...]]:
    sheet = opened(report(*blocks))["Summary"]
    rows = sheet.iter_rows(max_col=3, values_only=True)
    return [row for row in rows if any(value is not None for value in row)]


def chart_xml(*blocks: Block, number: int = 1) -> str:
    with ZipFile(BytesIO(render(report(*blocks)))) as zipped:
        return zipped.read(f"xl/charts/chart{number}.xml").decode()


def test_a_report_begins_with_what_it_is() -> None:
    assert summary_of() == [
        ("The month", None, None),
        ("From", datetime(2026, 3, 1), None),  # noqa: DTZ001  a cell knows no zone
        ("Until (not included)", datetime(2026, 4, 1), None),  # noqa: DTZ001  likewise
        ("Time zone", "Europe/Berlin", None),
        ("Nodes", "attic, =1+1", None),
        ("Generated at", datetime(2026, 3, 9, 13, 30, 15), None),  # noqa: DTZ001  likewise
        ("storj-monitor", "9.9", None),
    ]


@pytest.mark.parametrize(
    ("figure", "value", "number_format"),
    [
        (Figure("aa", "A", Decimal("3.13"), Kind.MONEY), 3.13, '"$"#,##0.00;-"$"#,##0.00'),
        (Figure("aa", "A", 3_456_789_012_345, Kind.BYTES), 3_456_789_012_345, '0.00,,,," TB"'),
        (Figure("aa", "A", 3_456_789_012, Kind.BYTES), 3_456_789_012, '0.00,,," GB"'),
        (Figure("aa", "A", 999, Kind.BYTES), 999, '#,##0" B"'),
        (Figure("aa", "A", 0.987, Kind.RATIO), 0.987, "0.00%"),
        (Figure("aa", "A", 812, Kind.DURATION), 812, '#,##0" ms"'),
        (Figure("aa", "A", 5, Kind.INTEGER), 5, "#,##0"),
        (Figure("aa", "A", "=1+1", Kind.TEXT), "=1+1", "General"),
        (Figure("aa", "A", None, Kind.MONEY), "n/a", "General"),
        (Figure("aa", "A", float("nan"), Kind.NUMBER), "n/a", "General"),
        (
            Figure("aa", "A", MADE_AT, Kind.TIMESTAMP),
            datetime(2026, 3, 9, 13, 30, 15),  # noqa: DTZ001  a cell knows no zone
            "yyyy-mm-dd hh:mm:ss",
        ),
    ],
)
def test_a_figure_is_typed_and_shown_in_its_unit(
    figure: Figure, value: object, number_format: str
) -> None:
    sheet = opened(report(Figures("Key figures", (figure,))))["Summary"]
    cell = next(row[1] for row in sheet.iter_rows() if row[0].value == "A")
    assert (cell.value, cell.number_format) == (value, number_format)
    assert cell.data_type != "f"


def test_a_figure_stands_with_its_change_or_none() -> None:
    items = (Figure("aa", "Up", 2, Kind.INTEGER, 0.12), Figure("bb", "New", 2, Kind.INTEGER))
    assert summary_of(Figures("Key figures", items))[-4:] == [
        ("Key figures", None, None),
        ("Figure", "Value", "Change"),
        ("Up", 2, 0.12),
        ("New", 2, None),
    ]


def test_a_warning_is_marked_by_a_word_and_a_colour() -> None:
    sheet = opened(report(Note("two hours are missing", "warning"), Note("=all is well")))[
        "Summary"
    ]
    cells = {row[0].value: row[0] for row in sheet.iter_rows()}
    assert cells["Warning: two hours are missing"].fill.fgColor.rgb == "00FFF3CD"
    assert cells["=all is well"].fill.fill_type is None
    assert cells["=all is well"].quotePrefix
    assert (sheet.row_dimensions[cells["=all is well"].row or 0].height or 0) > 10


def test_a_report_with_warnings_says_so_at_its_top() -> None:
    rows = summary_of(numbers(1), Note("one", "warning"), Note("two", "warning"), Note("three"))
    assert rows[1] == ("2 warnings: see Data quality", None, None)


def test_limits_and_forecasts_are_dashed_and_parts_of_a_whole_end_at_one() -> None:
    columns = (
        Column(key="day", label="Day", kind=Kind.DATE),
        Column(key="score", label="Score", kind=Kind.RATIO),
        Column(key="score_threshold", label="Limit", kind=Kind.RATIO),
    )
    for highest, is_cut in ((1.0, True), (1.2, False)):
        table = table_of(columns, [[date(2026, 3, 1), highest, 0.6], [date(2026, 3, 2), None, 0.6]])
        xml = chart_xml(Chart("Scores", table, "day", ("score", "score_threshold")), table)
        assert xml.count('prstDash val="dash"') == 1
        assert ('<c:max val="1"' in xml or '<max val="1"' in xml) is is_cut


def test_sheets_are_named_in_whole_words() -> None:
    table = Table.of("estimate_by_satellite", "Estimates against payments by satellite", BY_DAY, [])
    long = Table.of("a_name_of_many_words_as_long_as", f"{'x' * 30} yy", BY_DAY, [])
    names = opened(report(numbers(1), table, long)).sheetnames
    assert names[2:4] == ["Estimate by satellite", "A name of many words as long as"]


def test_tables_of_a_report_have_labels_and_a_sheet_each() -> None:
    earnings = table_of(BY_DAY, DAYS, title="Days")
    figures = Figures("Key figures", (Figure("net", "Net", 1, Kind.INTEGER),))
    chart = Chart("Numbers", numbers(3), "number", ("number",))
    workbook = opened(report(Note("a gap"), figures, numbers(2), chart, earnings))
    assert workbook.sheetnames == ["Summary", "Things", "Things (2)", "Days", "Info"]
    assert [cell.value for cell in workbook["Days"][1]] == [
        "Day",
        "Egress (bytes)",
        "Ingress (bytes)",
    ]
    assert workbook.active is not None
    assert workbook.active.title == "Summary"
    assert [workbook[name].sheet_view.tabSelected for name in workbook.sheetnames[1:]] == [None] * 4


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("line", "<lineChart>"),
        ("bar", '<grouping val="clustered"'),
        ("stacked", '<overlap val="100"'),
    ],
)
def test_a_chart_is_drawn_from_the_cells_of_its_table(shape: Any, expected: str) -> None:
    table = table_of(BY_DAY, DAYS, title="It's days")
    xml = chart_xml(Chart("Traffic & more", table, "day", ("egress", "ingress"), shape))
    assert expected in xml
    assert "<f>'It''s days'!$A$2:$A$4</f>" in xml
    assert "<f>'It''s days'!$B$2:$B$4</f>" in xml
    assert "<f>'It''s days'!$C$2:$C$4</f>" in xml
    for words in ("Traffic &amp; more", "Day", "bytes", "Egress", "Ingress"):
        assert words in xml
    assert '<dispBlanksAs val="gap"' in xml
    assert '<delete val="1"' not in xml
    assert xml.count('<overlay val="0"') >= 3


def test_charts_stand_beside_the_figures_one_below_the_other() -> None:
    table = numbers(3)
    charts = [Chart(title, table, "number", ("number",)) for title in ("One", "Two")]
    with ZipFile(BytesIO(render(report(*charts)))) as zipped:
        drawing = zipped.read("xl/drawings/drawing1.xml").decode()
    assert re.findall(r"<from><col>(\d+)</col>", drawing) == ["4", "4"]
    first, second = map(int, re.findall(r"<row>(\d+)</row>", drawing))
    assert second - first >= 18


def test_a_chart_of_texts_names_them_and_one_without_rows_says_so() -> None:
    columns = (Column(key="node", label="Node"), Column(key="paid", label="Paid", kind=Kind.MONEY))
    xml = chart_xml(Chart("Paid", table_of(columns, []), "node", ("paid",), "bar"))
    assert "<strRef><f>'Things'!$A$2:$A$2</f></strRef>" in xml
    assert "Paid: no data" in xml


def test_the_same_report_gives_the_same_bytes() -> None:
    def made() -> bytes:
        table = Table.of("days", "Days", BY_DAY, DAYS)
        return render(report(Chart("Traffic", table, "day", ("egress",)), Note("words")))

    assert made() == made()


def test_hostile_words_are_words_everywhere() -> None:
    hostile = '<img src="http://127.0.0.1:9/x">&\x00_x000D_'
    columns = (Column(key="day", label=hostile), Column(key="xx", label="=1+1", kind=Kind.NUMBER))
    table = table_of(columns, [[hostile, 1.0]], title=hostile)
    figures = Figures(hostile, (Figure("aa", hostile, hostile, Kind.TEXT),))
    blocks = (figures, Note(hostile, "warning"), Chart(hostile, table, "day", ("xx",)), table)
    workbook = opened(report(*blocks))
    shown = hostile.replace("\x00", "\ufffd")
    assert workbook.worksheets[1]["A2"].value == shown
    assert ("Warning: " + shown, None, None) in summary_of(*blocks)
    assert workbook.worksheets[1]["B1"].data_type == "s"
