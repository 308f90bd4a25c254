"""A schedule that can't be understood is noted once, as long as that is so."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfoNotFoundError

import pytest
from msgspec.structs import replace as changed

from storj_monitor.alerts.evaluation import evaluate
from storj_monitor.schedules.planning import plan
from storj_monitor.schedules.runs import run_due
from storj_monitor.settings import AlertSettings, SendSettings
from tests.schedules.offices import ANN, BOB, Office
from tests.store.databases import rows_of, run

if TYPE_CHECKING:
    from typing import Any
    from zoneinfo import ZoneInfo

    from storj_monitor.store import Store


class Puzzled(Office):
    """An office with a schedule that it may not understand."""

    def move(self, zone: str, name: str = "Mondays") -> None:
        """Let a schedule be of a zone, known or not."""
        run(self.store.path, f"UPDATE schedules SET timezone = '{zone}' WHERE name = '{name}'")

    def noted(self) -> list[tuple[Any, ...]]:
        """Return what is noted: of which schedule, how many seconds ago, how often, and why."""
        found = rows_of(self.store.path, "SELECT subject, at, failures, error FROM outcomes")
        now_us = round(self.clock().timestamp()) * 1_000_000
        return [
            (row["subject"], (now_us - row["at"]) // 1_000_000, row["failures"], row["error"])
            for row in found
        ]

    def alerts(self) -> list[tuple[str, str | None]]:
        """Look what needs an alert; return the types of all, and whether they are over."""
        evaluate(self.store, AlertSettings(), self.clock())
        found = rows_of(self.store.path, "SELECT type, resolved_at FROM alerts ORDER BY id")
        return [(row["type"], row["resolved_at"] and "over") for row in found]


@pytest.fixture
def office(store: Store) -> Puzzled:
    office = Puzzled(store)
    office.schedule(recipients=[ANN])
    office.schedule(name="Others", recipients=[BOB])
    return office


async def rounds(office: Puzzled, count: int = 1) -> None:
    """Look so often what is due, every ten seconds."""
    async with office.work() as work:
        for _ in range(count):
            office.clock.pass_(seconds=10)
            plan(work)


async def test_it_is_noted_once_and_is_an_alert_until_it_is_mended(
    office: Puzzled, capsys: pytest.CaptureFixture[str]
) -> None:
    office.move("Europe/Atlantis")
    await rounds(office, 5)
    [(subject, ago, failures, why)] = office.noted()
    assert (subject, ago, failures) == ("Mondays", 40, 1)
    assert "Europe/Atlantis" in why
    assert capsys.readouterr().err.count("schedule.failed") == 1
    assert office.alerts() == [("schedules_failing", None)]
    office.clock.pass_(days=3)
    await rounds(office)
    assert office.alerts() == [("schedules_failing", None)]
    office.move("Europe/Berlin")
    await rounds(office)
    assert office.noted() == []
    assert office.alerts() == [("schedules_failing", "over")]


async def test_the_others_are_followed_all_the_same(office: Puzzled) -> None:
    office.move("Europe/Atlantis")
    await rounds(office)
    assert office.states() == {BOB: "due"}


async def test_another_reason_is_noted_anew_and_what_stays_so_is_not(office: Puzzled) -> None:
    office.move("Europe/Atlantis")
    office.move("Mars/Olympus", "Others")
    await rounds(office, 2)
    office.move("Europe/Avalon")
    await rounds(office, 2)
    assert sorted(one[:3] for one in office.noted()) == [("Mondays", 10, 1), ("Others", 30, 1)]
    assert any("Avalon" in one[3] for one in office.noted())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("period = 'last-fortnight'", "means nothing here"),
        ("followed_at = -1000000000000000000", "OverflowError"),
    ],
)
async def test_a_row_of_a_newer_version_is_noted_and_stops_nothing(
    office: Puzzled, change: str, said: str
) -> None:
    run(office.store.path, f"UPDATE schedules SET {change} WHERE name = 'Mondays'")
    await rounds(office)
    assert office.states() == {BOB: "due"}
    [(subject, _, _, why)] = office.noted()
    assert subject == "Mondays"
    assert said in why


async def test_what_keeps_alerts_from_being_sent_stops_no_schedule(
    office: Puzzled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(zone: str) -> ZoneInfo:
        raise ZoneInfoNotFoundError(zone)

    monkeypatch.setattr("storj_monitor.schedules.alerting.ZoneInfo", gone)
    monkeypatch.setattr("storj_monitor.schedules.alert_letters.ZoneInfo", gone)
    send = SendSettings(channel="post", recipients=(ANN,), digest="daily 08:00")
    office.settings = changed(office.settings, alerts=AlertSettings(send=send))
    await rounds(office, 2)
    assert [one[0] for one in office.noted()] == ["alerts"]
    async with office.work() as work:
        assert {one.state for one in await run_due(work)} == {"sent"}


@pytest.mark.parametrize("how", ["off", "removed", "renamed"])
async def test_it_is_over_when_the_schedule_is_off_or_gone(office: Puzzled, how: str) -> None:
    office.move("Europe/Atlantis")
    await rounds(office)
    [entry] = [one for one in office.store.schedules() if one.name == "Mondays"]
    with office.store.writer() as writer:
        if how == "off":
            writer.schedules.enable(entry.id, 1, enabled=False)
        elif how == "removed":
            writer.schedules.remove(entry.id)
        else:
            writer.schedules.replace(entry.id, entry._replace(name="New"), 1)
    await rounds(office)
    assert [one[0] for one in office.noted()] == (["New"] if how == "renamed" else [])
