"""Removing old events: their sums stay, and their hours take nothing more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from storj_monitor.schema import events, followed_logs, sealed_hours
from storj_monitor.store.news import HOUR_US
from storj_monitor.store.transfers import newest_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ClauseElement, Subquery

    from storj_monitor.store.connection import Connection
    from storj_monitor.store.statements import Statements

#: Events that are removed in one transaction: a fraction of a second.
ROWS = 10_000
#: A writer that waits looks this often whether it is its turn, after SQLite's habit.
_PAUSE_SECONDS = 0.11


def prune(
    connection: Connection, statements: Statements, before_us: int, stop: Callable[[], bool]
) -> int:
    """Remove the events of the UTC hours that are over at `before_us`; return how many.

    An hour of a node is sealed together with the removal of its first event, so that this may end
    anywhere and be gone on with later. Other writers get their turn every few thousand events;
    what they write meanwhile stays.
    """
    before = before_us - before_us % HOUR_US
    newest = newest_id(statements)  # what comes while this goes on may be half of an hour
    removed = 0
    while not stop():
        with connection.transaction():
            statements.query(_seal, before=before, newest=newest, rows=ROWS)
            statements.query(_remove, before=before, newest=newest, rows=ROWS)
            some = statements.number(_changes)
        removed += some
        if some < ROWS:
            break
        time.sleep(_PAUSE_SECONDS)
    return removed


def settled_before(
    statements: Statements, before_us: int, newest_id: int, behind_since_us: int
) -> int:
    """Return the time, `before_us` at the latest, of which no more is being read.

    Still being read is what has an event above `newest_id`, and any node with a log that was not
    read to its end when it was last looked at, unless that was before `behind_since_us`.
    """
    found = statements.query(_unsettled, before=before_us, newest=newest_id, since=behind_since_us)
    at: int | None = found.column(0)[0].as_py()
    return before_us if at is None else at


def _unsettled() -> ClauseElement:
    behind = select(followed_logs.c.node_id).where(
        followed_logs.c.behind_bytes > 0, followed_logs.c.checked_at >= bindparam("since")
    )
    return select(func.min(events.c.at)).where(
        events.c.at < bindparam("before"),
        or_(events.c.id > bindparam("newest"), events.c.node_id.in_(behind)),
    )


def _oldest() -> Subquery:
    rows = select(events.c.id, events.c.node_id, events.c.at)
    rows = rows.where(events.c.at < bindparam("before"), events.c.id <= bindparam("newest"))
    rows = rows.order_by(events.c.at, events.c.id)
    return rows.limit(bindparam("rows")).subquery()


def _seal() -> ClauseElement:
    oldest = _oldest()
    since_the_hour = (oldest.c.at % HOUR_US + HOUR_US) % HOUR_US  # % is negative before 1970
    hours = select(oldest.c.node_id, oldest.c.at - since_the_hour).distinct()
    # SQLite would take ON CONFLICT after a select for the condition of a join.
    new = insert(sealed_hours).prefix_with("OR REPLACE")
    return new.from_select([sealed_hours.c.node_id, sealed_hours.c.hour_at], hours)


def _remove() -> ClauseElement:
    return delete(events).where(events.c.id.in_(select(_oldest().c.id)))


def _changes() -> ClauseElement:
    return select(func.changes())
