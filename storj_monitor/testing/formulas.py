"""Looking for texts in a finished file that a spreadsheet would take for formulas."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile, is_zipfile

from storj_monitor.testing.texts import FORMULA_END

if TYPE_CHECKING:
    from storj_monitor.plugin import Format

_TYPES = (
    *("text/csv", "text/tab-separated-values", "application/vnd.ms-excel"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
)
_SUFFIXES = ("csv", "tsv", "tab", "xls", "xlsx", "ods", "fods")
#: A cell begins at the file's or a line's start, or after what stands between two cells.
_CELL = re.compile(
    rf'(?:\A\ufeff?|[\r\n,;\t|])"?([=+\-@\t\r\n＝＋－＠]SUM\({re.escape(FORMULA_END)})'  # noqa: RUF001  meant
)
#: A formula of a workbook in Office Open XML, and of one in OpenDocument.
_MARKUP = re.compile(rb"<(?:\w+:)?f[ >][^<]*|table:formula=\"[^\"]*")


def opens_in_spreadsheets(format_: Format) -> bool:
    """Say whether the files of a format are opened in a spreadsheet, by their type and suffix."""
    media_type = format_.media_type.partition(";")[0].strip()
    return media_type in _TYPES or format_.suffix.rpartition(".")[2] in _SUFFIXES


def formulas_in(content: bytes) -> str | None:
    """Return a formula that a file has in a cell; None where there is none, or can't be told."""
    if is_zipfile(BytesIO(content)):
        return _formula_of_workbook(content)
    text = text_of(content)
    found = _CELL.search(text) if text is not None else None
    return found[1] if found else None


def text_of(content: bytes) -> str | None:
    """Return a file as text; None where it is none."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _formula_of_workbook(content: bytes) -> str | None:
    with ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".xml") and (found := _MARKUP.search(archive.read(name))):
                return found[0].decode(errors="replace")
    return None
