"""What the overview says: of each node, of what needs an eye, and of all nodes together.

What isn't known is None, never 0. Times are aware and in UTC, money is USD, sizes are bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from storj_monitor.web.overview.totals import Totals

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from storj_monitor.alerts.verdicts import Level
    from storj_monitor.store import Following, PolledApi

#: From the best to the worst: look when there is time, act now.
Status = Literal["well", "look", "act"]
RISING: tuple[Status, ...] = ("well", "look", "act")
#: How a disk goes on: `unknown` while there are too few readings to tell.
Outlook = Literal["unknown", "full", "steady", "distant", "growing"]
#: So long a chart is as good as a new one, which costs seconds.
_CHART_MINUTES = 10


@dataclass(frozen=True, kw_only=True)
class Score:
    """A score of 0 to 1, and from where down it needs a look or an act."""

    name: str
    value: float
    warning: float
    critical: float
    #: None where it was said too long ago to tell anything of now.
    level: Status | None

    @property
    def order(self) -> tuple[int, float]:
        """The less, the more it needs an eye."""
        return -rank(self.level), self.value - self.warning


@dataclass(frozen=True, kw_only=True)
class Satellite:
    """What a satellite thinks of a node, as it was said last."""

    name: str
    said_at: datetime
    is_stale: bool
    scores: tuple[Score, ...]
    disqualified_at: datetime | None = None
    suspended_at: datetime | None = None

    @property
    def worst(self) -> Score | None:
        """The score that is nearest to, or furthest below, its threshold."""
        return min(self.scores, key=lambda score: score.order, default=None)


@dataclass(frozen=True, kw_only=True)
class Disk:
    """The disk space of a node, as it was said last; a log tells free space alone."""

    said_at: datetime
    is_stale: bool
    allocated_bytes: int | None
    used_bytes: int | None
    free_bytes: int | None
    trash_bytes: int | None
    level: Status | None
    #: How much more it uses every day, by the last 14 days.
    daily_bytes: int | None = None
    outlook: Outlook = "unknown"
    #: Only where it is growing.
    full_on: date | None = None

    @property
    def used_ratio(self) -> float | None:
        """The used part of what is allocated."""
        if self.used_bytes is None or not self.allocated_bytes:
            return None
        return self.used_bytes / self.allocated_bytes


@dataclass(frozen=True, kw_only=True)
class Money:
    """What a node expects for this UTC month, and what the statements of the last one say."""

    month: str
    #: So far, and at the month's end: both are the node's own estimates.
    so_far_usd: Decimal | None = None
    expected_usd: Decimal | None = None
    last_month: str
    #: What satellites approved, and what they have sent of it.
    paid_usd: Decimal | None = None
    sent_usd: Decimal | None = None
    #: So many statements have come, of so many that are to come.
    statements: int = 0
    awaited: int = 0


@dataclass(frozen=True, kw_only=True)
class Transfers:
    """Downloads or uploads of today (UTC); audits aren't counted."""

    ended: int = 0
    succeeded: int = 0
    #: Of those that succeeded; None where no size is known.
    size_bytes: int | None = None
    #: None while there are too few to tell.
    level: Status | None = None

    @property
    def ratio(self) -> float | None:
        """The part that succeeded."""
        return self.succeeded / self.ended if self.ended else None


@dataclass(frozen=True, kw_only=True)
class OpenAlert:
    """Something that needs an eye; of no node where it is about the program itself."""

    id: int
    node: str | None
    satellite: str | None
    type: str
    severity: str
    title: str
    message: str
    at: datetime
    acknowledged_at: datetime | None = None

    @property
    def status(self) -> Status:
        """What it makes of its node: what somebody knows of wants no act any more."""
        if self.severity == "info":
            return "well"
        return "look" if self.acknowledged_at or self.severity == "warning" else "act"


@dataclass(frozen=True, kw_only=True)
class NodeFacts:
    """All that is known of a node now."""

    name: str
    status: Status
    #: When its log or its API was heard last; None if never.
    heard_at: datetime | None
    satellites: tuple[Satellite, ...]
    disk: Disk | None
    money: Money
    downloads: Transfers
    uploads: Transfers
    logs: tuple[Following, ...] = ()
    api: PolledApi | None = None
    alerts: tuple[OpenAlert, ...] = ()

    @property
    def key(self) -> str:
        """A name for its place on the page, whatever the operator called it."""
        return hashlib.sha256(self.name.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def lost(self) -> Satellite | None:
        """A satellite that disqualified or suspended it."""
        lost = (one for one in self.satellites if one.disqualified_at or one.suspended_at)
        return next(lost, None)

    @property
    def worst(self) -> Score | None:
        """The score that most needs an eye, of any satellite."""
        scores = (score for one in self.satellites for score in one.scores)
        return min(scores, key=lambda score: score.order, default=None)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why nothing can be said, and what to do."""

    reason: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Overview:
    """How the nodes are: those that need an eye first."""

    made_at: datetime
    nodes: tuple[NodeFacts, ...] = ()
    alerts: tuple[OpenAlert, ...] = ()
    trouble: Trouble | None = None
    #: Names of all nodes there are, of those that were asked for, and of those that aren't there.
    names: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    #: Of what was said: another one says something else.
    version: str = ""
    #: Whether what draws charts is installed.
    has_charts: bool = False

    @property
    def asked(self) -> list[tuple[str, str]]:
        """The words of a request that is about the chosen nodes, as they are in these minutes."""
        minute = self.made_at.minute // _CHART_MINUTES * _CHART_MINUTES
        as_of = self.made_at.replace(minute=minute).strftime("%Y-%m-%dT%H:%MZ")
        return [*(("node", name) for name in self.chosen), ("as_of", as_of)]

    @property
    def totals(self) -> Totals:
        """The sums over the nodes."""
        return Totals.of(self.nodes)

    @property
    def status(self) -> Status:
        """The worst of what there is."""
        levels = [*(node.status for node in self.nodes), *(one.status for one in self.alerts)]
        return max(levels, key=rank, default="well")

    def of(self, nodes: tuple[str, ...]) -> Overview:
        """Return what is about these nodes alone; all of it, if none of them is known."""
        known = tuple(name for name in dict.fromkeys(nodes) if name in self.names)
        unknown = tuple(name for name in dict.fromkeys(nodes) if name not in self.names)
        if not known:
            return replace(self, unknown=unknown)
        return replace(
            self,
            nodes=tuple(node for node in self.nodes if node.name in known),
            alerts=tuple(alert for alert in self.alerts if alert.node in known),
            chosen=known,
            unknown=unknown,
        )


def rank(status: Status | None) -> int:
    """Return how bad a status is: 0 for well or unknown."""
    return RISING.index(status) if status else 0


def status_of(level: Level | None) -> Status:
    """Return what a measure makes of what was measured."""
    if level is None:
        return "well"
    return "act" if level.severity == "critical" else "look"
