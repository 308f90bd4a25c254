"""Several at a time: who is slow holds up nobody else, and what fails breaks off nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec.structs import replace as changed

from storj_monitor.errors import OperatorError
from storj_monitor.meters import Meters
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules import shifts
from storj_monitor.schedules.planning import plan
from storj_monitor.schedules.runs import run_due
from storj_monitor.schedules.shifts import Shift, claimed
from storj_monitor.schedules.watching import followed
from storj_monitor.schedules.work import at_work
from storj_monitor.settings import AlertSettings, SendSettings
from storj_monitor.store import AlertChanges, Finding
from storj_monitor.store.delivering import DeliveryWriter
from storj_monitor.store.writer import StoreWriter
from tests.schedules.offices import ANN, BOB, Host, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.plugin import Parcel
    from storj_monitor.registry import PluginHost
    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery
    from storj_monitor.store.claims import Wanted
    from tests.schedules.offices import Office

MANY = [f"{number}@example.org" for number in range(12)]
LOCKED = "the database is locked by another program"


@pytest.fixture
def may_arrive(office: Office) -> asyncio.Event:
    """Let parcels to the many be under way until this is set."""
    event = asyncio.Event()
    office.post.before = lambda parcel: event.wait() if parcel.recipient in MANY else None
    return event


def fails(
    monkeypatch: pytest.MonkeyPatch, of: type, name: str, is_time: Callable[[], bool]
) -> list[str]:
    """Let a method fail while it is time; return what is filled with its name each time."""
    failed: list[str] = []
    real = getattr(of, name)

    def failing(*given: Any, **named: Any) -> Any:
        if is_time():
            failed.append(name)
            raise OperatorError(LOCKED)
        return real(*given, **named)

    monkeypatch.setattr(of, name, failing)
    return failed


async def test_beside_a_slow_schedule_others_are_sent(
    office: Office, may_arrive: asyncio.Event
) -> None:
    office.schedule(recipients=MANY)
    async with office.work() as work, followed(work, look_seconds=0.01):
        await until(lambda: list(office.states().values()).count("claimed") == 4)
        office.schedule(name="Others", recipients=[BOB])
        await until(lambda: office.states().get(BOB) == "sent")
        may_arrive.set()
        await until(lambda: set(office.states().values()) == {"sent"})
    assert sorted(office.post.recipients) == sorted([BOB, *MANY])


async def test_alerts_have_hands_of_their_own(office: Office, may_arrive: asyncio.Event) -> None:
    for name in ("One", "Two", "Three"):
        office.schedule(name=name, recipients=MANY)
    send = SendSettings(channel="post", recipients=(ANN,))
    office.settings = changed(office.settings, alerts=AlertSettings(send=send))
    async with office.work() as work:
        shift = Shift(work)
        plan(work)
        await shift.begin()
        assert len(shift.tasks) == 8
        finding = Finding(0, 0, "disk_space", "critical", "Full", "It is full.")
        with office.store.writer() as writer:
            office.clock.pass_(seconds=1)
            writer.update_alerts(AlertChanges(raised=[finding]), microseconds(office.clock()))
        plan(work)
        await shift.begin()
        await until(lambda: office.post.recipients == [ANN])
        may_arrive.set()
        await shift.work_off()
    assert len(office.post.parcels) == 1 + 3 * len(MANY)


async def test_what_waited_for_hands_that_end_while_it_is_looked_for_more_is_not_left(
    office: Office, may_arrive: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.schedule(recipients=MANY)

    async def slowly(work: Work, wanted: Wanted) -> Delivery | None:
        delivery = await claimed(work, wanted)
        if wanted.but_of:
            assert delivery is None
            may_arrive.set()
            await until(lambda: not shift.tasks)
        return delivery

    monkeypatch.setattr(shifts, "claimed", slowly)
    async with office.work() as work:
        plan(work)
        shift = Shift(work)
        await shift.work_off()
    assert sorted(office.post.recipients) == sorted(MANY)


async def test_a_claim_that_fails_breaks_off_nothing_that_is_under_way(
    office: Office, may_arrive: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.schedule(recipients=[BOB, *MANY[:3]])
    arrived: list[str] = []
    failed = fails(monkeypatch, DeliveryWriter, "claim", lambda: bool(arrived))

    def before(parcel: Parcel) -> Any:
        if parcel.recipient == BOB:
            arrived.append(BOB)
            return None
        return may_arrive.wait()

    office.post.before = before
    async with office.work() as work:
        running = asyncio.create_task(run_due(work))
        await until(lambda: bool(failed))
        may_arrive.set()
        with pytest.raises(OperatorError, match=LOCKED):
            await running
    claimed_ = len([one for one in office.rows() if one.state != "due"])
    assert claimed_ >= 1
    assert len(office.post.parcels) == claimed_
    assert set(office.states().values()) <= {"sent", "due"}


async def test_what_was_accepted_is_noted_when_the_database_can_be_used_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storj_monitor.schedules.attempts._AGAIN_SECONDS", 0.01)
    left = iter(range(3))
    failed = fails(monkeypatch, DeliveryWriter, "note_sent", lambda: next(left, None) is not None)
    office.schedule(recipients=[ANN])
    async with office.work() as work:
        [one] = await run_due(work)
    assert (one.state, len(failed)) == ("sent", 3)
    assert office.post.recipients == [ANN]


async def test_what_becomes_unknown_is_told_or_not_yet_so(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office.schedule(recipients=[ANN])
    office.clock.pass_(seconds=1)
    left = iter(range(1))
    fails(monkeypatch, StoreWriter, "note_outcome", lambda: next(left, None) is not None)
    meters = Meters()
    async with office.work(meters=meters) as work:
        await office.leave_half_sent(work)
        with pytest.raises(OperatorError, match=LOCKED):
            await claimed(work)
        assert office.states() == {ANN: "claimed"}
        assert await claimed(work) is None
    assert office.states() == {ANN: "maybe_sent"}
    assert office.failing() == {f"Mondays to {ANN}": 3}
    assert capsys.readouterr().err.count("delivery.maybe_sent") == 1


async def test_how_it_ended_is_noted_with_what_is_told_of_it_or_not_at_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storj_monitor.schedules.attempts._AGAIN_SECONDS", 0.01)
    states: list[str] = []

    def is_first() -> bool:
        states.append(office.states()[ANN])
        return len(states) == 1

    fails(monkeypatch, StoreWriter, "note_outcome", is_first)
    office.schedule(recipients=[ANN])
    async with office.work() as work:
        await run_due(work)
    assert (states, office.states()) == (["claimed", "claimed"], {ANN: "sent"})


async def test_the_time_goes_on_where_that_of_exports_is_fixed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772619072")
    before = datetime.now(UTC)
    host = cast("PluginHost", Host(office.catalogue))
    async with at_work(office.settings, host, office.store) as work:
        assert before <= work.now() <= datetime.now(UTC)
