from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.alerts.world import ago

if TYPE_CHECKING:
    from tests.alerts.world import World


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


@pytest.mark.parametrize(
    ("failures", "hours", "severity"),
    [(0, 1, None), (2, 1, None), (3, 1, "warning"), (9, 24, "warning"), (9, 24.1, None)],
)
@pytest.mark.parametrize("kind", ["export", "delivery"])
def test_what_fails_again_and_again_is_an_alert(
    world: World, failures: int, hours: float, severity: str | None, kind: str
) -> None:
    end(world, failures, kind, hours=hours)
    type_ = {"export": "exports_failing", "delivery": "deliveries_failing"}[kind]
    assert world.severity(type_) == severity
    assert len(world.look()) == (severity is not None)


def test_there_is_one_alert_for_all_that_names_each(world: World) -> None:
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


def test_of_deliveries_no_recipient_is_named_nor_what_a_mail_server_says(world: World) -> None:
    end(world, 3, "delivery", subject="Mondays to ann@example.org", hours=2)
    end(world, 3, "delivery", subject="Mondays to Bob to be <bob@example.org>")
    [alert] = world.look()
    assert alert["message"] == (
        "Deliveries fail again and again: Mondays. The last, 2026-03-20 11:30 UTC. "
        "`storj-monitor schedule deliveries` says to whom, and why."
    )


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
