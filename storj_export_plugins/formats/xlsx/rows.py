"""Batches become rows of a sheet's XML, a column at a time, by Arrow's kernels.

What is usual in a column is joined to the whole row at once. What is odd (a text with a character
that XML or Excel reads otherwise, a number with too many digits, a date before 1900) is looked for
in the whole column, and written cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from storj_export_plugins.formats.chunks import joined, text_bytes
from storj_export_plugins.formats.spelling import spelt
from storj_export_plugins.formats.xlsx.cells import (
    FIRST_DAY,
    MOST_DIGITS,
    MOST_UNITS,
    digits,
    is_guarded,
    text_xml,
)
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from storj_export_plugins.formats.xlsx.cells import Tally
    from storj_monitor.plugin import Table

#: Days from Excel's day 0 to 1970.
_EPOCH = (date(1970, 1, 1) - date(1899, 12, 30)).days
_FIRST_SERIAL = (FIRST_DAY - date(1899, 12, 30)).days
_LAST_SERIAL = (date.max - date(1899, 12, 30)).days
_DAY_MS = 86_400_000
#: `2026-03-04T10:11:12.000`, before the offset.
_WALL_LENGTH = 23
_EMPTY = "<c/>"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
#: A text that needs more than these escapes: one that begins like a formula, or begins or ends
#: with a space, has control characters, or holds what Excel takes for an escape. For RE2.
_ODD = r"\A[=+\-@＝＋－＠ ]| \z|_x[0-9A-Fa-f]{4}_|[\x00-\x1f\x{fffe}\x{ffff}]"  # noqa: RUF001  the full-width forms are meant
#: Money below this never has too many digits.
_SURE_MONEY = Decimal(10**9)


@dataclass(frozen=True)
class Styles:
    """The numbers that the workbook's styles have, 0 being none at all."""

    of_kind: Mapping[Kind, int]
    guarded: int
    #: Of times that are shown with their offset.
    of_offset: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Cells:
    """The texts of a column, with what stands before and after each; none is missing."""

    before: str
    texts: pa.StringArray
    after: str


