"""Their `alerts`, row by row: each was raised again every quarter of an hour while it lasted."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from storj_monitor.collect.fields import shortened
from storj_monitor.collect.imports import ours
from storj_monitor.collect.imports.cells import id_of
from storj_monitor.schema import alerts
from storj_monitor.store.news import News, PastAlert

if TYPE_CHECKING:
    from collections.abc import Collection

    from storj_monitor.collect.imports.account import TableAccount
    from storj_monitor.collect.imports.ours import AlertKey
    from storj_monitor.collect.imports.taking import Taking

_SEVERITIES = frozenset(("info", "warning", "critical"))
#: What was measured, under whichever name; percentages and milliseconds stay such.
_VALUES = ("score", "used_percent", "p99_ms", "error_rate", "z_score")
_LONGEST_NAME = 200
_Told = list[tuple[str, PastAlert]]


class AlertRow(NamedTuple):
    """A row of `alerts`."""

    rowid: int
    timestamp: str | None
    node_name: str | None
    alert_type: str | None
    severity: str | None
    title: str | None
    message: str | None
    acknowledged: int | None
    acknowledged_at: str | None
    resolved: int | None
    resolved_at: str | None
    metadata: str | None


def import_alerts(taking: Taking) -> None:
    """Take over the alerts; the last of each that none resolved stays open."""
    account = taking.table("alerts")
    repetitions = _Repetitions(account)
    with taking.storing(account, alerts) as store:
        for page in taking.pages(account, AlertRow):
            told = _told(taking, account, page)
            store(_news([over for one in told if (over := repetitions.see(*one))]))
        store(_news(repetitions.last(ours.open_alerts(taking.reader))))


class _Repetitions:
    """Resolves each alert that is open when it is raised again, at that time."""

    def __init__(self, account: TableAccount) -> None:
        self._account = account
        self._latest: dict[AlertKey, PastAlert] = {}

    def see(self, node: str, alert: PastAlert) -> tuple[str, PastAlert] | None:
        """Return the one before of its kind, which is over; None if there is none."""
        key = node, alert.satellite, alert.type
        before = self._latest.get(key)
        if before is not None and (before.at, before.title) == (alert.at, alert.title):
            self._account.left_out["that stand there twice"] += 1
            return None
        self._latest[key] = alert
        if before is None:
            return None
        if before.resolved_at is None:
            self._account.repaired["open, and raised again: taken as resolved then"] += 1
            before = before._replace(resolved_at=max(before.at, alert.at))
        return node, before

    def last(self, are_open: Collection[AlertKey]) -> _Told:
        """Return the last of each: open, unless ours of its kind is (`are_open`)."""
        found = []
        for key, alert in self._latest.items():
            last = alert
            if alert.resolved_at is None and key in are_open:
                self._account.repaired["open here already: taken as resolved"] += 1
                last = alert._replace(resolved_at=alert.at)
            found.append((key[0], last))
        return found


def _told(taking: Taking, account: TableAccount, page: list[AlertRow]) -> _Told:
    found = []
    for row in page:
        whose = taking.whose(account, row.node_name, row.timestamp)
        if whose and (alert := _alert(taking, account, row, whose[1])):
            found.append((whose[0], alert))
    return found


def _alert(taking: Taking, account: TableAccount, row: AlertRow, at: int) -> PastAlert | None:
    if row.severity not in _SEVERITIES:
        account.left_out["of an unknown severity"] += 1
        return None
    texts = (row.alert_type, row.title, row.message)
    type_, title, message = (shortened(text or "") for text in texts)
    if type_ is None or title is None or message is None:
        account.left_out["without a type, a title or a message"] += 1
        return None
    said = _metadata(row.metadata)
    return PastAlert(
        at,
        id_of(satellite) if isinstance(satellite := said.get("satellite"), str) else None,
        type_[:_LONGEST_NAME],
        row.severity,
        title[:_LONGEST_NAME],
        message,
        _value(said),
        resolved_at=_since(taking, row.resolved, row.resolved_at, at),
        acknowledged_at=_since(taking, row.acknowledged, row.acknowledged_at, at),
    )


def _since(taking: Taking, flag: int | None, time: str | None, at: int) -> int | None:
    """Return the time of something that is so; that of the alert where it isn't told."""
    if not flag:
        return None
    told = taking.cells.time(time)
    return at if told is None else max(at, told)


def _metadata(text: str | None) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return {}


def _value(said: dict[str, Any]) -> float | None:
    for name in _VALUES:
        value = said.get(name)
        if isinstance(value, int | float) and math.isfinite(value):
            return float(value)
    return None


def _news(told: _Told) -> list[News]:
    by_node: dict[str, list[PastAlert]] = defaultdict(list)
    for node, alert in told:
        by_node[node].append(alert)
    return [News(node=node, past_alerts=of_node) for node, of_node in by_node.items()]
