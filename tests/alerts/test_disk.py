from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.alerts.world import ATTIC, NAS, ago

if TYPE_CHECKING:
    from tests.alerts.world import World

TB = 10**12


def say(world: World, at: int, used: int | None, **said: Any) -> None:
    row = {"node_id": ATTIC, "origin": "api", "allocated_bytes": 10 * TB} | said
    world.put("storage", slot_at=at - at % 300_000_000, at=at, used_bytes=used, **row)


def grow(world: World, points: int, days: float, daily: int, last: int = 5 * TB) -> None:
    """Say so many times in as many days before now that it grew by so much a day."""
    for point in range(points):
        before = days * point / (points - 1)
        say(world, ago(days=before), int(last - daily * before))


@pytest.mark.parametrize(
    ("used", "severity"),
    [
        (7_999_999_999_999, None),
        (8 * TB, "warning"),
        (9_499_999_999_999, "warning"),
        (9_500_000_000_000, "critical"),
    ],
)
def test_a_disk_that_is_nearly_full_is_an_alert(
    world: World, used: int, severity: str | None
) -> None:
    say(world, ago(minutes=5), used)
    assert world.severity("disk_space") == severity


def test_the_message_says_how_much_of_what_is_used(world: World) -> None:
    say(world, ago(minutes=5), 8_250_000_000_000)
    [alert] = world.look()
    assert (alert["satellite_id"], alert["value"], alert["threshold"]) == (0, 0.825, 0.8)
    assert alert["message"] == (
        "attic uses 8.25 TB of 10.00 TB (82.50 %). A full node takes no uploads, and earns only "
        "from what it has. Allocate more, or add a node."
    )


def test_more_than_allocated_is_critical_however_little(world: World) -> None:
    say(world, ago(minutes=5), 5 * TB, overused_bytes=10**9)
    [alert] = world.look()
    assert alert["severity"] == "critical"
    assert "attic uses 1.00 GB more than the 10.00 TB it is allocated" in alert["message"]
    say(world, ago(minutes=1), 5 * TB, overused_bytes=0)
    assert world.look() == []


def test_what_the_log_says_is_no_ratio_and_hides_none(world: World) -> None:
    say(world, ago(minutes=20), 9 * TB)
    say(world, ago(minutes=1), None, origin="log", allocated_bytes=None, free_bytes=9 * TB)
    assert world.severity("disk_space") == "warning"


def test_nothing_is_known_of_a_node_without_allocation_or_of_long_ago(world: World) -> None:
    say(world, ago(minutes=1), 9 * TB, allocated_bytes=0)
    say(world, ago(hours=25), 9 * TB, node_id=NAS)
    assert world.look() == []


def test_a_full_disk_stays_one_while_nothing_is_known(world: World) -> None:
    say(world, ago(minutes=1), 9 * TB)
    world.look()
    assert world.severity("disk_space", days=3) == "warning"


@pytest.mark.parametrize(
    ("daily", "severity"),
    [
        (165 * 10**9, None),  # 30.3 days
        (168 * 10**9, "warning"),  # 29.8 days
        (710 * 10**9, "warning"),  # 7.04 days
        (720 * 10**9, "critical"),  # 6.9 days
        (-720 * 10**9, None),
        (0, None),
    ],
)
def test_a_disk_that_grows_full_soon_is_an_alert(
    world: World, daily: int, severity: str | None
) -> None:
    grow(world, points=14, days=6.5, daily=daily)
    assert world.severity("disk_forecast") == severity


def test_the_forecast_says_when(world: World) -> None:
    grow(world, points=29, days=14, daily=250 * 10**9)
    [alert] = world.look()
    assert alert["value"] == pytest.approx(20.0)
    assert alert["threshold"] == 30.0
    assert alert["message"] == (
        "attic has 5.00 TB left and grows by 250.00 GB a day: it is full about 2026-04-09. "
        "Allocate more, or add a node."
    )


@pytest.mark.parametrize(("points", "days"), [(11, 6.0), (40, 1.9)])
def test_a_few_points_are_no_forecast(world: World, points: int, days: float) -> None:
    grow(world, points=points, days=days, daily=TB // 2)
    assert world.look() == []


def test_only_the_last_two_weeks_count(world: World) -> None:
    grow(world, points=29, days=14, daily=10**9)
    for day in range(15, 30):
        say(world, ago(days=day), 0)
    assert world.look() == []


def test_a_forecast_is_over_when_the_disk_is_full_or_shrinks(world: World) -> None:
    grow(world, points=14, days=7, daily=TB // 2)
    assert world.severity("disk_forecast") == "warning"
    say(world, ago(), 10 * TB, free_bytes=0)
    assert [row["type"] for row in world.look()] == ["disk_space"]


def test_what_is_left_is_what_the_node_says_is_free(world: World) -> None:
    grow(world, points=14, days=7, daily=10**11)
    assert world.severity("disk_forecast") is None
    say(world, ago(), 5 * TB, free_bytes=TB // 2)
    assert world.severity("disk_forecast") == "critical"
