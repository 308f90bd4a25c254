"""The source `alerts`: what needed an operator's eye, and since when it no longer does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.sources.naming import SATELLITE, Names
from storj_monitor.plugin import Column, Filter, Kind, Source, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlalchemy import Select

    from storj_monitor.plugin import Query, Reader

STORJ_PLUGIN_API = 1

COLUMNS = (
    Column(
        key="timestamp",
        label="Raised",
        kind=Kind.TIMESTAMP,
        description="When it was raised: in the span, or before and it is still open.",
    ),
    Column(key="node", label="Node", description="The node; empty if it is about none."),
    Column(key="satellite", label="Satellite", description="Its short name; empty for none."),
    Column(key="type", label="Type", description="What it is about, such as audit_score."),
    Column(key="severity", label="Severity", description="info, warning or critical, at last."),
    Column(key="title", label="Title", description="What it is about, in a few words."),
    Column(key="message", label="Message", description="What was so at last, and what to do."),
    Column(
        key="value",
        label="Value",
        kind=Kind.NUMBER,
        description="What was measured: a score or ratio (0 to 1), days, ms, minutes or failures.",
    ),
    Column(
        key="threshold",
        label="Threshold",
        kind=Kind.NUMBER,
        description="What the value is measured against.",
    ),
    Column(
        key="resolved_at",
        label="Resolved",
        kind=Kind.TIMESTAMP,
        description="When it was seen to be no longer so; empty while it is open.",
    ),
    Column(
        key="acknowledged_at",
        label="Acknowledged",
        kind=Kind.TIMESTAMP,
        description="When somebody said that they know; it stays open, and unless it gets worse "
        "it stays acknowledged.",
    ),
    Column(key="id", label="Id", kind=Kind.INTEGER, description="What it is acknowledged by."),
    Column(
        key="origin",
        label="Origin",
        description="monitor, or import for what another monitor raised.",
    ),
)
_TIMES = ("resolved_at", "acknowledged_at")


def batches(reader: Reader, query: Query) -> Iterator[pa.RecordBatch]:
    """Yield the alerts that were raised in the span, and those raised before that are open."""
    names = Names(reader)
    for page in reader.scan(_select(names, query)):
        yield _batch(names, page)


def _select(names: Names, query: Query) -> Select[tuple[object, ...]]:
    from sqlalchemy import or_, select

    from storj_monitor.schema import alerts

    table = alerts.c
    chosen = select(*table).where(
        or_(table.at >= query.span.start_us, table.resolved_at.is_(None)),
        table.at < query.span.end_us,
        *names.conditions(query, table.node_id, table.satellite_id),
    )
    for name in ("severity", "type"):
        if values := query.filters.get(name):
            chosen = chosen.where(table[name].in_(values))
    states = {"open": table.resolved_at.is_(None), "resolved": table.resolved_at.is_not(None)}
    if wanted := query.filters.get("state"):
        chosen = chosen.where(or_(*(states[state] for state in wanted)))
    return chosen


def _batch(names: Names, page: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    named = names.who_and_when(page)
    del named["satellite_id"]
    plain = {column.key: page[column.key] for column in COLUMNS[len(named) :]}
    times = {key: page[key].cast(Kind.TIMESTAMP.arrow_type()) for key in _TIMES}
    return pa.record_batch(named | plain | times)


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source."""
    return [
        Source(
            name="alerts",
            title="Alerts",
            summary="What needed an eye: scores, disk space, silence, money; and what it became",
            columns=COLUMNS,
            batches=batches,
            filters=(
                Filter(
                    name="severity",
                    summary="How bad it was at last",
                    choices=("info", "warning", "critical"),
                ),
                Filter(name="type", summary="What it is about, such as audit_score"),
                Filter(
                    name="state",
                    summary="Whether it is still so; open ones are told whenever they were raised",
                    choices=("open", "resolved"),
                ),
                SATELLITE,
            ),
            max_days=None,
        )
    ]
