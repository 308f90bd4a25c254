"""A demo database: three nodes and the 45 days up to now, made up to look like real ones."""

from __future__ import annotations

from datetime import UTC, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from storj_monitor.collect.demo.days import Days
from storj_monitor.collect.demo.nodes import NODES
from storj_monitor.plugin import Span
from storj_monitor.store import TRANSFERS, News

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from storj_monitor.collect.demo.days import Row
    from storj_monitor.store import Store

__all__ = ["DAYS", "NODES", "make_demo"]

DAYS = 45
#: So many days of one node are one batch: about 20,000 transfers of the busiest.
_STRETCH = 6


def make_demo(store: Store, seed: int, now: datetime, progress: Callable[[int, int], None]) -> None:
    """Fill `store` with the transfers of three nodes in the 45 days up to `now` (aware).

    The same `seed` and `now` make the same transfers, so that a second run adds nothing to what
    an interrupted one left. `progress` is told how many batches are done, and of how many.
    """
    span = Span((now - timedelta(days=DAYS)).astimezone(UTC), now.astimezone(UTC))
    days = Days(seed, span.end.date())
    batches = [(stretch, node) for stretch in _stretches(span) for node in NODES]
    with store.writer() as writer:
        for done, (stretch, node) in enumerate(batches):
            progress(done, len(batches))
            rows = [row for day in stretch for row in days.of(node, day)]
            writer.write([News(node=node.name, transfers=_batch(span, rows))])
    progress(len(batches), len(batches))


def _stretches(span: Span) -> Iterator[list[date]]:
    first = span.start.date()
    days = [first + timedelta(days=day) for day in range((span.end.date() - first).days + 1)]
    for start in range(0, len(days), _STRETCH):
        yield days[start : start + _STRETCH]


def _batch(span: Span, rows: Sequence[Row]) -> pa.RecordBatch:
    start, end = span.start_us, span.end_us
    kept = sorted((row for row in rows if start <= row[0] < end), key=itemgetter(0))
    columns = list(zip(*kept, strict=True)) or [()] * len(TRANSFERS)
    arrays = [
        pa.array(column, field.type) for column, field in zip(columns, TRANSFERS, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=TRANSFERS)
