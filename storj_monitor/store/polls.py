"""Storing what a node's API tells, and that it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, case, exists, func, literal_column, or_, select
from sqlalchemy.dialects.sqlite import insert

from storj_monitor.schema import api_hours, polled_apis, reputation
from storj_monitor.store.news import HOUR_US, SLOT_US
from storj_monitor.store.observations import add_space, scores_row
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.ids import Ids
    from storj_monitor.store.news import News, Poll
    from storj_monitor.store.statements import Statements

#: What the API says again and again is kept so often.
_SCORES_EVERY_US = 6 * HOUR_US
#: An API that wasn't asked for so long wasn't watched.
_WATCHED_US = HOUR_US


def write_polls(statements: Statements, ids: Ids, news: Sequence[News]) -> None:
    """Store what APIs told; the ids of all that is named are known."""
    named = [(ids.nodes[one.node], one) for one in news]
    statements.insert_tuples(
        _add_changed_scores,
        [
            scores_row(node, ids.satellites, scores)
            for node, one in named
            for scores in one.scores
            if scores.origin == "api"
        ],
    )
    statements.insert_tuples(
        add_space,
        [
            (at - at % SLOT_US, node, origin, at, *sizes)
            for node, one in named
            for at, *sizes, origin in one.used_space
        ],
    )
    polls = [(node, one.poll) for node, one in named if one.poll]
    statements.insert_tuples(_add_hours, [_hour_row(node, poll) for node, poll in polls])
    statements.insert_tuples(_put_polled, [_polled_row(node, poll) for node, poll in polls])


def _hour_row(node: int, poll: Poll) -> tuple[object, ...]:
    failed_at = None if poll.reason is None else poll.at
    return poll.at - poll.at % HOUR_US, node, _answered_at(poll), failed_at, poll.reason


def _polled_row(node: int, poll: Poll) -> tuple[object, ...]:
    is_allowed = None if poll.is_allowed is None else int(poll.is_allowed)
    allowed = (poll.allowed_version, is_allowed, None if poll.is_answered else poll.at)
    return node, poll.url, poll.version, _answered_at(poll), poll.at, poll.reason, *allowed


def _answered_at(poll: Poll) -> int | None:
    return poll.at if poll.is_answered else None


def _add_changed_scores() -> Insert:
    """Leave out what the API said before, if it is not long ago and nothing else came since."""
    columns = reputation.c
    told = select(
        *(bindparam(column.name, type_=column.type).label(column.name) for column in columns)
    ).subquery("told")
    whose = ("node_id", "satellite_id", "origin")
    known, recent = reputation.alias("known"), reputation.alias("recent")
    latest = (
        select(func.max(recent.c.at))
        .where(
            recent.c.at > told.c.at - literal_column(str(_SCORES_EVERY_US)),
            recent.c.at <= told.c.at,
        )
        .where(*(recent.c[name] == told.c[name] for name in whose))
        .correlate(told)
        .scalar_subquery()
    )
    values = [column.name for column in columns if column.name != "at"]
    is_known = exists().where(
        known.c.at == latest,
        *(known.c[name].is_not_distinct_from(told.c[name]) for name in values),
    )
    chosen = select(*told.c).where(~is_known)
    return insert(reputation).from_select(columns.keys(), chosen).on_conflict_do_nothing()


def _add_hours() -> Insert:
    """Keep the last of each kind, and why the last that failed did, in whatever order they come."""
    upsert = insertion(api_hours)
    had, more = api_hours.c, upsert.excluded
    is_later = or_(had.failed_at.is_(None), more.failed_at > had.failed_at)
    latest = {
        name: func.coalesce(func.max(had[name], more[name]), had[name], more[name])
        for name in ("answered_at", "failed_at")
    }
    return upsert.on_conflict_do_update(
        index_elements=list(api_hours.primary_key),
        set_=latest | {"reason": case((is_later, more.reason), else_=had.reason)},
    )


def _put_polled() -> Insert:
    """Keep what was so the last time, and what a node that failed then said before."""
    upsert = insertion(polled_apis)
    had, more = polled_apis.c, upsert.excluded
    told = ("version", "answered_at", "allowed_version", "is_allowed")
    kept = {name: func.coalesce(more[name], had[name]) for name in told}
    put = {name: more[name] for name in ("url", "checked_at", "reason")}
    # What was not asked for a while may have answered meanwhile.
    went_on = more.checked_at - had.checked_at < literal_column(str(_WATCHED_US))
    still = and_(more.failing_since.is_not(None), had.failing_since.is_not(None), went_on)
    since = case((still, had.failing_since), else_=more.failing_since)
    return upsert.on_conflict_do_update(
        index_elements=list(polled_apis.primary_key),
        set_=put | kept | {"failing_since": since},
        where=more.checked_at >= had.checked_at,
    )
