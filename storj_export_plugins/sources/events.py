"""The source `events`: every transfer that a node finished, one row each, in order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_export_plugins.sources.naming import ACTION, SATELLITE, STATUS, Names
from storj_monitor.plugin import Column, Kind, Source, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlalchemy import Select

    from storj_monitor.plugin import Query, Reader

STORJ_PLUGIN_API = 1

COLUMNS = (
    Column(
        key="timestamp",
        label="Time",
        kind=Kind.TIMESTAMP,
        description="When the transfer ended, as the node's log says; whole seconds since 1.137.",
    ),
    Column(key="node", label="Node", description="The node, as the operator named it."),
    Column(key="satellite", label="Satellite", description="The satellite's short name."),
    Column(key="satellite_id", label="Satellite id", description="The satellite's full id."),
    Column(
        key="action",
        label="Action",
        description="GET, PUT, GET_REPAIR, PUT_REPAIR, GET_AUDIT; empty for a rejected upload.",
    ),
    Column(
        key="status",
        label="Status",
        description="success, canceled (the other side closed it), failed or rejected (overload).",
    ),
    Column(
        key="size_bytes",
        label="Size",
        kind=Kind.BYTES,
        unit="B",
        description="Bytes moved; of a canceled or failed download those that were asked for.",
    ),
    Column(
        key="duration_ms",
        label="Duration",
        kind=Kind.DURATION,
        unit="ms",
        description="From start to end, where the log has the started line.",
    ),
    Column(key="piece_id", label="Piece id", description="The piece, in base32."),
    Column(
        key="error",
        label="Error",
        description="Why it did not succeed; addresses are <ip> unless personal data is asked for.",
    ),
    Column(
        key="remote_ip",
        label="Remote address",
        description="The other side's address.",
        personal=True,
    ),
    Column(
        key="country",
        label="Country",
        description="Where that address is, if known: DE, or what another monitor called it.",
        personal=True,
    ),
)

_HEX = r"[0-9a-fA-F]{1,4}"
_V4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_ZONE = r"(?:%[0-9A-Za-z._-]+)?"
#: IPv4 and IPv6 addresses with or without a port, as Go prints them; rather too much than too
#: little, but never the time of day.
ADDRESS = "|".join(
    (
        rf"\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*{_ZONE}\](?::\d+)?",
        rf"(?:{_HEX}(?::{_HEX})*)?::(?:{_HEX}:)*{_V4}(?::\d+)?",
        rf"(?:(?:{_HEX}:){{6}})?{_V4}(?::\d+)?",
        rf"{_HEX}(?::{_HEX}){{4,7}}{_ZONE}",
        rf"(?:{_HEX}(?::{_HEX})*)?::{_HEX}(?::{_HEX})*\b{_ZONE}",
        rf"\b{_HEX}(?::{_HEX})*::{_ZONE}",
    )
)
#: Column of the source -> column of the table, where the values need no more than a cast.
_PLAIN = {
    "action": "action",
    "status": "status",
    "size_bytes": "size",
    "duration_ms": "duration_ms",
    "piece_id": "piece_id",
    "error": "error",
    "remote_ip": "remote_ip",
    "country": "country",
}


def batches(reader: Reader, query: Query) -> Iterator[pa.RecordBatch]:
    """Yield the transfers that ended in the span."""
    names = Names(reader)
    for page in reader.scan(_select(names, query)):
        yield _batch(names, query, page)


def _select(names: Names, query: Query) -> Select[tuple[object, ...]]:
    """Select the columns that will be kept: to read the others would cost a third of the time."""
    from sqlalchemy import select

    from storj_monitor.schema import events

    table = events.c
    wanted = [table[name] for key, name in _PLAIN.items() if _is_kept(query, key)]
    chosen = select(table.at, table.id, table.node_id, table.satellite_id, *wanted).where(
        table.at >= query.span.start_us,
        table.at < query.span.end_us,
        *names.conditions(query, table.node_id, table.satellite_id),
    )
    for name in ("action", "status"):
        if values := query.filters.get(name):
            chosen = chosen.where(table[name].in_(values))
    return chosen


def _is_kept(query: Query, key: str) -> bool:
    personal = key in ("remote_ip", "country")
    return (not query.columns or key in query.columns) and (query.personal or not personal)


def _batch(names: Names, query: Query, page: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    columns = names.who_and_when(page)
    for column in COLUMNS[len(columns) :]:
        name = _PLAIN[column.key]
        columns[column.key] = (
            page[name]
            if name in page.schema.names
            else pa.array([None] * page.num_rows, column.kind.arrow_type())
        )
    if not query.personal:
        columns["error"] = without_addresses(columns["error"])
    return pa.record_batch(columns)


def without_addresses(errors: pa.Array[Any]) -> pa.Array[Any]:
    """Put <ip> in the place of every address."""
    import pyarrow.compute as pc

    if errors.null_count == len(errors):
        return errors
    return pc.replace_substring_regex(errors, ADDRESS, "<ip>")


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source."""
    return [
        Source(
            name="events",
            title="Events",
            summary="Every transfer: when, with which satellite, what, how it ended",
            columns=COLUMNS,
            batches=batches,
            filters=(SATELLITE, ACTION, STATUS),
        )
    ]
