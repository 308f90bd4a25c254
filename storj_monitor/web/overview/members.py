"""The overview as JSON: what programs are told, and by what it is known to have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.plugin import machine_text

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from storj_monitor.store import Following, PolledApi
    from storj_monitor.web.overview.figures import (
        Disk,
        Money,
        NodeFacts,
        OpenAlert,
        Overview,
        Satellite,
        Transfers,
    )
    from storj_monitor.web.overview.totals import Sum, Totals

    Json = dict[str, Any]


def members(overview: Overview) -> Json:
    """Return its members; when it was made isn't one of them."""
    trouble = overview.trouble
    return {
        "status": overview.status,
        "problem": None if trouble is None else {"reason": trouble.reason, "hint": trouble.hint},
        "totals": _totals(overview.totals),
        "nodes": [_node(node) for node in overview.nodes],
        "alerts": [_alert(alert) for alert in overview.alerts],
    }


def _following(following: Following) -> Json:
    """Return how a log is followed, without where it was read up to."""
    return {
        "log": following.log,
        "state": following.state,
        "reason": following.reason,
        "behind_bytes": following.behind_bytes,
    }


def _api(polled: PolledApi) -> Json:
    """Return how an API answers, without when it was asked: that alone is no change."""
    return {
        "url": polled.url,
        "state": polled.state,
        "reason": polled.reason,
        "version": polled.version,
    }


def _totals(totals: Totals) -> Json:
    sums = {
        name: _sum(getattr(totals, name))
        for name in (
            *("used_bytes", "allocated_bytes", "free_bytes"),
            *("so_far_usd", "expected_usd", "paid_usd", "sent_usd"),
            *("egress_bytes", "ingress_bytes"),
        )
    }
    return {
        "nodes": totals.nodes,
        **{status: totals.by_status.get(status, 0) for status in ("well", "look", "act")},
        **sums,
        "downloads_ratio": totals.downloads,
        "uploads_ratio": totals.uploads,
    }


def _sum(total: Sum) -> Json:
    is_whole = total.value is not None and total.value == int(total.value)
    value = None if total.value is None else int(total.value) if is_whole else float(total.value)
    return {"value": value, "nodes": total.nodes}


def _node(node: NodeFacts) -> Json:
    return {
        "name": node.name,
        "status": node.status,
        "heard_at": _time(node.heard_at),
        "satellites": [_satellite(one) for one in node.satellites],
        "disk": None if node.disk is None else _disk(node.disk),
        "money": _money(node.money),
        "downloads": _transfers(node.downloads),
        "uploads": _transfers(node.uploads),
        "logs": [_following(one) for one in node.logs],
        "api": None if node.api is None else _api(node.api),
        "alerts": [alert.id for alert in node.alerts],
    }


def _satellite(satellite: Satellite) -> Json:
    return {
        "name": satellite.name,
        "said_at": _time(satellite.said_at),
        "is_stale": satellite.is_stale,
        "scores": [
            {
                "name": score.name,
                "value": score.value,
                "warning": score.warning,
                "critical": score.critical,
                "status": score.level,
            }
            for score in satellite.scores
        ],
        "disqualified_at": _time(satellite.disqualified_at),
        "suspended_at": _time(satellite.suspended_at),
    }


def _disk(disk: Disk) -> Json:
    return {
        "said_at": _time(disk.said_at),
        "is_stale": disk.is_stale,
        "allocated_bytes": disk.allocated_bytes,
        "used_bytes": disk.used_bytes,
        "free_bytes": disk.free_bytes,
        "trash_bytes": disk.trash_bytes,
        "used_ratio": disk.used_ratio,
        "status": disk.level,
        "daily_bytes": disk.daily_bytes,
        "outlook": disk.outlook,
        "full_on": None if disk.full_on is None else disk.full_on.isoformat(),
    }


def _money(money: Money) -> Json:
    """Return estimates and payments, each under its own name."""
    return {
        "month": money.month,
        "so_far_usd": _usd(money.so_far_usd),
        "expected_usd": _usd(money.expected_usd),
        "last_month": money.last_month,
        "paid_usd": _usd(money.paid_usd),
        "sent_usd": _usd(money.sent_usd),
        "statements": money.statements,
        "awaited": money.awaited,
    }


def _transfers(transfers: Transfers) -> Json:
    return {
        "ended": transfers.ended,
        "succeeded": transfers.succeeded,
        "success_ratio": transfers.ratio,
        "size_bytes": transfers.size_bytes,
        "status": transfers.level,
    }


def _alert(alert: OpenAlert) -> Json:
    return {
        "id": alert.id,
        "at": _time(alert.at),
        "node": alert.node,
        "satellite": alert.satellite,
        "type": alert.type,
        "severity": alert.severity,
        "title": alert.title,
        "message": alert.message,
        "acknowledged_at": _time(alert.acknowledged_at),
    }


def _usd(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _time(at: datetime | None) -> str | None:
    return None if at is None else machine_text(at)
