"""A demo database: three nodes and the 45 days up to now, made up to look like real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import func, select

from storj_monitor.collect.demo.alerts import write_alerts
from storj_monitor.collect.demo.answering import answers_of, stored_bytes
from storj_monitor.collect.demo.days import Days
from storj_monitor.collect.demo.ledger import Ledger, Moved
from storj_monitor.collect.demo.nodes import NODES
from storj_monitor.collect.demo.telling import news_of
from storj_monitor.plugin import Span
from storj_monitor.schema import event_hours, nodes, satellites
from storj_monitor.store import TRANSFERS

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
    """Fill `store` with what three nodes told in the 45 days up to `now` (aware).

    The same `seed` and `now` make the same, so that a second run adds nothing to what
    an interrupted one left. `progress` is told how many batches are done, and of how many.
    """
    span = Span((now - timedelta(days=DAYS)).astimezone(UTC), now.astimezone(UTC))
    days = Days(seed, span.end.date())
    batches = [(stretch, node) for stretch in _stretches(span) for node in NODES]
    with store.writer() as writer:
        for done, (stretch, node) in enumerate(batches):
            progress(done, len(batches))
            rows = _within(span, [row for day in stretch for row in days.of(node, day)])
            told = news_of(node, rows, stretch, span.end.date(), span)
            answers = answers_of(node, stretch, span.end.date(), span)
            writer.write([replace(told, transfers=_batch(rows)), *answers])
        ledger = Ledger(seed, NODES, _stored(span), _moved(store), now)
        writer.write(list(ledger.estimates()))
        writer.write(list(ledger.statements()))
        write_alerts(store, writer, now)
    progress(len(batches), len(batches))


def _stored(span: Span) -> dict[str, int]:
    """Return what each node stores in the end, in bytes."""
    return {node.name: stored_bytes(node, span.end_us, span.end.date()) for node in NODES}


def _moved(store: Store) -> dict[tuple[str, str], Moved]:
    """Return what each node sent to the customers of each satellite on an average day."""
    sums = select(
        nodes.c.name,
        satellites.c.satellite_id,
        event_hours.c.action,
        func.sum(event_hours.c.bytes).label("bytes"),
    )
    sums = sums.where(
        nodes.c.id == event_hours.c.node_id,
        satellites.c.id == event_hours.c.satellite_id,
        event_hours.c.status == "success",
    ).group_by(nodes.c.name, satellites.c.satellite_id, event_hours.c.action)
    with store.reader() as reader:
        rows = reader.fetch(sums).to_pylist()
    sent = {(row["name"], row["satellite_id"], row["action"]): row["bytes"] // DAYS for row in rows}
    return {
        pair: Moved(
            *(sent.get((*pair, action), 0) for action in ("GET", "GET_REPAIR", "GET_AUDIT"))
        )
        for pair in {key[:2] for key in sent}
    }


def _stretches(span: Span) -> Iterator[list[date]]:
    first = span.start.date()
    days = [first + timedelta(days=day) for day in range((span.end.date() - first).days + 1)]
    for start in range(0, len(days), _STRETCH):
        yield days[start : start + _STRETCH]


def _within(span: Span, rows: Sequence[Row]) -> list[Row]:
    start, end = span.start_us, span.end_us
    return sorted((row for row in rows if start <= row[0] < end), key=itemgetter(0))


def _batch(rows: Sequence[Row]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) or [()] * len(TRANSFERS)
    arrays = [
        pa.array(column, field.type) for column, field in zip(columns, TRANSFERS, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=TRANSFERS)
