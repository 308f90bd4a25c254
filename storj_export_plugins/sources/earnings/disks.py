"""How many byte-hours nodes stored in a month, from what was said of their disks."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.sources.naming import rows_of
from storj_monitor.plugin.payouts import month_start, next_month
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.plugin import Reader

_HOUR_US = 3_600_000_000
#: Nodes that are asked for at once: a month of each has 744 hours at most.
_NODES = 100


class _Use(NamedTuple):
    """What was stored in an hour (counted since 1970), on average."""

    hour: int
    stored: int


class _Heard(NamedTuple):
    """The hours in which a node was first and last heard; None if it never was."""

    first: int | None
    last: int | None


def byte_hours(reader: Reader, node_ids: Sequence[int], period: str) -> dict[int, int]:
    """Return what each node stored in a month, so far; nodes that told nothing of it are missing.

    It is what they used but for trash and what compactions can win back, and goes on until they
    say something else. A node that was heard before the month stored all through it.
    """
    first = microseconds(month_start(period)) // _HOUR_US
    after = microseconds(month_start(next_month(period))) // _HOUR_US
    found = {}
    for start in range(0, len(node_ids), _NODES):
        some = node_ids[start : start + _NODES]
        heard = _heard(reader, some)
        for node_id, uses in _uses(reader, some, first, after).items():
            found[node_id] = _sum(uses, heard.get(node_id, _Heard(None, None)), first, after)
    return found


def _sum(uses: Sequence[_Use], heard: _Heard, first: int, after: int) -> int:
    """Return byte-hours: the average from the first hour told, for all hours that are over."""
    told = uses[0].hour
    over = min(after, max(uses[-1].hour, heard.last or 0))
    whole = over - (first if heard.first is not None and heard.first < first else told)
    if over == told:  # nothing but the hour that goes on
        return uses[0].stored * whole
    ends = (*uses, _Use(over, 0))
    return (
        sum(use.stored * (end.hour - use.hour) for use, end in pairwise(ends))
        * whole
        // (over - told)
    )


def _heard(reader: Reader, node_ids: Sequence[int]) -> dict[int, _Heard]:
    from sqlalchemy import select

    from storj_monitor.schema import nodes

    asked = select(nodes.c.id, nodes.c.first_heard_at, nodes.c.last_heard_at)
    return {
        node_id: _Heard(*(None if at is None else at // _HOUR_US for at in heard))
        for node_id, *heard in rows_of(reader, asked.where(nodes.c.id.in_(node_ids)))
    }


def _uses(reader: Reader, node_ids: Sequence[int], first: int, after: int) -> dict[int, list[_Use]]:
    from sqlalchemy import func, select

    from storj_monitor.schema import storage

    table = storage.c
    hour = (table.slot_at // _HOUR_US).label("hour")
    unpaid = func.coalesce(table.trash_bytes, 0) + func.coalesce(table.reclaimable_bytes, 0)
    stored = func.sum(table.used_bytes - unpaid) // func.count()
    asked = (
        select(table.node_id, hour, stored.label("stored"))
        .where(table.slot_at >= first * _HOUR_US, table.slot_at < after * _HOUR_US)
        .where(table.node_id.in_(node_ids), table.used_bytes.is_not(None))
        .group_by(table.node_id, hour)
        .order_by(table.node_id, hour)
    )
    uses = defaultdict[int, list[_Use]](list)
    for node_id, *use in rows_of(reader, asked):
        uses[node_id].append(_Use(*use))
    return uses
