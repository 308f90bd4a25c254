"""Schedules of the tests, and what they may name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from storj_monitor.exports.request import Limits
from storj_monitor.plugin import Channel
from storj_monitor.schedules.schedule import parse_schedule
from tests.exports.offers import format_, report, source
from tests.records import catalogue_of

if TYPE_CHECKING:
    from storj_monitor.plugin import Parcel
    from storj_monitor.registry import Catalogue
    from storj_monitor.schedules.schedule import Schedule
    from storj_monitor.store import ScheduleEntry

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LIMITS = Limits(now=NOW, nodes=["n1", "n2", "a,b"], max_days=31)


async def send(parcel: Parcel, settings: Any) -> None:
    """Accept whatever it is."""


def catalogue() -> Catalogue:
    """Return the source things, the report tally, some formats, and the channel post."""
    offered = (source(), source("bills", period="month"), report(), format_("csv"), format_("pdf"))
    post = Channel(name="post", title="The post", settings=(), send=send)
    return replace(catalogue_of(*offered), channels={"post": post})


def body(**changes: object) -> dict[str, object]:
    """Return what is asked for, but for what is given; None leaves out."""
    asked: dict[str, object] = {
        "name": "Mondays",
        "source": "things",
        "when": "weekly mon 06:00",
        "channel": "post",
        "recipients": ["ann@example.org", "bob@example.org"],
    }
    return asked | changes


def scheduled(**changes: object) -> Schedule:
    """Return the schedule that is asked for."""
    return parse_schedule(body(**changes), catalogue(), LIMITS)


def entry_of(**changes: object) -> ScheduleEntry:
    """Return its row, not stored yet."""
    return scheduled(**changes).entry()
