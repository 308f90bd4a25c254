"""Statements that are not what was expected, or no longer what they were."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby, islice, pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from storj_monitor.alerts.situation import DAY_US, HOUR_US, time_text
from storj_monitor.alerts.verdicts import Subject
from storj_monitor.plugin import Kind, display_text
from storj_monitor.plugin.payouts import MICRO, month_start, next_month
from storj_monitor.plugin.query import microseconds
from storj_monitor.schema import earlier_paystubs, estimates, paystubs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Subquery

    from storj_monitor.alerts.situation import AnySelect, Situation
    from storj_monitor.alerts.verdicts import Verdict

    Row = Mapping[str, Any]

TYPES = ("payout_differs", "statement_changed")

_KEY = ("period", "node_id", "satellite_id")
_COMPARED_DAYS = 45
#: An estimate of a month's last hours is not far from one of all of it.
_LAST_HOURS_US = 12 * HOUR_US
_CHANGED_DAYS = 30
_MOST_CHANGES = 4
_BYTES = {"get_bytes", "get_repair_bytes", "get_audit_bytes", "put_bytes", "put_repair_bytes"}
_PLAIN = {"codes", "receipt", "surge_percent", "byte_hours"}
#: When a statement was made and read isn't what it says.
_UNCOMPARED = {
    "node_id",
    "satellite_id",
    "period",
    "replaced_at",
    "origin",
    "read_at",
    "created_at",
}
_COMPARED = [column.name for column in earlier_paystubs.c if column.name not in _UNCOMPARED]
#: Why a satellite pays less, or nothing.
_CODES = {
    "D": "disqualified",
    "S": "in a sanctioned country",
    "T": "a tax form is missing",
    "O": "offline all month",
}


def verdicts(situation: Situation) -> Iterator[Verdict]:
    """Judge the latest statement of each node and satellite, and those that changed of late."""
    changed = _changed(situation)
    for row in situation.rows(_latest_with_estimates()):
        verdict = _payout(situation, row)
        if verdict is not None:
            yield verdict
        yield _change(situation, row, changed.get((row["node_id"], row["satellite_id"]), []))


def _payout(situation: Situation, row: Row) -> Verdict | None:
    """Compare what is paid for a month with what was expected; None where one isn't known."""
    subject = Subject(
        "payout_differs", "Payout far from its estimate", row["node_id"], row["satellite_id"]
    )
    if row["read_at"] < situation.now_us - _COMPARED_DAYS * DAY_US:
        return subject.fine()
    if row["origin"] != "api" or row["estimate_origin"] != "api":
        return None
    paid, expected = row["paid"], row["payout"]
    if paid is None or expected is None or not _is_of_all(row):
        return None
    paid -= row["disposed"] or 0
    difference, settings = abs(paid - expected), situation.settings
    is_far = difference > expected * Decimal(str(settings.payout_ratio))
    if not is_far or difference <= settings.payout_usd * MICRO:
        return subject.fine()
    why = [_CODES[code] for code in (row["codes"] or "").split(":") if code in _CODES]
    reason = f" The statement gives a reason: {', '.join(why)}." if why else ""
    return subject.found(
        "info",
        f"{situation.satellite(row['satellite_id'])} pays {situation.node(row['node_id'])} "
        f"{_usd(paid)} for {row['period']}, and {_usd(expected)} was expected (what is given back "
        f"of the held amount aside).{reason} A few percent are normal: compare the usage in both.",
        paid / expected - 1 if expected else None,
        settings.payout_ratio,
    )


def _is_of_all(row: Row) -> bool:
    """Whether the estimate was made when the month was over, but for its last hours."""
    end = microseconds(month_start(next_month(row["period"])))
    return bool(row["estimated_at"] >= end - _LAST_HOURS_US)


