"""From verdicts to alerts: raised once, kept up to date, resolved when it is no longer so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, union_all

from storj_monitor.alerts import disk, failures, money, scores, silence, traffic
from storj_monitor.alerts.situation import DAY_US, Situation
from storj_monitor.alerts.verdicts import Key
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds
from storj_monitor.schema import alerts, followed_logs, nodes, polled_apis
from storj_monitor.store import AlertChanges, Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from storj_monitor.alerts.verdicts import Verdict
    from storj_monitor.meters import Meters
    from storj_monitor.settings import AlertSettings
    from storj_monitor.store import Severity, Store

_RULES = (scores, disk, traffic, silence, money, failures)
#: A node that nobody looked at for so long is no longer the operator's, or has another name.
_GONE_DAYS = 7
_RISING: tuple[Severity, ...] = ("info", "warning", "critical")
#: Every type of alert that is looked for, beside those that are there only as long as it is so.
TYPES = frozenset(name for rule in _RULES for name in rule.TYPES)


def evaluate(
    store: Store,
    settings: AlertSettings,
    now: datetime,
    *,
    quietly: bool = False,
    meters: Meters | None = None,
) -> None:
    """Look at all that is known, and raise, keep up and resolve alerts as of `now` (aware).

    There is one open alert of each node, satellite and type. It stays while its condition can't be
    looked at, and it isn't resolved by being acknowledged; but when it becomes more severe, it is
    no longer acknowledged. Alerts of types that nobody looks for, as of another monitor's
    database, or of nodes that nobody looks at any more, are resolved. What is raised and resolved
    is logged, unless `quietly`. Two processes may do this at once. Raises OperatorError when the
    database can't be used.
    """
    at_us = microseconds(now)
    with store.reader() as reader:
        situation = Situation.of(reader, settings, at_us)
        verdicts = [verdict for rule in _RULES for verdict in rule.verdicts(situation)]
        known = _open_alerts(situation)
        gone = _gone(situation)
    changes = changed(known, verdicts, gone)
    if not any(changes):
        return
    with store.writer() as writer:
        written = writer.update_alerts(changes, at_us)
    if meters is not None:
        for finding in written.raised:
            meters.note_alert(finding.severity)
    if quietly:
        return
    for finding in written.raised:
        _log("alert.raised", situation, finding)
    of_id = dict(known.values())
    for alert_id, finding in changes.lasting.items():
        if _RISING.index(finding.severity) > _RISING.index(of_id[alert_id].severity):
            _log("alert.escalated", situation, finding)
    for alert_id in written.resolved:
        _log("alert.resolved", situation, of_id[alert_id])


def changed(
    known: Mapping[Key, tuple[int, Finding]],
    verdicts: Collection[Verdict],
    gone: AbstractSet[int] = frozenset(),
) -> AlertChanges:
    """Return what verdicts make of the open alerts, which are known by their ids.

    Those of nodes that are `gone` are over, and so are those that nobody looks for.
    """
    raised: list[Finding] = []
    lasting: dict[int, Finding] = {}
    looked_for = TYPES | {key.type for key, _ in verdicts}
    left = {key for key in known if key.type not in looked_for or key.node_id in gone}
    over = [known[key][0] for key in left]
    for key, finding in verdicts:
        if key.node_id in gone:
            continue
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


def _gone(situation: Situation) -> set[int]:
    """Return the nodes of which nothing was heard for days, and that nobody looks at any more."""
    looked_at = [
        select(nodes.c.id, nodes.c.last_heard_at.label("at")),
        select(followed_logs.c.node_id, followed_logs.c.checked_at),
        select(polled_apis.c.node_id, polled_apis.c.checked_at),
    ]
    every = union_all(*looked_at).subquery()
    since = situation.now_us - _GONE_DAYS * DAY_US
    found = select(every.c.id).group_by(every.c.id).having(func.max(every.c.at) < since)
    return {row["id"] for row in situation.rows(found)}


def _log(event: str, situation: Situation, finding: Finding) -> None:
    log().info(
        event,
        type=finding.type,
        severity=finding.severity,
        node=situation.node(finding.node_id) if finding.node_id else None,
        satellite=situation.satellite(finding.satellite_id) if finding.satellite_id else None,
        message=finding.message,
    )
