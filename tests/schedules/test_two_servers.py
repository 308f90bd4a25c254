"""Two servers on one database, and clocks that are wrong: nothing is sent twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import Problem
from storj_monitor.plugin import DeliveryError, UncertainDelivery
from storj_monitor.plugin.query import moment
from storj_monitor.schedules.runs import resend, run_due, run_now
from storj_monitor.schedules.shifts import Shift
from storj_monitor.schedules.watching import followed
from tests.schedules.offices import ANN, BOB, DUE, until

if TYPE_CHECKING:
    from storj_monitor.store import Store
    from tests.schedules.offices import Office

MANY = [f"{number}@example.org" for number in range(12)]


async def test_two_servers_send_each_parcel_once_between_them(office: Office) -> None:
    office.schedule(recipients=MANY)
    office.schedule(name="Others", source="bills", recipients=MANY)
    together = Barrier(2)

    def serve() -> int:
        async def run() -> int:
            async with office.work() as work:
                together.wait(30)
                return len(await run_due(work))

        return asyncio.run(run())

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(2) as pool:
        both = await asyncio.gather(*(loop.run_in_executor(pool, serve) for _ in range(2)))
    assert sum(both) == len(office.post.parcels) == 2 * len(MANY)
    assert set(Counter(parcel.idempotency_key for parcel in office.post.parcels).values()) == {1}
    assert {one.state for one in office.rows()} == {"sent"}


async def test_the_timer_and_a_person_send_one_between_them(office: Office) -> None:
    id_ = office.schedule(recipients=MANY)
    async with office.work() as work, office.work() as other:
        # Who comes second may be told that it is dealt with.
        await asyncio.gather(run_due(work), run_now(other, id_), return_exceptions=True)
        await run_due(work)
    assert office.post.recipients == sorted(MANY)


MARCH = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)


async def test_what_a_clock_far_ahead_sent_is_not_sent_again_by_itself_when_it_really_comes(
    office: Office,
) -> None:
    schedule_id = office.schedule(recipients=[ANN])
    async with office.work() as work:
        await run_due(work)
        office.clock.now = MARCH
        await run_due(work)
        office.clock.now = DUE
        for _ in range(3):
            await run_due(work)
            office.clock.pass_(days=7)
    subjects = [parcel.subject for parcel in office.post.parcels]
    assert subjects == [
        "Things: 16 to 22 Nov 2026",
        "Things: 22 to 28 Feb 2027",
        "Things: 23 to 29 Nov 2026",
        "Things: 30 Nov to 6 Dec 2026",
    ]
    assert office.failing() == {}
    office.clock.now = MARCH
    async with office.work() as work:
        with pytest.raises(Problem, match="already"):
            await run_now(work, schedule_id)
        assert await run_due(work) == []
        assert len(office.post.parcels) == 4
        [doubted] = [one for one in office.rows() if one.state == "maybe_sent"]
        assert (doubted.edition, moment(doubted.due_at)) == ("", MARCH)
        assert "nobody can know" in str(doubted.error)
        assert office.failing() == {f"Mondays to {ANN}": 3}
        again = await resend(work, doubted.id)
    assert (again.state, again.edition) == ("sent", "again-1")
    assert office.post.parcels[-1].subject == "Things: 22 to 28 Feb 2027"
    assert len({parcel.idempotency_key for parcel in office.post.parcels}) == 5


async def test_a_person_has_sent_once_more_what_a_clock_far_ahead_sent(office: Office) -> None:
    schedule_id = office.schedule(recipients=[ANN])
    office.clock.now = MARCH
    async with office.work() as work:
        await run_due(work)
        office.clock.now = DUE
        await run_due(work)
        office.clock.now = MARCH
        [one] = await run_now(work, schedule_id, again=True)
        assert one.state == "sent"
        await run_due(work)
    february = [one for one in office.post.parcels if "Feb 2027" in one.subject]
    assert len(february) == 2


async def test_what_a_clock_far_ahead_did_not_send_is_sent_when_it_really_comes(
    office: Office,
) -> None:
    eve = "eve@example.org"
    office.set(attempts=1)
    office.schedule(recipients=[ANN, BOB, eve])
    office.post.answers[BOB] = DeliveryError("no such mailbox", retryable=False)
    office.post.answers[eve] = UncertainDelivery("the line broke")
    async with office.work() as work:
        office.clock.now = MARCH
        await run_due(work)
        office.post.answers.clear()
        office.clock.now = DUE
        await run_due(work)
        office.post.parcels.clear()
        # What it had skipped (the week before) is delivered to all, then the week to Bob alone.
        office.clock.now = MARCH - timedelta(days=7)
        await run_due(work)
        assert office.post.recipients == [ANN, BOB, eve]
        office.clock.pass_(days=7)
        await run_due(work)
    assert office.post.recipients == [ANN, BOB, BOB, eve]
    assert office.states() == {ANN: "maybe_sent", BOB: "sent", eve: "maybe_sent"}


async def test_what_was_sent_is_not_sent_again_where_a_clock_falls_back_for_days(
    office: Office,
) -> None:
    office.schedule(when="daily 06:00", recipients=[ANN])
    async with office.work() as work:
        for _ in range(14):
            await run_due(work)
            office.clock.pass_(days=1)
        assert len(office.post.parcels) == 14
        office.clock.pass_(days=-10)
        for _ in range(2 * 24):
            await run_due(work)
            office.clock.pass_(hours=3)
        assert len(office.post.parcels) == 14
        office.clock.now = DUE + timedelta(days=14)
        for _ in range(3):
            await run_due(work)
            office.clock.pass_(days=1)
    subjects = [one.subject for one in office.post.parcels]
    assert len(set(subjects)) == len(subjects) == 17
    # What was sent before and came again says so, also what would have been missed.
    assert {one.state for one in office.rows()} == {"sent", "maybe_sent"}
    assert office.failing() == {}


async def test_a_clock_that_falls_back_sends_nothing_again(office: Office) -> None:
    office.schedule()
    async with office.work() as work:
        await run_due(work)
        for days in (-3, -30, 2, 31):
            office.clock.pass_(days=days)
            await run_due(work)
    assert office.post.recipients == [ANN, BOB]


async def test_a_server_sends_what_becomes_due_while_it_runs_and_nothing_if_told_so(
    office: Office,
) -> None:
    office.clock.pass_(minutes=-1)
    office.schedule()
    office.set(enabled=False)
    async with office.work() as work, followed(work, look_seconds=0.01):
        office.clock.pass_(minutes=2)
        await asyncio.sleep(0.1)
        assert office.rows() == []
    office.set(enabled=True)
    async with office.work() as work, followed(work, look_seconds=0.01):
        await until(lambda: len(office.post.parcels) == 2)
        await until(lambda: set(office.states().values()) == {"sent"})
    assert office.states() == {ANN: "sent", BOB: "sent"}


async def test_a_server_goes_on_when_the_database_can_not_be_used_for_a_while(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([True, True])
    schedules = type(office.store).schedules

    def failing(store: Store) -> object:
        if next(failures, False):
            message = "the disk is gone"
            raise ConnectionError(message)
        return schedules(store)

    monkeypatch.setattr(type(office.store), "schedules", failing)
    office.schedule(recipients=[ANN])
    async with office.work() as work, followed(work, look_seconds=0.01):
        await until(lambda: bool(office.post.parcels))
    assert next(failures, None) is None


async def test_a_server_goes_on_when_a_claim_fails_between_two_looks(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = count(1)
    begin = Shift.begin

    async def failing(shift: Shift) -> None:
        if next(calls) == 2:  # the first that ended makes room for the ninth
            message = "out of memory"
            raise RuntimeError(message)
        await begin(shift)

    monkeypatch.setattr(Shift, "begin", failing)
    office.schedule(recipients=MANY)
    async with office.work() as work, followed(work, look_seconds=0.5):
        await until(lambda: len(office.post.parcels) == len(MANY))
    assert office.post.recipients == sorted(MANY)
