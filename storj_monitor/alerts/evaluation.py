"""From verdicts to alerts: raised once, kept up to date, resolved when it is no longer so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storj_monitor.alerts import disk, failures, money, scores, silence, traffic
from storj_monitor.alerts.situation import Situation
from storj_monitor.alerts.verdicts import Key
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds
from storj_monitor.schema import alerts
from storj_monitor.store import AlertChanges, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storj_monitor.alerts.verdicts import Verdict
    from storj_monitor.settings import AlertSettings
    from storj_monitor.store import Store

_RULES = (scores, disk, traffic, silence, money, failures)
#: Every type of alert that is looked for.
TYPES = frozenset(name for rule in _RULES for name in rule.TYPES)


def evaluate(
    store: Store, settings: AlertSettings, now: datetime, *, quietly: bool = False
) -> None:
    """Look at all that is known, and raise, keep up and resolve alerts as of `now` (aware).

    There is one open alert of each node, satellite and type. It stays while its condition can't be
    looked at, and it isn't resolved by being acknowledged; but when it becomes more severe, it is
    no longer acknowledged. Alerts of types that nobody looks for, as of another monitor's
    database, are resolved. What is raised and resolved is logged, unless `quietly`. Two processes
    may do this at once. Raises OperatorError when the database can't be used.
    """
    at_us = microseconds(now)
    with store.reader() as reader:
        situation = Situation.of(reader, settings, at_us)
        verdicts = [verdict for rule in _RULES for verdict in rule.verdicts(situation)]
        known = _open_alerts(situation)
    changes = changed(known, verdicts)
    if not any(changes):
        return
    with store.writer() as writer:
        written = writer.update_alerts(changes, at_us)
    if quietly:
        return
    for finding in written.raised:
        _log("alert.raised", situation, finding)
    of_id = dict(known.values())
    for alert_id in written.resolved:
        _log("alert.resolved", situation, of_id[alert_id])


def changed(known: dict[Key, tuple[int, Finding]], verdicts: Iterable[Verdict]) -> AlertChanges:
    """Return what verdicts make of the open alerts, which are known by their ids."""
    raised: list[Finding] = []
    lasting: dict[int, Finding] = {}
    over = [alert_id for key, (alert_id, _) in known.items() if key.type not in TYPES]
    for key, finding in verdicts:
        alert_id, before = known.get(key, (None, None))
        if alert_id is None:
            raised += [] if finding is None else [finding]
        elif finding is None:
            over.append(alert_id)
        elif before is None or finding._replace(title=before.title) != before:
            lasting[alert_id] = finding
    return AlertChanges(raised, lasting, over)


def _open_alerts(situation: Situation) -> dict[Key, tuple[int, Finding]]:
    columns = [alerts.c[name] for name in ("id", *Finding._fields)]
    rows = situation.rows(select(*columns).where(alerts.c.resolved_at.is_(None)))
    found = [(row.pop("id"), Finding(**row)) for row in rows]
    return {Key(*finding[:3]): (alert_id, finding) for alert_id, finding in found}


def _log(event: str, situation: Situation, finding: Finding) -> None:
    log().info(
        event,
        type=finding.type,
        severity=finding.severity,
        node=situation.node(finding.node_id) if finding.node_id else None,
        satellite=situation.satellite(finding.satellite_id) if finding.satellite_id else None,
        message=finding.message,
    )
