"""Runs: each period reaches each recipient once, and what doesn't arrive is known."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace as changed

from storj_monitor.plugin import DeliveryError, UncertainDelivery
from storj_monitor.schedules.runs import run_due
from tests.exports.offers import format_, source
from tests.schedules.offices import ANN, BOB, SECRET, due, named

if TYPE_CHECKING:
    from tests.schedules.offices import Office


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
    assert {one.error for one in office.rows()} == {None, "there is nothing to tell"}
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


async def test_settings_of_a_channel_that_can_not_be_used_are_tried_again(office: Office) -> None:
    office.schedule(recipients=[ANN])
    office.settings = changed(office.settings, channels={"post": {"sekret": "x"}})
    [one] = await due(office)
    assert one.state == "due"
    assert (
        one.error
        == "unknown key 'sekret' under [channels.post]. Did you mean 'secret'? It has secret."
    )


async def test_run_due_sends_where_no_server_follows_schedules(office: Office) -> None:
    office.set(enabled=False)
    office.schedule()
    assert {one.state for one in await due(office)} == {"sent"}
