"""Alerts that are sent: each once, not at night, not too many, and none that is old."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace as changed

from storj_monitor.plugin import DeliveryError
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.planning import plan
from storj_monitor.schedules.runs import resend, run_due
from storj_monitor.schedules.shifts import Shift
from storj_monitor.settings import AlertSettings, SendSettings
from storj_monitor.store import AlertChanges, Finding
from tests.schedules.offices import ANN, BOB, Office

if TYPE_CHECKING:
    from storj_monitor.store import Severity, Store

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Watched(Office):
    """An office whose alerts are sent."""

    def send(self, **send: Any) -> None:
        """Set to whom, and how."""
        fields = {"channel": "post", "recipients": (ANN,), "timezone": "Europe/Berlin", **send}
        alerts = AlertSettings(send=SendSettings(**fields))
        self.settings = changed(self.settings, alerts=alerts)

    def raise_(self, type_: str = "disk_space", severity: Severity = "warning") -> None:
        """Raise an alert, now."""
        finding = Finding(0, 0, type_, severity, f"About {type_}", f"{type_} needs a look.")
        self._change(AlertChanges(raised=[finding]))

    def resolve(self, alert_id: int = 1) -> None:
        """Resolve an alert, now."""
        self._change(AlertChanges(over=[alert_id]))

    def worsen(self, severity: Severity, alert_id: int = 1) -> None:
        """Let an alert be so severe."""
        finding = Finding(0, 0, "disk_space", severity, "About disk_space", "It is worse.")
        self._change(AlertChanges(lasting={alert_id: finding}))

    def _change(self, changes: AlertChanges) -> None:
        with self.store.writer() as writer:
            writer.update_alerts(changes, microseconds(self.clock()))

    async def look(self, **later: float) -> list[str]:
        """Let time pass, send what is due then, and return the subjects of what arrived."""
        self.clock.pass_(**later)
        before = len(self.post.parcels)
        async with self.work() as work:
            await run_due(work)
        return [parcel.subject for parcel in self.post.parcels[before:]]


@pytest.fixture
async def office(store: Store) -> Watched:
    office = Watched(store)
    office.clock.now = NOON
    office.send()
    assert await office.look() == []
    return office


async def test_an_alert_is_sent_once_when_raised_and_once_when_resolved(office: Watched) -> None:
    office.send(recipients=(ANN, BOB))
    await office.look(seconds=1)
    office.clock.pass_(seconds=1)
    office.raise_()
    assert await office.look(seconds=10) == ["Warning: About disk_space"] * 2
    assert office.post.recipients == [ANN, BOB]
    assert await office.look(seconds=10) == []
    assert "(since 2026-11-23 13:00 CET)\ndisk_space needs a look." in office.post.parcels[0].text
    office.resolve()
    assert await office.look(seconds=10) == ["Resolved: About disk_space"] * 2
    assert await office.look(days=3) == []


async def test_nothing_is_said_of_alerts_from_before_it_was_set_up(store: Store) -> None:
    office = Watched(store)
    office.clock.now = NOON
    office.raise_()
    office.clock.pass_(seconds=1)
    office.send()
    assert await office.look() == []
    office.resolve()
    office.clock.pass_(seconds=1)
    office.raise_("audit_score")
    assert await office.look(hours=1) == ["Warning: About audit_score"]


async def test_what_is_less_severe_is_sent_when_it_becomes_worse(office: Watched) -> None:
    office.send(severity="critical")
    office.clock.pass_(seconds=1)
    office.raise_()
    assert await office.look() == []
    office.worsen("critical")
    assert await office.look() == ["Critical: About disk_space"]
    office.worsen("warning")
    assert await office.look() == []
    office.resolve()
    assert await office.look() == ["Resolved: About disk_space"]


async def test_what_was_never_told_is_not_told_when_it_is_over(office: Watched) -> None:
    office.clock.pass_(seconds=1)
    office.raise_(severity="info")
    await office.look(seconds=1)
    office.resolve()
    assert await office.look(seconds=1) == []


async def test_what_happens_in_quiet_hours_is_one_message_after(office: Watched) -> None:
    office.send(quiet="22:00-07:00")
    assert await office.look(hours=10) == []  # 23:00 in Berlin
    office.raise_()
    office.raise_("audit_score", "critical")
    assert await office.look(seconds=10) == []
    office.resolve()
    assert await office.look(hours=7, minutes=50) == []
    assert await office.look(minutes=20) == ["Alerts: 2 raised, 1 resolved"]
    text = office.post.parcels[-1].text
    assert text.startswith("From 2026-11-23 22:00 to 2026-11-24 07:00 (Europe/Berlin).\n\n")
    assert "Critical: About audit_score (since 2026-11-23 23:00 CET)" in text
    assert "Resolved: About disk_space (2026-11-23 23:00 CET)" in text
    assert await office.look(hours=1) == []


async def test_more_than_so_many_an_hour_are_one_message_at_its_end(office: Watched) -> None:
    office.send(most_per_hour=2)
    office.clock.pass_(minutes=5)
    for number in range(5):
        office.raise_(f"type_{number}")
    assert len(await office.look(seconds=1)) == 2
    office.raise_("type_5")
    assert await office.look(minutes=10) == []
    assert await office.look(minutes=50) == ["Alerts: 4 raised, 0 resolved"]
    office.raise_("type_6")
    assert await office.look(minutes=10) == ["Warning: About type_6"]


async def test_an_hour_that_ends_in_the_quiet_ones_waits_for_their_end(office: Watched) -> None:
    office.send(most_per_hour=1, quiet="22:00-07:00")
    assert await office.look(hours=8, minutes=30) == []  # 21:30 in Berlin
    office.raise_()
    office.raise_("audit_score")
    assert len(await office.look(seconds=10)) == 1
    assert await office.look(hours=9, minutes=29) == []
    assert await office.look(seconds=50) == ["Alerts: 1 raised, 0 resolved"]


async def test_what_is_held_while_another_server_sends_the_digest_is_told_after_it(
    office: Watched,
) -> None:
    office.send(quiet="22:00-07:00")
    assert await office.look(hours=17, minutes=59) == []  # 06:59 in Berlin
    office.raise_()
    assert await office.look(seconds=50) == []
    office.raise_("audit_score")

    def meanwhile(step: str) -> None:
        """Let another server send what is ready, just before what is held is written."""
        if step == "before planning":
            office.clock.pass_(seconds=10)
            asyncio.run(other())

    async def other() -> None:
        async with office.work() as work:
            await Shift(work).work_off()

    async with office.work(at_step=meanwhile) as work:
        await asyncio.to_thread(plan, work)
    assert [one.subject for one in office.post.parcels] == ["Alerts: 1 raised, 0 resolved"]
    assert await office.look(seconds=10) == ["Warning: About audit_score"]
    assert await office.look(days=3) == []


async def test_two_servers_whose_clocks_differ_a_little_lose_nothing_at_the_end_of_quiet_hours(
    office: Watched,
) -> None:
    office.send(quiet="22:00-07:00")
    assert await office.look(hours=17, minutes=59) == []
    office.raise_()
    assert await office.look(seconds=50) == []
    # One whose clock is 15 seconds ahead sends the digest, while for others it is quiet.
    assert await office.look(seconds=15) == ["Alerts: 1 raised, 0 resolved"]
    office.clock.pass_(seconds=-10)
    office.raise_("audit_score")
    assert await office.look() == []
    assert await office.look(seconds=10) == ["Warning: About audit_score"]


async def test_the_daily_digest_tells_what_was_new_and_what_is_open(office: Watched) -> None:
    office.send(digest="daily 08:00")
    office.clock.pass_(seconds=1)
    office.raise_()
    office.raise_("audit_score")
    assert len(await office.look(seconds=1)) == 2
    office.resolve()
    assert len(await office.look(hours=1)) == 1
    assert await office.look(hours=19) == ["Alerts: 2 raised, 1 resolved, 1 open"]
    assert "Open:\n\nWarning: About audit_score" in office.post.parcels[-1].text
    assert await office.look(hours=20) == []
    assert await office.look(hours=4) == ["Alerts: 0 raised, 0 resolved, 1 open"]
    office.resolve(2)
    assert await office.look(minutes=1) == ["Resolved: About audit_score"]
    assert await office.look(days=1) == ["Alerts: 0 raised, 1 resolved, 0 open"]
    assert await office.look(days=1) == []


async def test_a_notice_that_is_refused_for_now_is_tried_again(office: Watched) -> None:
    office.clock.pass_(seconds=1)
    office.raise_()
    office.post.answers[ANN] = DeliveryError("no", retryable=True)
    assert await office.look() == []
    office.post.answers.clear()
    assert await office.look(minutes=2) == ["Warning: About disk_space"]


async def test_a_notice_that_is_to_be_tried_again_in_quiet_hours_waits_for_their_end(
    office: Watched,
) -> None:
    office.send(quiet="22:00-07:00")
    assert await office.look(hours=8, minutes=59, seconds=50) == []  # 21:59:50 in Berlin
    office.raise_(severity="critical")
    office.post.answers[ANN] = DeliveryError("no", retryable=True)
    assert await office.look() == []
    office.post.answers.clear()
    for _ in range(9):
        assert await office.look(hours=1) == []
    [row] = [one for one in office.rows() if one.state == "due"]
    assert (row.attempts, row.error) == (1, "no")
    assert await office.look(hours=1) == ["Critical: About disk_space"]


async def test_what_was_planned_before_quiet_hours_and_not_sent_waits_too(office: Watched) -> None:
    office.send(quiet="22:00-07:00")
    office.clock.pass_(hours=8, minutes=59)
    office.raise_()
    async with office.work() as work:
        plan(work)
    assert await office.look(hours=1) == []
    assert await office.look(hours=8, minutes=2) == ["Warning: About disk_space"]


async def test_what_is_asked_for_in_quiet_hours_is_sent_in_them(office: Watched) -> None:
    office.send(quiet="22:00-07:00", digest="daily 03:00")
    office.clock.pass_(seconds=1)
    office.raise_()
    assert len(await office.look()) == 1
    assert await office.look(hours=14) == ["Alerts: 1 raised, 0 resolved, 1 open"]
    [row] = [one for one in office.rows() if one.edition == "alert-1-warning"]
    async with office.work() as work:
        again = await resend(work, row.id)
    assert again.state == "sent"
    # A digest that failed at its hour isn't meant for another night.
    office.post.answers[ANN] = DeliveryError("no", retryable=True)
    assert await office.look(days=1) == []
    assert await office.look(hours=5) == []
    office.post.answers.clear()
    assert await office.look(hours=15) == []  # 23:00 in Berlin
    assert [one.edition for one in office.rows() if one.state == "due"] == ["daily"]


async def test_a_notice_is_sent_again_when_a_person_asks(office: Watched) -> None:
    office.clock.pass_(seconds=1)
    office.raise_()
    await office.look()
    [row] = [one for one in office.rows() if one.state == "sent"]
    async with office.work() as work:
        again = await resend(work, row.id)
    assert (again.state, again.edition) == ("sent", "alert-1-warning again-1")
    assert await office.look(seconds=1) == []


async def test_a_clock_that_was_ahead_when_it_was_set_up_is_forgiven(store: Store) -> None:
    office = Watched(store)
    office.clock.now = NOON.replace(year=2030)
    office.send()
    await office.look()
    office.clock.now = NOON
    await office.look()
    office.clock.pass_(seconds=1)
    office.raise_()
    assert await office.look(seconds=1) == ["Warning: About disk_space"]
