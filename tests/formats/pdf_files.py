"""PDF files made from documents and read back with pypdf and poppler."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from storj_export_plugins.formats.pdf import storj_formats
from storj_monitor.plugin import Column, Document, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.plugin import Block

BERLIN = ZoneInfo("Europe/Berlin")
MADE_AT = datetime(2026, 3, 9, 12, 30, 15, tzinfo=UTC)
NODE = Column(key="node", label="Node")
NUMBER = Column(key="number", label="Number", kind=Kind.INTEGER)
HOSTILE = [
    *("<b>x", "<img src=http://127.0.0.1:9/x>", "&nbsp;<para>", "0.1 <A <0.9", "(\\)", "=1+1"),
    *("<a href='http://127.0.0.1:9/'>x</a>", "🚀 node", "عقدة", "a\x00b\rc\nd", "n" * 200, "%s %d"),
]


def render(document: Document) -> bytes:
    (offered,) = storj_formats()
    return b"".join(offered.render(document))


def opened(document: Document) -> PdfReader:
    return PdfReader(BytesIO(render(document)))


def pages_of(document: Document) -> list[str]:
    """Return the text of each page, a run of spaces as one."""
    return [
        "\n".join(" ".join(line.split()) for line in page.extract_text().splitlines())
        for page in opened(document).pages
    ]


def text_of(document: Document) -> str:
    return "\n".join(pages_of(document))


def words_of(document: Document) -> str:
    """Return all text on one line, since a report's cells are lines of their own."""
    return " ".join(text_of(document).split())


def table_of(
    columns: tuple[Column, ...], rows: Sequence[Sequence[object]], title: str = "Things"
) -> Table:
    return Table.of("things", title, columns, rows).through(lambda batches: batches, BERLIN)


def document_of(*blocks: Block, **more: Any) -> Document:
    return Document("Title", blocks, generated_at=MADE_AT, timezone=BERLIN, **more)


def numbered(count: int, title: str = "Things") -> Table:
    rows = [[f"node-{number}", number] for number in range(count)]
    return table_of((NODE, NUMBER), rows, title)


def bookmarks_of(document: Document) -> list[str]:
    def titles(entries: list[Any]) -> list[str]:
        return [
            title
            for entry in entries
            for title in (titles(entry) if isinstance(entry, list) else [entry.title])
        ]

    return titles(opened(document).outline)


def links_of(document: Document) -> list[str]:
    return [
        str(annotation.get_object()["/A"]["/URI"])
        for page in opened(document).pages
        for annotation in page.get("/Annots", [])
    ]


def forbid_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> NoReturn:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
