"""Leases: of two who would send a parcel one does, and who dies leaves it to the next."""

from __future__ import annotations

import asyncio
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.planning import plan
from storj_monitor.schedules.runs import add_test, run_due, run_now, send
from storj_monitor.schedules.shifts import claimed
from tests.exports.offers import ROWS, source
from tests.schedules.offices import ANN, BOB, PATIENCE_SECONDS, due, named, until

if TYPE_CHECKING:
    from storj_monitor.plugin import Parcel
    from storj_monitor.store import Delivery
    from tests.schedules.offices import Office


async def test_what_began_too_often_and_never_ended_has_failed(office: Office) -> None:
    office.set(attempts=2)
    office.schedule(recipients=[ANN])
    office.clock.pass_(seconds=1)
    async with office.work() as work:
        plan(work)
        for _ in range(2):
            assert await claimed(work) is not None
            office.clock.pass_(seconds=301)
        [one] = await run_due(work)
    assert (one.state, one.attempts) == ("failed", 3)
    assert one.error == "each time the program ended before it was sent"
    assert office.post.parcels == []


async def test_a_lease_is_renewed_while_it_is_being_sent(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storj_monitor.schedules.attempts._RENEWALS", 3_000)
    office.set(lease_seconds=30)
    office.schedule(recipients=[ANN])
    others: list[Delivery] = []

    def is_renewed(before: int | None) -> bool:
        return office.rows()[0].lease_until != before

    async def slowly(_: Parcel) -> None:
        for __ in range(3):
            before = office.rows()[0].lease_until
            office.clock.pass_(seconds=20)
            await until(partial(is_renewed, before))
        others.extend(await due(office))

    office.post.before = slowly
    [one] = await due(office)
    assert (one.state, others) == ("sent", [])


async def test_a_run_that_lost_its_lease_sends_nothing(office: Office) -> None:
    office.schedule(recipients=[ANN])

    def another(step: str) -> None:
        """Let another process take it over, just before it is noted as being sent."""
        if step == "packed":
            office.clock.pass_(seconds=301)
            with office.store.writer() as writer:
                now_us = microseconds(office.clock())
                assert writer.deliveries.claim("another", now_us, 300_000_000)

    [one] = await due(office, at_step=another)
    assert (one.state, one.owner, one.attempts) == ("claimed", "another", 2)
    assert office.post.parcels == []


async def test_a_server_that_stops_leaves_what_is_known(office: Office) -> None:
    office.schedule()
    reached = asyncio.Event()

    def before(parcel: Parcel) -> Any:
        if parcel.recipient == ANN:
            reached.set()
            return asyncio.sleep(30)
        return None

    office.post.before = before
    async with office.work() as work:
        task = asyncio.create_task(run_due(work))
        await reached.wait()
        await until(lambda: office.states()[BOB] == "sent")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert office.states() == {ANN: "maybe_sent", BOB: "sent"}


async def test_what_was_being_sent_by_who_was_killed_raises_the_alert(office: Office) -> None:
    office.schedule(recipients=[ANN])
    office.clock.pass_(seconds=1)
    async with office.work() as work:
        await office.leave_half_sent(work)
        assert await run_due(work) == []
    assert office.states() == {ANN: "maybe_sent"}
    assert office.failing() == {f"Mondays to {ANN}": 3}
    assert office.post.parcels == []


async def test_what_somebody_else_is_sending_is_waited_for(office: Office) -> None:
    id_ = office.schedule(recipients=[ANN, BOB])
    may_arrive = asyncio.Event()
    async with office.work() as work, office.work() as other:
        ids = await add_test(work, id_)
        office.post.before = lambda _: may_arrive.wait()
        beside = asyncio.create_task(run_due(other))
        await until(lambda: {one.state for one in office.rows() if one.edition} == {"claimed"})
        sending = asyncio.create_task(send(work, ids))
        await asyncio.sleep(0.3)
        assert not sending.done()
        may_arrive.set()
        assert [one.state for one in await sending] == ["sent", "sent"]
        await beside


async def test_what_somebody_took_and_never_ended_is_sent_after_all(office: Office) -> None:
    id_ = office.schedule(recipients=[ANN])
    async with office.work() as work:
        ids = await add_test(work, id_)
        assert await claimed(work)
        sending = asyncio.create_task(send(work, ids))
        await asyncio.sleep(0.1)
        office.clock.pass_(seconds=301)
        [one] = await sending
    assert (one.state, one.attempts) == ("sent", 2)


async def test_one_file_that_takes_long_holds_up_no_other(office: Office) -> None:
    may_end, began = Event(), Event()
    in_time: list[bool] = []

    def slow(*_: Any) -> list[Any]:
        began.set()
        in_time.append(may_end.wait(PATIENCE_SECONDS))
        return ROWS

    bills = source("bills", period="month")
    office.offered = {"sources": named([source(rows=slow), bills])}
    office.schedule(recipients=[ANN])
    async with office.work() as work:
        running = asyncio.create_task(run_due(work))
        await until(began.is_set)
        id_ = office.schedule(name="Bills", source="bills", recipients=[BOB])
        [one] = await run_now(work, id_)
        assert one.state == "sent"
        may_end.set()
        await running
    assert in_time == [True]
    assert office.post.recipients == [ANN, BOB]
