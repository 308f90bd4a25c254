"""The format pdf: what holds for every file, a report or a table."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from storj_monitor.plugin import Document, Figure, Figures, Kind, Note, Span
from tests.formats.pdf_files import (
    MADE_AT,
    bookmarks_of,
    document_of,
    numbered,
    opened,
    pages_of,
    render,
    words_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.plugin import Block

MARCH = Span(datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))
FIGURES = Figures("At a glance", (Figure("nodes", "Nodes", 3, Kind.INTEGER, 0.5),))
#: An export, and a report.
KINDS_OF_FILE: list[tuple[Block, ...]] = [(numbered(200),), (FIGURES, numbered(200))]
either = pytest.mark.parametrize("blocks", KINDS_OF_FILE, ids=["export", "report"])


@either
def test_the_first_page_says_what_the_file_is(blocks: tuple[Block, ...]) -> None:
    document = document_of(
        *blocks,
        span=MARCH,
        nodes=("alpha", "beta"),
        metadata={"storj-monitor": "9.9"},
        brand="ACME",
    )
    first = " ".join(pages_of(document)[0].split())
    for words in (
        *("Title", "2026-03-01 to 2026-03-31, Europe/Berlin", "Nodes: alpha, beta", "ACME"),
        *("Generated at: 2026-03-09 13:30:15+01:00", "storj-monitor: 9.9"),
    ):
        assert words in first


@either
def test_the_properties_say_so_too(blocks: tuple[Block, ...]) -> None:
    reader = opened(document_of(*blocks, span=MARCH, nodes=("alpha", "Ωμέγα"), brand="ACME"))
    about = reader.metadata
    assert about is not None
    assert (about.title, about.author) == ("Title", "ACME")
    assert "Nodes: alpha, Ωμέγα" in (about.subject or "")
    assert about.creation_date == about.modification_date == MADE_AT
    root: Any = reader.root_object
    assert root["/Lang"] == "en-GB"
    assert str(root["/ViewerPreferences"]["/DisplayDocTitle"]).lower() == "true"


@either
def test_every_page_says_which_of_how_many_it_is_of_what_and_of_which_data(
    blocks: tuple[Block, ...],
) -> None:
    pages = [" ".join(page.split()) for page in pages_of(document_of(*blocks, span=MARCH))]
    assert len(pages) > 2
    marks = {page.rsplit("data ", 1)[1][:8] for page in pages}
    (mark,) = marks
    assert set(mark) <= set("0123456789abcdef")
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "2026-03-01 to 2026-03-31, Europe/Berlin" in page
        assert "generated 2026-03-09 13:30:15+01:00" in page


def test_other_data_have_another_hash() -> None:
    for before in ((), (FIGURES,)):
        texts = [words_of(document_of(*before, numbered(count))) for count in (3, 4)]
        assert len({text.rsplit("data ", 1)[1][:8] for text in texts}) == 2


@either
def test_the_same_document_gives_the_same_bytes_at_any_time(
    blocks: tuple[Block, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(at: datetime) -> bytes:
        with time_machine.travel(at, tick=False):
            return render(document_of(*blocks, nodes=("alpha", "עברית", "😀")))

    first = made(datetime(2026, 3, 9, 12, tzinfo=UTC))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert first == made(datetime(2031, 7, 1, 3, 4, 6, tzinfo=UTC))


def test_chapters_are_bookmarked() -> None:
    assert bookmarks_of(document_of(numbered(1))) == ["Title", "Things"]
    report = document_of(FIGURES, numbered(1), Note("Beware", "warning"))
    assert bookmarks_of(report) == ["Title", "At a glance", "Things", "Data quality"]


@either
@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, (595, 842)),
        ({"paper": "letter"}, (612, 792)),
        ({"paper": "a4", "orientation": "landscape"}, (842, 595)),
        ({"paper": "letter", "orientation": "landscape"}, (792, 612)),
        ({"paper": "letter", "orientation": "portrait"}, (612, 792)),
    ],
)
def test_paper_and_orientation_are_options(
    blocks: tuple[Block, ...], options: dict[str, str], size: tuple[int, int]
) -> None:
    for page in opened(document_of(*blocks, options=options)).pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == size


@either
def test_poppler_draws_every_page_without_a_complaint(
    blocks: tuple[Block, ...], tmp_path: Path
) -> None:
    if not shutil.which("pdftoppm"):
        pytest.skip("pdftoppm isn't installed: apt-get install poppler-utils")
    path = tmp_path / "file.pdf"
    document = document_of(*blocks, nodes=("Ωμέγα", "Москва", "עברית", "عقدة", "😀", "名"))
    path.write_bytes(render(document))
    command = ["pdftoppm", "-r", "20", "-png", str(path), str(tmp_path / "page")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert len([*tmp_path.glob("page*.png")]) == len(opened(document).pages)


@either
def test_all_letters_come_from_fonts_in_the_file(blocks: tuple[Block, ...]) -> None:
    page: Any = opened(document_of(*blocks, nodes=("Ωμέγα",))).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    used = {
        str(font["/BaseFont"]): "/FontFile2" in font.get("/FontDescriptor", {}) for font in fonts
    }
    # reportlab names Helvetica on every page, and never uses it.
    assert all(is_embedded for name, is_embedded in used.items() if name != "/Helvetica")
    assert any("DejaVuSansCondensed" in name for name in used)


def test_a_document_with_title_and_blocks_alone_can_be_written() -> None:
    text = words_of(Document("Bare", ()))
    assert "Time zone: UTC" in text
    assert "Nodes: all" in text
    assert "There is nothing in this report." in text


def test_importing_the_plugin_loads_no_heavy_library() -> None:
    code = (
        "import sys, storj_export_plugins.formats.pdf as plugin; plugin.storj_formats(); "
        "print(sorted({'reportlab', 'pyarrow', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
