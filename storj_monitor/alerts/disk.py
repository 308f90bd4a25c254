"""How full a node's disk space is, and when it will be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Float, cast, func, select

from storj_monitor.alerts.situation import DAY_US, HOUR_US, latest, time_text
from storj_monitor.alerts.verdicts import Subject, below, reaching
from storj_monitor.plugin import Kind, display_text
from storj_monitor.schema import storage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import ColumnElement

    from storj_monitor.alerts.situation import Situation
    from storj_monitor.alerts.verdicts import Verdict
    from storj_monitor.settings import AlertSettings

TYPES = ("disk_space", "disk_forecast")

_FITTED_DAYS = 14
_FEWEST_POINTS = 12
_SHORTEST_DAYS = 2.0


class Growth(NamedTuple):
    """How the used space of a node grew: sums over its points, for a line through them.

    x is days before now (negative), y the used bytes.
    """

    points: int
    first_x: float
    last_x: float
    sum_x: float
    sum_y: float
    sum_xx: float
    sum_xy: float

    @property
    def daily_bytes(self) -> float | None:
        """The slope of the line; None when there are too few points to tell."""
        if self.points < _FEWEST_POINTS or self.last_x - self.first_x < _SHORTEST_DAYS:
            return None
        spread = self.points * self.sum_xx - self.sum_x**2
        return (self.points * self.sum_xy - self.sum_x * self.sum_y) / spread


def verdicts(situation: Situation) -> Iterator[Verdict]:
    """Judge what was said last; the log tells free space alone, which is no ratio."""
    known = situation.rows(
        latest(
            storage,
            "at",
            ("node_id",),
            storage.c.slot_at >= situation.told_since_us,
            storage.c.used_bytes.is_not(None),
            storage.c.allocated_bytes > 0,
        )
    )
    growth = daily_growth(situation) if known else {}
    for row in known:
        node = situation.node(row["node_id"])
        yield _space(row, node, situation.settings)
        if row["node_id"] in growth:
            yield _forecast(row, growth[row["node_id"]], node, situation)


def _space(row: Mapping[str, Any], node: str, settings: AlertSettings) -> Verdict:
    subject = Subject("disk_space", "Disk space", row["node_id"])
    used, allocated, overused = row["used_bytes"], row["allocated_bytes"], row["overused_bytes"]
    ratio = used / allocated
    level = reaching(ratio, settings.disk_warning, settings.disk_critical)
    if overused:
        return subject.found(
            "critical",
            f"{node} uses {_size(overused)} more than the {_size(allocated)} it is allocated. It "
            "takes no uploads until deletions make room, or until it is allocated more.",
            ratio,
            settings.disk_critical,
        )
    if level is None:
        return subject.fine()
    used_of = f"{_size(used)} of {_size(allocated)} ({display_text(ratio, Kind.RATIO)})"
    means = "A full node takes no uploads, and earns only from what it has."
    return subject.at(level, f"{node} uses {used_of}. {means} Allocate more, or add a node.", ratio)


def _forecast(row: Mapping[str, Any], daily: float, node: str, situation: Situation) -> Verdict:
    subject = Subject("disk_forecast", "Disk full soon", row["node_id"])
    left = row["free_bytes"]
    if left is None:
        left = row["allocated_bytes"] - row["used_bytes"]
    if daily <= 0 or left <= 0:
        return subject.fine()
    days = left / daily
    settings = situation.settings
    level = below(days, settings.full_warning_days, settings.full_critical_days)
    if level is None:
        return subject.fine()
    when = time_text(situation.now_us + int(days * DAY_US))[:10]
    return subject.at(
        level,
        f"{node} has {_size(left)} left and grows by {_size(int(daily))} a day: it is full about "
        f"{when}. Allocate more, or add a node.",
        days,
    )


def daily_growth(situation: Situation) -> dict[int, float]:
    """Return by how many bytes a day each node (by id) grows; none of which nobody can tell.

    Of a node that is asked often, what was said at full hours is enough; of others all of it is
    little.
    """
    hourly = _known(_growth(situation, storage.c.slot_at % HOUR_US == 0))
    if sparse := [node_id for node_id in situation.nodes if node_id not in hourly]:
        hourly |= _known(_growth(situation, storage.c.node_id.in_(sparse)))
    return hourly


def _known(growth: dict[int, Growth]) -> dict[int, float]:
    daily = ((node_id, one.daily_bytes) for node_id, one in growth.items())
    return {node_id: slope for node_id, slope in daily if slope is not None}


def _growth(situation: Situation, condition: ColumnElement[bool]) -> dict[int, Growth]:
    """Sum up the points of each node: the database does it faster than it gives them."""
    x = (storage.c.at - situation.now_us) / float(DAY_US)
    y = cast(storage.c.used_bytes, Float)
    sums = select(
        storage.c.node_id,
        func.count().label("points"),
        func.min(x).label("first_x"),
        func.max(x).label("last_x"),
        func.sum(x).label("sum_x"),
        func.sum(y).label("sum_y"),
        func.sum(x * x).label("sum_xx"),
        func.sum(x * y).label("sum_xy"),
    ).where(
        storage.c.slot_at >= situation.now_us - _FITTED_DAYS * DAY_US,
        storage.c.slot_at <= situation.now_us,
        storage.c.used_bytes.is_not(None),
        condition,
    )
    found = situation.rows(sums.group_by(storage.c.node_id))
    return {row.pop("node_id"): Growth(**row) for row in found}


def _size(size: int) -> str:
    return display_text(size, Kind.BYTES)
