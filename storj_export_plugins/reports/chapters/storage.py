"""The charts and tables of disk space: how it is now, how it grew, and when it is used up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.reports.chapters.columns import DAY, NODE, count, ratio, size
from storj_export_plugins.reports.spans import days
from storj_export_plugins.reports.sums import part, total
from storj_export_plugins.reports.words import counted, percent, sized
from storj_monitor.plugin import Chart, Column, Figure, Kind, Table
from storj_monitor.plugin.query import microseconds, moment

if TYPE_CHECKING:
    from datetime import date, datetime

    from storj_export_plugins.reports.chapters.disks import Disks, Space
    from storj_export_plugins.reports.growth import Growth
    from storj_export_plugins.reports.spans import Bucket

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

    @property
    def is_full(self) -> bool:
        """Whether nothing was left when it was told of last."""
        return self.space.left is not None and self.space.left <= 0


class _Day(NamedTuple):
    """What was stored at the end of a day, or is expected to be."""

    label: date
    used: int | None
    trash: int | None
    forecast: int | None


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
    rows: list[tuple[object, ...]] = []
    for node in disks.nodes:
        space = disks.latest(node)
        known = (space.allocated, space.used, space.trash, space.left)
        full = part(space.used, space.allocated)
        rows.append((node, *known, full, disks.grown(node), moment(space.at)))
    table = Table.of("space", "Disk space by node", columns, rows)
    drawn = ("used_bytes", "free_bytes")
    return Chart(f"Disk space: {_fullest(disks)}", table, "node", drawn, "stacked"), table


def _fullest(disks: Disks) -> str:
    """Return in words which disk has the least room."""
    spaces = {node: disks.latest(node) for node in disks.nodes}
    parts = {node: part(space.used, space.allocated) for node, space in spaces.items()}
    full = {node: each for node, each in parts.items() if each is not None}
    if full:
        node = max(full, key=lambda each: (full[each], each))
        return f"{node} is fullest, {percent(full[node])}"
    left = {node: space.left for node, space in spaces.items() if space.left is not None}
    if left:
        node = min(left, key=lambda each: (left[each], each))
        return f"free space alone is known, the least on {node}, {sized(left[node])}"
    return "nothing is known"


def growth_by_day(disks: Disks, outlooks: list[Outlook]) -> tuple[Chart, Table]:
    """Return what nodes together store by the day, and a forecast of the days after."""
    columns = (
        DAY,
        size("used_bytes", "Used", "The last that was said on the day, if it was of each node."),
        size("trash_bytes", "Of it trash"),
        size("used_forecast", "Forecast", "If it goes on as the lines of the nodes do."),
        size("allocated_threshold", "Allocated", "What the nodes may use together."),
    )
    summed = [one for one in outlooks if one.node in disks.summed]
    allocated = total(one.space.allocated for one in summed)
    rows = [
        (label, used, trash, forecast, allocated)
        for label, used, trash, forecast in _with_forecast(disks, summed)
    ]
    table = Table.of("stored_over_time", "Stored by the day", columns, rows)
    drawn = ("used_bytes", "trash_bytes", "used_forecast", "allocated_threshold")
    said = f"Stored{disks.whom()}: {_grown(disks)}{_first_full(outlooks)}"
    return Chart(said, table, "day", drawn), table


def _with_forecast(disks: Disks, summed: list[Outlook]) -> list[_Day]:
    """Return the span's days and, from the last one that is known, what is expected after it."""
    if not summed:
        return []
    asked = list(days(disks.query))
    found = [_measured(disks, summed, day) for day in asked]
    known = [number for number, one in enumerate(found) if one.used is not None]
    if not known or not any(one.growth for one in summed):
        return found
    last = known[-1]
    found[last] = found[last]._replace(forecast=found[last].used)
    for number in range(last + 1, len(found)):
        expected = _expected(summed, asked[number].end)
        found[number] = found[number]._replace(forecast=expected)
    for ahead in range(1, _DRAWN_AHEAD + 1):
        day = found[len(asked) - 1].label + timedelta(days=ahead)
        expected = _expected(summed, disks.query.span.end + timedelta(days=ahead))
        found.append(_Day(day, None, None, expected))
    return found


def _measured(disks: Disks, summed: list[Outlook], day: Bucket) -> _Day:
    """Return what was stored on a day; unknown where of one node nothing was said that day."""
    told = [disks.on(one.node, day) for one in summed]
    spaces = [space for space in told if space and space.used is not None]
    label = disks.day_of(microseconds(day.end) - 1)
    if len(spaces) < len(summed):
        return _Day(label, None, None, None)
    used, trash = (total(getattr(space, key) for space in spaces) for key in ("used", "trash"))
    return _Day(label, used, trash, None)


def _expected(summed: list[Outlook], when: datetime) -> int | None:
    return total(_used_at(one, when) for one in summed)


def _used_at(outlook: Outlook, when: datetime) -> int | None:
    """Return what a node is expected to use at a time, no more than it has room for."""
    used, left = outlook.space.used, outlook.space.left
    if used is None or outlook.growth is None:
        return used
    since = (when - moment(outlook.space.at)) / timedelta(days=1)
    grown = int(outlook.growth.slope * since)
    return max(0, used + (grown if left is None else min(grown, max(left, 0))))


def _grown(disks: Disks) -> str:
    now = total(space.used for node, space in disks.last.items() if node in disks.summed)
    if now is None:
        return f"not known {disks.when}" if disks.summed else "nothing is known"
    grown = total(disks.grown(node) for node in disks.summed)
    if grown is None:
        return f"{sized(now)} {disks.when}"
    return f"{sized(now)} {disks.when}, {sized(abs(grown))} {'less' if grown < 0 else 'more'}"


def _first_full(outlooks: list[Outlook]) -> str:
    """Return which disk is full first, for the end of a sentence; nothing if none is."""
    first = next((one for one in outlooks if one.full_on), None)
    if first is None:
        return ""
    return f"; {first.node} is {first.words if first.is_full else f'full first, {first.words}'}"


def outlooks(disks: Disks) -> list[Outlook]:
    """Return what becomes of each disk, those that are full first before the others."""
    found = [_outlook(disks, node, disks.latest(node)) for node in disks.nodes]
    return sorted(found, key=lambda one: (one.full_on is None, one.full_on, one.node))


def _outlook(disks: Disks, node: str, space: Space) -> Outlook:
    growth, left = disks.growth(node), space.left
    if disks.at(node, disks.query.span.end) is None:
        words = f"unknown: nothing was said of it since {disks.day_of(space.at)}"
        return Outlook(node, space, growth, None, None, None, words)
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
    key, today = "days_until_full", disks.query.span.end.astimezone(disks.query.timezone).date()
    first = next((one for one in found if one.full_on), None)
    if first is None or first.full_on is None:
        return Figure(key, "Days until a disk is full", None, Kind.INTEGER)
    label = f"Days until {first.node} is full, on {first.full_on}"
    if first.is_full:
        label = f"{first.node} is full: no days left"
    return Figure(key, label, max(0, (first.full_on - today).days), Kind.INTEGER)
