"""Keeps texts from outside from being read as formulas by a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storj_monitor.plugin import Column, Format

#: What a spreadsheet takes for the beginning of a formula; the full-width forms too.
_FORMULA = r"^([=+\-@\t\r\n＝＋－＠])"  # noqa: RUF001
#: All that begin a formula sort before 0, between 9 and A, or at the full-width forms and after.
_ZERO, _AFTER_NINE, _A, _FULL_WIDTH = (pa.scalar(edge, pa.string()) for edge in "0:A＋")  # noqa: RUF001
#: The option by which a format lets the guard be turned off.
_OPTION = "guard"


def is_guarded(format_: Format, options: Mapping[str, str]) -> bool:
    """Say whether the texts of a document are made safe before this format sees them."""
    return format_.spreadsheet and options.get(_OPTION) != "off"


def guarded(
    columns: tuple[Column, ...], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Put an apostrophe before TEXT cells that look like a formula; numbers are never touched."""
    texts = [index for index, column in enumerate(columns) if column.kind is Kind.TEXT]
    for batch in batches:
        arrays = batch.columns
        for index in texts:
            arrays[index] = _safe(arrays[index])
        yield pa.RecordBatch.from_arrays(arrays, schema=batch.schema)


def _safe(texts: pa.Array[pa.StringScalar]) -> pa.Array[pa.StringScalar]:
    if not _may_be_risky(texts):
        return texts
    return pc.replace_substring_regex(texts, _FORMULA, r"'\1")


def _may_be_risky(texts: pa.Array[pa.StringScalar]) -> bool:
    """Say whether a text may begin a formula, by how texts sort: a third of a pattern's cost."""
    early = pc.less(texts, _A)
    late = pc.greater_equal(texts, _FULL_WIDTH)
    if not pc.any(pc.or_(early, late)).as_py():
        return False
    digits = pc.and_(pc.greater_equal(texts, _ZERO), pc.less(texts, _AFTER_NINE))
    return bool(pc.any(pc.or_(pc.and_not(early, digits), late)).as_py())