def _latest_with_estimates() -> AnySelect:
    columns = paystubs.c
    last = _last_periods()
    is_last = and_(*(columns[name] == last.c[name] for name in _KEY))
    is_of_it = and_(*(estimates.c[name] == last.c[name] for name in _KEY))
    wanted = select(
        *(columns[name] for name in ("node_id", "satellite_id", "period", "origin", "read_at")),
        *(columns[name] for name in ("paid", "disposed", "codes")),
        estimates.c.payout,
        estimates.c.origin.label("estimate_origin"),
        estimates.c.at.label("estimated_at"),
    )
    return wanted.select_from(last.join(paystubs, is_last).outerjoin(estimates, is_of_it))


def _last_periods() -> Subquery:
    whose = (paystubs.c.node_id, paystubs.c.satellite_id)
    return select(*whose, func.max(paystubs.c.period).label("period")).group_by(*whose).subquery()


def _change(situation: Situation, row: Row, changes: list[tuple[Row, list[str]]]) -> Verdict:
    """Say what the satellite changed: the month that it changed last comes first."""
    subject = Subject(
        "statement_changed", "A final statement changed", row["node_id"], row["satellite_id"]
    )
    if not changes:
        return subject.fine()
    by_month = "; ".join(
        f"{before['period']} on {time_text(before['replaced_at'])}: {_listed(said)}"
        for before, said in changes
    )
    return subject.found(
        "info",
        f"{situation.satellite(row['satellite_id'])} changed what it had stated for "
        f"{situation.node(row['node_id'])}: {by_month}. Both versions are kept; correct what you "
        "passed on.",
    )


def _changed(situation: Situation) -> dict[tuple[int, int], list[tuple[Row, list[str]]]]:
    """Return by node and satellite the versions that others replaced of late, and how these differ.

    What is only told for the first time is no change, nor is it that a month is now sent.
    """
    recent = earlier_paystubs.c.replaced_at >= situation.now_us - _CHANGED_DAYS * DAY_US
    earlier = situation.rows(select(*earlier_paystubs.c).where(recent))
    same = [paystubs.c[name] == earlier_paystubs.c[name] for name in _KEY]
    current = situation.rows(
        select(*paystubs.c).join(earlier_paystubs, and_(*same)).where(recent).distinct()
    )
    now = {_key(row): row for row in current}
    found: dict[tuple[int, int], list[tuple[Row, list[str]]]] = {}
    in_order = sorted(earlier, key=lambda row: (_key(row), row["replaced_at"]))
    for key, versions in groupby(in_order, key=_key):
        chain = [*versions, *([now[key]] if key in now else [])]
        for before, after in pairwise(chain):
            if said := list(differences(before, after)):
                found.setdefault((key[1], key[2]), []).append((before, said))
    for changes in found.values():
        changes.sort(key=lambda change: change[0]["replaced_at"], reverse=True)
    return found


def _key(row: Row) -> tuple[str, int, int]:
    return row["period"], row["node_id"], row["satellite_id"]


def differences(before: Row, after: Row) -> Iterator[str]:
    """Say in words what is different in two versions of a statement, money first."""
    if before["origin"] != "api" or after["origin"] != "api":
        return
    for name in sorted(_COMPARED, key=lambda name: (name in _PLAIN or name in _BYTES, name)):
        old, new = before[name], after[name]
        is_new = old is None or new is None or (name in {"distributed", "receipt"} and not old)
        if not is_new and old != new:
            words = name.replace("_", " ")
            yield f"{words} from {_spelt(name, old)} to {_spelt(name, new)}"


def _listed(said: Iterable[str]) -> str:
    words = list(said)
    more = len(words) - _MOST_CHANGES
    shown = ", ".join(islice(words, _MOST_CHANGES))
    return f"{shown} and {more} more" if more > 0 else shown


def _spelt(name: str, value: str | int) -> str:
    if isinstance(value, str) or name in _PLAIN:
        return str(value) or "none"
    return display_text(value, Kind.BYTES) if name in _BYTES else _usd(value)


def _usd(micro: int) -> str:
    """Spell an amount with as many decimals as it has, and at least two."""
    amount = f"{Decimal(micro) / MICRO:.6f}"
    return f"{amount[:-4]}{amount[-4:].rstrip('0')} USD"
