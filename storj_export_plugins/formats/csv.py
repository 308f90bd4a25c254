"""The format csv: RFC 4180 in UTF-8, and the preset excel-eu for spreadsheets with decimal commas.

A document of several blocks is one section for each: the title on a line of its own, the header,
the rows, and an empty line before the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from storj_export_plugins.formats.chunks import chunks, joined, text_bytes
from storj_export_plugins.formats.spelling import local_times, spelt
from storj_monitor.plugin import Filter, Format, Kind, OptionError, formula_safe, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from storj_monitor.plugin import Column, Document, Table

_CRLF = "\r\n"
_BOM = "\ufeff"
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_FRACTIONS = (Kind.NUMBER, Kind.RATIO, Kind.MONEY)
_OPTIONS = (
    Filter(
        name="delimiter",
        summary="What stands between two cells",
        choices=tuple(_DELIMITERS),
        default="comma",
    ),
    Filter(
        name="decimal",
        summary="What stands before the decimals of a number",
        choices=("point", "comma"),
        default="point",
    ),
    Filter(
        name="bom",
        summary="Begin with a byte order mark, by which Excel knows UTF-8",
        choices=("off", "on"),
        default="off",
    ),
    Filter(
        name="times",
        summary="iso has the offset from UTC; local is 2026-03-04 11:11:12, for Excel",
        choices=("iso", "local"),
        default="iso",
    ),
    Filter(
        name="guard",
        summary="Put an apostrophe before texts that a spreadsheet would take for a formula",
        choices=("on", "off"),
        default="on",
    ),
)


@dataclass(frozen=True)
class _Dialect:
    delimiter: str
    decimal_comma: bool
    local_times: bool

    @classmethod
    def of(cls, options: Mapping[str, str]) -> _Dialect:
        delimiter = options.get("delimiter", "comma")
        decimal_comma = options.get("decimal") == "comma"
        if decimal_comma and delimiter == "comma":
            message = (
                "decimal=comma needs another delimiter than the comma: "
                "ask for delimiter=semicolon or delimiter=tab too, or for the preset excel-eu"
            )
            raise OptionError(message)
        return cls(_DELIMITERS[delimiter], decimal_comma, options.get("times") == "local")

    def line(self, cells: Iterable[str]) -> str:
        """Return a line of our own (a header, a title), quoted where needed."""
        return self.delimiter.join(map(self._cell, cells)) + _CRLF

    def _cell(self, text: str) -> str:
        if text and not any(mark in text for mark in self._marks):
            return text
        return '"{}"'.format(text.replace('"', '""'))

    @property
    def _marks(self) -> str:
        return f'"\r\n{self.delimiter}'

    def rows(self, columns: tuple[Column, ...], zone: ZoneInfo, batch: pa.RecordBatch) -> bytes:
        """Return the rows of a batch as lines."""
        *cells, last = (
            self._quoted(self._texts(array, column.kind, zone))
            for column, array in zip(columns, batch.columns, strict=True)
        )
        if not cells:
            last = _never_empty(last)
        line_ends = joined([last, _CRLF], missing="")
        return text_bytes(joined([*cells, line_ends], self.delimiter, missing=""))

    def _texts(self, array: pa.Array[Any], kind: Kind, zone: ZoneInfo) -> pa.StringArray:
        import pyarrow.compute as pc

        if kind is Kind.TIMESTAMP and self.local_times:
            return local_times(array, zone)
        texts = spelt(array, kind, zone)
        if self.decimal_comma and kind in _FRACTIONS:
            return pc.replace_substring(texts, ".", ",")
        return texts

    def _quoted(self, texts: pa.StringArray) -> pa.StringArray:
        """Put quotes around the cells that need them; to look for one in the whole is quick."""
        import pyarrow.compute as pc

        data = text_bytes(texts)
        if not any(mark.encode() in data for mark in self._marks):
            return texts
        needed = pc.match_substring_regex(texts, f"[{self._marks}]")
        doubled = pc.replace_substring(texts.filter(needed), '"', '""')
        changes = [texts, needed, joined(['"', doubled, '"'])]
        return cast("pa.StringArray", pc.call_function("replace_with_mask", changes))


def _never_empty(texts: pa.StringArray) -> pa.StringArray:
    """Write an empty lone cell as two quotes, since an empty line is read as no row at all."""
    import pyarrow.compute as pc

    filled = cast("Any", texts.fill_null(""))
    return cast("pa.StringArray", pc.replace_substring_regex(filled, "^$", '""'))


def _table(table: Table, dialect: _Dialect, head: str) -> Iterator[bytes]:
    header = dialect.line(column.key for column in table.columns)
    encode = partial(dialect.rows, table.columns, table.timezone)
    return chunks(table, encode, (head + header).encode())


def render(document: Document) -> Iterator[bytes]:
    """Yield the document as CSV; raises OptionError for decimal commas between commas."""
    dialect = _Dialect.of(document.options)
    head = _BOM if document.options.get("bom") == "on" else ""
    if document.sole_table is not None:
        yield from _table(document.sole_table, dialect, head)
        return
    guarded = document.options.get("guard") != "off"
    for table in document.tables():
        title = formula_safe(table.title) if guarded else table.title
        yield from _table(table, dialect, head + dialect.line([title]))
        head = _CRLF


@hookimpl
def storj_formats() -> list[Format]:
    """Offer csv."""
    return [
        Format(
            name="csv",
            title="CSV",
            media_type="text/csv; charset=utf-8",
            render=render,
            spreadsheet=True,
            options=_OPTIONS,
            presets={
                "excel-eu": {
                    "bom": "on",
                    "delimiter": "semicolon",
                    "decimal": "comma",
                    "times": "local",
                }
            },
        )
    ]
