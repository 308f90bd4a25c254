"""The format pdf, read back with pypdf."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from storj_export_plugins.formats.pdf import storj_formats
from storj_export_plugins.formats.pdf.layout import ADVANCE, LARGEST, SMALLEST, Layout, printable
from storj_monitor.plugin import Column, Document, Figure, Figures, Kind, Note, Span, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

BERLIN = ZoneInfo("Europe/Berlin")
MADE_AT = datetime(2026, 3, 9, 12, 30, 15, tzinfo=UTC)
ALL_KINDS = tuple(Column(key=f"the_{kind}", label=kind.title(), kind=kind) for kind in Kind)
NODE = Column(key="node", label="Node")
NUMBER = Column(key="number", label="Number", kind=Kind.INTEGER)
HOSTILE = ["<b>x", "<img src=http://127.0.0.1:9/x>", "&nbsp;<para>", "0.1 <A <0.9", "(\\)", "=1+1"]


def render(document: Document) -> bytes:
    (offered,) = storj_formats()
    return b"".join(offered.render(document))


def opened(document: Document) -> PdfReader:
    return PdfReader(BytesIO(render(document)))


def pages_of(document: Document) -> list[str]:
    """Return the text of each page, a run of spaces as one."""
    pages = opened(document).pages
    return [
        "\n".join(" ".join(line.split()) for line in page.extract_text().splitlines())
        for page in pages
    ]


def text_of(document: Document) -> str:
    return "\n".join(pages_of(document))


def table_of(columns: tuple[Column, ...], rows: Sequence[Sequence[object]]) -> Table:
    return Table.of("things", "Things", columns, rows).through(lambda batches: batches, BERLIN)


def document_of(*tables: Table, **more: Any) -> Document:
    return Document("Title", tables, generated_at=MADE_AT, timezone=BERLIN, **more)


def numbered(count: int) -> Table:
    return table_of((NODE, NUMBER), [[f"node-{number}", number] for number in range(count)])


def test_every_row_is_there_once_and_the_header_is_on_every_page() -> None:
    pages = pages_of(document_of(numbered(1_234)))
    assert len(pages) > 10
    assert all("Node Number" in page.splitlines() for page in pages)
    lines = "\n".join(pages).splitlines()
    expected = [f"node-{number} {number:,}" for number in range(1_234)]
    assert [line for line in lines if line.startswith("node-")] == expected
    assert "1,234 rows." in lines


def test_each_page_says_which_of_how_many_it_is() -> None:
    pages = pages_of(document_of(numbered(100)))
    total = len(pages)
    assert total > 1
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {total}" in " ".join(page.split())


def test_values_are_spelt_for_people_in_the_zone_of_the_table() -> None:
    row = ("alpha", 12_345, 1.5, Decimal("3.13"), 1_250_000_000, 0.982, 1_500, MADE_AT)
    table = table_of(ALL_KINDS, [(*row, date(2026, 3, 1), True), (None,) * len(ALL_KINDS)])
    text = text_of(document_of(table))
    assert (
        "alpha 12,345 1.50 $3.13 1.25 GB 98.20 % 1.5 s 2026-03-09 13:30:15 2026-03-01 yes" in text
    )
    assert " ".join(["n/a"] * len(ALL_KINDS)) in text
    assert "2 rows." in text


def test_the_first_page_says_what_the_file_is() -> None:
    span = Span(datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))
    document = document_of(
        numbered(1), span=span, nodes=("alpha", "beta"), metadata={"Version": "9.9"}, brand="ACME"
    )
    lines = pages_of(document)[0].splitlines()
    for line in (
        "Title",
        "From: 2026-03-01 00:00:00+01:00",
        "Until (not included): 2026-04-01 00:00:00+02:00",
        "Time zone: Europe/Berlin",
        "Nodes: alpha, beta",
        "Generated at: 2026-03-09 13:30:15+01:00",
        "Version: 9.9",
        "1 row.",
    ):
        assert line in lines
    about = opened(document).metadata
    assert about is not None
    assert about.title == "Title"
    assert about.author == "ACME"
    assert "Nodes: alpha, beta" in (about.subject or "")
    assert about.creation_date == about.modification_date == MADE_AT


def test_the_same_document_gives_the_same_bytes_at_any_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def made(at: datetime) -> bytes:
        with time_machine.travel(at, tick=False):
            return render(document_of(numbered(60), nodes=("alpha",)))

    first = made(datetime(2026, 3, 9, 12, tzinfo=UTC))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert first == made(datetime(2031, 7, 1, 3, 4, 6, tzinfo=UTC))


@pytest.mark.parametrize("name", HOSTILE)
def test_text_is_never_markup_and_opens_no_socket(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> NoReturn:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    table = Table.of(name, name, (Column(key="node", label=name),), [[name]])
    document = Document(name, (table, Note(name)), nodes=(name,), metadata={name: name}, brand=name)
    lines = text_of(document).splitlines()
    # Title, note, heading, column and cell; the footer may follow a line without a break.
    assert lines.count(name) >= 5
    assert f"Nodes: {name}" in lines
    assert f"Prepared by: {name}" in lines
    assert f"{name}: {name}" in lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("é ü € “x”", "é ü € “x”"),
        ("🚀 node", "? node"),
        ("عُقدة", "?????"),
        ("a\r\nb\tc\xa0d", "a  b c d"),
        ("a\x00\x1b\x7f\x85b\xad", "a??? b?"),
        ("\ufffe\u200b", "??"),
    ],
)
def test_what_the_font_cannot_show_is_replaced_visibly(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_replaced_characters_are_said_below_the_table() -> None:
    text = text_of(document_of(table_of((NODE,), [["🚀"], ["why?"], ["عقدة"]])))
    assert "2 cells hold characters that this file has no font for, shown as ?" in text
    assert "shortened" not in text


def test_long_texts_are_shortened_and_the_table_says_how_many() -> None:
    rows = [["n" * 200, number] for number in range(3)] + [["short", 4]]
    columns = (NODE, NUMBER, *(Column(key=f"text{i}", label="x" * 60) for i in range(4)))
    text = text_of(document_of(table_of(columns, [[*row, "", "", "", ""] for row in rows])))
    assert "3 cells were shortened; the CSV has them whole." in text
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


KINDS = st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=90)


@given(KINDS, st.integers(0, 300), st.sampled_from([527.0, 773.0]))
@settings(max_examples=60)
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
    row = [values.get(kind, 10 ** (size % 18)) for kind in kinds]
    layout = Layout(columns, [row], points)
    assert SMALLEST <= layout.font_size <= LARGEST
    larger = [value * 1000 if isinstance(value, str | int) else None for value in row]
    for line in (layout.header, layout.line(row), layout.line(larger)):
        assert len(line) == len(layout.header)
        assert len(line) * ADVANCE * layout.font_size <= points + 1e-6


def test_an_empty_table_says_so() -> None:
    text = text_of(document_of(numbered(0)))
    assert "No rows in this span." in text
    assert "Page 1 of 1" in " ".join(text.split())


def test_a_document_with_title_and_blocks_alone_can_be_written() -> None:
    assert "Time zone: UTC\nNodes: all" in text_of(Document("Bare", ()))


def test_a_note_is_wrapped_and_whole_and_figures_are_a_table() -> None:
    note = Note("The words of a long note. " * 60, level="warning")
    figures = Figures("Key figures", (Figure("net", "Net", Decimal("3.13"), Kind.MONEY, 0.12),))
    text = " ".join(text_of(Document("Report", (figures, note))).split())
    assert text.count("The words of a long note.") == 60
    assert "net Net 3.130000 money 0.12" in text


def test_a_text_longer_than_a_page_goes_on_over_the_next() -> None:
    names = tuple(f"{'n' * 195}{number:05}" for number in range(300))
    document = document_of(numbered(1), nodes=names)
    text = "".join(text_of(document).split())
    assert len(opened(document).pages) > 1
    assert names[-1] in text


@pytest.mark.parametrize("rows", range(3, 60, 4))
def test_a_heading_stands_on_the_page_of_its_first_rows(rows: int) -> None:
    second = Table.of("more", "More things " * 30, (NODE,), [["first"], ["second"]])
    pages = pages_of(document_of(numbered(rows), second))
    (page,) = [page for page in pages if "More things" in page]
    assert "first" in page.splitlines()


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, (842, 595)),
        ({"paper": "a4", "orientation": "portrait"}, (595, 842)),
        ({"paper": "letter", "orientation": "landscape"}, (792, 612)),
        ({"paper": "letter", "orientation": "portrait"}, (612, 792)),
    ],
)
def test_paper_and_orientation_are_options(options: dict[str, str], size: tuple[int, int]) -> None:
    page = opened(document_of(numbered(1), options=options)).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == size


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


def test_importing_the_plugin_loads_no_heavy_library() -> None:
    code = (
        "import sys, storj_export_plugins.formats.pdf as plugin; plugin.storj_formats(); "
        "print(sorted({'reportlab', 'pyarrow', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
