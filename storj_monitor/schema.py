"""The database: every table and column, for authors of sources.

    from sqlalchemy import select
    from storj_monitor.schema import events

    def batches(reader, query):
        wanted = select(events.c.at, events.c.id, events.c.size).where(
            events.c.at >= query.span.start_us, events.c.at < query.span.end_us
        )
        yield from reader.scan(wanted)

Times are integer microseconds since 1970 UTC, sizes are bytes, durations milliseconds. What is
missing is NULL, never 0. The tables are only ever read by plugins; `storj_monitor.store` writes.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()

#: The storage nodes that were ever heard of; the other tables refer to them by `id`.
nodes = Table(
    "nodes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True, comment="as the operator named it"),
    Column("first_heard_at", BigInteger, comment="time of its first log line that was read"),
    Column("last_heard_at", BigInteger, comment="time of its latest log line that was read"),
)

#: The satellites that were ever named; retired ones stay.
satellites = Table(
    "satellites",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("satellite_id", Text, nullable=False, unique=True, comment="the full base58 id"),
    Column("name", Text, nullable=False, comment="the short name, such as us1"),
)

#: Every finished transfer: one row per log line that ends one. Kept for a set time.
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, comment="in the order of writing"),
    Column("at", BigInteger, nullable=False, comment="when the transfer ended"),
    Column("node_id", Integer, nullable=False, comment="nodes.id"),
    Column("satellite_id", Integer, comment="satellites.id; NULL for a rejected upload"),
    Column("action", Text, comment="GET, PUT, GET_REPAIR, ...; NULL for a rejected upload"),
    Column("status", Text, nullable=False, comment="success, canceled, failed or rejected"),
    Column("size", BigInteger, comment="bytes; of a canceled or failed download: those asked for"),
    Column("duration_ms", BigInteger, comment="from the started line, where the log has one"),
    Column("piece_id", Text, comment="base32, 52 characters; NULL for a rejected upload"),
    Column("error", Text, comment="the reason of what did not succeed, addresses included"),
    Column("remote_ip", Text, comment="the other side's address without its port; personal"),
    Column("country", Text, comment="of remote_ip, where known; personal"),
    Column("fingerprint", BigInteger, nullable=False, comment="hash of the normalised fields"),
    Column("occurrence", Integer, nullable=False, comment="the how-manieth such line at that time"),
    UniqueConstraint("node_id", "at", "fingerprint", "occurrence", name="events_once"),
    Index("events_at", "at"),
)

#: Transfers summed up by the hour: written with `events`, kept for ever.
#: `satellite_id` 0 and action '' stand for 'none' here, since key columns are never NULL.
event_hours = Table(
    "event_hours",
    metadata,
    Column("hour_at", BigInteger, primary_key=True, comment="when the hour begins (UTC)"),
    Column("node_id", Integer, primary_key=True, comment="nodes.id"),
    Column("satellite_id", Integer, primary_key=True, comment="satellites.id, or 0 for none"),
    Column("action", Text, primary_key=True, comment="as in events, or '' for none"),
    Column("status", Text, primary_key=True, comment="as in events"),
    Column("count", BigInteger, nullable=False, comment="transfers"),
    Column("bytes", BigInteger, comment="sum of the sizes that are known"),
    sqlite_with_rowid=False,
)

#: How long the transfers of an hour took: a histogram, only where durations are known.
#: Bucket b < 32 is b milliseconds; above, b = 16*s + (ms >> s) with 16 <= ms >> s < 32, so that a
#: bucket is at most 1/16 wide. `storj_monitor.schema.bucket_bounds` gives its limits.
event_hour_durations = Table(
    "event_hour_durations",
    metadata,
    Column("hour_at", BigInteger, primary_key=True, comment="as in event_hours"),
    Column("node_id", Integer, primary_key=True, comment="as in event_hours"),
    Column("satellite_id", Integer, primary_key=True, comment="as in event_hours"),
    Column("action", Text, primary_key=True, comment="as in event_hours"),
    Column("status", Text, primary_key=True, comment="as in event_hours"),
    Column("bucket", Integer, primary_key=True, comment="which durations"),
    Column("count", BigInteger, nullable=False, comment="transfers that took so long"),
    sqlite_with_rowid=False,
)


#: How many duration buckets there are: the last ends after about 25 days.
BUCKETS = 16 * 26 + 32


def bucket_bounds(bucket: int) -> tuple[int, int]:
    """Return the first millisecond of a duration bucket and the first one after it."""
    if bucket < 32:  # noqa: PLR2004  the exact buckets
        return bucket, bucket + 1
    shift = bucket // 16 - 1
    mantissa = bucket - 16 * shift
    return mantissa << shift, (mantissa + 1) << shift
