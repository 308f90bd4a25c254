"""The charts and tables of disk space: how it is now, how it grew, and when it is used up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.reports.chapters.columns import DAY, NODE, count, ratio, size
from storj_export_plugins.reports.spans import days
from storj_export_plugins.reports.sums import less, part, total
from storj_export_plugins.reports.words import counted, percent, sized
from storj_monitor.plugin import Chart, Column, Figure, Kind, Table
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from datetime import date, datetime

    from storj_export_plugins.reports.chapters.disks import Disks, Space
    from storj_export_plugins.reports.growth import Growth

#: So many days beyond the span the forecast is drawn.
_DRAWN_AHEAD = 7
_DAY_US = 86_400_000_000


class Outlook(NamedTuple):
    """What becomes of a node's disk."""

    node: str
    space: Space
    growth: Growth | None
    full_on: date | None
    earliest: date | None
    latest: date | None
    words: str


def space_by_node(disks: Disks) -> tuple[Chart, Table]:
    """Return how full each disk is at the span's end, and how much came in the span."""
    columns = (
        NODE,
        size("allocated_bytes", "Allocated", "What the node may use."),
        size("used_bytes", "Used", "Pieces, trash and overhead together."),
        size("trash_bytes", "Of it trash", "What is deleted within days."),
        size("free_bytes", "Free", "What can still be taken."),
        ratio("used_ratio", "Full", "Used of allocated."),
        size("growth_bytes", "Grown", "Used at the end less used at the start of the span."),
        Column(key="told_at", label="As told", kind=Kind.TIMESTAMP, description="When last."),
    )
    rows = []
    fullest: tuple[float, str] | None = None
    for node in disks.nodes:
        space, first = (disks.at(node, at) for at in (disks.query.span.end, disks.query.span.start))
        if space is None:
            continue
        full = part(space.used, space.allocated)
        if full is not None:
            fullest = max(fullest or (full, node), (full, node))
        grown = less(space.used, first.used if first else None)
        known = (space.allocated, space.used, space.trash, space.left)
        rows.append((node, *known, full, grown, moment(space.at)))
    table = Table.of("space", "Disk space by node", columns, rows)
    said = f"{fullest[1]} is fullest, {percent(fullest[0])}" if fullest else "nothing is known"
    return Chart(
        f"Disk space: {said}", table, "node", ("used_bytes", "free_bytes"), "stacked"
    ), table


def growth_by_day(disks: Disks, outlooks: list[Outlook]) -> tuple[Chart, Table]:
    """Return what all nodes together store by the day, and a forecast of the days after."""
    columns = (
        DAY,
        size("used_bytes", "Used", "At the end of the day."),
        size("trash_bytes", "Of it trash"),
        size("used_forecast", "Forecast", "If it goes on as the lines of the nodes do."),
        size("allocated_threshold", "Allocated", "What the nodes may use together."),
    )
    end = disks.query.span.end
    allocated = disks.allocated(end)
    rows: list[tuple[object, ...]] = []
    for day, _, until in days(disks.query) if disks.nodes else ():
        rows.append((day, disks.used(until), disks.trash(until), None, allocated))
    if rows and (now := disks.used(end)) is not None and any(one.growth for one in outlooks):
        rows[-1] = (*rows[-1][:3], now, allocated)
        last = (end - timedelta(microseconds=1)).astimezone(disks.query.timezone).date()
        for ahead in range(1, _DRAWN_AHEAD + 1):
            forecast = total(_used_after(one, end, ahead) for one in outlooks)
            rows.append((last + timedelta(days=ahead), None, None, forecast, allocated))
    table = Table.of("stored_over_time", "Stored by the day", columns, rows)
    drawn = ("used_bytes", "trash_bytes", "used_forecast", "allocated_threshold")
    return Chart(f"Stored: {_grown(disks)}{_first_full(outlooks)}", table, "day", drawn), table


def _used_after(outlook: Outlook, end: datetime, ahead: int) -> int | None:
    """Return what a node uses so many days after the span, no more than it has room for."""
    used, left = outlook.space.used, outlook.space.left
    if used is None or outlook.growth is None:
        return used
    since = (end - moment(outlook.space.at)) / timedelta(days=1) + ahead
    grown = int(outlook.growth.slope * since)
    return max(0, used + (grown if left is None else min(grown, max(left, 0))))


