"""Month by month: a row for each node and satellite, from the best that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_export_plugins.sources.earnings.accounts import Accounts, distributed
from storj_export_plugins.sources.earnings.columns import Earning
from storj_export_plugins.sources.earnings.rollups import Rollups
from storj_export_plugins.sources.earnings.spelling import codes_meaning, receipt_url
from storj_export_plugins.sources.naming import Names
from storj_monitor.plugin.payouts import month_of, months_of, next_month
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

    from storj_export_plugins.sources.earnings.accounts import Account, Pair, Record
    from storj_monitor.plugin import Query, Reader

    #: Month, node, and the satellite's short name and full id.
    Who = tuple[str, str, str | None, str | None]

STATES = ("estimate", "paystub", "distributed")
_COMPONENTS = ("comp_at_rest", "comp_get", "comp_get_repair", "comp_get_audit")


def earnings(reader: Reader, query: Query) -> Iterator[Earning]:
    """Yield a row for each node, satellite and month of the span, in order of month and names."""
    names = Names(reader)
    wanted = names.asked_satellites(query)
    states = query.filters.get("state", STATES)
    books = _Books(reader, names, query)
    for period in _known_months(reader, query):
        for pair, row in books.month(period):
            if row.state in states and (wanted is None or pair[1] in wanted):
                yield row


def _known_months(reader: Reader, query: Query) -> list[str]:
    """Return the months of the span that anything is known of, and maybe some between them."""
    from sqlalchemy import func, select

    from storj_monitor.schema import estimates, event_hours, paystubs

    known: set[Any] = set()
    for table in (paystubs, estimates):
        known.update(reader.fetch(select(table.c.period).distinct())["period"].to_pylist())
    ends = (func.min(event_hours.c.hour_at), func.max(event_hours.c.hour_at))
    first, last = (reader.fetch(select(end.label("at")))["at"][0].as_py() for end in ends)
    if first is not None:
        period, end = month_of(moment(first)), month_of(moment(last))
        while period <= end:
            known.add(period)
            period = next_month(period)
    return [period for period in months_of(query.span) if period in known]


class _Books:
    """Makes the rows of each month; the months are asked for in order."""

    def __init__(self, reader: Reader, names: Names, query: Query) -> None:
        self._reader = reader
        self._names = names
        self._query = query
        self._accounts = Accounts(reader, names, query)
        self._rollups = Rollups(reader, names, self._accounts)
        self._node_ids = self._asked_nodes()

    def month(self, period: str) -> Iterator[tuple[Pair, Earning]]:
        """Yield the rows of a month, each with the ids of whom it is about."""
        from storj_monitor.schema import estimates, paystubs

        statements = self._records(paystubs, period)
        expected = self._records(estimates, period)
        told = {node_id for node_id, _ in (*statements, *expected)}
        if untold := [node_id for node_id in self._node_ids if node_id not in told]:
            expected |= self._rollups.of_month(period, untold)
        for pair, who in self._named(period, statements.keys() | expected.keys()):
            account = self._accounts.of(pair)
            if pair in statements:
                yield pair, _stated(who, account, statements[pair], expected.get(pair))
            else:
                yield pair, _estimated(who, account, expected[pair])

    def _records(self, table: Table, period: str) -> dict[Pair, Record]:
        from sqlalchemy import select

        of_nodes = self._names.conditions(self._query, table.c.node_id)
        found = self._reader.fetch(select(*table.c).where(table.c.period == period, *of_nodes))
        return {(row["node_id"], row["satellite_id"]): row for row in found.to_pylist()}

    def _asked_nodes(self) -> list[int]:
        from sqlalchemy import select

        from storj_monitor.schema import nodes

        asked = select(nodes.c.id).where(*self._names.conditions(self._query, nodes.c.id))
        return [row["id"] for row in self._reader.fetch(asked).to_pylist()]

    def _named(self, period: str, pairs: set[Pair]) -> list[tuple[Pair, Who]]:
        """Return the pairs by the names of node and satellite; what is of no satellite is last."""
        listed = sorted(pairs)
        named = [
            (pair, (period, *names))
            for pair, names in zip(listed, self._names.of_pairs(listed), strict=True)
        ]
        return sorted(named, key=lambda item: (item[1][1], item[1][2] is None, item[1][2:]))


def _stated(who: Who, account: Account, statement: Record, estimate: Record | None) -> Earning:
    expected = None
    if estimate is not None:
        expected = _with(estimate["payout"], account.due(who[0]))
    account.add(statement)
    sent = distributed(statement)
    return Earning(
        *who,
        state="distributed" if sent else "paystub",
        storage_byte_hours=statement["byte_hours"],
        egress_bytes=statement["get_bytes"],
        repair_bytes=statement["get_repair_bytes"],
        audit_bytes=statement["get_audit_bytes"],
        storage_usd=statement["comp_at_rest"],
        egress_usd=statement["comp_get"],
        repair_usd=statement["comp_get_repair"],
        audit_usd=statement["comp_get_audit"],
        gross_usd=_gross(statement),
        surge_percent=statement["surge_percent"],
        held_usd=statement["held"],
        disposed_usd=statement["disposed"],
        paid_usd=statement["paid"],
        distributed_usd=sent,
        estimated_usd=expected,
        receipt=statement["receipt"],
        receipt_url=receipt_url(statement["receipt"]),
        codes=statement["codes"],
        codes_meaning=codes_meaning(statement["codes"]),
        origin=statement["origin"],
        **_standing(account),
    )


def _estimated(who: Who, account: Account, estimate: Record) -> Earning:
    due = account.due(who[0])
    account.expect(due)
    return Earning(
        *who,
        state="estimate",
        storage_byte_hours=estimate["byte_hours"],
        egress_bytes=estimate["egress_bytes"],
        repair_bytes=estimate["repair_bytes"],
        audit_bytes=estimate["audit_bytes"],
        storage_usd=estimate["storage"],
        egress_usd=estimate["egress"],
        repair_usd=estimate["repair"],
        audit_usd=estimate["audit"],
        gross_usd=estimate["gross"],
        surge_percent=100,
        held_usd=estimate["held"],
        disposed_usd=due,
        estimated_usd=_with(estimate["payout"], due),
        expected_usd=_with(estimate["expected"], due),
        origin=estimate["origin"],
        **_standing(account),
    )


def _gross(statement: Record) -> int | None:
    """Return the sum of the four components, or what the payout history says that it is."""
    components = [statement[name] for name in _COMPONENTS]
    earned: int | None = statement["earned"]
    return earned if None in components else sum(components)


def _with(amount: int | None, disposed: int | None) -> int | None:
    """Add what is given back to an amount that is known."""
    return None if amount is None else amount + (disposed or 0)


def _standing(account: Account) -> dict[str, Any]:
    return {
        "joined_at": account.joined_at,
        "held_balance_usd": account.held_balance,
        "undistributed_usd": account.undistributed,
    }
