"""What was said last, however many readings there were before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from storj_monitor.alerts.situation import DAY_US

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Table

    from storj_monitor.alerts.situation import Situation

    Row = dict[str, Any]

#: Of nodes that say nothing any more, what they said last is looked for so far back.
_REMEMBERED_DAYS = 31


def newest(situation: Situation, table: Table, at: str, by: tuple[str, ...]) -> list[Row]:
    """Return the latest row of each, by its key; of silent nodes the latest that is remembered."""
    rows = _newest_since(situation, table, (at, *by), situation.told_since_us, situation.nodes)
    heard = {row["node_id"] for row in rows}
    if silent := [node_id for node_id in situation.nodes if node_id not in heard]:
        since = situation.now_us - _REMEMBERED_DAYS * DAY_US
        rows += _newest_since(situation, table, (at, *by), since, silent)
    return rows


def _newest_since(
    situation: Situation, table: Table, key: tuple[str, ...], since: int, nodes: Iterable[int]
) -> list[Row]:
    """Look for the keys alone first: that is much faster than to put whole rows in order."""
    at, *by = (table.c[name] for name in key)
    last = (
        select(*by, func.max(at).label("newest"))
        .where(at >= since, at <= situation.now_us, table.c.node_id.in_(list(nodes)))
        .group_by(*by)
        .subquery()
    )
    same = and_(at == last.c.newest, *(column == last.c[column.name] for column in by))
    return situation.rows(select(*table.c).join_from(last, table, same))
