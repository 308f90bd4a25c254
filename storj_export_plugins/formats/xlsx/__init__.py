"""The format xlsx: any document as an Excel workbook, a sheet for each table and one about it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from storj_export_plugins.formats.xlsx.sheets import Sheets
from storj_monitor.plugin import Format, hookimpl, spooled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openpyxl import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from storj_monitor.plugin import Document


def render(document: Document) -> Iterable[bytes]:
    """Yield the workbook; it is written to a temporary file first, row by row."""
    return spooled(lambda file: _write(document, file))


def _write(document: Document, file: IO[bytes]) -> None:
    from openpyxl.writer.excel import ExcelWriter

    from storj_export_plugins.formats.xlsx.archive import DatedZip, file_time
    from storj_export_plugins.formats.xlsx.info import write_info

    made_at = file_time(document.generated_at)
    with _workbook() as workbook:
        sheets = Sheets(workbook)
        for table in document.tables():
            sheets.write(table)
        write_info(workbook, document, sheets.written)
        # save() of the workbook would put the time of the clock in.
        workbook.properties.created = workbook.properties.modified = made_at
        with DatedZip(file, made_at) as archive:
            ExcelWriter(workbook, archive).write_data()


@contextmanager
def _workbook() -> Iterator[Workbook]:
    """Give an empty workbook, and leave no temporary file of openpyxl's behind."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    try:
        yield workbook
    finally:
        for sheet in workbook.worksheets:
            # openpyxl removes a sheet's file when it has packed it, so not after an error.
            writer = getattr(sheet, "_writer", None)
            if writer is not None and Path(writer.out).exists():
                with suppress(Exception):
                    cast("WriteOnlyWorksheet", sheet).close()
                writer.cleanup()


@hookimpl
def storj_formats() -> Iterable[Format]:
    """Offer xlsx."""
    return [
        Format(
            name="xlsx",
            title="Excel workbook",
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            render=render,
        )
    ]
