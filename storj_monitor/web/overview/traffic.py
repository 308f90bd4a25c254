"""What became of the transfers of today (UTC)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from storj_monitor.alerts.situation import DAY_US
from storj_monitor.alerts.verdicts import below
from storj_monitor.schema import event_hours
from storj_monitor.web.overview.figures import Transfers, status_of

if TYPE_CHECKING:
    from storj_monitor.alerts.situation import AnySelect, Situation

#: Repair is as much a race as what customers do; audits are neither.
_KINDS = {
    "GET": "downloads",
    "GET_REPAIR": "downloads",
    "PUT": "uploads",
    "PUT_REPAIR": "uploads",
}
_ENDS = ("success", "canceled", "failed")


class Today(NamedTuple):
    """The transfers of a node."""

    downloads: Transfers = Transfers()
    uploads: Transfers = Transfers()


def today(situation: Situation) -> dict[int, Today]:
    """Return the transfers of each node (by id) since midnight."""
    counts: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    sizes: dict[tuple[int, str], int] = {}
    for row in situation.rows(_sums(situation)):
        key = (row["node_id"], _KINDS[row["action"]])
        counts[key][row["status"]] += row["transfers"]
        if row["status"] == "success" and row["size"] is not None:
            sizes[key] = sizes.get(key, 0) + row["size"]

    def transfers(node_id: int, kind: str) -> Transfers:
        key = (node_id, kind)
        return _transfers(situation, kind, counts[key], sizes.get(key))

    ids = {node_id for node_id, _ in counts}
    return {one: Today(transfers(one, "downloads"), transfers(one, "uploads")) for one in ids}


def _sums(situation: Situation) -> AnySelect:
    hours = event_hours.c
    midnight = situation.now_us - situation.now_us % DAY_US
    by = (hours.node_id, hours.action, hours.status)
    sums = (func.sum(hours.count).label("transfers"), func.sum(hours.bytes).label("size"))
    return (
        select(*by, *sums)
        .where(
            hours.hour_at >= midnight,
            hours.hour_at <= situation.now_us,
            hours.action.in_(list(_KINDS)),
            hours.status.in_(_ENDS),
        )
        .group_by(*by)
    )


def _transfers(
    situation: Situation, kind: str, counts: Counter[str], size: int | None
) -> Transfers:
    settings, name = situation.settings, kind.removesuffix("s")
    ended, succeeded = counts.total(), counts["success"]
    level = None
    if ended >= settings.transfers_at_least:
        warning = getattr(settings, f"{name}_warning")
        level = status_of(below(succeeded / ended, warning, getattr(settings, f"{name}_critical")))
    return Transfers(ended=ended, succeeded=succeeded, size_bytes=size, level=level)
