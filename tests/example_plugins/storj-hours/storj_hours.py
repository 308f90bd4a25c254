"""A source: the sums by the hour that storj-monitor keeps for ever, read page by page."""

from storj_monitor.plugin import Column, Filter, Kind, Source, hookimpl

STORJ_PLUGIN_API = 1
COLUMNS = (
    Column(key="hour", label="Hour", kind=Kind.TIMESTAMP, description="When it begins."),
    Column(key="node", label="Node"),
    Column(key="action", label="Action", description="Empty for a rejected upload."),
    Column(key="status", label="Status"),
    Column(key="transfers", label="Transfers", kind=Kind.INTEGER),
    Column(key="bytes", label="Bytes", kind=Kind.BYTES, unit="B"),
)
STATUS = Filter(
    name="status",
    summary="How the transfers ended",
    choices=("success", "canceled", "failed", "rejected"),
)
#: Together unique and never null: `scan` goes on from the last row of a page by these.
KEY = ("hour_at", "node_id", "satellite_id", "action", "status")


def batches(reader, query):
    import pyarrow as pa

    for page in reader.scan(selected(query), key=KEY):
        yield pa.record_batch(
            {
                "hour": page["hour_at"].cast(pa.timestamp("us", "UTC")),
                "node": page["node"],
                "action": page["known_action"],
                "status": page["status"],
                "transfers": page["count"],
                "bytes": page["bytes"],
            }
        )


def selected(query):
    """The span, the nodes and the filters are the source's own; order and limit are scan's."""
    from sqlalchemy import func, select

    from storj_monitor.schema import event_hours, nodes

    hours = event_hours.c
    wanted = (
        select(
            *(hours[name] for name in KEY),
            hours.count,
            hours.bytes,
            nodes.c.name.label("node"),
            func.nullif(hours.action, "", type_=hours.action.type).label("known_action"),
        )
        .join(nodes, nodes.c.id == hours.node_id)
        .where(hours.hour_at >= query.span.start_us, hours.hour_at < query.span.end_us)
    )
    if query.nodes:
        wanted = wanted.where(nodes.c.name.in_(query.nodes))
    if statuses := query.filters.get("status"):
        wanted = wanted.where(hours.status.in_(statuses))
    return wanted


@hookimpl
def storj_sources():
    return [
        Source(
            name="hours",
            title="Hours",
            summary="What each node did, hour by hour",
            columns=COLUMNS,
            batches=batches,
            filters=(STATUS,),
            max_days=366,
        )
    ]
