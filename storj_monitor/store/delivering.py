"""Deliveries are made once, claimed by one at a time, and settled.

    with store.writer() as writer:
        delivery = writer.deliveries.claim(owner, now_us, lease_us)
        ...                                                       # make the file
        if writer.deliveries.note_sending(delivery.id, owner, now_us, lease_us, parcel):
            ...                                                   # hand it to the channel
            writer.deliveries.note_sent(delivery.id, owner, now_us)

The states: `due` (also between attempts), `claimed`, then one of `sent`, `failed`, `skipped`, and
`maybe_sent` where nobody can know; these stay, whatever happens. Whoever calls a `note_...` or
`renew` and gets False has lost the delivery to somebody else: it is to do nothing more with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from storj_monitor.schema import deliveries, schedules
from storj_monitor.store import settling
from storj_monitor.store.claims import AHEAD_US, ANY, LATE_US, LONGEST_PAUSE_US, give_up
from storj_monitor.store.deliveries import ASIDE, Parcelled, delivery_of_row
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ClauseElement, ColumnElement

    from storj_monitor.store.claims import Wanted
    from storj_monitor.store.connection import Connection, Value
    from storj_monitor.store.deliveries import Delivery
    from storj_monitor.store.schedules import ScheduleEntry
    from storj_monitor.store.statements import Statements

#: So many periods of each schedule are never forgotten: more than ever become due at once.
KEPT = 200
_NOTHING = Parcelled()
_DOUBT = (
    "this period was sent before, and the clock was wrong, then or now: nobody can know whether "
    "that was too early"
)
#: Of which there is only one.
_KEY = ("schedule_id", "start_at", "end_at", "recipient", "edition")
_NEW = (
    *(*_KEY, "due_at", "late", "state", "attempts", "next_attempt_at", "error", "name", "channel"),
)


class DeliveryWriter:
    """Makes, claims and settles deliveries, as `writer.deliveries`; a transaction a call."""

    def __init__(self, connection: Connection, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements

    def add(self, wanted: Sequence[Delivery]) -> int:
        """Store what is to be sent; return how much of it was new.

        Of the same schedule, period, recipient and edition there is only ever one.
        """
        with self._connection.transaction():
            return len(self._add(wanted))

    def hold(self, held: Sequence[Delivery], digest: Delivery) -> bool:
        """Store what a digest is to tell and the digest, or nothing: then return False.

        Nothing, if the digest doesn't wait any more: what it says was read by then.
        """
        key: dict[str, Value] = {name: getattr(digest, name) for name in _KEY}
        with self._connection.transaction():
            self._add([digest])
            waits = self._statements.query(_waiting, **key)
            if waits.num_rows:
                self._add(held)
            return waits.num_rows > 0

    def follow(
        self, entry: ScheduleEntry, wanted: Sequence[Delivery], followed_at: int
    ) -> list[Delivery] | None:
        """Store what became due of a schedule, and that it was followed so far: both or neither.

        What was set aside (see `set_aside`) and may have arrived isn't sent again by itself: it is
        `maybe_sent` from the beginning, since nobody can know which clock was wrong. Returns the
        deliveries that were new, or None, with nothing done, if the schedule was changed, turned
        off or removed since `entry` was read.
        """
        with self._connection.transaction():
            found = self._statements.query(
                _follow,
                of_id=entry.id,
                had_changed_at=entry.changed_at,
                new_followed_at=followed_at,
            )
            return self._add([self._doubted(one) for one in wanted]) if found.num_rows else None

    def set_aside(self, schedule_id: int, after_us: int, edition: str) -> int:
        """Give what is due later than `after_us` and is settled another edition; return how many.

        A clock that was ahead settled it, or this one fell back: so what wasn't sent can be
        delivered when the period really comes. What waits goes on waiting until then.
        """
        with self._connection.transaction():
            found = self._statements.query(
                _set_aside, of_id=schedule_id, after=after_us, new_edition=edition
            )
            return found.num_rows

    def claim(
        self, owner: str, now_us: int, lease_us: int, wanted: Wanted = ANY
    ) -> Delivery | None:
        """Take the next delivery for oneself until the lease ends; None if there is none to take.

        `owner` is a name for this one claim, such as a fresh token: so a run of one's own that was
        taken for dead loses it too. Nobody else gets it before. One whose owner is gone is taken
        again, unless it was about to be sent: that nobody takes (see `give_up`). Of what is
        `wanted` only that is taken for which it is the time.
        """
        claim, values = wanted.claim()
        with self._connection.transaction():
            found = self._statements.query(
                claim,
                new_owner=owner,
                now=now_us,
                until=now_us + lease_us,
                ahead=now_us + lease_us + AHEAD_US,
                stray=now_us + LONGEST_PAUSE_US + AHEAD_US,
                late_before=now_us - LATE_US,
                **values,
            )
        rows = found.to_pylist()
        return delivery_of_row(rows[0]) if rows else None

    def give_up(self, now_us: int, lease_us: int) -> tuple[Delivery, ...]:
        """Let what was being sent when its owner went be `maybe_sent`; return each, once.

        A person decides what becomes of it: whoever gets it here is to tell of it.
        """
        with self._connection.transaction():
            ahead = now_us + lease_us + AHEAD_US
            rows = self._statements.query(give_up, now=now_us, ahead=ahead).to_pylist()
        return tuple(delivery_of_row(row) for row in rows)

    def put_off(self, delivery_id: int, owner: str, until_us: int) -> bool:
        """Give back what was claimed, to be sent later; that was no attempt."""
        return self._note(settling.put_off, delivery_id, owner, until=until_us)

    def renew(self, delivery_id: int, owner: str, now_us: int, lease_us: int) -> bool:
        """Keep a claimed delivery for longer."""
        return self._note(settling.renew, delivery_id, owner, until=now_us + lease_us)

    def note_sending(
        self,
        delivery_id: int,
        owner: str,
        now_us: int,
        lease_us: int,
        parcel: Parcelled = _NOTHING,
    ) -> bool:
        """Note that it is handed to the channel next, and what it is.

        What isn't heard of now may have been sent. It is on the disk when this returns, so that not
        even a power cut undoes it. The lease begins anew.
        """
        self._connection.execute("PRAGMA synchronous = FULL")
        try:
            values = {f"new_{name}": value for name, value in parcel._asdict().items()}
            values |= {"now": now_us, "until": now_us + lease_us}
            return self._note(settling.note_sending, delivery_id, owner, **values)
        finally:
            self._connection.execute("PRAGMA synchronous = NORMAL")

    def note_sent(self, delivery_id: int, owner: str, now_us: int) -> bool:
        """Note that the channel accepted it."""
        return self._note(settling.note_sent, delivery_id, owner, now=now_us)

    def note_failed(
        self, delivery_id: int, owner: str, error: str, retry_at: int | None = None
    ) -> bool:
        """Note that it was not accepted; it is due again at `retry_at`, or has failed for good."""
        state = "failed" if retry_at is None else "due"
        return self._note(
            settling.note_failed, delivery_id, owner, new_state=state, why=error, retry_at=retry_at
        )

    def note_maybe_sent(self, delivery_id: int, owner: str, error: str) -> bool:
        """Note that nobody can know whether it arrived."""
        return self._note(settling.note_maybe_sent, delivery_id, owner, why=error)

    def note_skipped(self, delivery_id: int, owner: str, why: str) -> bool:
        """Note that it is not sent, such as for want of anything to tell."""
        return self._note(settling.note_skipped, delivery_id, owner, why=why)

    def forget(self, before_us: int, keep: int = KEPT) -> int:
        """Remove what was due before then, and is settled; return how many.

        The newest periods of each schedule stay, however old: a clock that is years ahead forgets
        nothing by which they are known to be done.
        """
        with self._connection.transaction():
            return self._statements.query(_forget, before=before_us, keep=keep).num_rows

    def _add(self, wanted: Sequence[Delivery]) -> list[Delivery]:
        added: list[Delivery] = []
        for one in wanted:
            row: dict[str, Any] = {name: getattr(one, name) for name in _NEW}
            row |= {"late": int(one.late), "next_attempt_at": one.next_attempt_at or one.due_at}
            found = self._statements.query(_add_one, **row).to_pylist()
            added += [delivery_of_row(row) for row in found]
        return added

    def _doubted(self, one: Delivery) -> Delivery:
        """Return what became due, `maybe_sent` where it was set aside and may have arrived."""
        period = {"of_id": one.schedule_id, "start": one.start_at, "end": one.end_at}
        found = self._statements.query(_sent_aside, **period, to=one.recipient)
        return one._replace(state="maybe_sent", error=_DOUBT) if found.num_rows else one

    def _note(
        self, write: Callable[[], ClauseElement], delivery_id: int, owner: str, **values: Value
    ) -> bool:
        with self._connection.transaction():
            found = self._statements.query(write, of_id=delivery_id, of_owner=owner, **values)
            return found.num_rows > 0


def _add_one() -> ClauseElement:
    put = insertion(deliveries, *_NEW)
    return put.on_conflict_do_nothing().returning(*deliveries.c)


def _waiting() -> ClauseElement:
    same = (deliveries.c[name] == bindparam(name) for name in _KEY)
    return select(deliveries.c.id).where(*same, deliveries.c.state == "due")


def _sent_aside() -> ClauseElement:
    table = deliveries.c
    period = (table.start_at == bindparam("start"), table.end_at == bindparam("end"))
    same = (table.schedule_id == bindparam("of_id"), *period, table.recipient == bindparam("to"))
    is_sent = or_(table.state == "sent", table.state == "maybe_sent")
    return select(table.id).where(*same, table.edition.startswith(ASIDE), is_sent)


def _follow() -> ClauseElement:
    same = (schedules.c.id == bindparam("of_id"), schedules.c.enabled == 1)
    followed = update(schedules).where(*same, schedules.c.changed_at == bindparam("had_changed_at"))
    return followed.values(followed_at=bindparam("new_followed_at")).returning(schedules.c.id)


def _set_aside() -> ClauseElement:
    of_schedule = (deliveries.c.schedule_id == bindparam("of_id"), deliveries.c.edition == "")
    is_ahead = (deliveries.c.due_at > bindparam("after"), _is_settled())
    aside = update(deliveries).where(*of_schedule, *is_ahead)
    return aside.values(edition=bindparam("new_edition")).returning(deliveries.c.id)


def _is_settled() -> ColumnElement[bool]:
    return and_(deliveries.c.state != "due", deliveries.c.state != "claimed")


def _forget() -> ClauseElement:
    table = deliveries.c
    newest_first = (table.start_at.desc(), table.end_at.desc())
    nth = func.dense_rank().over(partition_by=table.schedule_id, order_by=newest_first)
    ranked = select(table.id, nth.label("nth")).subquery()
    is_old = (
        table.due_at < bindparam("before"),
        table.id.in_(select(ranked.c.id).where(ranked.c.nth > bindparam("keep"))),
    )
    # With schedule 0 and start 0 it says since when alerts are sent.
    is_no_mark = or_(deliveries.c.schedule_id > 0, deliveries.c.start_at > 0)
    old = delete(deliveries).where(*is_old, is_no_mark, _is_settled())
    return old.returning(deliveries.c.id)
