"""Their `reputation_history`: scores in percent; usually empty, for they asked for other fields."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.collect.imports.cells import NO_SATELLITE, id_of, ratio_of, whole_of
from storj_monitor.schema import reputation
from storj_monitor.store.news import News, Scores

if TYPE_CHECKING:
    from storj_monitor.collect.imports.account import TableAccount
    from storj_monitor.collect.imports.taking import Taking

#: A node and a satellite.
_Key = tuple[str, str]
_MOST_AUDITS = 2**53


class ScoresRow(NamedTuple):
    """A row of `reputation_history`: scores are percentages, flags 0 or 1."""

    rowid: int
    timestamp: str | None
    node_name: str | None
    satellite: str | None
    audit_score: float | None
    suspension_score: float | None
    online_score: float | None
    audit_success_count: int | None
    audit_total_count: int | None
    is_disqualified: int | None
    is_suspended: int | None


class _Since:
    """Tells since when a flag is up: nothing better is known than when it was first seen so."""

    def __init__(self) -> None:
        self._since: dict[_Key, int] = {}

    def see(self, key: _Key, at: int, flag: int | None) -> int | None:
        """Return the earliest time of an unbroken run that the flag was up in; None if it isn't."""
        if not flag:
            self._since.pop(key, None)
            return None
        self._since[key] = min(at, self._since.get(key, at))
        return self._since[key]


def import_reputation(taking: Taking) -> None:
    """Take over the scores."""
    account = taking.table("reputation_history")
    disqualified, suspended = _Since(), _Since()
    with taking.storing(account, reputation) as store:
        for page in taking.pages(account, ScoresRow):
            by_node: dict[str, list[Scores]] = defaultdict(list)
            for row in page:
                whose = taking.whose(account, row.node_name, row.timestamp)
                if whose is None or (scores := _scores(account, row, whose[1])) is None:
                    continue
                key = whose[0], scores.satellite
                since = scores._replace(
                    disqualified_at=disqualified.see(key, scores.at, row.is_disqualified),
                    suspended_at=suspended.see(key, scores.at, row.is_suspended),
                )
                by_node[whose[0]].append(since)
            store([News(node=node, scores=told) for node, told in by_node.items()])


def _scores(account: TableAccount, row: ScoresRow, at: int) -> Scores | None:
    satellite = id_of(row.satellite)
    if satellite is None:
        account.left_out[NO_SATELLITE] += 1
        return None
    told = (row.audit_score, row.suspension_score, row.online_score)
    ratios = [ratio_of(percent) for percent in told]
    if ratios == [None, None, None] and not (row.is_disqualified or row.is_suspended):
        account.left_out["without any score"] += 1
        return None
    if any(was is not None and now is None for was, now in zip(told, ratios, strict=True)):
        account.repaired["with scores that can't be: taken without these"] += 1
    audit, suspension, online = ratios
    return Scores(
        at=at,
        satellite=satellite,
        audit_score=audit,
        suspension_score=suspension,
        online_score=online,
        audits_total=whole_of(row.audit_total_count, _MOST_AUDITS),
        audits_ok=whole_of(row.audit_success_count, _MOST_AUDITS),
        origin="import",
    )
