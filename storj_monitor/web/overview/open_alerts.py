"""What needs an operator's eye now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storj_monitor.plugin.query import moment
from storj_monitor.schema import alerts
from storj_monitor.web.overview.figures import OpenAlert, rank

if TYPE_CHECKING:
    from storj_monitor.alerts.situation import Situation

_SAME = ("id", "type", "severity", "title", "message")


def open_alerts(situation: Situation) -> tuple[OpenAlert, ...]:
    """Return the alerts that are open: what wants an act first, then the newest."""
    rows = situation.rows(select(*alerts.c).where(alerts.c.resolved_at.is_(None)))
    found = [
        OpenAlert(
            node=situation.node(row["node_id"]) if row["node_id"] else None,
            satellite=situation.satellite(row["satellite_id"]) if row["satellite_id"] else None,
            at=moment(row["at"]),
            acknowledged_at=None
            if row["acknowledged_at"] is None
            else moment(row["acknowledged_at"]),
            **{name: row[name] for name in _SAME},
        )
        for row in rows
    ]
    return tuple(sorted(found, key=_order))


def _order(alert: OpenAlert) -> tuple[bool, int, float, int]:
    is_known = alert.acknowledged_at is not None
    return is_known, -rank(alert.status), -alert.at.timestamp(), alert.id
