"""The source `traffic`: transfers summed up by the hour or the day, with how long they took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING

from storj_export_plugins.sources.naming import ACTION, SATELLITE, STATUS, Names
from storj_monitor.plugin import Column, Filter, Kind, OptionError, Source, hookimpl
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from storj_monitor.plugin import Query, Reader

STORJ_PLUGIN_API = 1

_HOUR_US = 3_600_000_000
_KEY = ("hour_at", "node_id", "satellite_id", "action", "status")
_QUANTILES = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99}

COLUMNS = (
    Column(
        key="bucket_start",
        label="From",
        kind=Kind.TIMESTAMP,
        description=(
            "When the hour or day begins. A day of a zone that isn't whole hours from UTC begins "
            "at the first full UTC hour at or after local midnight."
        ),
    ),
    Column(key="node", label="Node", description="The node, as the operator named it."),
    Column(key="satellite", label="Satellite", description="The satellite's short name."),
    Column(key="satellite_id", label="Satellite id", description="The satellite's full id."),
    Column(key="action", label="Action", description="As in events; empty for rejected uploads."),
    Column(key="status", label="Status", description="success, canceled, failed or rejected."),
    Column(key="count", label="Transfers", kind=Kind.INTEGER, description="How many there were."),
    Column(
        key="bytes",
        label="Bytes",
        kind=Kind.BYTES,
        unit="B",
        description="The sum of their sizes; empty where none is known.",
    ),
    *(
        Column(
            key=key,
            label=f"{quantile:.0%} within",
            kind=Kind.DURATION,
            unit="ms",
            description=f"{quantile:.0%} took no longer, within 5 %; empty where none is known.",
        )
        for key, quantile in _QUANTILES.items()
    ),
)


def batches(reader: Reader, query: Query) -> Iterator[pa.RecordBatch]:
    """Yield the sums of the hours that begin in the span, a day at a time."""
    names = Names(reader)
    by_day = _is_by_day(query)
    days = list(_days(query))
    sums = _day_by_day(_scan(reader, query, names, "event_hours"), days)
    durations = _durations(reader, query, names, days)
    for (start, _), summed, histogram in zip(days, sums, durations, strict=True):
        if not summed.num_rows:  # a year may be asked for, of which a day is known
            continue
        if by_day:
            yield _batch(names, _of_one_day(summed, start), _of_one_day(histogram, start))
        else:
            yield _batch(names, summed, histogram)


def _durations(
    reader: Reader, query: Query, names: Names, days: list[tuple[int, int]]
) -> Iterator[pa.Table]:
    """Yield the histograms of each day; none where nobody wants to know how long it took."""
    import pyarrow as pa

    from storj_monitor.schema import event_hour_durations

    if query.columns and not _QUANTILES.keys() & set(query.columns):
        kinds = {"action": pa.string(), "status": pa.string()}
        columns = [column.name for column in event_hour_durations.c]
        fields = [(name, kinds.get(name, pa.int64())) for name in columns]
        return repeat(pa.schema(fields).empty_table(), len(days))
    return _day_by_day(_scan(reader, query, names, "event_hour_durations"), days)


def _is_by_day(query: Query) -> bool:
    bucket = query.filters.get("bucket", ("hour",))
    if len(bucket) > 1:
        message = "the buckets are hours or days, not both: give bucket=hour or bucket=day"
        raise OptionError(message)
    return bucket == ("day",)


def _days(query: Query) -> Iterator[tuple[int, int]]:
    """Yield the query's local days as microseconds, from full hour to full hour."""
    day = query.span.start.astimezone(query.timezone).date()
    start = query.span.start
    while start < query.span.end:
        day += timedelta(days=1)
        midnight = datetime(day.year, day.month, day.day, tzinfo=query.timezone).astimezone(UTC)
        end = min(midnight, query.span.end)
        if end > start:
            yield _full_hour(microseconds(start)), _full_hour(microseconds(end))
            start = end


