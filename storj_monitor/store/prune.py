"""Removing old events: their sums stay, and their hours take nothing more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from storj_monitor.schema import events, sealed_hours
from storj_monitor.store.rollups import HOUR_US

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
    anywhere and be gone on with later. Other writers get their turn every few thousand events.
    """
    before = before_us - before_us % HOUR_US
    removed = 0
    while not stop():
        with connection.transaction():
            statements.query(_seal, before=before, rows=ROWS)
            statements.query(_remove, before=before, rows=ROWS)
            some = statements.number(_changes)
        removed += some
        if some < ROWS:
            break
        time.sleep(_PAUSE_SECONDS)
    return removed


def _oldest() -> Subquery:
    rows = select(events.c.id, events.c.node_id, events.c.at)
    rows = rows.where(events.c.at < bindparam("before")).order_by(events.c.at, events.c.id)
    return rows.limit(bindparam("rows")).subquery()


def _seal() -> ClauseElement:
    oldest = _oldest()
    since_the_hour = (oldest.c.at % HOUR_US + HOUR_US) % HOUR_US  # % is negative before 1970
    hours = select(oldest.c.node_id, oldest.c.at - since_the_hour).distinct()
    # SQLite would take ON CONFLICT after a select for the condition of a join.
    new = insert(sealed_hours).prefix_with("OR IGNORE")
    return new.from_select(list(sealed_hours.c), hours)


def _remove() -> ClauseElement:
    return delete(events).where(events.c.id.in_(select(_oldest().c.id)))


def _changes() -> ClauseElement:
    return select(func.changes())
