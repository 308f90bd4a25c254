"""What the hours in which an API was asked tell: when it answered, and why it didn't otherwise."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.sources.coverage.stretches import HOUR_US, IN_PART, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from storj_monitor.plugin import Query, Reader

#: As those of logs: the words before the colon don't change.
NOT_POLLED = "not polled: the API was not asked"
FAILED = "failed"

_KEY = ("hour_at", "node_id")


class _Hour(NamedTuple):
    """An hour in which an API was asked, and why it did not answer all; no reason if it did."""

    hour_at: int
    reason: str | None


def api_stretches(
    reader: Reader, query: Query, node_ids: Sequence[int], known_until: int
) -> Iterator[tuple[int, Iterator[Stretch]]]:
    """Yield what is known of the API of each node that was ever asked, with the node's id."""
    hours = defaultdict[int, list[_Hour]](list)
    for node_id, hour in _hours(reader, query, node_ids):
        hours[node_id].append(hour)
    for node_id, of_node in hours.items():
        yield node_id, _stretches(of_node, known_until)


def _stretches(hours: Iterable[_Hour], known_until: int) -> Iterator[Stretch]:
    """Yield a node's hours and the gaps between and after them, in order."""
    for hour, following in pairwise([*hours, None]):
        if hour:
            end_at = hour.hour_at + HOUR_US
            yield Stretch(hour.hour_at, end_at, hour.reason)
            gap_end = following.hour_at if following else known_until
            if end_at < gap_end:
                yield Stretch(end_at, gap_end, NOT_POLLED)


def _hours(reader: Reader, query: Query, node_ids: Sequence[int]) -> Iterator[tuple[int, _Hour]]:
    """Yield the hours of the span, and of each node the nearest before: it was asked already.

    None after the span is needed: a gap that reaches there has the same reason in any case.
    """
    from sqlalchemy import select

    from storj_monitor.schema import api_hours

    table = api_hours.c
    start = query.span.start_us // HOUR_US * HOUR_US
    hours = select(table.node_id, table.hour_at, table.answered_at, table.reason)
    before = hours.where(table.hour_at < start).order_by(table.hour_at.desc()).limit(1)
    within = hours.where(
        table.hour_at >= start, table.hour_at < query.span.end_us, table.node_id.in_(node_ids)
    )
    for each in node_ids:
        yield from _of_page(reader.fetch(before.where(table.node_id == each)))
    for page in reader.scan(within, key=_KEY):
        yield from _of_page(page)


def _of_page(page: pa.RecordBatch | pa.Table) -> Iterator[tuple[int, _Hour]]:
    columns = (column.to_pylist() for column in page.columns)
    for node_id, hour_at, answered_at, reason in zip(*columns, strict=True):
        how = FAILED if answered_at is None else IN_PART
        yield node_id, _Hour(hour_at, f"{how}: {reason}" if reason else None)
