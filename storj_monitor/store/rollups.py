"""Adding transfers up by the hour, with a histogram of how long they took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import func

from storj_monitor.schema import BUCKETS, bucket_bounds, event_hour_durations, event_hours
from storj_monitor.store.news import HOUR_US
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.statements import Statements

    Int64s = pa.Array[Any]

_HOUR = pa.scalar(HOUR_US, pa.int64())
_NONE = pa.scalar(0, pa.int64())
_FOUR = pa.scalar(4, pa.int64())
_SIXTEEN = pa.scalar(16, pa.int64())
#: The longest duration that the histogram tells apart, in milliseconds: about 25 days.
_LONGEST = pa.scalar(bucket_bounds(BUCKETS - 1)[1] - 1, pa.int64())
#: The columns of events that roll-ups are made of.
ADDED_UP = ("at", "node_id", "satellite_id", "action", "status", "size", "duration_ms")
_KEYS = ["hour_at", "node_id", "satellite_id", "action", "status"]
_TIMED_KEYS = [*_KEYS, "bucket"]


def hours_of(at: Int64s) -> Int64s:
    """Return when the UTC hours begin that these times are in; before 1970 as well."""
    begins = pc.multiply(pc.divide(at, _HOUR), _HOUR)  # a division rounds towards 1970
    too_late = pc.cast(pc.greater(begins, at), pa.int64())
    return pc.subtract(begins, pc.multiply(too_late, _HOUR))


def add_up(statements: Statements, events: pa.Table) -> None:
    """Add events, which aren't in them yet, to their hours and histograms."""
    keys = [
        hours_of(events["at"].combine_chunks()),
        events["node_id"],
        events["satellite_id"].fill_null(_NONE),
        events["action"].fill_null(pa.scalar("")),
        events["status"],
    ]
    sized = pa.table([*keys, events["size"]], [*_KEYS, "size"])
    sums = sized.group_by(_KEYS, use_threads=False).aggregate([([], "count_all"), ("size", "sum")])
    statements.insert(_add_to_hours, sums.rename_columns([*_KEYS, "count", "bytes"]))
    timed = pa.table([*keys, events["duration_ms"]], [*_KEYS, "ms"])
    timed = timed.filter(pc.greater_equal(timed["ms"], _NONE))
    if timed.num_rows:
        timed = timed.append_column("bucket", _buckets(timed["ms"].combine_chunks()))
        counts = timed.group_by(_TIMED_KEYS, use_threads=False).aggregate([([], "count_all")])
        statements.insert(_add_to_durations, counts.rename_columns([*_TIMED_KEYS, "count"]))


def _buckets(ms: Int64s) -> Int64s:
    """Return the buckets of durations as the schema describes them."""
    capped: Int64s = pc.min_element_wise(ms, _LONGEST)
    at_least_16 = pc.cast(pc.bit_wise_or(capped, _SIXTEEN), pa.float64())
    shift = pc.subtract(pc.cast(pc.floor(pc.log2(at_least_16)), pa.int64()), _FOUR)
    return pc.add(pc.multiply(shift, _SIXTEEN), pc.shift_right(capped, shift))


def _add_to_hours() -> Insert:
    upsert = insertion(event_hours)
    had, more = event_hours.c, upsert.excluded
    return upsert.on_conflict_do_update(
        index_elements=list(event_hours.primary_key),
        set_={
            "count": had.count + more.count,
            "bytes": func.coalesce(had.bytes + more.bytes, had.bytes, more.bytes),
        },
    )


def _add_to_durations() -> Insert:
    upsert = insertion(event_hour_durations)
    count = event_hour_durations.c.count + upsert.excluded.count
    return upsert.on_conflict_do_update(
        index_elements=list(event_hour_durations.primary_key), set_={"count": count}
    )
