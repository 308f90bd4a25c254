"""Runs: each period reaches each recipient once, and what doesn't arrive is known."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace as changed

from storj_monitor.errors import Problem
from storj_monitor.plugin import DeliveryError, UncertainDelivery
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.planning import plan
from storj_monitor.schedules.runs import (
    add_resend,
    add_test,
    resend,
    run_due,
    run_now,
    send,
    send_test,
)
from storj_monitor.schedules.shifts import claimed
from tests.exports.offers import ROWS, format_, source
from tests.schedules.offices import (
    ANN,
    BOB,
    DUE,
    PATIENCE_SECONDS,
    SECRET,
    Office,
    named,
    until,
)

if TYPE_CHECKING:
    from storj_monitor.plugin import Parcel
    from storj_monitor.store import Delivery, Store


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


async def due(office: Office, **changes: Any) -> list[Delivery]:
    async with office.work(**changes) as work:
        return await run_due(work)


async def test_what_is_due_is_sent_to_each_recipient_once(office: Office) -> None:
    office.schedule()
    done = await due(office)
    assert [(one.recipient, one.state, one.attempts) for one in done] == [
        (ANN, "sent", 1),
        (BOB, "sent", 1),
    ]
    assert office.post.recipients == [ANN, BOB]
    assert (
        office.post.contents[0]
        == office.post.contents[1]
        == b"node|count\nn1|1\n=n2|-2\nNone|None\n"
    )
    assert done[0].subject_line == office.post.parcels[0].subject == "Things: 16 to 22 Nov 2026"
    assert (done[0].file_name, done[0].rows) == ("things_all_2026-11-16_2026-11-22.csv", 3)
    assert await due(office) == []
    office.clock.pass_(hours=5)
    assert await due(office) == []
    assert len(office.post.parcels) == 2


async def test_a_period_is_rendered_once_for_all_recipients_and_for_retries(office: Office) -> None:
    office.schedule()
    office.post.answers[BOB] = DeliveryError("later", retryable=True)
    async with office.work() as work:
        await run_due(work)
        office.post.answers.clear()
        office.clock.pass_(minutes=2)
        await run_due(work)
    assert office.post.recipients == [ANN, BOB]
    audit = office.store.exports()
    assert [entry.who for entry in audit] == ["schedule Mondays"]
    assert len({one.file_id for one in office.rows()}) == 1


async def test_a_file_that_vanished_is_rendered_again(office: Office) -> None:
    office.schedule()
    office.post.answers[BOB] = DeliveryError("later", retryable=True)
    async with office.work() as work:
        await run_due(work)
        [sent] = [one for one in office.rows() if one.state == "sent"]
        work.runner.spool.remove(str(sent.file_id))
        office.post.answers.clear()
        office.clock.pass_(minutes=2)
        await run_due(work)
    assert office.states() == {ANN: "sent", BOB: "sent"}
    assert office.post.contents[0] == office.post.contents[1]


async def test_one_bad_recipient_holds_up_nobody_and_is_tried_again_alone(office: Office) -> None:
    office.schedule()
    office.schedule(name="Others", recipients=["eve@example.org"])
    office.post.answers[ANN] = DeliveryError("mailbox is full", retryable=True)
    await due(office)
    assert office.post.recipients == [BOB, "eve@example.org"]
    [waiting] = [one for one in office.rows() if one.recipient == ANN]
    assert (waiting.state, waiting.error, waiting.sending_at) == ("due", "mailbox is full", None)
    assert await due(office) == []
    office.post.answers.clear()
    office.clock.pass_(minutes=2)
    [sent] = await due(office)
    assert (sent.recipient, sent.state, sent.attempts, sent.error) == (ANN, "sent", 2, None)
    assert office.post.recipients == [ANN, BOB, "eve@example.org"]


async def test_pauses_double_and_after_the_last_attempt_it_has_failed(office: Office) -> None:
    office.set(attempts=3)
    office.schedule(recipients=[ANN])
    office.post.answers[ANN] = DeliveryError("no", retryable=True)
    pauses = []
    for _ in range(2):
        [one] = await due(office)
        pauses.append(one.next_attempt_at / 1e6 - office.clock().timestamp())
        office.clock.pass_(seconds=pauses[-1])
    assert 48 <= pauses[0] <= 72
    assert 96 <= pauses[1] <= 144
    [one] = await due(office)
    assert (one.state, one.error, one.attempts) == ("failed", "no", 3)
    office.clock.pass_(hours=10)
    assert await due(office) == []


async def test_it_is_not_tried_again_before_the_other_side_asked_for(office: Office) -> None:
    office.schedule(recipients=[ANN])
    office.post.answers[ANN] = DeliveryError("busy", retryable=True, retry_after=3_000)
    [one] = await due(office)
    assert one.next_attempt_at / 1e6 - office.clock().timestamp() == 3_000
    office.post.answers[ANN] = DeliveryError("busy", retryable=True, retry_after=10_000_000)
    office.clock.pass_(seconds=3_000)
    [one] = await due(office)
    assert one.next_attempt_at / 1e6 - office.clock().timestamp() == 21_600


async def test_what_is_refused_for_good_is_not_tried_again_and_raises_the_alert(
    office: Office,
) -> None:
    office.schedule()
    office.post.answers[ANN] = DeliveryError("no such mailbox", retryable=False)
    await due(office)
    assert office.states() == {ANN: "failed", BOB: "sent"}
    assert office.failing() == {f"Mondays to {ANN}": 3}
    office.clock.pass_(days=7)
    await due(office)
    assert office.post.recipients == [BOB, BOB]


@pytest.mark.parametrize(
    "error", [UncertainDelivery("the line broke"), RuntimeError(SECRET), SystemExit(1)]
)
async def test_what_nobody_can_know_is_maybe_sent_and_never_sent_again_by_itself(
    office: Office, error: BaseException
) -> None:
    office.schedule(recipients=[ANN])
    office.post.answers[ANN] = error
    [one] = await due(office)
    assert one.state == "maybe_sent"
    assert one.subject_line == "Things: 16 to 22 Nov 2026"
    assert SECRET not in str(one.error)
    office.post.answers.clear()
    office.clock.pass_(days=1)
    assert await due(office) == []
    assert office.failing() == {f"Mondays to {ANN}": 3}


async def test_a_channel_that_takes_too_long_is_stopped_and_nobody_knows(office: Office) -> None:
    office.set(send_seconds=0.01)
    office.schedule(recipients=[ANN])
    office.post.before = lambda _: asyncio.sleep(30)
    [one] = await due(office)
    assert (one.state, one.error) == (
        "maybe_sent",
        "channel 'post' took longer than 0.01 seconds and was stopped",
    )


async def test_without_rows_nothing_is_sent_if_the_schedule_says_so(office: Office) -> None:
    office.offered = {"sources": named([source(rows=lambda *_: [])])}
    office.schedule(skip_empty=True)
    office.schedule(name="All", recipients=["eve@example.org"])
    await due(office)
    assert office.states() == {ANN: "skipped", BOB: "skipped", "eve@example.org": "sent"}
    assert {one.error for one in office.rows()} == {None, "there are no rows in it"}
    assert office.failing() == {}


async def test_a_request_that_makes_no_sense_any_more_fails_in_its_words(office: Office) -> None:
    office.schedule(format="csv", recipients=[ANN])
    office.schedule(name="Fine", format="pdf", recipients=[BOB])
    office.offered = {"formats": named([format_("pdf")])}
    await due(office)
    assert office.states() == {ANN: "failed", BOB: "sent"}
    [failed] = [one for one in office.rows() if one.state == "failed"]
    assert failed.error == "unknown format 'csv'. Installed: pdf."
    assert office.failing() == {f"Mondays to {ANN}": 3}
    office.offered = {}
    office.clock.pass_(days=7)
    await due(office)
    assert office.post.recipients == [ANN, BOB, BOB]


async def test_an_export_that_fails_is_tried_again(office: Office) -> None:
    def broken(*_: Any) -> list[Any]:
        raise ConnectionError

    office.schedule(recipients=[ANN])
    office.offered = {"sources": named([source(rows=broken)])}
    [one] = await due(office)
    assert one.state == "due"
    assert str(one.error).startswith("source 'things' failed: ConnectionError")
    office.offered = {}
    office.clock.pass_(minutes=2)
    [one] = await due(office)
    assert one.state == "sent"


async def test_a_file_that_is_too_large_is_packed_and_the_text_says_so(office: Office) -> None:
    office.offered = {"sources": named([source(rows=lambda *_: ROWS * 500)])}
    office.post.limit = 1_000
    office.schedule(recipients=[ANN])
    [one] = await due(office)
    assert one.file_name == "things_all_2026-11-16_2026-11-22.csv.gz"
    [parcel] = office.post.parcels
    assert parcel.attachments[0].media_type == "application/gzip"
    assert len(gzip.decompress(office.post.contents[0])) == one.bytes
    assert "larger than the 1.00 kB that can be sent here, so it is packed" in parcel.text
    assert "so it is packed" in parcel.html


async def test_a_file_that_is_too_large_even_packed_becomes_a_link_that_ends(
    office: Office,
) -> None:
    office.post.limit = 30
    office.set_public("https://storj.example.org/monitor/")
    office.schedule(recipients=[ANN])
    [one] = await due(office)
    [parcel] = office.post.parcels
    assert parcel.attachments == ()
    [link] = parcel.links
    where = urlsplit(link)
    assert link.startswith(f"https://storj.example.org/monitor/api/files/{one.file_id}?expires=")
    assert one.link_until == int(parse_qs(where.query)["expires"][0]) * 1_000_000
    assert one.link_until / 1e6 == (DUE + timedelta(days=7)).timestamp()
    assert f"Download it until 2026-11-30 06:00 UTC:\n{link}" in parcel.text
    assert link.replace("&", "&amp;") in parcel.html


async def test_the_file_of_a_link_is_kept_until_it_ends(office: Office) -> None:
    office.post.limit = 0
    office.set_public("https://storj.example.org")
    office.set(link_days=20 * 366 / 20)
    office.schedule(recipients=[ANN])
    async with office.work() as work:
        [one] = await run_due(work)
        kept = work.runner.spool.kept(str(one.file_id))
        assert kept is not None
        ends = (DUE + timedelta(days=366)).timestamp() - 24 * 3600
        assert kept.data.stat().st_mtime == kept.manifest.stat().st_mtime == ends
    assert "since no files can be sent here" in office.post.parcels[0].text


async def test_without_a_link_what_is_too_large_fails_and_says_what_to_do(office: Office) -> None:
    office.post.limit = 30
    office.schedule(recipients=[ANN])
    [one] = await due(office)
    assert one.state == "failed"
    assert one.error is not None
    assert "set public_url under [web] in the settings" in one.error


async def test_a_channel_that_takes_no_files_needs_a_link(office: Office) -> None:
    office.post.limit = 0
    office.schedule(recipients=["hooks.example.org/T0/SECRETKEY"])
    [one] = await due(office)
    assert (one.state, one.error) == (
        "failed",
        (
            "hooks.example.org takes no files, and no link to them can be sent. Set public_url "
            "under [web] in the settings, so that it gets a link."
        ),
    )


async def test_what_is_made_late_says_so_in_subject_and_text(office: Office) -> None:
    office.schedule(recipients=[ANN], timezone="Europe/Berlin")
    office.clock.pass_(hours=3)
    [one] = await due(office)
    assert one.late
    [parcel] = office.post.parcels
    assert parcel.subject == "Things: 16 to 22 Nov 2026 (late)"
    assert "This is late: it was due 2026-11-23 06:00 CET." in parcel.text
    assert "16 to 22 Nov 2026 (Europe/Berlin)" in parcel.text


async def test_the_figures_of_a_report_stand_in_the_message(office: Office) -> None:
    office.schedule(source=None, report="tally", format="pdf", recipients=[ANN])
    await due(office)
    [parcel] = office.post.parcels
    assert "Count: 3\n" in parcel.text
    assert "<strong>3</strong>" in parcel.html


async def test_each_parcel_has_a_key_of_its_own_that_stays_the_same(office: Office) -> None:
    keys: list[str] = []
    office.post.before = lambda parcel: keys.append(parcel.idempotency_key)
    office.schedule()
    office.post.answers = {ANN: DeliveryError("no", retryable=True)}
    await due(office)
    office.clock.pass_(minutes=2)
    await due(office)
    assert len(keys) == 3
    assert len(set(keys)) == 2
    assert all(len(key) == 32 for key in keys)


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


async def test_settings_of_a_channel_that_can_not_be_used_are_tried_again(office: Office) -> None:
    office.schedule(recipients=[ANN])
    office.settings = changed(office.settings, channels={"post": {"sekret": "x"}})
    [one] = await due(office)
    assert one.state == "due"
    assert (
        one.error
        == "unknown key 'sekret' under [channels.post]. Did you mean 'secret'? It has secret."
    )


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


async def test_what_was_planned_in_time_and_sent_days_later_says_so(office: Office) -> None:
    office.schedule(recipients=[ANN])
    office.clock.pass_(seconds=1)
    async with office.work() as work:
        plan(work)
    office.clock.pass_(days=2)
    [one] = await due(office)
    assert one.late
    [parcel] = office.post.parcels
    assert parcel.subject == "Things: 16 to 22 Nov 2026 (late)"


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
        readdress(office, id_, ANN, BOB, eve)
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


async def test_whom_a_clock_far_ahead_dealt_with_is_not_missing(office: Office) -> None:
    id_ = office.schedule(recipients=[ANN])
    office.clock.pass_(days=98)
    async with office.work() as work:
        await run_due(work)
        office.clock.now = DUE
        await run_due(work)
        readdress(office, id_, ANN, BOB)
        office.clock.pass_(days=98)
        assert [one.recipient for one in await run_now(work, id_)] == [BOB]


def readdress(office: Office, schedule_id: int, *recipients: str) -> None:
    """Let a schedule be for others."""
    entry = office.store.schedule(schedule_id)
    assert entry
    with office.store.writer() as writer:
        changes = entry._replace(recipients=recipients)
        writer.schedules.replace(schedule_id, changes, microseconds(office.clock()))


async def test_a_test_goes_to_whom_is_named_as_shown(office: Office) -> None:
    id_ = office.schedule(recipients=["hooks.example.org/S3CRET", ANN])
    async with office.work() as work:
        await send_test(work, id_, "hooks.example.org")
    assert office.post.recipients == ["hooks.example.org/S3CRET"]


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


async def test_run_due_sends_where_no_server_follows_schedules(office: Office) -> None:
    office.set(enabled=False)
    office.schedule()
    assert {one.state for one in await due(office)} == {"sent"}
