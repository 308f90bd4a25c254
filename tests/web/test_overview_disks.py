"""What the overview knows of disks: how full they are, and when they will be full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.settings import AlertSettings
from storj_monitor.web.overview.reading import read
from tests.alerts.world import NOW, ago
from tests.web.overviews import TB, put_space, world_of

if TYPE_CHECKING:
    from storj_monitor.store import Store
    from storj_monitor.web.overview.figures import Disk
    from tests.alerts.world import World


@pytest.fixture
def world(store: Store) -> World:
    return world_of(store)


def disk_of(world: World) -> Disk:
    [attic] = read(world.store, AlertSettings(), NOW).of(("attic",)).nodes
    assert attic.disk
    return attic.disk


@pytest.mark.parametrize(
    ("used", "level"), [(7 * TB, "well"), (8 * TB, "look"), (95 * TB // 10, "act")]
)
def test_a_disk_is_judged_by_the_settings(world: World, used: int, level: str) -> None:
    put_space(world, ago(minutes=20), used)
    disk = disk_of(world)
    assert (disk.level, disk.free_bytes) == (level, 10 * TB - used)
    assert disk.used_ratio == used / (10 * TB)


def test_a_log_tells_free_space_alone_and_hides_nothing(world: World) -> None:
    put_space(world, ago(minutes=1), None, origin="log", allocated_bytes=None, free_bytes=TB)
    disk = disk_of(world)
    assert (disk.free_bytes, disk.used_bytes, disk.used_ratio, disk.level) == (TB, None, None, None)
    put_space(world, ago(minutes=20), 9 * TB, free_bytes=2 * TB)
    disk = disk_of(world)
    assert (disk.free_bytes, disk.used_bytes, disk.level) == (2 * TB, 9 * TB, "look")


def test_more_than_allocated_wants_an_act(world: World) -> None:
    put_space(world, ago(minutes=1), TB, overused_bytes=1)
    assert disk_of(world).level == "act"


def grow(world: World, daily: int, every_hours: float, offset_minutes: int = 0) -> None:
    hours = 0.0
    while hours <= 96:
        at = ago(hours=hours, minutes=offset_minutes)
        put_space(world, at, int(5 * TB - daily * hours / 24))
        hours += every_hours


@pytest.mark.parametrize(("every_hours", "offset_minutes"), [(0.5, 0), (6, 0), (3, 13)])
def test_a_disk_says_when_it_is_full_however_often_it_was_asked(
    world: World, every_hours: float, offset_minutes: int
) -> None:
    grow(world, 10**11, every_hours, offset_minutes)
    disk = disk_of(world)
    assert disk.outlook == "growing"
    assert disk.daily_bytes == pytest.approx(10**11, rel=1e-6)
    assert str(disk.full_on) == "2026-05-09"  # 5 TB left, a tenth of one a day


@pytest.mark.parametrize(
    ("daily", "outlook"), [(-(10**9), "steady"), (0, "steady"), (10**9, "distant")]
)
def test_a_disk_that_is_not_full_soon_has_no_day(world: World, daily: int, outlook: str) -> None:
    grow(world, daily, 6)
    disk = disk_of(world)
    assert (disk.outlook, disk.full_on) == (outlook, None)


def test_a_disk_without_room_is_full_now_and_a_new_one_is_not_foretold(world: World) -> None:
    put_space(world, ago(minutes=20), 4 * TB)
    assert disk_of(world).outlook == "unknown"
    put_space(world, ago(minutes=10), 10 * TB, free_bytes=0)
    assert disk_of(world).outlook == "full"
