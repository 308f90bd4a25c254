"""Statements by which deliveries are claimed, and given up where nobody can know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, case, func, or_, select, update

from storj_monitor.schema import deliveries

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, ColumnElement

#: What lies so far ahead was written while a clock was wrong: no lease and no pause is as long.
AHEAD_US = 24 * 60 * 60 * 1_000_000
#: What is sent by itself so long after it was due is late.
LATE_US = 15 * 60 * 1_000_000
_UNKNOWN = "it was being sent when the program ended: nobody can know whether it arrived"


def _is_abandoned() -> ColumnElement[bool]:
    """Say that a lease is over, or one of a clock that was ahead."""
    until = deliveries.c.lease_until
    is_over = or_(until <= bindparam("now"), until > bindparam("ahead"))
    return and_(deliveries.c.state == "claimed", is_over)


def give_up() -> ClauseElement:
    """Return the statement that lets what was being sent by who is gone be `maybe_sent`."""
    unknown = update(deliveries).where(_is_abandoned(), deliveries.c.sending_at.is_not(None))
    error = func.coalesce(deliveries.c.error + "; ", "") + _UNKNOWN
    return unknown.values(state="maybe_sent", error=error).returning(*deliveries.c)


def claim_next() -> ClauseElement:
    """Return the statement that claims what is ready."""
    return _claiming()


def claim_one() -> ClauseElement:
    """Return the statement that claims the one with an id, if it is ready."""
    return _claiming(deliveries.c.id == bindparam("of_id"))


def _claiming(*only: ColumnElement[bool]) -> ClauseElement:
    """Take what has waited longest: what is due, or was again, and what an owner left behind."""
    table = deliveries.c
    is_time = table.next_attempt_at <= bindparam("now")
    # A pause that a clock ahead made: what was due is due.
    is_stray = and_(table.next_attempt_at > bindparam("next_day"), table.due_at <= bindparam("now"))
    is_due = and_(table.state == "due", or_(is_time, is_stray))
    ready = or_(is_due, _is_abandoned())
    first = select(table.id).where(ready, *only).order_by(table.next_attempt_at, table.id).limit(1)
    is_late = and_(table.edition == "", table.due_at < bindparam("late_before"))
    claimed = {
        "state": "claimed",
        "owner": bindparam("new_owner"),
        "lease_until": bindparam("until"),
        "attempts": table.attempts + 1,
        # It was made in time, and then nothing ran until now.
        "late": case((is_late, bindparam("is_late", 1)), else_=table.late),
    }
    taken = update(deliveries).where(table.id == first.scalar_subquery()).values(claimed)
    return taken.returning(*table)
