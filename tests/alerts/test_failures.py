from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.alerts.recipients import outcome_subject
from storj_monitor.settings import AlertSettings, SendSettings
from tests.alerts.world import ago

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.alerts.world import World

ANN, BOB = "ann@example.org", "bob@example.org"


def end(
    world: World,
    failures: int,
    kind: str = "export",
    subject: str = "events as csv",
    hours: float = 1,
) -> None:
    error = "the disk is full." if failures else None
    at = ago(hours=hours)
    world.put("outcomes", kind=kind, subject=subject, at=at, failures=failures, error=error)


def schedule(
    world: World, id_: int, name: str, recipients: Sequence[str] = (ANN,), **values: object
) -> None:
    row = {"kind": "report", "subject": "daily_summary", "format": "pdf", "rule": "daily 06:00"}
    row |= {"nodes": "[]", "words": "{}", "timezone": "UTC", "period": "yesterday"}
    times = dict.fromkeys(("created_at", "changed_at", "since_at"), ago(days=90))
    decided: dict[str, object] = {"channel": "email", "skip_empty": 0, "enabled": 1}
    sent_to = json.dumps(list(recipients))
    world.put(
        "schedules", id=id_, name=name, recipients=sent_to, **row, **times, **decided | values
    )


def undelivered(
    world: World, schedule_id: int, recipient: str, failures: int = 3, hours: float = 1
) -> None:
    subject = outcome_subject(schedule_id, "email", recipient)
    end(world, failures, "delivery", subject, hours)


@pytest.mark.parametrize(
    ("failures", "hours", "severity"),
    [(0, 1, None), (2, 1, None), (3, 1, "warning"), (9, 24, "warning"), (9, 24.1, None)],
)
def test_exports_that_fail_again_and_again_are_an_alert(
    world: World, failures: int, hours: float, severity: str | None
) -> None:
    end(world, failures, hours=hours)
    assert world.severity("exports_failing") == severity
    assert len(world.look()) == (severity is not None)


def test_there_is_one_alert_for_all_exports_that_names_each(world: World) -> None:
    end(world, 3, subject="traffic as pdf", hours=2)
    end(world, 5)
    end(world, 1, subject="storage as xlsx")
    [alert] = world.look()
    assert (alert["node_id"], alert["satellite_id"]) == (0, 0)
    assert (alert["value"], alert["threshold"]) == (5.0, 3.0)
    assert alert["message"] == (
        "Exports fail again and again: events as csv, traffic as pdf. The last, 2026-03-20 11:30 "
        "UTC: the disk is full. The log has the details."
    )


@pytest.mark.parametrize("hours", [1, 24 * 30])
@pytest.mark.parametrize(("failures", "severity"), [(0, None), (2, None), (3, "warning")])
def test_deliveries_of_a_schedule_that_fail_are_an_alert_however_long_ago(
    world: World, failures: int, severity: str | None, hours: float
) -> None:
    schedule(world, 3, "Mondays")
    undelivered(world, 3, ANN, failures, hours=hours)
    assert world.severity("deliveries_failing:3") == severity
    assert len(world.look()) == (severity is not None)


def test_of_deliveries_no_recipient_is_named_nor_what_a_mail_server_says(world: World) -> None:
    schedule(world, 3, "Letters to Bob", [ANN, BOB])
    undelivered(world, 3, ANN, hours=2)
    undelivered(world, 3, BOB, failures=5)
    [alert] = world.look()
    assert alert["title"] == "Deliveries of Letters to Bob fail"
    assert alert["message"] == (
        "Deliveries of Letters to Bob fail, the last 2026-03-20 11:30 UTC. "
        "`storj-monitor schedule deliveries` says to whom, and why."
    )
    assert (alert["value"], alert["threshold"]) == (5.0, 3.0)


def test_each_schedule_that_fails_has_an_alert_of_its_own(world: World) -> None:
    for id_, name in ((3, "Mondays"), (4, "Months")):
        schedule(world, id_, name)
    undelivered(world, 3, ANN)
    [first] = world.look()
    undelivered(world, 4, ANN)
    assert [(one["id"], one["type"]) for one in world.look()] == [
        (first["id"], "deliveries_failing:3"),
        (first["id"] + 1, "deliveries_failing:4"),
    ]
    undelivered(world, 3, ANN, failures=0)
    assert [one["type"] for one in world.look()] == ["deliveries_failing:4"]


def test_who_gets_it_mends_nothing_for_who_does_not(world: World) -> None:
    schedule(world, 3, "Mondays", [ANN, BOB])
    undelivered(world, 3, ANN)
    undelivered(world, 3, BOB, failures=0)
    assert world.severity("deliveries_failing:3") == "warning"


@pytest.mark.parametrize(
    "change", [{"enabled": 0}, {"recipients": [BOB]}, {"channel": "webhook"}, None]
)
def test_it_is_over_when_nothing_is_to_be_sent_there_any_more(
    world: World, change: dict[str, Any] | None
) -> None:
    schedule(world, 3, "Mondays")
    undelivered(world, 3, ANN)
    assert len(world.look()) == 1
    if change is None:
        world.empty("schedules")
    else:
        schedule(world, 3, "Mondays", **change)
    assert world.look() == []


def test_alerts_that_can_not_be_sent_are_one_too_while_the_settings_ask_for_it(
    world: World,
) -> None:
    undelivered(world, 0, ANN)
    assert world.look() == []
    world.settings = AlertSettings(send=SendSettings(channel="email", recipients=(ANN,)))
    [alert] = world.look()
    assert (alert["type"], alert["title"]) == ("deliveries_failing:0", "Deliveries of alerts fail")
    world.settings = AlertSettings(send=SendSettings(channel="email", recipients=(BOB,)))
    assert world.look() == []


def test_schedules_that_can_not_be_followed_are_an_alert_as_long_as_that_is_so(
    world: World,
) -> None:
    for name in ("Mondays", "Letters to Bob"):
        end(world, 1, "schedule", subject=name, hours=100)
    [alert] = world.look()
    assert (alert["type"], alert["severity"]) == ("schedules_failing", "warning")
    assert alert["message"] == (
        "Schedules can't be followed: Letters to Bob, Mondays. `storj-monitor schedule list` says "
        "why."
    )
    world.empty("outcomes")
    assert world.look() == []


def test_it_is_over_when_one_succeeds(world: World) -> None:
    end(world, 3)
    world.look()
    end(world, 0)
    assert world.look() == []


def test_a_long_reason_is_cut(world: World) -> None:
    lines = "line after line\n" * 100
    row = {"kind": "export", "subject": "events as csv", "at": ago(hours=1), "failures": 3}
    world.put("outcomes", **row, error=lines)
    [alert] = world.look()
    assert len(alert["message"]) < 400
    assert "\n" not in alert["message"]
