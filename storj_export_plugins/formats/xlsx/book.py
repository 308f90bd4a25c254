"""The structure around the rows, made by openpyxl: styles, heads and tails of sheets, charts."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, cast
from zipfile import ZipFile

from storj_export_plugins.formats.xlsx.cells import NUMBER_FORMATS, legal_text
from storj_export_plugins.formats.xlsx.names import SheetNames
from storj_export_plugins.formats.xlsx.rows import Styles
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from openpyxl.worksheet.worksheet import Worksheet

    from storj_monitor.plugin import Document

CONTENT_TYPES = "[Content_Types].xml"
#: How many cells a sheet has, said before its rows are known: readers go by it, so it's left out.
_DIMENSION = re.compile(rb"<dimension [^>]*>(</dimension>)?")
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DRAWING = "application/vnd.openxmlformats-officedocument.drawing"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE = "application/vnd.openxmlformats-package"
_PARTS = {
    "/xl/workbook.xml": f"{_SPREADSHEET}.sheet.main+xml",
    "/xl/styles.xml": f"{_SPREADSHEET}.styles+xml",
    "/xl/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
    "/docProps/core.xml": f"{_PACKAGE}.core-properties+xml",
    "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}


class Book:
    """A workbook of openpyxl's, whose sheets for tables stay empty: their rows go another way."""

    def __init__(self, document: Document, made_at: datetime) -> None:
        from openpyxl import Workbook

        self._workbook = Workbook()
        self._workbook.remove(self._workbook.worksheets[0])
        properties = self._workbook.properties
        properties.title = legal_text(document.title)
        properties.creator = legal_text(document.brand or "storj-monitor")
        properties.created = properties.modified = made_at
        self._names = SheetNames()
        self._streamed: set[str] = set()

    def add_sheet(self, wanted: str) -> Worksheet:
        """Add a sheet after the others, named as `wanted` as far as Excel allows."""
        return self.add_own(self._names.name(wanted))

    def add_own(self, name: str) -> Worksheet:
        """Add a sheet of our own after the others, whose name no table can have."""
        sheet = cast("Worksheet", self._workbook.create_sheet(name))
        _fit_to_width(sheet)
        return sheet

    def streamed(self, sheet: Worksheet) -> str:
        """Return the name of the part that is a sheet, which `parts` then leaves out."""
        number = self._workbook.index(sheet) + 1
        name = f"xl/worksheets/sheet{number}.xml"
        self._streamed.add(name)
        return name

    def styles(self, offsets: Iterable[str] = ()) -> Styles:
        """Return the numbers of the styles that rows are written in.

        Each of the `offsets` gets one for times, which are dates as ever and shown with it.
        """
        from openpyxl.cell import WriteOnlyCell

        sheet = self._workbook.create_sheet()
        of_kind = {}
        for kind in Kind:
            cell = WriteOnlyCell(sheet)
            cell.number_format = NUMBER_FORMATS.get(kind, "General")
            of_kind[kind] = cell.style_id
        of_offset = {}
        for offset in offsets:
            cell = WriteOnlyCell(sheet)
            cell.number_format = f'{NUMBER_FORMATS[Kind.TIMESTAMP]}" {offset}"'
            of_offset[offset] = cell.style_id
        guarded = WriteOnlyCell(sheet)
        guarded.quotePrefix = True
        number = guarded.style_id
        self._workbook.remove(sheet)
        return Styles(of_kind, number, of_offset)

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """Yield the name and content of every part but the sheets that were streamed."""
        from openpyxl.writer.excel import ExcelWriter

        with ZipFile(BytesIO(), "w") as parts:
            ExcelWriter(self._workbook, parts).write_data()
            for name in parts.namelist():
                if name not in self._streamed and name != CONTENT_TYPES:
                    yield name, parts.read(name)


def content_types(charts: int) -> bytes:
    """Return the part that says what the others are, for a workbook with so many charts.

    It is the first in the archive, when nobody knows yet how many sheets there will be: so what
    isn't named is a sheet.
    """
    parts = dict(_PARTS)
    if charts:
        parts["/xl/drawings/drawing1.xml"] = f"{_DRAWING}+xml"
    for number in range(1, charts + 1):
        parts[f"/xl/charts/chart{number}.xml"] = f"{_DRAWING}ml.chart+xml"
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{type_}"/>' for name, type_ in parts.items()
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Types xmlns="{_TYPES}">'
        f'<Default Extension="rels" ContentType="{_PACKAGE}.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{_SPREADSHEET}.worksheet+xml"/>'
        f"{overrides}</Types>"
    )
    return text.encode()


def around_rows(sheet: Worksheet) -> tuple[bytes, bytes]:
    """Return what stands in the XML of a sheet before and after the rows that it hasn't itself."""
    from openpyxl.worksheet._writer import WorksheetWriter

    out = BytesIO()
    WorksheetWriter(sheet, out).write()
    head, end, tail = out.getvalue().partition(b"</sheetData>")
    return _DIMENSION.sub(b"", head), end + tail


def _fit_to_width(sheet: Worksheet) -> None:
    """Let all columns be printed on one page, and the rows on as many as they need."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
