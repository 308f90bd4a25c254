from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.settings import AlertSettings
from tests.alerts.world import ATTIC, EU1, US1, ago

if TYPE_CHECKING:
    from tests.alerts.world import World


def say(world: World, at: int, *origin: str, **said: Any) -> None:
    whose = {"node_id": ATTIC, "satellite_id": US1} | said
    (origin_,) = origin or ("api",)
    world.put("reputation", at=at, origin=origin_, **whose)


@pytest.mark.parametrize(
    ("name", "score", "severity"),
    [
        ("audit", 0.995, None),
        ("audit", 0.9949, "warning"),
        ("audit", 0.98, "warning"),
        ("audit", 0.9799, "critical"),
        ("suspension", 0.95, None),
        ("suspension", 0.9499, "warning"),
        ("suspension", 0.70, "warning"),
        ("suspension", 0.6999, "critical"),
        ("online", 0.95, None),
        ("online", 0.9499, "warning"),
        ("online", 0.70, "warning"),
        ("online", 0.6999, "critical"),
    ],
)
def test_a_score_below_its_threshold_is_an_alert(
    world: World, name: str, score: float, severity: str | None
) -> None:
    say(world, ago(hours=1), **{f"{name}_score": score})
    assert world.severity(f"{name}_score") == severity


def test_an_alert_names_the_node_the_satellite_and_the_value(world: World) -> None:
    say(world, ago(hours=2), audit_score=0.99)
    [alert] = world.look()
    assert (alert["node_id"], alert["satellite_id"]) == (ATTIC, US1)
    assert (alert["value"], alert["threshold"]) == (0.99, 0.995)
    assert alert["title"] == "Low audit score on us1"
    assert alert["message"] == (
        "attic's audit score on us1 is 0.9900 (2026-03-20 10:30 UTC): the node could not give it "
        "pieces that it must have; below 0.96 it is disqualified for good. Check the disk and its "
        "file system now."
    )


def test_each_satellite_has_an_alert_of_its_own(world: World) -> None:
    say(world, ago(hours=1), audit_score=0.99)
    say(world, ago(hours=1), audit_score=0.97, satellite_id=EU1)
    assert [(row["satellite_id"], row["severity"]) for row in world.look()] == [
        (US1, "warning"),
        (EU1, "critical"),
    ]


@pytest.mark.parametrize("origin", ["api", "log"])
def test_what_was_said_last_counts_whoever_said_it(world: World, origin: str) -> None:
    say(world, ago(hours=1), origin, online_score=0.5)
    say(world, ago(hours=2), "log", online_score=1.0)
    assert world.severity("online_score") == "critical"
    say(world, ago(minutes=1), "log", online_score=1.0)
    assert world.severity("online_score") is None


def test_an_old_score_tells_nothing_and_resolves_nothing(world: World) -> None:
    say(world, ago(hours=25), online_score=0.5)
    assert world.look() == []
    say(world, ago(hours=1), online_score=0.5)
    assert world.severity("online_score") == "critical"
    assert world.severity("online_score", days=30) == "critical"


def test_a_score_that_was_not_told_resolves_nothing(world: World) -> None:
    say(world, ago(hours=2), audit_score=0.9, online_score=0.5)
    world.look()
    say(world, ago(hours=1), online_score=1.0)
    assert [row["type"] for row in world.look()] == ["audit_score"]


def test_thresholds_are_settings(world: World) -> None:
    world.settings = AlertSettings(audit_warning=0.99, audit_critical=0.97)
    say(world, ago(hours=1), audit_score=0.992)
    assert world.look() == []
    say(world, ago(minutes=5), audit_score=0.98)
    assert world.severity("audit_score") == "warning"


def test_disqualification_is_critical_and_takes_the_place_of_scores(world: World) -> None:
    say(world, ago(hours=2), audit_score=0.961, suspended_at=ago(days=1))
    assert [row["type"] for row in world.look()] == ["suspended", "audit_score"]
    say(
        world, ago(hours=1), audit_score=0.95, suspended_at=ago(days=1), disqualified_at=ago(days=1)
    )
    say(world, ago(minutes=1), "log", audit_score=0.95)
    [alert] = world.look()
    assert (alert["type"], alert["severity"]) == ("disqualified", "critical")
    assert alert["message"].startswith("us1 disqualified attic on 2026-03-19 12:30 UTC, for good:")


def test_suspension_is_critical_until_the_api_says_otherwise(world: World) -> None:
    say(world, ago(hours=2), suspended_at=ago(days=1))
    [alert] = world.look()
    assert (alert["type"], alert["severity"]) == ("suspended", "critical")
    assert "us1 suspended attic on 2026-03-19 12:30 UTC: it sends it no new" in alert["message"]
    say(world, ago(hours=1), "log", suspension_score=1.0)
    assert world.severity("suspended") == "critical"
    say(world, ago(minutes=1), suspension_score=1.0)
    assert world.look() == []