def _grown(disks: Disks) -> str:
    now, before = disks.used(disks.query.span.end), disks.used(disks.query.span.start)
    if now is None:
        return "nothing is known"
    grown = less(now, before)
    if grown is None:
        return f"{sized(now)} at the end"
    return f"{sized(now)} at the end, {sized(abs(grown))} {'less' if grown < 0 else 'more'}"


def _first_full(outlooks: list[Outlook]) -> str:
    """Return which disk is full first, for the end of a sentence; nothing if none is."""
    first = next((one for one in outlooks if one.full_on), None)
    return f"; {first.node} is full first, {first.words}" if first else ""


def outlooks(disks: Disks) -> list[Outlook]:
    """Return what becomes of each disk, those that are full first before the others."""
    end = disks.query.span.end
    found = [_outlook(disks, node, space) for node in disks.nodes if (space := disks.at(node, end))]
    return sorted(found, key=lambda one: (one.full_on is None, one.full_on, one.node))


def _outlook(disks: Disks, node: str, space: Space) -> Outlook:
    growth, left = disks.growth(node), space.left
    if left is not None and left <= 0:
        now = disks.day_of(space.at)
        return Outlook(node, space, growth, now, now, now, "full")
    if growth is None:
        known = counted(disks.known_days(node), "day")
        return Outlook(node, space, None, None, None, None, f"too little is known: {known}")
    if growth.slope <= 0 or left is None:
        words = "not growing" if growth.slope <= 0 else "growing; what is left is unknown"
        return Outlook(node, space, growth, None, None, None, words)
    day, earliest, latest = (
        None if length is None else disks.day_of(space.at + int(length * _DAY_US))
        for length in growth.full_in(left)
    )
    words = _when(day, earliest, latest)
    return Outlook(node, space, growth, day, earliest, latest, words)


def _when(day: date | None, earliest: date | None, latest: date | None) -> str:
    if day is None:
        return "not within ten years" if earliest is None else f"not before {earliest}, if ever"
    if latest is None:
        return f"about {day}, not before {earliest}, if ever"
    if earliest == latest:
        return f"on {day}"
    return f"about {day}, between {earliest} and {latest}"


def when_full(disks: Disks, found: list[Outlook]) -> Table:
    """Return for each node how fast it fills, when it is full, and how sure that is."""
    columns = (
        NODE,
        size("used_bytes", "Used"),
        size("free_bytes", "Free"),
        size("growth_bytes", "Growth a day", "The slope of a line through the end of each day."),
        size("growth_error_bytes", "Give or take", "The standard error of the growth a day."),
        Column(
            key="r_squared",
            label="Fit (R²)",
            kind=Kind.NUMBER,
            description="How well the line fits, from 0 to 1.",
        ),
        count("known_days", "Days known", "Of the span and the 28 days before it."),
        Column(key="full_on", label="Full on", kind=Kind.DATE, description="Most likely."),
        Column(
            key="earliest", label="Earliest", kind=Kind.DATE, description="With 95 % certainty."
        ),
        Column(key="latest", label="Latest", kind=Kind.DATE, description="With 95 % certainty."),
        Column(key="outlook", label="In words", description="When it is full, or why it isn't."),
    )
    rows = [
        (
            one.node,
            one.space.used,
            one.space.left,
            None if one.growth is None else int(one.growth.slope),
            None if one.growth is None else int(one.growth.error),
            None if one.growth is None else one.growth.r_squared,
            disks.known_days(one.node),
            one.full_on,
            one.earliest,
            one.latest,
            one.words,
        )
        for one in found
    ]
    return Table.of("when_full", "When disks are full", columns, rows)


def days_left(disks: Disks, found: list[Outlook]) -> Figure:
    """Return in how many days the first disk is full; None if none is, as far as is known."""
    today = disks.query.span.end.astimezone(disks.query.timezone).date()
    first = next((one for one in found if one.full_on), None)
    days_until = None if first is None or first.full_on is None else (first.full_on - today).days
    label = f"Days until {first.node} is full" if first else "Days until a disk is full"
    return Figure("days_until_full", label, days_until, Kind.INTEGER)
