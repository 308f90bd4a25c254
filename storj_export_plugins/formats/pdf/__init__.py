"""The format pdf: a report to hand on, or a table of any length to read and print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin import Filter, Format, Note, Table, hookimpl, spooled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.plugin import Document


def render(document: Document) -> Iterable[bytes]:
    """Yield the file: one table while it is read, a report when it is done."""
    # Fonts, Arrow and reportlab are loaded by those who make a file.
    notes = [block for block in document.blocks if isinstance(block, Note)]
    others = [block for block in document.blocks if not isinstance(block, Note)]
    if len(others) == 1 and isinstance(others[0], Table):
        from storj_export_plugins.formats.pdf.export import exported

        return exported(document, others[0], notes)
    from storj_export_plugins.formats.pdf.report import write

    return spooled(lambda file: write(document, file))


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
                    summary="Which way the pages lie; auto: upright where the table fits",
                    choices=("auto", "portrait", "landscape"),
                    default="auto",
                ),
            ),
        )
    ]
