"""What somebody asked a server to send: it goes on without them, and ends with the server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.errors import Problem
from storj_monitor.schedules.errands import Errands
from storj_monitor.schedules.runs import add_resend, add_run, add_test
from tests.schedules.offices import ANN, BOB, PATIENCE_SECONDS, Office, until

if TYPE_CHECKING:
    from storj_monitor.plugin import Parcel
    from storj_monitor.store import Store


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


@pytest.fixture
def may_arrive(office: Office) -> asyncio.Event:
    """Let parcels for Ann be under way until this is set."""
    event = asyncio.Event()
    office.post.before = lambda parcel: event.wait() if parcel.recipient == ANN else None
    return event


async def test_what_is_over_in_time_is_told_as_it_ended(office: Office) -> None:
    id_ = office.schedule()
    async with office.work() as work:
        errands = Errands(work)
        sent = await errands.run(add_run(work, id_))
        assert sent.is_over
        assert [(one.recipient, one.state) for one in sent.deliveries] == [
            (ANN, "sent"),
            (BOB, "sent"),
        ]
        with pytest.raises(Problem, match="has dealt with 2026-W47 already"):
            await errands.run(add_run(work, id_))
        await errands.end()


async def test_what_takes_long_is_told_as_it_stands_and_goes_on(
    office: Office, may_arrive: asyncio.Event
) -> None:
    id_ = office.schedule(recipients=[ANN])
    async with office.work() as work:
        errands = Errands(work, answer_seconds=0.01)
        sent = await errands.run(add_test(work, id_))
        assert not sent.is_over
        [under_way] = sent.deliveries
        assert under_way.state in {"due", "claimed"}
        with pytest.raises(Problem, match="it still waits or is being sent"):
            await errands.run(add_resend(work, under_way.id))
        may_arrive.set()
        await until(lambda: office.states() == {ANN: "sent"})
        await errands.end()


async def test_who_asked_may_leave_at_any_moment(office: Office, may_arrive: asyncio.Event) -> None:
    id_ = office.schedule()
    async with office.work() as work:
        errands = Errands(work)
        asking = asyncio.create_task(errands.run(add_run(work, id_)))
        await asyncio.sleep(0)  # it has begun, and no row is there yet
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await until(lambda: office.post.recipients == [BOB])
        may_arrive.set()
        await until(lambda: office.states() == {ANN: "sent", BOB: "sent"})
        await errands.end()


@pytest.mark.parametrize(("seconds", "state"), [(PATIENCE_SECONDS, "sent"), (0, "maybe_sent")])
async def test_a_server_that_stops_waits_a_moment_and_then_breaks_it_off(
    office: Office, may_arrive: asyncio.Event, seconds: float, state: str
) -> None:
    reached = asyncio.Event()

    def before(_: Parcel) -> Any:
        reached.set()
        return may_arrive.wait()

    office.post.before = before
    id_ = office.schedule(recipients=[ANN])
    async with office.work() as work:
        errands = Errands(work, answer_seconds=0)
        await errands.run(add_run(work, id_))
        await reached.wait()
        ending = asyncio.create_task(errands.end(seconds))
        if seconds:
            may_arrive.set()
        await ending
    assert office.states() == {ANN: state}
