"""The source `compactions`: every finished compaction of a node's hashstores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.sources.naming import SATELLITE, Names
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
        description="When the compaction ended, as the node's log says.",
    ),
    Column(key="node", label="Node", description="The node, as the operator named it."),
    Column(key="satellite", label="Satellite", description="The satellite's short name."),
    Column(key="satellite_id", label="Satellite id", description="The satellite's full id."),
    Column(key="store", label="Store", description="Which of the satellite's two: s0 or s1."),
    Column(
        key="duration_ms",
        label="Duration",
        kind=Kind.DURATION,
        unit="ms",
        description="From its beginning to its end.",
    ),
    Column(
        key="reclaimed_bytes",
        label="Reclaimed",
        kind=Kind.BYTES,
        unit="B",
        description="Space that was won, within a tenth of the unit that the log gives it in.",
    ),
    Column(
        key="rewritten_bytes",
        label="Rewritten",
        kind=Kind.BYTES,
        unit="B",
        description="What had to be written anew for that; as exact as what was reclaimed.",
    ),
    Column(
        key="table_load",
        label="Table load",
        kind=Kind.RATIO,
        description="How full the hash table is.",
    ),
    Column(
        key="trash_ratio",
        label="Trash",
        kind=Kind.RATIO,
        description="How much of what the store holds is trash.",
    ),
    Column(key="error", label="Error", description="Why it did not succeed; empty if it did."),
)
_KEY = ("at", "node_id", "satellite_id", "store")


def batches(reader: Reader, query: Query) -> Iterator[pa.RecordBatch]:
    """Yield the compactions that ended in the span."""
    names = Names(reader)
    for page in reader.scan(_select(names, query), key=_KEY):
        yield _batch(names, page)


def _select(names: Names, query: Query) -> Select[tuple[object, ...]]:
    from sqlalchemy import select

    from storj_monitor.schema import compactions

    table = compactions.c
    return select(*table).where(
        table.at >= query.span.start_us,
        table.at < query.span.end_us,
        *names.conditions(query, table.node_id, table.satellite_id),
    )


def _batch(names: Names, page: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    named = names.who_and_when(page)
    return pa.record_batch(
        named | {column.key: page[column.key] for column in COLUMNS[len(named) :]}
    )


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source."""
    return [
        Source(
            name="compactions",
            title="Compactions",
            summary="Compactions of the hashstore: how long, what was reclaimed and rewritten",
            columns=COLUMNS,
            batches=batches,
            filters=(SATELLITE,),
        )
    ]
