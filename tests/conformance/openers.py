"""What a person or a program would open each format with."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import openpyxl
import pyarrow.parquet as pq
from lxml import etree, html  # type: ignore[import-untyped]  # they come without types
from pypdf import PdfReader

if TYPE_CHECKING:
    from collections.abc import Callable


def _csv(content: bytes) -> None:
    rows = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    assert rows or not content  # a report without blocks has none


def _json(content: bytes) -> None:
    json.loads(content, parse_constant=_refuse)


def _ndjson(content: bytes) -> None:
    for line in content.decode().split("\n")[:-1]:
        assert isinstance(json.loads(line, parse_constant=_refuse), dict)


def _refuse(constant: str) -> None:
    raise AssertionError(constant)


def _parquet(content: bytes) -> None:
    assert pq.read_table(io.BytesIO(content)).column_names


def _xlsx(content: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert "Info" in book.sheetnames
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


def _pdf(content: bytes) -> None:
    pages = PdfReader(io.BytesIO(content)).pages
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in " ".join(page.extract_text().split())


def _html(content: bytes) -> None:
    page = html.document_fromstring(content)
    assert page.findtext(".//h1")
    assert not page.xpath("//script | //iframe | //object | //link")
    assert not page.xpath("//img[not(starts-with(@src, 'data:'))]")


def _svg(content: bytes) -> None:
    image = etree.fromstring(content)
    assert image.tag == "{http://www.w3.org/2000/svg}svg"
    assert not image.xpath("//*[local-name()='script' or local-name()='image']")


OPENERS: dict[str, Callable[[bytes], None]] = {
    "csv": _csv,
    "json": _json,
    "ndjson": _ndjson,
    "parquet": _parquet,
    "xlsx": _xlsx,
    "pdf": _pdf,
    "html": _html,
    "svg": _svg,
}
