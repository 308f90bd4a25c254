"""Runs of schedules that were changed or turned off in the meantime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin import DeliveryError
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.runs import run_due, run_now
from tests.schedules.offices import ANN, BOB, DUE, due

if TYPE_CHECKING:
    from storj_monitor.plugin import Parcel
    from tests.schedules.offices import Office


async def test_what_a_changed_schedule_no_longer_covers_is_left_out(office: Office) -> None:
    id_ = office.schedule(recipients=[ANN])
    office.post.answers[ANN] = DeliveryError("later", retryable=True)
    await due(office)
    entry = office.store.schedule(id_)
    assert entry is not None
    with office.store.writer() as writer:
        writer.schedules.replace(id_, entry._replace(period="last-month"), 1)
    office.clock.pass_(minutes=2)
    await due(office)
    [one] = [one for one in office.rows() if one.end_at - one.start_at < 8 * 86_400_000_000]
    assert one.state == "skipped"
    assert one.error == "the schedule was changed, and covers another period now"


async def test_who_is_left_out_while_it_is_being_sent_is_not_tried_again(office: Office) -> None:
    id_ = office.schedule()

    def leave_out(parcel: Parcel) -> None:
        if parcel.recipient == ANN:
            entry = office.store.schedule(id_)
            assert entry
            with office.store.writer() as writer:
                changes = entry._replace(recipients=(BOB,))
                writer.schedules.replace(id_, changes, microseconds(office.clock()))

    office.post.before = leave_out
    office.post.answers[ANN] = DeliveryError("busy", retryable=True)
    await due(office)
    office.post.answers.clear()
    office.clock.pass_(minutes=5)
    [one] = await due(office)
    assert (one.state, one.error) == ("skipped", "no longer a recipient of the schedule")
    assert office.post.recipients == [BOB]


async def test_what_is_turned_off_while_it_is_being_sent_is_not_tried_again(office: Office) -> None:
    id_ = office.schedule(recipients=[ANN])

    def turn_off(_: Parcel) -> None:
        with office.store.writer() as writer:
            writer.schedules.enable(id_, microseconds(office.clock()), enabled=False)

    office.post.before = turn_off
    office.post.answers[ANN] = DeliveryError("busy", retryable=True)
    await due(office)
    office.post.answers.clear()
    office.clock.pass_(minutes=5)
    [one] = await due(office)
    assert (one.state, one.error) == ("skipped", "the schedule was turned off")
    assert office.post.parcels == []


async def test_whom_a_clock_far_ahead_dealt_with_is_not_missing(office: Office) -> None:
    id_ = office.schedule(recipients=[ANN])
    office.clock.pass_(days=98)
    async with office.work() as work:
        await run_due(work)
        office.clock.now = DUE
        await run_due(work)
        office.readdress(id_, ANN, BOB)
        office.clock.pass_(days=98)
        assert [one.recipient for one in await run_now(work, id_)] == [BOB]
