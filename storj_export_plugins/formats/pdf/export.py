"""A table as a file, page after page, while it is read."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING

from storj_export_plugins.formats.chunks import pieces
from storj_export_plugins.formats.clocks import offsets
from storj_export_plugins.formats.pdf.layout import Layout
from storj_export_plugins.formats.pdf.pages import Pages, room
from storj_export_plugins.formats.pdf.paper import About, page_size
from storj_export_plugins.formats.pdf.remarks import remarks
from storj_export_plugins.formats.pdf.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from storj_monitor.plugin import Document, Note, Table

#: Smaller than this, upright pages are too narrow for a table.
_READABLE = 7.5


def exported(document: Document, table: Table, notes: Sequence[Note]) -> Iterator[bytes]:
    """Yield the file while the table is read; memory doesn't grow with its rows."""
    writer = Writer()
    found = (piece for batch in table.batches if batch.num_rows for piece in pieces(batch))
    first = next(found, None)
    size, layout = _chosen(document, table, first)
    pages = Pages(writer, About.of(document), size)
    pages.title()
    if len(notes) > 1 or any(note.level == "warning" for note in notes):
        pages.box("Data quality", [note.text for note in notes])
    else:
        for note in notes:
            pages.words(note.text)
    if (heading := table.title or table.name) != document.title:
        pages.heading(heading)
    if first is None or layout is None:
        pages.words("No rows in this span.")
    else:
        pages.begin_table(layout.header, layout.font_size)
        count = 0
        for part in chain([first], found):
            pages.rows(layout.lines(part), _estimates(part), _links(part, layout))
            count += part.num_rows
            yield writer.taken()
        pages.end_table()
        pages.words(f"{count:,} rows." if count > 1 else "1 row.")
        for remark in remarks(
            shortened=layout.shortened, boxed=layout.boxed, left_out=layout.left_out
        ):
            pages.words(remark)
    pages.finish(layout.digest if layout else hashlib.sha256().hexdigest())
    yield writer.taken()


def _chosen(
    document: Document, table: Table, sample: pa.RecordBatch | None
) -> tuple[tuple[float, float], Layout | None]:
    """Choose the way that the pages lie, by the first rows: upright where they fit so."""
    paper = document.options.get("paper", "a4")
    asked = document.options.get("orientation", "auto")
    upright, across = (page_size(paper, landscape=is_across) for is_across in (False, True))
    if sample is None:
        return (across if asked == "landscape" else upright), None
    offset = bool(offsets(document))
    if asked != "landscape":
        layout = Layout(table.columns, sample, table.timezone, room(upright), offset=offset)
        if asked == "portrait" or (layout.is_whole and layout.font_size >= _READABLE):
            return upright, layout
    return across, Layout(table.columns, sample, table.timezone, room(across), offset=offset)


def _estimates(batch: pa.RecordBatch) -> list[bool]:
    """Return which rows are estimates; nothing where the table has no such column."""
    if "state" not in batch.schema.names:
        return []
    return [state == "estimate" for state in batch.column("state").to_pylist()]


def _links(batch: pa.RecordBatch, layout: Layout) -> list[tuple[int, int, int, str]]:
    """Return the receipts' addresses with their places."""
    return [
        (row, *layout.place_of(number), address)
        for number, column in enumerate(layout.columns)
        if column.key == "receipt_url"
        for row, address in enumerate(batch.column(number).to_pylist())
        if address
    ]
