"""Writing alerts, and how exports and deliveries ended."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import bindparam, case, func, literal_column, null, update

from storj_monitor.schema import alerts, outcomes
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import BindParameter, Case, ClauseElement, ColumnElement, Update
    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.statements import Statements

Severity = Literal["info", "warning", "critical"]
_RISING: tuple[Severity, ...] = ("info", "warning", "critical")


class Finding(NamedTuple):
    """Something that needs an operator's eye: a row of `alerts` while it lasts.

    `node_id` and `satellite_id` 0 stand for none. The title is the same as long as it lasts.
    """

    node_id: int
    satellite_id: int
    type: str
    severity: Severity
    title: str
    message: str
    value: float | None = None
    threshold: float | None = None


class AlertChanges(NamedTuple):
    """What becomes of alerts: some are new, of open ones (by id) some last and some are over."""

    raised: Sequence[Finding] = ()
    lasting: Mapping[int, Finding] = MappingProxyType({})
    over: Sequence[int] = ()


class AlertsWritten(NamedTuple):
    """What was raised and resolved (ids), but for what another process had done already."""

    raised: list[Finding]
    resolved: list[int]


def write_alerts(statements: Statements, changes: AlertChanges, at_us: int) -> AlertsWritten:
    """Store what becomes of alerts."""
    resolved = [one for one in changes.over if _resolves(statements, one, at_us)]
    for alert_id, finding in changes.lasting.items():
        statements.query(
            _keep_up,
            of_id=alert_id,
            new_severity=finding.severity,
            new_message=finding.message,
            new_value=finding.value,
            new_threshold=finding.threshold,
        )
    raised = [one for one in changes.raised if _raises(statements, one, at_us)]
    return AlertsWritten(raised, resolved)


def acknowledge(statements: Statements, alert_id: int, at_us: int) -> int | None:
    """Mark an alert as known; return since when it is, or None if there is no such alert."""
    found = statements.query(_acknowledge, of_id=alert_id, now=at_us)
    at: int | None = found.column(0)[0].as_py() if found.num_rows else None
    return at


def write_outcome(  # noqa: PLR0913, PLR0917  what an outcome is
    statements: Statements, kind: str, subject: str, at_us: int, error: str | None, counts: int = 1
) -> None:
    """Count a failure, as so many, or start anew when there is no error."""
    failures = 0 if error is None else counts
    statements.insert_tuples(_put_outcome, [(kind, subject, at_us, failures, error)])


def _resolves(statements: Statements, alert_id: int, at_us: int) -> bool:
    return statements.query(_resolve, of_id=alert_id, now=at_us).num_rows > 0


def _raises(statements: Statements, finding: Finding, at_us: int) -> bool:
    row = finding._asdict() | {"at": at_us, "origin": "monitor"}
    return statements.query(_raise, **row).num_rows > 0


def _raise() -> ClauseElement:
    """Do nothing where another process was first: a row comes back for what was raised."""
    names = (*Finding._fields, "at", "origin")
    return insertion(alerts, *names).on_conflict_do_nothing().returning(alerts.c.id)


def _open() -> Update:
    return update(alerts).where(alerts.c.id == bindparam("of_id"), alerts.c.resolved_at.is_(None))


def _keep_up() -> ClauseElement:
    """Write how it is now; of what is worse than before nobody knows yet."""
    names = ("severity", "message", "value", "threshold")
    new: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in names}
    is_worse = _rank(new["severity"]) > _rank(alerts.c.severity)
    known = case((is_worse, null()), else_=alerts.c.acknowledged_at)
    return _open().values(new | {"acknowledged_at": known})


def _rank(severity: ColumnElement[str]) -> Case[int]:
    ranks = {name: rank for rank, name in enumerate(_RISING)}
    return case(ranks, value=severity)


def _resolve() -> ClauseElement:
    return _open().values(resolved_at=bindparam("now")).returning(alerts.c.id)


def _acknowledge() -> ClauseElement:
    since = func.coalesce(alerts.c.acknowledged_at, bindparam("now"))
    mark = update(alerts).where(alerts.c.id == bindparam("of_id")).values(acknowledged_at=since)
    return mark.returning(alerts.c.acknowledged_at)


def _put_outcome() -> Insert:
    upsert = insertion(outcomes)
    had, more = outcomes.c, upsert.excluded
    return upsert.on_conflict_do_update(
        index_elements=list(outcomes.primary_key),
        set_={
            "at": func.max(had.at, more.at),
            "failures": case(
                (more.failures > literal_column("0"), had.failures + more.failures),
                else_=literal_column("0"),
            ),
            "error": func.coalesce(more.error, had.error),
        },
    )
