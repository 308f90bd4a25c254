"""Statements and estimates to write into a database, and earnings to read from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_export_plugins.sources.earnings import storj_sources
from storj_monitor.store import Estimate, Joined, News, Paystub
from tests.records import US1, at
from tests.sources.asking import ask

if TYPE_CHECKING:
    from storj_monitor.store import Store

[EARNINGS] = storj_sources()
#: Since when the node of DOMAIN's example stores for us1.
JOINED = Joined(satellite=US1, joined_at=at("2026-06-10"))


def statement(period: str, satellite: str = US1, **said: Any) -> Paystub:
    """Return a statement of an ordinary month, but for what is given."""
    values: dict[str, Any] = {
        "origin": "api",
        "read_at": 1,
        "earned": 400_000,
        "surge_percent": 100,
        "held": 0,
        "owed": 400_000,
        "disposed": 0,
        "paid": 400_000,
        "distributed": 0,
    } | said
    return Paystub(period=period, satellite=satellite, **values)


def estimate(period: str, satellite: str = US1, **said: Any) -> Estimate:
    """Return what a node expects of an ordinary month, but for what is given."""
    values: dict[str, Any] = {"origin": "api", "at": 1, "payout": 300_000, "held": 0} | said
    return Estimate(period=period, satellite=satellite, **values)


def tell(store: Store, node: str = "n1", **news: Any) -> None:
    """Write what is learned of a node."""
    with store.writer() as writer:
        writer.write([News(node=node, **news)])


def earned(
    store: Store, start: str = "2026-01-01", end: str = "2028-01-01", **query: Any
) -> list[dict[str, Any]]:
    """Return the rows of earnings."""
    return ask(store, EARNINGS, start, end, **query)
