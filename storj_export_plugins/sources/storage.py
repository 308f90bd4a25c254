"""The source `storage`: the disk space of a node, as it was said at most every five minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.sources.naming import ORIGIN, Names
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
        description="When it was said: the last time in each five minutes.",
    ),
    Column(key="node", label="Node", description="The node, as the operator named it."),
    Column(
        key="allocated_bytes",
        label="Allocated",
        kind=Kind.BYTES,
        unit="B",
        description="What the node may use. A log doesn't say it: empty where origin is log.",
    ),
    Column(
        key="used_bytes",
        label="Used",
        kind=Kind.BYTES,
        unit="B",
        description="Pieces, trash and overhead together; empty where origin is log.",
    ),
    Column(
        key="free_bytes",
        label="Free",
        kind=Kind.BYTES,
        unit="B",
        description="What the node can still take, by its own view.",
    ),
    Column(
        key="trash_bytes",
        label="Trash",
        kind=Kind.BYTES,
        unit="B",
        description="The part of what is used that will be deleted within days.",
    ),
    Column(
        key="reclaimable_bytes",
        label="Reclaimable",
        kind=Kind.BYTES,
        unit="B",
        description="The part of what is used that compactions can win back.",
    ),
    Column(
        key="overused_bytes",
        label="Overused",
        kind=Kind.BYTES,
        unit="B",
        description="What is used beyond what is allocated.",
    ),
    Column(
        key="used_ratio",
        label="Used part",
        kind=Kind.RATIO,
        description="Used of allocated, above 1 when overused; empty unless both are known.",
    ),
    Column(key="origin", label="Origin", description="Who said so: api, log or import."),
)
_KEY = ("slot_at", "node_id", "origin")
_SLOT_US = 5 * 60 * 1_000_000


def batches(reader: Reader, query: Query) -> Iterator[pa.RecordBatch]:
    """Yield what was said in the span, in the order of the five minutes that it was said in."""
    names = Names(reader)
    for page in reader.scan(_select(names, query), key=_KEY):
        yield _batch(names, page)


def _select(names: Names, query: Query) -> Select[tuple[object, ...]]:
    from sqlalchemy import select

    from storj_monitor.schema import storage

    table = storage.c
    chosen = select(*table).where(
        table.slot_at > query.span.start_us - _SLOT_US,
        table.slot_at < query.span.end_us,
        table.at >= query.span.start_us,
        table.at < query.span.end_us,
        *names.conditions(query, table.node_id),
    )
    if origins := query.filters.get("origin"):
        chosen = chosen.where(table.origin.in_(origins))
    return chosen


def _batch(names: Names, page: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    made = {
        "timestamp": page["at"].cast(Kind.TIMESTAMP.arrow_type()),
        "node": names.node(page["node_id"]),
        "used_ratio": _ratio(page["used_bytes"], page["allocated_bytes"]),
    }
    return pa.record_batch(
        {
            column.key: made[column.key] if column.key in made else page[column.key]
            for column in COLUMNS
        }
    )


def _ratio(
    used: pa.Array[pa.Int64Scalar], allocated: pa.Array[pa.Int64Scalar]
) -> pa.Array[pa.DoubleScalar]:
    """Divide, where there is something to divide by."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pc.if_else(pc.greater(allocated, pa.scalar(0)), allocated, pa.scalar(None, pa.int64()))
    ratio: pa.Array[pa.DoubleScalar] = pc.divide(
        used.cast(pa.float64(), safe=False), whole.cast(pa.float64(), safe=False)
    )
    return ratio


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source."""
    return [
        Source(
            name="storage",
            title="Storage",
            summary="Disk space: allocated, used, free and trash, every five minutes at most",
            columns=COLUMNS,
            batches=batches,
            filters=(ORIGIN,),
        )
    ]
