"""Statements by which deliveries are claimed, and given up where nobody can know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, bindparam, case, func, literal_column, or_, select, update

from storj_monitor.schema import deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ClauseElement, ColumnElement

    from storj_monitor.store.connection import Value

_DAY_US = 24 * 60 * 60 * 1_000_000
#: What is due so far ahead was written while a clock was wrong, and so is a lease or a pause that
#: ends so long after the longest that there is: clocks of two servers may differ by less.
AHEAD_US = _DAY_US
#: The settings allow no longer one, and nobody else gets one.
LONGEST_PAUSE_US = _DAY_US
#: What is sent by itself so long after it was due is late.
LATE_US = 15 * 60 * 1_000_000
_UNKNOWN = "it was being sent when the program ended: nobody can know whether it arrived"


class Wanted(NamedTuple):
    """Which deliveries are to be claimed: whatever is ready, or less."""

    #: This one alone.
    delivery_id: int | None = None
    #: Those of alerts alone.
    only_alerts: bool = False
    #: None of these schedules.
    but_of: tuple[int, ...] = ()

    def claim(self) -> tuple[Callable[[], ClauseElement], Mapping[str, Value]]:
        """Return the statement that claims the next of them, and what it leaves open."""
        if self.delivery_id is not None:
            return claim_one, {"of_id": self.delivery_id}
        if self.only_alerts:
            return claim_of_alerts, {}
        return claim_next, {"but_of": json.dumps(self.but_of)}


ANY = Wanted()


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
    """Return the statement that claims what is ready, but for some schedules: a list in JSON."""
    left_out = func.json_each(bindparam("but_of")).table_valued("value")
    return _claiming(deliveries.c.schedule_id.not_in(select(left_out.c.value)))


def claim_of_alerts() -> ClauseElement:
    """Return the statement that claims what is ready of alerts."""
    return _claiming(deliveries.c.schedule_id == literal_column("0"))


def claim_one() -> ClauseElement:
    """Return the statement that claims the one with an id, if it is ready."""
    return _claiming(deliveries.c.id == bindparam("of_id"))


def _claiming(*only: ColumnElement[bool]) -> ClauseElement:
    """Take what has waited longest: what is due, or was again, and what an owner left behind."""
    table = deliveries.c
    is_time = table.next_attempt_at <= bindparam("now")
    # A pause that a clock ahead made: what was due is due.
    is_stray = and_(table.next_attempt_at > bindparam("stray"), table.due_at <= bindparam("now"))
    is_due = and_(table.state == "due", or_(is_time, is_stray))
    # What was being sent then is given up first, and told.
    is_unsent = table.sending_at.is_(None)
    ready = or_(is_due, and_(_is_abandoned(), is_unsent))
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