def _full_hour(at: int) -> int:
    """Return the first full hour at or after a time."""
    return -(-at // _HOUR_US) * _HOUR_US


def _scan(reader: Reader, query: Query, names: Names, table: str) -> Iterator[pa.RecordBatch]:
    """Read a roll-up's hours that begin in the span, in order of its key."""
    from sqlalchemy import select

    from storj_monitor.schema import metadata

    rollup = metadata.tables[table]
    chosen = select(*rollup.c).where(
        rollup.c.hour_at >= query.span.start_us,
        rollup.c.hour_at < query.span.end_us,
        *names.conditions(query, rollup.c.node_id, rollup.c.satellite_id),
    )
    for name in ("action", "status"):
        if values := query.filters.get(name):
            chosen = chosen.where(rollup.c[name].in_(values))
    return reader.scan(chosen, key=tuple(column.name for column in rollup.primary_key))


def _day_by_day(pages: Iterator[pa.RecordBatch], days: list[tuple[int, int]]) -> Iterator[pa.Table]:
    """Cut a roll-up, which comes in order of its hours, into days."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rest = next(pages)
    nothing = pa.Table.from_batches([rest.slice(0, 0)])
    for _, end in days:
        if rest.num_rows and rest["hour_at"][0].as_py() >= end:
            yield nothing
            continue
        parts = [rest.slice(0, 0)]
        while True:
            earlier = pc.less(rest["hour_at"], pa.scalar(end))
            within = pc.sum(pc.cast(earlier, pa.int64())).as_py() or 0
            parts.append(rest.slice(0, within))
            rest = rest.slice(within)
            if rest.num_rows:
                break
            if (page := next(pages, None)) is None:
                break
            rest = page
        yield pa.Table.from_batches(parts)


def _of_one_day(rollup: pa.Table, start: int) -> pa.Table:
    """Sum hours up to one day that begins at `start`."""
    import pyarrow as pa

    sums = [name for name in ("count", "bytes") if name in rollup.schema.names]
    keys = [name for name in rollup.schema.names if name not in ("hour_at", *sums)]
    summed = rollup.group_by(keys).aggregate([(name, "sum") for name in sums])
    renamed = summed.rename_columns({f"{name}_sum": name for name in sums})
    hour_at = pa.repeat(pa.scalar(start, pa.int64()), renamed.num_rows)
    day = renamed.append_column("hour_at", hour_at).select(rollup.schema.names)
    return day.sort_by([(name, "ascending") for name in ("hour_at", *keys)])


def _batch(names: Names, sums: pa.Table, durations: pa.Table) -> pa.RecordBatch:
    import pyarrow as pa
    import pyarrow.compute as pc

    (page,) = sums.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], sums.schema)]
    action = page["action"]
    no_satellite = pc.equal(page["satellite_id"], pa.scalar(0))
    ids = pc.if_else(no_satellite, pa.scalar(None, pa.int64()), page["satellite_id"])
    satellite, satellite_id = names.satellite(ids)
    return pa.record_batch(
        {
            "bucket_start": page["hour_at"].cast(Kind.TIMESTAMP.arrow_type()),
            "node": names.node(page["node_id"]),
            "satellite": satellite,
            "satellite_id": satellite_id,
            "action": pc.if_else(
                pc.equal(action, pa.scalar("")), pa.scalar(None, pa.string()), action
            ),
            "status": page["status"],
            "count": page["count"],
            "bytes": page["bytes"],
            **_quantiles(page, durations),
        }
    )


def _quantiles(page: pa.RecordBatch, durations: pa.Table) -> dict[str, pa.Array[pa.Int64Scalar]]:
    """Return each quantile of each row of `page`: the middle of the bucket that holds it.

    The histograms are sorted by group and bucket, so that a bucket holds a quantile when the
    running count within the group passes the quantile's rank there.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    durations = durations.combine_chunks()
    groups = _group_of(durations).dictionary_encode()
    counts = durations["count"].combine_chunks()
    totals = (
        pa.table({"group": groups.indices, "count": counts})
        .group_by("group", use_threads=False)
        .aggregate([("count", "sum")])["count_sum"]
        .combine_chunks()
    )
    before = pc.subtract(pc.cumulative_sum(totals), totals)
    reached = pc.subtract(pc.cumulative_sum(counts), before.take(groups.indices))
    middles = _middles().take(durations["bucket"].combine_chunks())
    row_of = pc.index_in(_group_of(pa.Table.from_batches([page])), groups.dictionary)
    found = {}
    for key, quantile in _QUANTILES.items():
        ranks = pc.ceil(pc.multiply(pc.cast(totals, pa.float64()), quantile)).cast(pa.int64())
        rank = ranks.take(groups.indices)
        holds = pc.and_(
            pc.greater_equal(reached, rank), pc.less(pc.subtract(reached, counts), rank)
        )
        found[key] = middles.filter(holds).take(row_of)
    return found


def _group_of(rollup: pa.Table) -> pa.Array[pa.StringScalar]:
    """Return one text a row that is the same for rows of the same key."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = [pc.cast(rollup[name].combine_chunks(), pa.string()) for name in _KEY]
    return pc.binary_join_element_wise(*texts, "|")  # type: ignore[call-overload, no-any-return]  # the stubs know no separator


@cache
def _middles() -> pa.Array[pa.Int64Scalar]:
    """Return the middle of every duration bucket, in milliseconds."""
    import pyarrow as pa

    from storj_monitor.schema import BUCKETS, bucket_bounds

    bounds = [bucket_bounds(bucket) for bucket in range(BUCKETS)]
    return pa.array([(first + after - 1) // 2 for first, after in bounds], pa.int64())


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source."""
    return [
        Source(
            name="traffic",
            title="Traffic",
            summary="Transfers, bytes and durations by hour or day, satellite, action and outcome",
            columns=COLUMNS,
            batches=batches,
            filters=(
                Filter(
                    name="bucket",
                    summary="Sum up by the hour, or by the day of the zone",
                    choices=("hour", "day"),
                    default="hour",
                ),
                SATELLITE,
                ACTION,
                STATUS,
            ),
        )
    ]
