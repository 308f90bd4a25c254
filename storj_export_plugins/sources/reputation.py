"""The source `reputation`: what each satellite thought of a node, every time that it was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.sources.naming import ORIGIN, SATELLITE, Names
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
        description="When it was said: the time of the log line, or of the question to the API.",
    ),
    Column(key="node", label="Node", description="The node, as the operator named it."),
    Column(key="satellite", label="Satellite", description="The satellite's short name."),
    Column(key="satellite_id", label="Satellite id", description="The satellite's full id."),
    Column(
        key="audit_score",
        label="Audit score",
        kind=Kind.RATIO,
        description="How well audits went of late, 1 at best; below 0.96 the node is disqualified.",
    ),
    Column(
        key="suspension_score",
        label="Suspension score",
        kind=Kind.RATIO,
        description="How few audits met an unknown error; below 0.6 the node is suspended.",
    ),
    Column(
        key="online_score",
        label="Online score",
        kind=Kind.RATIO,
        description="How much of the last 30 days it answered; below 0.6 the node is suspended.",
    ),
    Column(
        key="audits_total", label="Audits", kind=Kind.INTEGER, description="Audits there ever were."
    ),
    Column(
        key="audits_ok",
        label="Audits passed",
        kind=Kind.INTEGER,
        description="Those of them that the node passed.",
    ),
    Column(
        key="disqualified_at",
        label="Disqualified",
        kind=Kind.TIMESTAMP,
        description="Since when; empty if it isn't, or if the log said this, which doesn't tell.",
    ),
    Column(
        key="suspended_at",
        label="Suspended",
        kind=Kind.TIMESTAMP,
        description="Since when; empty as for disqualified.",
    ),
    Column(
        key="vetted_at",
        label="Vetted",
        kind=Kind.TIMESTAMP,
        description="When the satellite began to trust it; empty if not yet, or unknown.",
    ),
    Column(key="origin", label="Origin", description="Who said so: api, log or import."),
)
_KEY = ("at", "node_id", "satellite_id", "origin")
_TIMES = ("disqualified_at", "suspended_at", "vetted_at")


def batches(reader: Reader, query: Query) -> Iterator[pa.RecordBatch]:
    """Yield what was said in the span."""
    names = Names(reader)
    for page in reader.scan(_select(names, query), key=_KEY):
        yield _batch(names, page)


def _select(names: Names, query: Query) -> Select[tuple[object, ...]]:
    from sqlalchemy import select

    from storj_monitor.schema import reputation

    table = reputation.c
    chosen = select(*table).where(
        table.at >= query.span.start_us,
        table.at < query.span.end_us,
        *names.conditions(query, table.node_id, table.satellite_id),
    )
    if origins := query.filters.get("origin"):
        chosen = chosen.where(table.origin.in_(origins))
    return chosen


def _batch(names: Names, page: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    named = names.who_and_when(page)
    plain = {column.key: page[column.key] for column in COLUMNS[len(named) :]}
    times = {key: page[key].cast(Kind.TIMESTAMP.arrow_type()) for key in _TIMES}
    return pa.record_batch(named | plain | times)


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source."""
    return [
        Source(
            name="reputation",
            title="Reputation",
            summary="Audit, suspension and online scores by satellite, each time they were said",
            columns=COLUMNS,
            batches=batches,
            filters=(SATELLITE, ORIGIN),
        )
    ]
