"""What a person has sent: now, as a test, or again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import Problem
from storj_monitor.plugin import DeliveryError, UncertainDelivery
from storj_monitor.schedules.runs import add_resend, resend, run_due, run_now, send_test
from tests.schedules.offices import ANN, BOB

if TYPE_CHECKING:
    from tests.schedules.offices import Office


async def test_sending_now_covers_what_the_timer_would_and_the_timer_leaves_it(
    office: Office,
) -> None:
    office.clock.pass_(days=-1, hours=20)  # Monday, two o'clock
    id_ = office.schedule(recipients=[ANN])
    async with office.work() as work:
        [one] = await run_now(work, id_)
        assert (one.state, one.edition, one.late) == ("sent", "", False)
        assert one.subject_line == "Things: 16 to 22 Nov 2026"
        office.clock.pass_(hours=5)
        assert await run_due(work) == []
        with pytest.raises(Problem, match="'Mondays' has dealt with 2026-W47 already") as refused:
            await run_now(work, id_)
        assert refused.value.hint == "Ask for it with again, to have it sent once more."
        [again] = await run_now(work, id_, again=True)
        [more] = await run_now(work, id_, again=True)
    assert (again.edition, more.edition) == ("again-1", "again-2")
    assert len({parcel.idempotency_key for parcel in office.post.parcels}) == 3
    assert "asked for again" in office.post.parcels[-1].text


async def test_a_test_says_so_counts_as_no_run_and_is_tried_once(office: Office) -> None:
    id_ = office.schedule()
    async with office.work() as work:
        [one] = await send_test(work, id_, "eve@example.org")
        assert one.edition.startswith("test-")
        [parcel] = office.post.parcels
        assert parcel.subject == "Test: Things: 16 to 22 Nov 2026"
        assert "This is a test." in parcel.text
        office.post.answers["eve@example.org"] = DeliveryError("no", retryable=True)
        [failed] = await send_test(work, id_, "eve@example.org")
        assert (failed.state, failed.error) == ("failed", "no")
        assert len(await send_test(work, id_)) == 2
        assert [one.edition for one in await run_due(work)] == ["", ""]


async def test_what_may_have_been_sent_is_sent_again_when_a_person_asks(office: Office) -> None:
    office.schedule(recipients=[ANN])
    office.post.answers[ANN] = UncertainDelivery("the line broke")
    async with office.work() as work:
        [unknown] = await run_due(work)
        office.post.answers.clear()
        office.clock.pass_(days=8)
        sent = await resend(work, unknown.id)
        assert (sent.state, sent.edition) == ("sent", "again-1")
        assert sent.subject_line == unknown.subject_line
        assert work.store.delivery(unknown.id) == unknown
        office.post.answers[ANN] = DeliveryError("later", retryable=True)
        assert (await resend(work, unknown.id)).state == "due"
        with pytest.raises(Problem, match="it still waits or is being sent"):
            await resend(work, unknown.id)


async def test_a_test_that_is_sent_again_is_a_test(office: Office) -> None:
    id_ = office.schedule(recipients=[ANN], skip_empty=True)
    office.post.answers[ANN] = DeliveryError("no", retryable=True)
    async with office.work() as work:
        [failed] = await send_test(work, id_)
        assert (await resend(work, failed.id)).state == "failed"  # a test is tried once
        office.post.answers.clear()
        sent = await resend(work, failed.id)
        assert sent.edition.startswith("test-")
        assert sent.edition != failed.edition
        assert (sent.state, sent.subject_line) == ("sent", "Test: Things: 16 to 22 Nov 2026")
        assert "This is a test." in office.post.parcels[0].text
        assert [one.edition for one in await run_due(work)] == [""]


async def test_a_test_that_is_being_sent_again_is_not_sent_a_third_time(office: Office) -> None:
    id_ = office.schedule(recipients=[ANN])
    async with office.work() as work:
        [had] = await send_test(work, id_)
        await add_resend(work, had.id)
        with pytest.raises(Problem, match="it still waits or is being sent"):
            await resend(work, had.id)


async def test_what_is_gone_can_not_be_sent(office: Office) -> None:
    id_ = office.schedule(recipients=[ANN])
    async with office.work() as work:
        [one] = await run_due(work)
        with work.store.writer() as writer:
            writer.schedules.remove(id_)
        for asked in (
            run_now(work, id_),
            send_test(work, id_),
            resend(work, one.id),
            resend(work, 99),
        ):
            with pytest.raises(Problem) as refused:
                await asked
            assert refused.value.code == "not_found"


async def test_a_person_has_sent_what_is_turned_off_also_at_the_second_attempt(
    office: Office,
) -> None:
    id_ = office.schedule(recipients=[ANN], enabled=False)
    office.post.answers[ANN] = DeliveryError("busy", retryable=True)
    async with office.work() as work:
        [one] = await run_now(work, id_)
        assert one.state == "due"
        office.post.answers.clear()
        office.clock.pass_(minutes=5)
        [one] = await run_due(work)
    assert one.state == "sent"


async def test_who_was_mended_gets_the_period_and_nobody_else_again(office: Office) -> None:
    typo, eve = "bbo@example.org", "eve@example.org"
    id_ = office.schedule(recipients=[ANN, typo])
    office.post.answers[typo] = DeliveryError("no such mailbox", retryable=False)
    async with office.work() as work:
        await run_due(work)
        with pytest.raises(Problem, match="already"):
            await run_now(work, id_)
        office.readdress(id_, ANN, BOB, eve)
        done = await run_now(work, id_)
        assert [(one.recipient, one.edition, one.state) for one in done] == [
            (BOB, "", "sent"),
            (eve, "", "sent"),
        ]
        with pytest.raises(Problem, match="already"):
            await run_now(work, id_)
        office.clock.pass_(hours=1)
        assert await run_due(work) == []
    assert office.post.recipients == [ANN, BOB, eve]


async def test_a_test_goes_to_whom_is_named_as_shown(office: Office) -> None:
    id_ = office.schedule(recipients=["hooks.example.org/S3CRET", ANN])
    async with office.work() as work:
        await send_test(work, id_, "hooks.example.org")
    assert office.post.recipients == ["hooks.example.org/S3CRET"]
