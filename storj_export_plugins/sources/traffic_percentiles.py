"""How long transfers took: percentiles of the histograms that roll-ups hold."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

#: What a roll-up's rows are told apart by.
_KEY = ("hour_at", "node_id", "satellite_id", "action", "status")
QUANTILES = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99}


def quantiles(page: pa.RecordBatch, durations: pa.Table) -> dict[str, pa.Array[pa.Int64Scalar]]:
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
    for key, quantile in QUANTILES.items():
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
