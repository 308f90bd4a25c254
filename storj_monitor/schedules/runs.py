"""Runs: what is due is made, claimed, rendered once for all its recipients, and sent to each.

    async with at_work(settings, host, store) as work:      # schedules.work; a server has its own
        for delivery in await run_due(work): ...

All ways lead through the same rows: whatever is to be sent is a row first, which one process alone
can claim, and none is sent twice without a person asking for it. What a person asks for is added
(`add_run`, `add_test`, `add_resend`: these say what can't be), and then sent (`send`).
"""

from __future__ import annotations

import asyncio
import secrets
import time
from itertools import count
from typing import TYPE_CHECKING

from storj_monitor.errors import Problem
from storj_monitor.schedules.answers import with_secrets
from storj_monitor.schedules.due import delivery_of
from storj_monitor.schedules.planning import plan
from storj_monitor.schedules.schedule import Occurrence, Schedule
from storj_monitor.schedules.shifts import Shift
from storj_monitor.store.deliveries import AGAIN, TEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery, ScheduleEntry

_BAD = "bad_schedule"
_OPEN = ("due", "claimed")
#: How often it is looked what others are sending.
_LOOK_SECONDS = 0.2


async def run_due(work: Work) -> list[Delivery]:
    """Make and send what is due now, also what is to be tried again; return it as it stands then.

    What waits for a later attempt is `due` again, with its `error`. Raises OperatorError when the
    database can't be used; what goes wrong with one schedule or recipient is in its row.
    """
    await asyncio.to_thread(plan, work)
    shift = Shift(work)
    await shift.work_off()
    return await as_they_stand(work, shift.taken)


async def run_now(work: Work, schedule_id: int, *, again: bool = False) -> list[Delivery]:
    """Send what a run at this moment covers, as `add_run` says; return that as it stands then."""
    return await send(work, await add_run(work, schedule_id, again=again))


async def send_test(work: Work, schedule_id: int, recipient: str | None = None) -> list[Delivery]:
    """Send a test, as `add_test` says; return that as it stands then."""
    return await send(work, await add_test(work, schedule_id, recipient))


async def resend(work: Work, delivery_id: int) -> Delivery:
    """Send a delivery once more, as `add_resend` says; return the new one as it stands then."""
    [sent] = await send(work, await add_resend(work, delivery_id))
    return sent


async def add_run(work: Work, schedule_id: int, *, again: bool = False) -> list[int]:
    """Add what a run at this moment covers, for each recipient; return the ids of the rows.

    The timer doesn't send that period once more. For whom it was dealt with already, be it by a
    clock that was ahead, it is not, unless `again`: then it is sent to all once more, as an edition
    of its own. Raises Problem not_found if there is no such schedule, and bad_schedule if nobody is
    left.
    """
    entry = await _entry(work, schedule_id)
    occurrence = _now(work, entry)
    span = occurrence.span
    period = (entry.id, span.start_us, span.end_us)
    edition, to_whom = "", entry.recipients
    if again:
        known = await asyncio.to_thread(work.store.editions, *period)
        edition = _next(known) if "" in known else ""
    else:
        had = await asyncio.to_thread(work.store.dealt_with, *period)
        to_whom = tuple(to for to in to_whom if to not in had)
    if not to_whom:
        named = Schedule.of(entry).period_name(span)
        detail = f"{entry.name!r} has dealt with {named} already"
        raise Problem(_BAD, detail, "Ask for it with again, to have it sent once more.")
    return await _added(work, _rows(entry, occurrence, to_whom, edition))


async def add_test(work: Work, schedule_id: int, recipient: str | None = None) -> list[int]:
    """Add what a run at this moment covers as a test, for all recipients or for one that is named.

    It counts as no run, and is tried once. A recipient that is named as it is shown is the one of
    the schedule. Raises Problem not_found if there is no such schedule.
    """
    entry = await _entry(work, schedule_id)
    to_whom: Iterable[str] = entry.recipients
    if recipient is not None:
        to_whom = map(str, with_secrets([recipient], entry, work.host.catalogue))
    return await _added(work, _rows(entry, _now(work, entry), to_whom, _new_test()))


