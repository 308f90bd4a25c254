"""How full the disk space of each node is, and when it will be full."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from storj_monitor.alerts.disk import daily_growth
from storj_monitor.alerts.verdicts import reaching
from storj_monitor.plugin.query import moment
from storj_monitor.schema import storage
from storj_monitor.web.overview.figures import Disk, status_of
from storj_monitor.web.overview.newest import newest

if TYPE_CHECKING:
    from storj_monitor.alerts.situation import Situation
    from storj_monitor.web.overview.newest import Row

#: What is full in ten years is not looked forward to.
_DISTANT_DAYS = 3650


def disks(situation: Situation) -> dict[int, Disk]:
    """Return the disk space of each node (by id)."""
    said: dict[int, list[Row]] = defaultdict(list)
    for row in newest(situation, storage, "slot_at", ("node_id", "origin")):
        said[row["node_id"]].append(row)
    daily = daily_growth(situation) if said else {}
    return {
        node_id: _with_outlook(_disk(situation, rows), daily.get(node_id))
        for node_id, rows in said.items()
    }


def _disk(situation: Situation, rows: list[Row]) -> Disk:
    """Prefer what tells the used space: the log, which comes more often, tells free space alone."""
    whole = [row for row in rows if row["used_bytes"] is not None and row["allocated_bytes"]]
    row = max(whole or rows, key=lambda one: int(one["at"]))
    disk = Disk(
        said_at=moment(row["at"]),
        is_stale=row["slot_at"] < situation.told_since_us,
        allocated_bytes=row["allocated_bytes"],
        used_bytes=row["used_bytes"],
        free_bytes=_left(row),
        trash_bytes=row["trash_bytes"],
        level=None,
    )
    if disk.is_stale or disk.used_ratio is None:
        return disk
    warning, critical = situation.settings.disk_warning, situation.settings.disk_critical
    level = status_of(reaching(disk.used_ratio, warning, critical))
    return replace(disk, level="act" if row["overused_bytes"] else level)


def _with_outlook(disk: Disk, daily: float | None) -> Disk:
    """Say when it is full if it goes on so, counted from when its space was told."""
    left = disk.free_bytes
    if left is None or disk.is_stale:
        return disk
    if left == 0:
        return replace(disk, outlook="full")
    if daily is None:
        return disk
    disk = replace(disk, daily_bytes=round(daily))
    if daily <= 0:
        return replace(disk, outlook="steady")
    days = left / daily
    if days > _DISTANT_DAYS:
        return replace(disk, outlook="distant")
    return replace(disk, outlook="growing", full_on=(disk.said_at + timedelta(days=days)).date())


def _left(row: Row) -> int | None:
    """Return what is left, by the node's own view where it has one."""
    free: int | None = row["free_bytes"]
    if free is None and row["used_bytes"] is not None and row["allocated_bytes"] is not None:
        free = row["allocated_bytes"] - row["used_bytes"]
    return None if free is None else max(free, 0)
