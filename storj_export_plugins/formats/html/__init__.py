"""The format html: any document as one page that holds all it needs, for reading and printing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts import held
from storj_export_plugins.formats.clocks import offsets
from storj_export_plugins.formats.html.blocks import body
from storj_export_plugins.formats.html.page import foot, head
from storj_export_plugins.formats.html.tables import plain_table
from storj_monitor.plugin import Format, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.plugin import Document


def render(document: Document) -> Iterator[bytes]:
    """Yield the page; a plain table streams batch by batch, and nothing leaves before its first."""
    if document.sole_table is not None:
        content = plain_table(document.sole_table, offset=bool(offsets(document)))
    else:
        document = held(document)
        content = body(document)
    opening = head(document)
    for chunk in content:
        yield opening + chunk if chunk else chunk
        opening = b"" if chunk else opening
    yield opening + foot(document)


@hookimpl
def storj_formats() -> list[Format]:
    """Offer html."""
    return [
        Format(
            name="html",
            title="Web page (HTML)",
            media_type="text/html; charset=utf-8",
            render=render,
        )
    ]
