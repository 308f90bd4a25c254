"""Arrow columns as the texts that people read: what `display_text` says, a column at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from storj_export_plugins.formats.clocks import shown_times
from storj_export_plugins.formats.pdf.letters import missing, printable
from storj_monitor.plugin import Kind, display_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    import pyarrow as pa

_NOT_PLAIN = r"[^\x20-\x7e]"


class Cells(NamedTuple):
    """The texts of one column, and how many of them hold a box for a missing letter."""

    texts: pa.StringArray
    boxed: int = 0


def cells(array: pa.Array[Any], kind: Kind, zone: ZoneInfo, *, offset: bool = False) -> Cells:
    """Spell each value for people, times in `zone` and with its `offset`, n/a for none."""
    if kind is Kind.TEXT:
        return _text_cells(cast("pa.StringArray", array))
    if kind is Kind.TIMESTAMP:
        texts = shown_times(array, zone, offset=offset)
    else:
        texts = _by_value(array, lambda value: display_text(value, kind))
    return Cells(_without_nulls(texts))


def _text_cells(array: pa.StringArray) -> Cells:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = _without_nulls(array)
    odd = pc.match_substring_regex(texts, _NOT_PLAIN)
    if not pc.any(odd, min_count=0).as_py():
        return Cells(texts)
    boxed = 0
    if found := cast("list[str]", pc.unique(texts.filter(odd)).to_pylist()):
        wrong = pa.array([text for text in found if missing(text)], pa.string())
        boxed = len(texts.filter(pc.is_in(texts, wrong)))
    return Cells(_by_value(texts, printable), boxed)


def _by_value(array: pa.Array[Any], spell: Callable[[Any], str]) -> pa.StringArray:
    """Spell each distinct value once: there are far fewer of them than rows."""
    import pyarrow as pa

    encoded = array.dictionary_encode()
    texts = [spell(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(encoded.indices)


def _without_nulls(texts: pa.StringArray) -> pa.StringArray:
    import pyarrow.compute as pc

    return cast("pa.StringArray", pc.fill_null(cast("Any", texts), display_text(None, Kind.TEXT)))
