"""The demo's nodes, and what makes each of them different."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from storj_monitor.collect.demo.streams import SATELLITES
from storj_monitor.plugin import Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, kw_only=True)
class DemoNode:
    """A node that never was."""

    name: str
    #: What it listens on, as its error texts show it.
    address: str
    #: Transfers on an average day.
    daily: int
    #: What its operator gave it, in bytes.
    allocated: int
    #: How many months ago it joined a satellite (full id).
    joined_months_ago: Mapping[str, int]
    #: How many times longer than on a good disk a transfer takes.
    slowness: float = 1.0
    #: How many times more transfers than on a good disk are canceled: the race is lost.
    lost_races: float = 1.0
    #: How many of a thousand requests are uploads that it rejects, since too many are running.
    rejected: float = 0.0
    #: It was silent from so long before the last day's midnight.
    silent_from: timedelta | None = None
    silent_for: timedelta = timedelta()

    @property
    def api(self) -> str:
        """Return where its API answers."""
        return f"{self.address.rpartition(':')[0]}:14002"

    def silence(self, last_day: date) -> Span | None:
        """Return when nothing was heard of the node, in a demo that ends on `last_day` (UTC)."""
        if self.silent_from is None:
            return None
        start = datetime.combine(last_day, time(), UTC) - self.silent_from
        return Span(start, start + self.silent_for)


_TB = 10**12
_US1, _EU1, _AP1, _SALTLAKE = SATELLITES

NODES = (
    DemoNode(
        name="attic-nas",
        address="192.0.2.10:28967",
        daily=3_400,
        allocated=12 * _TB,
        joined_months_ago={_US1: 19, _EU1: 19, _AP1: 19, _SALTLAKE: 18},
        rejected=0.2,
    ),
    DemoNode(
        name="garage-rpi",
        address="192.0.2.77:28967",
        daily=1_700,
        allocated=6 * _TB,
        joined_months_ago={_US1: 19, _EU1: 18, _AP1: 14, _SALTLAKE: 8},
        slowness=5.0,
        lost_races=3.5,
        rejected=9.0,
    ),
    DemoNode(
        name="office-server",
        address="[2001:db8:0:1::5]:28967",
        daily=2_450,
        allocated=9 * _TB,
        joined_months_ago={_US1: 19, _EU1: 19, _AP1: 5, _SALTLAKE: 3},
        # A power cut that nobody noticed until the next day.
        silent_from=timedelta(days=14, hours=5),
        silent_for=timedelta(hours=31),
    ),
)
