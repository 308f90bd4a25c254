"""The source `traffic`: transfers summed up by the hour or the day, with how long they took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import TYPE_CHECKING

from storj_export_plugins.sources.naming import ACTION, SATELLITE, STATUS, Names
from storj_export_plugins.sources.traffic_percentiles import QUANTILES, quantiles
from storj_monitor.plugin import Column, Filter, Kind, OptionError, Source, hookimpl
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from storj_monitor.plugin import Query, Reader

STORJ_PLUGIN_API = 1

_HOUR_US = 3_600_000_000
#: What rows may be told apart by besides time and node: its column, and what stands for none there.
_APART: dict[str, tuple[str, object]] = {
    "satellite": ("satellite_id", 0),
    "action": ("action", ""),
    "status": ("status", ""),
}

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
        for key, quantile in QUANTILES.items()
    ),
)


def batches(reader: Reader, query: Query) -> Iterator[pa.RecordBatch]:
    """Yield the sums of the hours that begin in the span, a day at a time."""
    names = Names(reader)
    by_day = _is_by_day(query)
    merged = _not_apart(query)
    days = list(_days(query))
    sums = _day_by_day(_scan(reader, query, names, "event_hours"), days)
    durations = _durations(reader, query, names, days)
    for (start, _), summed, histogram in zip(days, sums, durations, strict=True):
        if not summed.num_rows:  # a year may be asked for, of which a day is known
            continue
        alike = {**merged, "hour_at": start} if by_day else merged
        if alike:
            yield _batch(names, _merged(summed, alike), _merged(histogram, alike))
        else:
            yield _batch(names, summed, histogram)


def _durations(
    reader: Reader, query: Query, names: Names, days: list[tuple[int, int]]
) -> Iterator[pa.Table]:
    """Yield the histograms of each day; none where nobody wants to know how long it took."""
    import pyarrow as pa

    from storj_monitor.schema import event_hour_durations

    if query.columns and not QUANTILES.keys() & set(query.columns):
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


def _not_apart(query: Query) -> dict[str, object]:
    """Return the columns of the key that rows aren't told apart by, with what stands there."""
    kept = query.filters.get("by", tuple(_APART))
    return {name: nothing for by, (name, nothing) in _APART.items() if by not in kept}


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


def _with(rollup: pa.Table, name: str, value: object) -> pa.Table:
    """Put one value in all rows of a column."""
    import pyarrow as pa

    index = rollup.schema.get_field_index(name)
    field = rollup.schema.field(index)
    values = pa.repeat(pa.scalar(value, field.type), rollup.num_rows)
    return rollup.set_column(index, field, values)


def _merged(rollup: pa.Table, alike: Mapping[str, object]) -> pa.Table:
    """Sum up rows that differ in nothing but these columns, which get one value each."""
    for name, value in alike.items():
        rollup = _with(rollup, name, value)
    sums = [name for name in ("count", "bytes") if name in rollup.schema.names]
    keys = [name for name in rollup.schema.names if name not in sums]
    summed = rollup.group_by(keys).aggregate([(name, "sum") for name in sums])
    renamed = summed.rename_columns({f"{name}_sum": name for name in sums})
    ordered = renamed.select(rollup.schema.names)
    return ordered.sort_by([(name, "ascending") for name in keys])


def _batch(names: Names, sums: pa.Table, durations: pa.Table) -> pa.RecordBatch:
    import pyarrow as pa
    import pyarrow.compute as pc

    (page,) = sums.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], sums.schema)]
    no_satellite = pc.equal(page["satellite_id"], pa.scalar(0))
    ids = pc.if_else(no_satellite, pa.scalar(None, pa.int64()), page["satellite_id"])
    satellite, satellite_id = names.satellite(ids)
    return pa.record_batch(
        {
            "bucket_start": page["hour_at"].cast(Kind.TIMESTAMP.arrow_type()),
            "node": names.node(page["node_id"]),
            "satellite": satellite,
            "satellite_id": satellite_id,
            "action": _without_empty(page["action"]),
            "status": _without_empty(page["status"]),
            "count": page["count"],
            "bytes": page["bytes"],
            **quantiles(page, durations),
        }
    )


def _without_empty(texts: pa.Array[pa.StringScalar]) -> pa.Array[pa.StringScalar]:
    import pyarrow as pa
    import pyarrow.compute as pc

    is_empty = pc.equal(texts, pa.scalar(""))
    filled: pa.Array[pa.StringScalar] = pc.if_else(is_empty, pa.scalar(None, pa.string()), texts)
    return filled


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
                Filter(
                    name="by",
                    summary=(
                        "What rows are told apart by, besides time and node, if not by all three: "
                        "the others are put together, percentiles too"
                    ),
                    choices=("node", *_APART),
                ),
            ),
        )
    ]
