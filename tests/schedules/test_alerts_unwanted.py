"""Messages of alerts that wait, and whose recipient or channel the settings no longer name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.plugin import DeliveryError
from storj_monitor.schedules.runs import resend
from tests.schedules.offices import ANN, BOB
from tests.schedules.test_alerting import Watched

if TYPE_CHECKING:
    from storj_monitor.store import Store

#: Half an hour before the quiet hours.
EVENING = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)


@pytest.fixture
async def office(store: Store) -> Watched:
    office = Watched(store)
    office.clock.now = EVENING
    send(office)
    assert await office.look() == []
    return office


def send(office: Watched, **changes: Any) -> None:
    office.send(**{"recipients": (ANN, BOB), "quiet": "22:00-07:00", **changes})


@pytest.mark.parametrize(
    "changes", [{"recipients": (ANN,)}, {"channel": ""}, {"channel": "another"}]
)
async def test_the_digest_of_the_quiet_hours_is_for_whom_the_settings_name_when_it_is_sent(
    office: Watched, changes: dict[str, Any]
) -> None:
    office.clock.pass_(hours=2)
    office.raise_()
    assert await office.look(seconds=1) == []
    send(office, **changes)
    told = await office.look(hours=9)
    assert told == (["Alerts: 1 raised, 0 resolved"] if "recipients" in changes else [])
    assert BOB not in office.post.recipients
    digests = {row.recipient: row for row in office.rows() if row.edition == "digest"}
    assert (digests[BOB].state, digests[BOB].error) == (
        "skipped",
        "[alerts.send] in the settings no longer names this recipient",
    )
    assert office.failing() == {}


async def test_what_is_to_be_tried_again_is_given_up_likewise(office: Watched) -> None:
    office.clock.pass_(seconds=1)
    office.raise_()
    office.post.answers[BOB] = DeliveryError("busy", retryable=True)
    assert await office.look(seconds=1) == ["Warning: About disk_space"]
    office.post.answers.clear()
    send(office, recipients=(ANN,), quiet="")
    assert await office.look(minutes=10) == []
    assert office.states() == {ANN: "sent", BOB: "skipped"}


async def test_what_a_person_wants_sent_again_is_sent_nevertheless(office: Watched) -> None:
    office.clock.pass_(seconds=1)
    office.raise_()
    office.post.answers[BOB] = DeliveryError("no such mailbox", retryable=False)
    await office.look(seconds=1)
    office.post.answers.clear()
    send(office, recipients=(ANN,))
    [failed] = [row for row in office.rows() if row.state == "failed"]
    async with office.work() as work:
        again = await resend(work, failed.id)
    assert again.state == "sent"
    assert office.post.recipients == [ANN, BOB]
