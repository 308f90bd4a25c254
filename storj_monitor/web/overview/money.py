"""What nodes expect for this month, and what was approved and sent for the last."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from storj_monitor.plugin.payouts import MICRO, month_of, month_start
from storj_monitor.plugin.query import moment
from storj_monitor.schema import estimates, paystubs
from storj_monitor.web.overview.figures import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Table

    from storj_monitor.alerts.situation import Situation

    Row = dict[str, Any]
    #: By the month and the node's id.
    Rows = dict[tuple[str, int], list[Row]]


def money(situation: Situation) -> Callable[[int], Money]:
    """Read the money of all nodes; what is returned gives that of one, by its id."""
    this_month = month_of(moment(situation.now_us))
    last_month = month_of(month_start(this_month) - timedelta(days=1))
    expected = _rows(situation, estimates, ("payout", "expected"), (this_month, last_month))
    stated = _rows(situation, paystubs, ("origin", "paid", "distributed"), (last_month,))

    def of_node(node_id: int) -> Money:
        now = expected[this_month, node_id]
        statements = stated[last_month, node_id]
        return Money(
            month=this_month,
            so_far_usd=_sum(row["payout"] for row in now),
            expected_usd=_sum(row["expected"] for row in now),
            last_month=last_month,
            paid_usd=_sum(row["paid"] for row in statements),
            sent_usd=_sum(_sent(row) for row in statements),
            statements=len(statements),
            awaited=max(len(statements), len(expected[last_month, node_id])),
        )

    return of_node


def _rows(
    situation: Situation, table: Table, names: tuple[str, ...], months: tuple[str, ...]
) -> Rows:
    columns = (table.c[name] for name in ("period", "node_id", *names))
    found: Rows = defaultdict(list)
    for row in situation.rows(select(*columns).where(table.c.period.in_(months))):
        found[row["period"], row["node_id"]].append(row)
    return found


def _sent(statement: Row) -> int | None:
    """Return what was sent: a node that says nothing of it has got nothing; others are mute."""
    sent: int | None = statement["distributed"]
    return 0 if sent is None and statement["origin"] == "api" else sent


def _sum(amounts: Iterable[int | None]) -> Decimal | None:
    """Add up micro-USD as USD; what is part of it but isn't known leaves nothing to tell."""
    known = list(amounts)
    whole = [amount for amount in known if amount is not None]
    return Decimal(sum(whole)) / MICRO if whole and len(whole) == len(known) else None
