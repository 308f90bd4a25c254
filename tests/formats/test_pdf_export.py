"""A table as PDF: its lines, on as many pages as it takes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_export_plugins.formats.pdf.cells import cells
from storj_export_plugins.formats.pdf.export import exported
from storj_export_plugins.formats.pdf.layout import ADVANCE, LARGEST, SMALLEST, Layout
from storj_monitor.plugin import Column, Document, Kind, Note, Table, display_text
from storj_monitor.plugin.batches import batches_of_rows
from tests.formats import samples
from tests.formats.pdf_files import (
    BERLIN,
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
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

ALL_KINDS = tuple(Column(key=f"the_{kind}", label=kind.title(), kind=kind) for kind in Kind)


def test_every_row_is_there_once_and_the_header_is_on_every_page() -> None:
    pages = pages_of(document_of(numbered(1_234)))
    assert len(pages) > 10
    assert all("Node Number" in page.splitlines() for page in pages)
    lines = "\n".join(pages).splitlines()
    expected = [f"node-{number} {number:,}" for number in range(1_234)]
    assert [line for line in lines if line.startswith("node-")] == expected
    assert "1,234 rows." in lines


def test_values_are_spelt_for_people_in_the_zone_of_the_table() -> None:
    row = ("alpha", 12_345, 1.5, Decimal("3.13"), 1_250_000_000, 0.982, 1_500, MADE_AT)
    table = table_of(ALL_KINDS, [(*row, date(2026, 3, 1), True), (None,) * len(ALL_KINDS)])
    text = text_of(document_of(table))
    assert (
        "alpha 12,345 1.50 $3.13 1.25 GB 98.20 % 1.5 s 2026-03-09 13:30:15 2026-03-01 yes" in text
    )
    assert " ".join(["n/a"] * len(ALL_KINDS)) in text
    assert "2 rows." in text


@given(samples.tables())
@settings(max_examples=60, deadline=None)
def test_a_column_is_spelt_as_each_of_its_values_is(table: Table) -> None:
    batches = [*table.batches]
    shown = [
        [cells(batch.column(number), column.kind, table.timezone).texts.to_pylist()]
        for batch in batches
        for number, column in enumerate(table.columns)
        if column.kind is not Kind.TEXT
    ]
    expected = [
        [[display_text(value, column.kind) for value in values]]
        for batch in batches
        for column, values in zip(table.columns, _columns(table, batch), strict=True)
        if column.kind is not Kind.TEXT
    ]
    assert [[_padded(texts) for texts in each] for each in shown] == expected


def _columns(table: Table, batch: pa.RecordBatch) -> list[list[object]]:
    one = Table("one", "One", table.columns, lambda: [batch], repeatable=True)
    rows = [*one.through(lambda batches: batches, table.timezone).rows()]
    return [[row[number] for row in rows] for number in range(len(table.columns))]


def _padded(texts: list[Any]) -> list[str]:
    """Spell the years before 1000 as Python's strftime does, without zeros in front."""
    return [
        text.lstrip("0") if text[:1] == "0" and text[4:5] == "-" and ":" in text else text
        for text in texts
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_text_is_never_markup_and_opens_no_socket(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_sockets(monkeypatch)
    table = Table.of(name, name, (Column(key="node", label=name),), [[name]])
    document = Document(
        f"About {name}", (table, Note(name)), nodes=(name,), metadata={name: name}, brand=name
    )
    reader = opened(document)
    assert not [page for page in reader.pages if "/Annots" in page]
    if name.isascii() and name.isprintable() and len(name) < 100:
        lines = text_of(document).splitlines()
        # Note, heading, column and cell.
        assert lines.count(name) >= 4
        assert f"Nodes: {name}" in lines
        assert f"{name}: {name}" in lines


def test_letters_of_many_scripts_can_be_read_and_copied() -> None:
    names = ["Ωμέγα", "Москва-1", "é ü € “x”", "┌─┐ ✓ →", "node 😀 one"]
    text = text_of(document_of(table_of((NODE, NUMBER), [[name, 7] for name in names])))
    for name in names:
        assert f"{name} 7" in text


def test_a_letter_that_no_font_has_is_a_box_and_the_table_says_so() -> None:
    text = text_of(document_of(table_of((NODE,), [["名前"], ["why?"], ["名"], ["a\x00b"]])))
    assert "□□" in text
    assert "a□b" in text
    assert "3 cells were printed with a □ for characters that this file has no font for" in text
    assert "shortened" not in text


def test_long_texts_are_shortened_and_the_table_says_how_many() -> None:
    rows = [["n" * 200, number] for number in range(3)] + [["short", 4]]
    columns = (NODE, NUMBER, *(Column(key=f"text{i}", label="x" * 60) for i in range(4)))
    text = text_of(document_of(table_of(columns, [[*row, "", "", "", ""] for row in rows])))
    assert "3 cells were shortened; the CSV has all in full." in text
    assert "nnn…" in text


def test_a_long_text_is_whole_where_there_is_room() -> None:
    text = text_of(document_of(table_of((NODE, NUMBER), [["n" * 100, 1]])))
    assert "n" * 100 + " 1" in text
    assert "shortened" not in text


def test_columns_without_room_are_named() -> None:
    columns = tuple(Column(key=f"c{i}", label=f"Column {i}") for i in range(80))
    text = " ".join(text_of(document_of(table_of(columns, [["v"] * 80]))).split())
    assert "No room for" in text
    assert "Column 78, Column 79." in text


def test_numbers_are_whole_where_texts_are_cut() -> None:
    columns = tuple(
        Column(key=f"c{i}", label="Sum of it all", kind=Kind.INTEGER if i % 2 else Kind.TEXT)
        for i in range(16)
    )
    row = [123_456_789 if i % 2 else "x" * 60 for i in range(16)]
    text = text_of(document_of(table_of(columns, [row])))
    assert text.count("123,456,789") == 8
    assert text.count("xx…") == 8
    assert text.count("Sum of it") == 16


def test_a_wide_table_lies_across() -> None:
    columns = tuple(Column(key=f"c{i}", label=f"Column {i}") for i in range(12))
    table = table_of(columns, [["some words"] * 12])
    box = opened(document_of(table)).pages[0].mediabox
    assert box.width > box.height


def test_only_https_addresses_of_receipts_are_links() -> None:
    columns = (NODE, Column(key="receipt_url", label="Receipt"))
    rows: list[list[object]] = [
        ["https://example.org/", "https://etherscan.io/tx/0x(1)"],
        ["b", "javascript:alert(1)"],
        ["c", "http://127.0.0.1:9/x"],
        ["d", "https://has spaces.example"],
        ["e", None],
    ]
    assert links_of(document_of(table_of(columns, rows))) == ["https://etherscan.io/tx/0x(1)"]


def test_estimates_lean() -> None:
    columns = (NODE, Column(key="state", label="State"))

    def content(state: str) -> bytes:
        page = opened(document_of(table_of(columns, [["alpha", state]]))).pages[0]
        found = page.get_contents()
        assert found is not None
        return found.get_data()

    assert b"1 0 0.2 1" in content("estimate")
    assert b"1 0 0.2 1" not in content("paystub")


def test_an_empty_table_says_so() -> None:
    text = text_of(document_of(numbered(0)))
    assert "No rows in this span." in text
    assert "Page 1 of 1" in " ".join(text.split())


def test_a_text_longer_than_a_page_goes_on_over_the_next() -> None:
    names = tuple(f"{'n' * 195}{number:05}" for number in range(300))
    document = document_of(numbered(1), nodes=names)
    text = "".join(text_of(document).split())
    assert len(opened(document).pages) > 1
    assert names[-1] in text


@pytest.mark.parametrize("lines", range(3, 60, 4))
def test_a_heading_stands_on_the_page_of_its_first_rows(lines: int) -> None:
    notes = [Note("Word " * 15)] * lines
    pages = pages_of(document_of(table_of((NODE,), [["first"]], "More things"), *notes))
    (page,) = [page for page in pages if "More things" in page]
    assert "first" in page.splitlines()


def test_pages_leave_while_the_table_is_still_read() -> None:
    read = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(6):
            read.append(number)
            yield from batches_of_rows((NODE, NUMBER), [[f"node-{number}", 1]] * 500)

    table = Table.stream("things", "Things", (NODE, NUMBER), batches())
    chunks = exported(document_of(table), table, [])
    assert next(chunks).startswith(b"%PDF-")
    assert read == [0]
    assert b"".join(chunks).endswith(b"%%EOF\n")


def test_batches_cut_anywhere_give_the_same_bytes_of_rows() -> None:
    rows = [[f"node-{number}", number] for number in range(150)]

    def made(size: int) -> list[str]:
        held = tuple(batches_of_rows((NODE, NUMBER), rows, size))
        return pages_of(
            document_of(Table("x", "Things", (NODE, NUMBER), lambda: held, repeatable=True))
        )

    assert made(150) == made(70) == made(149)


KINDS = st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=90)


@given(KINDS, st.integers(0, 300), st.sampled_from([523.0, 770.0]))
@settings(max_examples=60, deadline=None)
def test_a_line_is_never_wider_than_the_page(kinds: list[Kind], size: int, points: float) -> None:
    values: dict[Kind, object] = {
        Kind.TEXT: "é" * size,
        Kind.MONEY: Decimal(10) ** (size % 12),
        Kind.TIMESTAMP: MADE_AT,
        Kind.DATE: MADE_AT.date(),
        Kind.FLAG: True,
        Kind.RATIO: 0.5,
        Kind.NUMBER: 10.0**size,
    }
    columns = tuple(
        Column(key=f"c{number}", label="L" * (size % 50 + 1), kind=kind)
        for number, kind in enumerate(kinds)
    )
    row = [values.get(kind, 10 ** (size % 15)) for kind in kinds]
    larger = [
        value * 1000 if isinstance(value, str | int) and not isinstance(value, bool) else None
        for value in row
    ]
    sample, later = (next(batches_of_rows(columns, [each])) for each in (row, larger))
    layout = Layout(columns, sample, BERLIN, points)
    assert SMALLEST <= layout.font_size <= LARGEST
    lines = [*layout.lines(sample).to_pylist(), *layout.lines(later).to_pylist()]
    for line in (*(f"{line}\n" for line in layout.header), *map(str, lines)):
        assert len(line) == len(layout.header[0]) + 1
        assert (len(line) - 1) * ADVANCE * layout.font_size <= points + 1e-6


@given(samples.tables(), st.sampled_from(["portrait", "landscape", "auto"]))
@settings(max_examples=40, deadline=None)
def test_any_table_has_a_layout(table: Table, orientation: str) -> None:
    file = render(Document("Any", (table,), options={"orientation": orientation}))
    assert file.startswith(b"%PDF-")
    assert file.endswith(b"%%EOF\n")


def test_nothing_is_drawn_outside_the_margins() -> None:
    rows = [["W" * 200, number] for number in range(120)]
    for page in opened(document_of(table_of((NODE, NUMBER), rows), nodes=("W" * 400,))).pages:
        height = float(page.mediabox.height)

        def check(
            text: str, _matrix: list[float], at: list[float], *_: object, top: float = height
        ) -> None:
            if text.strip() and at[5]:
                assert 30 < at[5] < top - 30

        page.extract_text(visitor_text=check)
