"""Storing what a node's log tells beside its transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, tuple_

from storj_monitor.schema import compactions, followed_logs, log_hours, reputation, storage
from storj_monitor.store.news import SLOT_US
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.ids import Ids
    from storj_monitor.store.news import News, Scores
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
        [
            scores_row(node, satellites, scores)
            for node, one in named
            for scores in one.scores
            if scores.origin != "api"
        ],
    )
    statements.insert_tuples(
        add_space,
        [
            (at - at % SLOT_US, node, origin, at, None, None, free_bytes, None, None, None)
            for node, one in named
            for at, free_bytes, origin in one.free_space
        ],
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


def scores_row(node: int, satellites: Mapping[str, int], scores: Scores) -> tuple[object, ...]:
    """Return a row of `reputation`."""
    at, satellite, *values, origin = scores
    return (at, node, satellites[satellite], origin, *values)


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
    return insertion(reputation).on_conflict_do_nothing()


def add_space() -> Insert:
    """Write an insert into `storage`: the latest of five minutes stays, whatever comes first."""
    insert = insertion(storage)
    had, more = storage.c, insert.excluded
    said = [column.name for column in storage.c if not column.primary_key]
    return insert.on_conflict_do_update(
        index_elements=list(storage.primary_key),
        set_={name: more[name] for name in said},
        where=tuple_(more.at, more.free_bytes) > tuple_(had.at, had.free_bytes),
    )


def _add_compactions() -> Insert:
    return insertion(compactions).on_conflict_do_nothing()


def _put_following() -> Insert:
    upsert = insertion(followed_logs)
    values = {column.name: upsert.excluded[column.name] for column in followed_logs.c}
    return upsert.on_conflict_do_update(index_elements=list(followed_logs.primary_key), set_=values)
