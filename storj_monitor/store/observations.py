"""Storing what a node's log tells beside its transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, literal_column, tuple_

from storj_monitor.schema import compactions, followed_logs, log_hours, reputation, storage
from storj_monitor.store.news import SLOT_US
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.ids import Ids
    from storj_monitor.store.news import News
    from storj_monitor.store.statements import Statements


def write_observations(statements: Statements, ids: Ids, news: Sequence[News]) -> None:
    """Store all but the transfers; the ids of all that is named are known."""
    named = [(ids.nodes[one.node], one) for one in news]
    satellites = ids.satellites
    statements.insert_tuples(
        _add_hours, [(hour[0], node, *hour[1:]) for node, one in named for hour in one.hours]
    )
    statements.insert_tuples(
        _add_scores,
        [(at, node, satellites[by], *rest) for node, one in named for at, by, *rest in one.scores],
    )
    statements.insert_tuples(
        _add_free_space,
        [(at - at % SLOT_US, node, at, free) for node, one in named for at, free in one.free_space],
    )
    statements.insert_tuples(
        _add_compactions,
        [
            (at, node, satellites[of], *rest)
            for node, one in named
            for at, of, *rest in one.compactions
        ],
    )
    statements.insert_tuples(
        _put_following, [(node, *one.following) for node, one in named if one.following]
    )


def _add_hours() -> Insert:
    upsert = insertion(log_hours)
    had, more = log_hours.c, upsert.excluded
    latest = {
        name: func.coalesce(func.max(had[name], more[name]), had[name], more[name])
        for name in ("last_at", "started_at", "stopped_at", "traffic_at")
    }
    return upsert.on_conflict_do_update(
        index_elements=list(log_hours.primary_key),
        set_={"first_at": func.min(had.first_at, more.first_at)} | latest,
    )


def _add_scores() -> Insert:
    scores = ("audit_score", "suspension_score", "online_score", "audits_total", "audits_ok")
    insert = insertion(reputation, "at", "node_id", "satellite_id", *scores)
    return insert.values(origin=literal_column("'log'")).on_conflict_do_nothing()


def _add_free_space() -> Insert:
    """Keep the latest of each five minutes, in whatever order they come."""
    insert = insertion(storage, "slot_at", "node_id", "at", "free_bytes").values(
        origin=literal_column("'log'")
    )
    had, more = storage.c, insert.excluded
    return insert.on_conflict_do_update(
        index_elements=list(storage.primary_key),
        set_={"at": more.at, "free_bytes": more.free_bytes},
        where=tuple_(more.at, more.free_bytes) > tuple_(had.at, had.free_bytes),
    )


def _add_compactions() -> Insert:
    return insertion(compactions).on_conflict_do_nothing()


def _put_following() -> Insert:
    upsert = insertion(followed_logs)
    values = {column.name: upsert.excluded[column.name] for column in followed_logs.c}
    return upsert.on_conflict_do_update(index_elements=list(followed_logs.primary_key), set_=values)