class Rows:
    """Writes the rows of one table, counting in `tally` what had to be changed."""

    def __init__(self, table: Table, styles: Styles, tally: Tally) -> None:
        self._columns = table.columns
        self._zone = table.timezone
        self._styles = styles
        self._tally = tally

    def xml(self, batch: pa.RecordBatch) -> bytes:
        """Return the rows of a batch; raises ValueError for a time outside the years 1 to 9999."""
        parts: list[pa.StringArray | str] = []
        literal = "<row>"
        for column, array in zip(self._columns, batch.columns, strict=True):
            cells = self._cells(array, column.kind)
            parts += [literal + cells.before, cells.texts]
            literal = cells.after
        return text_bytes(joined([*parts, f"{literal}</row>"]))

    def _cells(self, array: pa.Array[Any], kind: Kind) -> _Cells:
        match kind:
            case Kind.TEXT:
                return self._of_texts(array)
            case Kind.TIMESTAMP:
                return self._of_times(array)
            case Kind.DATE:
                return self._of_days(array)
            case Kind.FLAG:
                return self._finished(_Cells('<c t="b"><v>', _flags(array), "</v></c>"))
            case _:
                return self._of_numbers(array, kind)

    def _of_numbers(self, array: pa.Array[Any], kind: Kind) -> _Cells:
        texts = spelt(array, kind, self._zone)
        return self._typed(kind, texts, texts, _too_long(array, texts, kind))

    def _of_times(self, array: pa.Array[Any]) -> _Cells:
        import pyarrow as pa
        import pyarrow.compute as pc

        spelling = spelt(array, Kind.TIMESTAMP, self._zone)
        wall = cast("Any", pc.utf8_slice_codeunits(spelling, 0, _WALL_LENGTH))
        since = wall.cast(pa.timestamp("ms")).cast(pa.int64())
        shifted = pc.add(since, pa.scalar(_EPOCH * _DAY_MS, pa.int64()))
        serials = pc.divide(shifted.cast(pa.float64()), pa.scalar(float(_DAY_MS), pa.float64()))
        cells = self._of_serials(Kind.TIMESTAMP, serials, spelling)
        return self._with_offsets(cells, spelling) if self._styles.of_offset else cells

    def _with_offsets(self, cells: _Cells, spelling: pa.StringArray) -> _Cells:
        """Return times in the styles that show their offsets; odd ones are texts that say it."""
        import pyarrow.compute as pc

        whole = joined([cells.before, cells.texts, cells.after])
        usual = f"<c{_style(self._styles.of_kind[Kind.TIMESTAMP])}>"
        for offset, number in self._styles.of_offset.items():
            shown = pc.replace_substring(whole, usual, f"<c{_style(number)}>")
            whole = cast("pa.StringArray", pc.if_else(pc.ends_with(spelling, offset), shown, whole))
        return _Cells("", cast("pa.StringArray", whole.fill_null(_EMPTY)), "")

    def _of_days(self, array: pa.Array[Any]) -> _Cells:
        import pyarrow as pa
        import pyarrow.compute as pc

        days = array.cast(pa.int32()).cast(pa.int64())
        serials = pc.add(days, pa.scalar(_EPOCH, pa.int64()))
        return self._of_serials(Kind.DATE, serials, spelt(array, Kind.DATE, self._zone))

    def _of_serials(self, kind: Kind, serials: pa.Array[Any], spelling: pa.StringArray) -> _Cells:
        import pyarrow as pa
        import pyarrow.compute as pc

        # The last day has hours too.
        late = pc.greater_equal(serials, pa.scalar(_LAST_SERIAL + 1, serials.type))
        early = pc.less(serials, pa.scalar(_FIRST_SERIAL, serials.type))
        texts = cast("pa.StringArray", serials.cast(pa.string()))
        return self._typed(kind, texts, spelling, pc.or_(early, late))

    def _typed(
        self,
        kind: Kind,
        texts: pa.StringArray,
        spelling: pa.StringArray,
        odd: pa.BooleanArray | None,
    ) -> _Cells:
        """Return number cells, but for the odd ones, which are texts in their `spelling`."""
        cells = _Cells(f"<c{_style(self._styles.of_kind[kind])}><v>", texts, "</v></c>")
        if odd is None or not odd.true_count:
            return self._finished(cells)
        self._tally.spelt += odd.true_count
        return self._finished(cells, odd, spelling)

    def _of_texts(self, array: pa.Array[Any]) -> _Cells:
        import pyarrow as pa
        import pyarrow.compute as pc

        texts = self._decodable(cast("pa.StringArray", array))
        lengths = pc.binary_length(texts)
        shortest, longest = _ends(lengths)
        odd = pc.match_substring_regex(texts, _ODD)
        if longest > MOST_UNITS:
            odd = pc.or_(odd, pc.greater(lengths, pa.scalar(MOST_UNITS, pa.int32())))
        if not shortest:
            texts = _without_empty(texts, lengths)
        cells = _Cells('<c t="inlineStr"><is><t>', _escaped(texts), "</t></is></c>")
        return self._finished(cells, odd if odd.true_count else None, texts)

    def _decodable(self, texts: pa.StringArray) -> pa.StringArray:
        """Return texts that are UTF-8; a database may hold others, such as lone surrogates."""
        import pyarrow as pa

        try:
            texts.validate(full=True)
        except pa.ArrowInvalid:
            raw = texts.view(pa.binary()).to_pylist()
            decoded = [None if each is None else each.decode(errors="replace") for each in raw]
            self._tally.replaced += sum(
                each is not None and text is not None and each != text.encode()
                for each, text in zip(raw, decoded, strict=True)
            )
            return pa.array(decoded, pa.string())
        return texts

    def _finished(
        self,
        cells: _Cells,
        odd: pa.BooleanArray | None = None,
        spelling: pa.StringArray | None = None,
    ) -> _Cells:
        """Return cells of which none is missing: empty ones, and texts in place of odd ones."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not cells.texts.null_count and odd is None:
            return cells
        whole = joined([cells.before, cells.texts, cells.after]).fill_null(_EMPTY)
        if odd is not None and spelling is not None:
            mask = odd.fill_null(False)  # noqa: FBT003  the value of an array
            texts = [self._odd_cell(text or "") for text in spelling.filter(mask).to_pylist()]
            changes = [whole, mask, pa.array(texts, pa.string())]
            whole = pc.call_function("replace_with_mask", changes)
        return _Cells("", cast("pa.StringArray", whole), "")

    def _odd_cell(self, text: str) -> str:
        # As if typed with a leading apostrophe: it stays a text when somebody edits the cell.
        style = _style(self._styles.guarded if is_guarded(text) else 0)
        return f'<c{style} t="inlineStr">{text_xml(text, self._tally)}</c>'


def _ends(array: pa.Array[Any]) -> tuple[Any, Any]:
    """Return the least and the greatest, or zeros where there is nothing."""
    import pyarrow.compute as pc

    ends = cast("dict[str, Any]", pc.min_max(array).as_py())
    return ends["min"] or 0, ends["max"] or 0


def _style(number: int) -> str:
    return f' s="{number}"' if number else ""


def _flags(array: pa.Array[Any]) -> pa.StringArray:
    import pyarrow as pa

    return cast("pa.StringArray", array.cast(pa.int8()).cast(pa.string()))


def _without_empty(texts: pa.StringArray, lengths: pa.Array[Any]) -> pa.StringArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = pc.if_else(
        pc.equal(lengths, pa.scalar(0, pa.int32())), pa.scalar(None, pa.string()), texts
    )
    return cast("pa.StringArray", filled)


def _escaped(texts: pa.StringArray) -> pa.StringArray:
    import pyarrow.compute as pc

    data = text_bytes(texts)
    for char, entity in _ESCAPES.items():
        if char.encode() in data:
            texts = pc.replace_substring(texts, char, entity)
    return texts


def _too_long(array: pa.Array[Any], texts: pa.StringArray, kind: Kind) -> pa.BooleanArray | None:
    """Say which numbers have more digits than a cell can hold; None if there can't be any."""
    import pyarrow as pa

    if kind in (Kind.NUMBER, Kind.RATIO):
        return None
    if max(map(abs, _ends(array))) < (_SURE_MONEY if kind is Kind.MONEY else 10**MOST_DIGITS):
        return None
    long = [digits(text or "") > MOST_DIGITS for text in texts.to_pylist()]
    return pa.array(long, pa.bool_())
