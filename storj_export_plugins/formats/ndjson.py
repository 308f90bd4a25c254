"""The format ndjson: one JSON object a line, for tools that read line by line.

In a document of several blocks each object begins with `_table` and `_title`, the name and the
title of the table that its row belongs to. No column can be called so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.objects import object_chunks, object_text, value_text
from storj_monitor.plugin import Format, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.plugin import Document


def render(document: Document) -> Iterator[bytes]:
    """Yield a line for each row, of every table in turn."""
    if document.sole_table is not None:
        yield from object_chunks(document.sole_table)
        return
    for table in document.tables():
        owner = {"_table": value_text(table.name), "_title": value_text(table.title)}
        yield from object_chunks(table, before=object_text(owner)[:-1] + ",")


@hookimpl
def storj_formats() -> list[Format]:
    """Offer ndjson."""
    return [
        Format(
            name="ndjson",
            title="JSON, one object a line",
            media_type="application/x-ndjson",
            render=render,
        )
    ]
