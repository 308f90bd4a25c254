"""Workbooks for the tests of the format xlsx, and what openpyxl reads in them."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

from openpyxl import load_workbook

from storj_export_plugins.formats.xlsx import storj_formats
from storj_monitor.plugin import Column, Document, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl import Workbook

BERLIN = ZoneInfo("Europe/Berlin")
MADE_AT = datetime(2026, 3, 9, 12, 30, 15, tzinfo=UTC)
ALL_KINDS = tuple(Column(key=f"the_{kind}", label=kind.title(), kind=kind) for kind in Kind)
TEXT = (Column(key="node", label="Node"),)


def render(document: Document) -> bytes:
    (offered,) = storj_formats()
    return b"".join(offered.render(document))


def opened(document: Document) -> Workbook:
    return load_workbook(BytesIO(render(document)))


def table_of(
    columns: tuple[Column, ...],
    rows: Sequence[Sequence[object]],
    zone: ZoneInfo = BERLIN,
    title: str = "Things",
) -> Table:
    return Table.of("things", title, columns, rows).through(lambda batches: batches, zone)


def document_of(*tables: Table, **more: Any) -> Document:
    return Document("Title", tables, generated_at=MADE_AT, timezone=BERLIN, **more)


def cells_of(
    columns: tuple[Column, ...], rows: Sequence[Sequence[object]]
) -> list[tuple[Any, ...]]:
    sheet = opened(document_of(table_of(columns, rows)))["Things"]
    return list(sheet.iter_rows(min_row=2, max_row=1 + len(rows), max_col=len(columns)))


def info_of(document: Document) -> list[tuple[Any, ...]]:
    return list(opened(document)["Info"].iter_rows(values_only=True))


def numbers(count: int) -> Table:
    columns = (Column(key="number", label="Number", kind=Kind.INTEGER),)
    return table_of(columns, [[number] for number in range(count)])


def sheet_xml(document: Document) -> str:
    with ZipFile(BytesIO(render(document))) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()
