"""A report as PDF: figures, charts, tables and notes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from storj_export_plugins.formats.pdf.report.cards import changed
from storj_monitor.plugin import Chart, Column, Document, Figure, Figures, Kind, Note, Table
from tests.formats import samples
from tests.formats.pdf_files import (
    HOSTILE,
    MADE_AT,
    NODE,
    NUMBER,
    document_of,
    forbid_sockets,
    links_of,
    numbered,
    opened,
    pages_of,
    render,
    table_of,
    words_of,
)

DAY = Column(key="day", label="Day", kind=Kind.DATE)
EGRESS = Column(key="egress", label="Egress", kind=Kind.BYTES, unit="B")
PAID = Column(key="paid_usd", label="Paid", kind=Kind.MONEY, unit="USD")
STATE = Column(key="state", label="State")
FIGURES = Figures(
    "At a glance",
    (
        Figure("net", "Net earnings", Decimal("3.13"), Kind.MONEY, 0.12),
        Figure("held", "Held", None, Kind.MONEY, None),
        Figure("score", "Online score", 0.98, Kind.RATIO, -0.004),
    ),
)


def days(count: int) -> Table:
    first = date(2026, 3, 1)
    rows = [(first + timedelta(days=number), number * 10**9) for number in range(count)]
    return Table.of("egress", "Egress per day", (DAY, EGRESS), rows)


def fonts_of_rows(document: Document) -> dict[str, str]:
    """Return the font that each text is drawn in."""
    found = {}
    for page in opened(document).pages:

        def visit(text: str, _: object, __: object, font: dict[str, str], *___: object) -> None:
            for line in text.splitlines():
                if line.strip() and font:
                    found[line.strip()] = font["/BaseFont"].split("+")[-1]

        page.extract_text(visitor_text=visit)
    return found


def test_figures_are_cards_with_their_change_in_words() -> None:
    text = words_of(document_of(FIGURES))
    assert "Net earnings $3.13 ▲ up 12 %" in text
    assert "Held n/a Online" in text
    assert text.count("Changes are against the span before, or the end of it.") == 1
    assert "Online score 98.00 % ▼ down 0.4 %" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
        (0.0, "unchanged"),
        (0.0004, "unchanged"),
        (-0.012, "▼ down 1.2 %"),
        (0.0996, "▲ up 10 %"),
        (0.12, "▲ up 12 %"),
        (12.0, "▲ up 1,200 %"),
    ],
)
def test_a_change_is_said_in_words(change: float | None, words: str) -> None:
    assert changed(change) == words


def test_a_chart_stands_above_its_numbers_which_are_printed_once() -> None:
    table = days(5)
    chart = Chart("Egress per day rises", table, "day", ("egress",))
    for blocks in ((chart,), (chart, table)):
        text = words_of(document_of(FIGURES, *blocks))
        assert text.count("Egress per day rises") == 1
        assert text.count("2026-03-04") == 1
        assert "3.00 GB" in text


@pytest.mark.parametrize("count", [0, 1])
def test_a_chart_of_nothing_or_of_one_point_is_drawn(count: int) -> None:
    document = document_of(Chart("Egress per day", days(count), "day", ("egress",), "stacked"))
    assert ("No data." in words_of(document)) == (count == 0)


def test_a_streamed_table_of_a_chart_is_read_once() -> None:
    held = days(3)
    table = Table.stream("egress", "Egress", held.columns, held.batches)
    text = words_of(document_of(Chart("Rising", table, "day", ("egress",)), table))
    assert "2026-03-03" in text


def test_the_header_is_repeated_and_every_row_is_there_once() -> None:
    pages = pages_of(document_of(FIGURES, numbered(300)))
    assert len(pages) > 4
    assert all("Node\nNumber" in page for page in pages)
    lines = "\n".join(pages).splitlines()
    found = [line for line in lines if line.startswith("node-")]
    assert found == [f"node-{number}" for number in range(300)]


@pytest.mark.no_cover  # it is long
def test_a_long_table_is_cut_with_its_totals_kept_and_the_cut_stated() -> None:
    table = table_of((NODE, NUMBER), [("a", 1)] * 6_000 + [("Total", 6_000)])
    text = words_of(document_of(FIGURES, table))
    assert "2,001 of 6,001 rows are printed here; the CSV has all." in text
    assert "Total 6,000" in text
    text = words_of(document_of(FIGURES, numbered(2_001)))
    assert "2,000 of 2,001 rows are printed here; the CSV has all." in text
    assert "node-2000" not in text


def test_totals_are_bold_and_estimates_are_in_italics() -> None:
    rows: list[list[object]] = [
        ["first", "paystub", Decimal(1)],
        ["second", "estimate", None],
        ["Total", None, Decimal("7.5")],
    ]
    document = document_of(FIGURES, table_of((NODE, STATE, PAID), rows))
    fonts = fonts_of_rows(document)
    assert fonts["first"] == "DejaVuSansCondensed"
    assert fonts["second"] == fonts["estimate"] == "DejaVuSansCondensed-Oblique"
    assert fonts["Total"] == fonts["$7.50"] == "DejaVuSansCondensed-Bold"
    # The missing payment is said, the missing state of a sum is not.
    assert words_of(document).count("n/a") == 2


def test_notes_are_one_box_be_it_one_alone() -> None:
    assert "Data quality All is well." in words_of(document_of(FIGURES, Note("All is well.")))
    several = words_of(document_of(FIGURES, Note("One."), Note("Two.")))
    assert several.count("Data quality") == 1
    warned = words_of(document_of(FIGURES, Note("Beware.", "warning")))
    assert "Data quality ⚠ Beware." in warned
    assert warned.index("1 warning: see Data quality") < warned.index("Net earnings")


def test_a_note_that_begins_with_a_name_in_hebrew_reads_from_left_to_right() -> None:
    name = "\u05e2\u05d1\u05e8\u05d9\u05ea"
    said = Note(f"{name}: no log for 8 hours.", "warning")
    for blocks in ((FIGURES, said), (numbered(1), said)):
        text = words_of(document_of(*blocks))
        assert 0 < text.index(name) < text.index("no log for 8 hours.")


def test_notes_at_the_top_are_about_all_that_follows_and_have_no_heading() -> None:
    text = words_of(document_of(Note("Nothing was collected.", "warning"), FIGURES))
    assert text.index("⚠ Nothing was collected.") < text.index("Net earnings")
    assert "Data quality" not in text


def test_a_chart_without_data_takes_no_room() -> None:
    empty = days(0)
    pages = pages_of(
        document_of(*(Chart(f"Chart {n}", empty, "day", ("egress",)) for n in range(5)))
    )
    assert len(pages) == 1
    assert pages[0].count("No data.") == 5


def test_a_label_that_is_too_long_for_a_card_goes_on_in_a_second_line() -> None:
    label = "Days until the-node-in-the-attic is full, on 2027-03-20"
    figures = Figures("F", tuple(Figure("a", label, 1, Kind.INTEGER) for _ in range(3)))
    text = words_of(document_of(figures, numbered(1)))
    assert text.count("2027-03-20") == 3


def test_a_note_longer_than_a_page_is_whole() -> None:
    note = Note("The words of a long note. " * 600, level="warning")
    assert words_of(document_of(FIGURES, note)).count("The words of a long note.") > 590


def test_empty_tables_and_figures_say_so() -> None:
    text = words_of(document_of(Figures("Nothing counted", ()), numbered(0)))
    assert "No figures." in text
    assert "No rows in this span." in text


def test_a_wide_table_lies_across_and_the_rest_upright() -> None:
    columns = tuple(Column(key=f"c{i}", label=f"Column {i}") for i in range(14))
    wide = table_of(columns, [["some words here"] * 14])
    pages = opened(document_of(FIGURES, wide, days(2))).pages
    assert [page.mediabox.width > page.mediabox.height for page in pages] == [False, True, False]


def test_columns_without_room_are_named_and_cells_wrap() -> None:
    columns = tuple(Column(key=f"c{i}", label=f"Column {i}") for i in range(60))
    text = words_of(document_of(FIGURES, table_of(columns, [["word " * 9] * 60])))
    assert "more columns; the CSV has all:" in text
    assert "Column 59." in text


@pytest.mark.no_cover  # it is long
@pytest.mark.parametrize("orientation", ["portrait", "landscape"])
def test_a_cell_taller_than_a_page_is_shortened_and_counted(orientation: str) -> None:
    rows = [["word " * 9_000, 1], ["n" * 30_000, 2]]
    document = document_of(
        FIGURES, table_of((NODE, NUMBER), rows), options={"orientation": orientation}
    )
    assert "2 cells were shortened; the CSV has all in full." in words_of(document)


@pytest.mark.parametrize("name", HOSTILE)
def test_text_is_never_markup_and_opens_no_socket(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_sockets(monkeypatch)
    table = Table.of(name, name, (Column(key="node", label=name), NUMBER), [[name, 1]])
    document = Document(
        f"About {name}",
        (
            Figures(name, (Figure("key", name, name, Kind.TEXT, 0.1),)),
            Chart(name, table, "node", ("number",), "bar"),
            table,
            Note(name, "warning"),
        ),
        nodes=(name,),
        metadata={name: name},
        brand=name,
    )
    assert links_of(document) == []
    if name.isascii() and name.isprintable() and len(name) < 100:
        assert words_of(document).count(name) >= 10


def test_letters_of_many_scripts_can_be_read_and_copied() -> None:
    names = ["Ωμέγα", "Москва-1", "é ü € “x”", "┌─┐ ✓ →", "node 😀 one"]
    text = words_of(document_of(FIGURES, table_of((NODE, NUMBER), [[name, 7] for name in names])))
    for name in names:
        assert f"{name} 7" in text


def test_what_no_font_has_is_counted() -> None:
    text = words_of(document_of(FIGURES, table_of((NODE,), [["名前"], ["plain"]])))
    assert "□□" in text
    assert "1 cell was printed with a □" in text


def test_only_https_addresses_of_receipts_are_links() -> None:
    columns = (NODE, Column(key="receipt_url", label="Receipt"))
    rows = [
        ["https://example.org/", "https://etherscan.io/tx/0x1"],
        ["b", "javascript:alert(1)"],
        ["c", "http://127.0.0.1:9/x"],
    ]
    found = links_of(document_of(FIGURES, table_of(columns, rows)))
    assert found == ["https://etherscan.io/tx/0x1"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_operators_logo_is_on_page_one(kind: str) -> None:
    file = BytesIO()
    Image.new("RGB", (30, 10), (200, 0, 0)).save(file, kind)
    pages = opened(document_of(FIGURES, numbered(200), logo=file.getvalue())).pages
    assert [len(page.images) for page in pages][:2] == [1, 0]


@given(samples.tables(), st.sampled_from(["portrait", "landscape", "auto"]))
@settings(max_examples=40, deadline=None)
def test_any_report_has_a_layout(table: Table, orientation: str) -> None:
    file = render(Document("Any", (FIGURES, table), options={"orientation": orientation}))
    assert file.startswith(b"%PDF-")


def test_nothing_is_drawn_outside_the_margins() -> None:
    rows = [["W" * 200, MADE_AT, "w " * 200] for _ in range(40)]
    columns = (
        NODE,
        Column(key="made_at", label="W" * 90, kind=Kind.TIMESTAMP),
        Column(key="error", label="Error"),
    )
    many = Figures("Figures", tuple(Figure("key", "W" * 300, "W" * 300, Kind.TEXT) for _ in "123"))
    for page in opened(document_of(many, table_of(columns, rows), brand="W" * 300)).pages:
        high = float(page.mediabox.height)

        def check(
            text: str, matrix: list[float], at: list[float], *_: object, top: float = high
        ) -> None:
            if text.strip():
                assert 30 < matrix[5] + at[5] < top - 30

        page.extract_text(visitor_text=check)
