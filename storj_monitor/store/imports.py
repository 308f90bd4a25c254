"""Storing what only another monitor's database tells: sums without transfers, and past alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert

from storj_monitor.schema import alerts, event_hours, sealed_hours
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ClauseElement
    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.ids import Ids
    from storj_monitor.store.news import News, PastAlert
    from storj_monitor.store.statements import Statements


def write_imports(statements: Statements, ids: Ids, news: Sequence[News]) -> None:
    """Store sums, past alerts and seals; the ids of all that is named are known.

    It comes after the transfers of the same news, whose hours the seals close.
    """
    named = [(ids.nodes[one.node], one) for one in news]
    statements.insert_tuples(
        _add_sums,
        [
            (hour.hour_at, node, 0, hour.action, hour.status, hour.transfers, hour.bytes)
            for node, one in named
            for hour in one.summed_hours
        ],
    )
    past = [_alert_row(node, ids, alert) for node, one in named for alert in one.past_alerts]
    for at, node, satellite, type_, *_ in past:
        statements.query(_resolve_before, of_node=node, of=satellite, named=type_, now=at)
    statements.insert_tuples(_add_past_alerts, past)
    statements.insert_tuples(_seal, [(node, *seal) for node, one in named for seal in one.seals])


def _alert_row(node: int, ids: Ids, alert: PastAlert) -> tuple[Any, ...]:
    at, satellite, *said = alert
    satellite_id = 0 if satellite is None else ids.satellites[satellite]
    return (at, node, satellite_id, *said, "import")


def _add_sums() -> Insert:
    """Leave out hours that are sealed: what is known of them is final."""
    columns = event_hours.c
    told = select(
        *(bindparam(column.name, type_=column.type).label(column.name) for column in columns)
    ).subquery("told")
    is_sealed = exists().where(
        sealed_hours.c.node_id == told.c.node_id, sealed_hours.c.hour_at == told.c.hour_at
    )
    chosen = select(*told.c).where(~is_sealed)
    return insert(event_hours).from_select(columns.keys(), chosen).on_conflict_do_nothing()


def _resolve_before() -> ClauseElement:
    """Resolve the one that was told again later: of each kind one is open."""
    columns = alerts.c
    return (
        update(alerts)
        .where(
            columns.node_id == bindparam("of_node"),
            columns.satellite_id == bindparam("of"),
            columns.type == bindparam("named"),
            columns.resolved_at.is_(None),
            columns.origin == literal_column("'import'"),
            columns.at < bindparam("now"),
        )
        .values(resolved_at=bindparam("now"))
    )


def _add_past_alerts() -> Insert:
    """Add those that are new; one that was open before may have been resolved meanwhile."""
    names = [column.name for column in alerts.c if column.name != "id"]
    upsert = insertion(alerts, *names).prefix_with("OR IGNORE")
    had, more = alerts.c, upsert.excluded
    return upsert.on_conflict_do_update(
        index_elements=["node_id", "satellite_id", "type", "at", "title"],
        set_={
            name: func.coalesce(had[name], more[name])
            for name in ("resolved_at", "acknowledged_at")
        },
        where=had.origin == literal_column("'import'"),
    )


def _seal() -> Insert:
    """Leave an hour that was pruned as it is; else the later time counts."""
    upsert = insertion(sealed_hours)
    had, more = sealed_hours.c, upsert.excluded
    return upsert.on_conflict_do_update(
        index_elements=list(sealed_hours.primary_key),
        set_={"until_at": func.max(had.until_at, more.until_at)},  # NULL if one of them is
    )
