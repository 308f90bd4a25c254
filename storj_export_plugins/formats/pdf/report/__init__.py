"""A report as a file: what matters first, then charts, tables and what to know of the data."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from storj_export_plugins.formats.charts import held
from storj_export_plugins.formats.clocks import offsets
from storj_export_plugins.formats.pdf.faces import BOLD, ITALIC, REGULAR, font
from storj_export_plugins.formats.pdf.paper import About
from storj_export_plugins.formats.pdf.report.book import Book
from storj_export_plugins.formats.pdf.report.story import Story

if TYPE_CHECKING:
    from storj_monitor.plugin import Document


def write(document: Document, file: IO[bytes]) -> None:
    """Write a report to a file that is open for writing; whatever its cells, it has a layout."""
    for name in (REGULAR, BOLD, ITALIC):
        font(name)  # so that reportlab knows it by its name
    about = About.of(document)
    story = Story(
        about,
        brand=document.brand,
        logo=document.logo,
        paper=document.options.get("paper", "a4"),
        orientation=document.options.get("orientation", "auto"),
        offset=bool(offsets(document)),
    )
    story.tell(held(document).blocks)
    book = Book(file, about, paper=story.paper, landscape=story.begins_across)
    book.bind(story.flowables, story.digest)
