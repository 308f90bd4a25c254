"""The format xlsx: any document as an Excel workbook, a sheet for each table and one about it.

A plain export is its table and a sheet Info. A report begins with a sheet Summary, which has its
figures, notes and charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin import Chart, Format, Table, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.plugin import Document


def render(document: Document) -> Iterator[bytes]:
    """Yield the workbook; the first bytes leave with the first rows."""
    from storj_export_plugins.formats.clocks import offsets
    from storj_export_plugins.formats.xlsx.archive import Archive, file_time
    from storj_export_plugins.formats.xlsx.book import CONTENT_TYPES, Book, content_types
    from storj_export_plugins.formats.xlsx.info import write_info
    from storj_export_plugins.formats.xlsx.sheets import Sheets
    from storj_export_plugins.formats.xlsx.summary import write_summary

    made_at = file_time(document.generated_at)
    book = Book(document, made_at)
    is_report = document.sole_table is None
    summary = book.add_own("Summary") if is_report else None
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    archive = Archive(made_at)
    archive.add(CONTENT_TYPES, content_types(len(charts)))
    sheets = Sheets(book, archive, labelled=is_report, offsets=offsets(document))
    for table in _tables(document):
        yield from sheets.write(table)
    if summary:
        write_summary(summary, document, sheets.written)
    write_info(book, document, sheets.written)
    for name, content in book.parts():
        archive.add(name, content)
    archive.finish()
    yield archive.drain()


def _tables(document: Document) -> Iterator[Table]:
    """Yield what gets a sheet of its own: figures and notes stand on the summary."""
    given = [block for block in document.blocks if isinstance(block, Table)]
    for block in document.blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Chart) and not any(block.table is table for table in given):
            given.append(block.table)
            yield block.table


@hookimpl
def storj_formats() -> list[Format]:
    """Offer xlsx."""
    return [
        Format(
            name="xlsx",
            title="Excel workbook",
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            render=render,
        )
    ]
