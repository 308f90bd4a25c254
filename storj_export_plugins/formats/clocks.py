"""Times as a clock on the wall shows them; with the offset, where one time comes twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from storj_export_plugins.formats.spelling import local_times, spelt
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from storj_monitor.plugin import Document, Span

_DAY = timedelta(days=1)
_PARTS = r"^(.{10})T(.{8})\.\d+"


def offsets(document: Document) -> tuple[str, ...]:
    """Return the offsets from UTC, such as +02:00, where they change in a document's span.

    There is none where they don't: the document says its zone, and each time is unambiguous.
    """
    if document.span is None or document.timezone is None:
        return ()
    found = tuple(dict.fromkeys(_each_day(document.span, document.timezone)))
    return found if len(found) > 1 else ()


def _each_day(span: Span, zone: ZoneInfo) -> list[str]:
    days = (span.end - span.start) // _DAY
    moments = [*(span.start + number * _DAY for number in range(days + 1)), span.end]
    return [at.astimezone(zone).isoformat(timespec="seconds")[19:] for at in moments]


def shown_times(array: pa.Array[Any], zone: ZoneInfo, *, offset: bool) -> pa.StringArray:
    """Spell times for people: `2026-11-01 01:00:00`, with `offset` `2026-11-01 01:00:00 -05:00`."""
    import pyarrow.compute as pc

    if not offset:
        return local_times(array, zone)
    return pc.replace_substring_regex(spelt(array, Kind.TIMESTAMP, zone), _PARTS, r"\1 \2 ")