async def add_resend(work: Work, delivery_id: int) -> list[int]:
    """Add a settled delivery once more, to the same recipient about the same period.

    It is a row of its own (edition again-N), and of a test it is a test. Raises Problem not_found
    if there is no such delivery or its schedule is gone, and bad_schedule if it still waits or is
    being sent.
    """
    had = await asyncio.to_thread(work.store.delivery, delivery_id)
    if had is None:
        raise Problem("not_found", f"there is no delivery {delivery_id}", "Look at the list.")
    if had.schedule_id:
        await _entry(work, had.schedule_id)
    edition = await asyncio.to_thread(_free_edition, work, had)
    return await _added(work, [delivery_like(had, edition, work.now_us)])


async def send(work: Work, ids: Iterable[int]) -> list[Delivery]:
    """Send those rows that nobody else does, and wait for the others; return all as they stand.

    That is over when none is being sent. Who has taken one and takes longer than may be is not
    waited for.
    """
    ids = list(ids)
    await Shift(work, ids).work_off()
    scheduling = work.settings.scheduling
    until = time.monotonic() + scheduling.lease_seconds + scheduling.send_seconds
    while True:
        found = await as_they_stand(work, ids)
        taken = [one for one in found if one.state == "claimed"]
        if not taken or time.monotonic() > until:
            return found
        await asyncio.sleep(_LOOK_SECONDS)
        # Whoever had it may be gone.
        left = [one.id for one in taken if (one.lease_until or 0) <= work.now_us]
        await Shift(work, left).work_off()


async def as_they_stand(work: Work, ids: Iterable[int]) -> list[Delivery]:
    """Return deliveries by their ids, each once."""
    found = [await asyncio.to_thread(work.store.delivery, one) for one in dict.fromkeys(ids)]
    return [one for one in found if one is not None]


def delivery_like(had: Delivery, edition: str, now_us: int) -> Delivery:
    """Return a row like one that is settled, to be sent at once."""
    from storj_monitor.store import Delivery

    return Delivery(
        schedule_id=had.schedule_id,
        start_at=had.start_at,
        end_at=had.end_at,
        recipient=had.recipient,
        edition=edition,
        due_at=had.due_at,
        name=had.name,
        channel=had.channel,
        late=had.late,
        next_attempt_at=min(had.due_at, now_us),
    )


def _free_edition(work: Work, had: Delivery) -> str:
    """Return the edition for sending it once more; a Problem if it is being sent, or sent again."""
    period = (had.schedule_id, had.start_at, had.end_at)
    known = work.store.editions(*period)
    is_test = had.edition.startswith(TEST)
    base = f"{had.edition.partition(' ')[0]} " if not had.schedule_id else ""
    alike = TEST if is_test else f"{base}{AGAIN}"
    others = [
        one for name in known if name.startswith(alike) for one in work.store.edition(*period, name)
    ]
    if any(one.recipient == had.recipient and one.state in _OPEN for one in (had, *others)):
        raise Problem(_BAD, "it still waits or is being sent", "Wait until it has ended.")
    return _new_test() if is_test else _next(known, base)


def _new_test() -> str:
    return f"{TEST}{secrets.token_hex(6)}"


def _next(known: Iterable[str], base: str = "") -> str:
    return next(name for n in count(1) if (name := f"{base}{AGAIN}{n}") not in known)


async def _entry(work: Work, schedule_id: int) -> ScheduleEntry:
    entry = await asyncio.to_thread(work.store.schedule, schedule_id)
    if entry is None:
        raise Problem("not_found", f"there is no schedule {schedule_id}", "Look at the list.")
    return entry


def _now(work: Work, entry: ScheduleEntry) -> Occurrence:
    now = work.now()
    return Occurrence(now, Schedule.of(entry).covered(now))


def _rows(
    entry: ScheduleEntry, occurrence: Occurrence, to_whom: Iterable[str], edition: str
) -> list[Delivery]:
    return [delivery_of(entry, occurrence, to, edition=edition) for to in to_whom]


async def _added(work: Work, rows: list[Delivery]) -> list[int]:
    """Store rows of one edition, unless they are there, and return their ids."""
    await work.write("adding", lambda writer: writer.deliveries.add(rows))
    one, to = rows[0], {row.recipient for row in rows}
    stored = await asyncio.to_thread(
        work.store.edition, one.schedule_id, one.start_at, one.end_at, one.edition
    )
    return [row.id for row in stored if row.recipient in to]
