from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.alerts.traffic import quantile
from storj_monitor.schema import BUCKETS, bucket_bounds
from tests.alerts.world import ATTIC, US1, ago

if TYPE_CHECKING:
    from tests.alerts.world import World

HOUR_US = 3_600_000_000


def count(world: World, hours: float = 1, table: str = "event_hours", **said: Any) -> None:
    at = ago(hours=hours)
    row = {"node_id": ATTIC, "satellite_id": US1, "action": "GET", "status": "success"} | said
    world.put(table, hour_at=at - at % HOUR_US, **row)


def take(world: World, bucket: int, transfers: int, **said: Any) -> None:
    count(world, table="event_hour_durations", bucket=bucket, count=transfers, **said)


def bucket_of(ms: int) -> int:
    return next(b for b in range(BUCKETS) if bucket_bounds(b)[0] <= ms < bucket_bounds(b)[1])


@pytest.mark.parametrize(
    ("ms", "severity"),
    [(4600, None), (5200, "warning"), (9300, "warning"), (10_400, "critical")],
)
def test_slow_downloads_are_an_alert(world: World, ms: int, severity: str | None) -> None:
    take(world, 3, 980)
    take(world, bucket_of(ms), 20)
    assert world.severity("latency") == severity


def test_the_slowest_hundredth_is_left_aside(world: World) -> None:
    take(world, 3, 990)
    take(world, bucket_of(60_000), 10)
    assert world.look() == []


@pytest.mark.parametrize(
    "said",
    [
        {"action": "PUT"},
        {"action": "GET_AUDIT"},
        {"status": "canceled"},
        {"hours": 7},
    ],
)
def test_only_downloads_that_succeeded_of_late_count(world: World, said: dict[str, Any]) -> None:
    take(world, bucket_of(60_000), 500, **said)
    assert world.look() == []


def test_satellites_and_hours_are_taken_together(world: World) -> None:
    take(world, bucket_of(6_000), 50)
    take(world, bucket_of(6_000), 49, satellite_id=2, hours=6, action="GET_REPAIR")
    assert world.look() == []
    take(world, bucket_of(6_000), 1, hours=2)
    [alert] = world.look()
    assert (alert["satellite_id"], alert["value"], alert["threshold"]) == (0, 6015.0, 5000.0)
    assert alert["message"] == (
        "One in a hundred downloads from attic took longer than 6.0 s in the last 6 hours. Slow "
        "nodes lose downloads to faster ones: see what else keeps the disk busy."
    )


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=200), st.floats(0.01, 1.0))
def test_a_quantile_is_within_its_bucket(durations: list[int], part: float) -> None:
    counts: dict[int, int] = {}
    for ms in durations:
        counts[bucket_of(ms)] = counts.get(bucket_of(ms), 0) + 1
    exact = sorted(durations)[max(0, -int(-part * len(durations) // 1) - 1)]
    first, after = bucket_bounds(bucket_of(exact))
    assert first <= quantile(counts, part) < after


@pytest.mark.parametrize(
    ("action", "type_", "succeeded", "severity"),
    [
        ("GET", "download_success", 850, None),
        ("GET_REPAIR", "download_success", 849, "warning"),
        ("GET", "download_success", 600, "warning"),
        ("GET", "download_success", 599, "critical"),
        ("PUT", "upload_success", 800, None),
        ("PUT_REPAIR", "upload_success", 799, "warning"),
        ("PUT", "upload_success", 500, "warning"),
        ("PUT", "upload_success", 499, "critical"),
    ],
)
def test_transfers_that_seldom_succeed_are_an_alert(
    world: World, action: str, type_: str, succeeded: int, severity: str | None
) -> None:
    count(world, action=action, count=succeeded)
    count(world, action=action, count=1000 - succeeded, status="canceled")
    assert world.severity(type_) == severity


def test_the_message_says_how_they_ended(world: World) -> None:
    count(world, count=1_500)
    count(world, count=400, status="canceled")
    count(world, count=100, status="failed", hours=24)
    count(world, count=9_999, status="failed", hours=25)
    [alert] = world.look()
    assert (alert["value"], alert["threshold"]) == (0.75, 0.85)
    assert alert["message"] == (
        "Of 2,000 downloads of attic in the last 24 hours 75.00 % succeeded (400 canceled and 100 "
        "failed): egress is lost to faster nodes. Look at the reasons of failed transfers, at the "
        "uplink and at the disk."
    )


def test_of_few_transfers_nothing_is_concluded(world: World) -> None:
    count(world, count=99, status="failed")
    assert world.look() == []
    count(world, count=100, status="failed")
    assert world.severity("download_success") == "critical"
    count(world, count=50, status="failed")
    count(world, count=10)
    assert world.severity("download_success") == "critical"


def test_rejected_uploads_and_audits_are_no_transfers_here(world: World) -> None:
    count(world, action="", status="rejected", satellite_id=0, count=5_000)
    count(world, action="GET_AUDIT", status="failed", count=5_000)
    assert world.look() == []
