"""The format pdf: any document as pages of plain tables, for reading and printing."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from storj_export_plugins.formats.imprint import imprint
from storj_export_plugins.formats.pdf.layout import Layout
from storj_export_plugins.formats.pdf.pages import Pages
from storj_monitor.plugin import Filter, Format, Note, hookimpl, spooled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.plugin import Document, Table

#: Rows that the widths of a table's columns are taken from.
SAMPLE_ROWS = 500


def render(document: Document) -> Iterable[bytes]:
    """Yield the file; it is written to a temporary file first."""
    return spooled(lambda file: _write(document, file))


def _write(document: Document, file: IO[bytes]) -> None:
    pages = Pages(
        file,
        document.title,
        author=document.brand or "storj-monitor",
        subject="; ".join(f"{label}: {text}" for label, text in imprint(document)),
        generated_at=document.generated_at,
        paper=document.options.get("paper", "a4"),
        orientation=document.options.get("orientation", "landscape"),
    )
    for label, text in imprint(document):
        pages.words(f"{label}: {text}")
    notes = [block for block in document.blocks if isinstance(block, Note)]
    for note in notes:
        pages.words(note.text, bold=note.level == "warning")
    others = tuple(block for block in document.blocks if not isinstance(block, Note))
    for table in replace(document, blocks=others).tables():
        _write_table(pages, table)
    pages.finish()


def _write_table(pages: Pages, table: Table) -> None:
    pages.heading(table.title or table.name)
    rows = table.rows()
    sample = list(islice(rows, SAMPLE_ROWS))
    if not sample:
        pages.words("No rows in this span.")
        return
    layout = Layout(table.columns, sample, pages.width)
    pages.begin_table(layout.header, layout.font_size)
    count = 0
    for count, row in enumerate(chain(sample, rows), 1):  # noqa: B007  the last one is the count
        pages.row(layout.line(row))
    pages.end_table()
    pages.words(f"{count:,} rows." if count > 1 else "1 row.")
    for remark in layout.remarks():
        pages.words(remark)


@hookimpl
def storj_formats() -> Iterable[Format]:
    """Offer pdf."""
    return [
        Format(
            name="pdf",
            title="PDF",
            media_type="application/pdf",
            render=render,
            options=(
                Filter(
                    name="paper",
                    summary="Size of the pages",
                    choices=("a4", "letter"),
                    default="a4",
                ),
                Filter(
                    name="orientation",
                    summary="Which way the pages lie",
                    choices=("landscape", "portrait"),
                    default="landscape",
                ),
            ),
        )
    ]
