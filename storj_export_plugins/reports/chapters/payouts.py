"""What was earned in the months of a span: what is paid and what is estimated, never in one sum."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters.months import months_before
from storj_export_plugins.reports.reading import records
from storj_export_plugins.reports.sums import change, part, total
from storj_monitor.plugin import Figure, Kind, Span
from storj_monitor.plugin.payouts import months_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from storj_export_plugins.reports.reading import Record
    from storj_monitor.plugin import Catalogue, Query

#: So many months before the span are shown beside it.
_MONTHS_BEFORE = 12


def statements(rows: Iterable[Record]) -> list[Record]:
    """Return the rows that satellites stated."""
    return [row for row in rows if row["state"] != "estimate"]


def estimates(rows: Iterable[Record]) -> list[Record]:
    """Return the rows of which there is no statement yet."""
    return [row for row in rows if row["state"] == "estimate"]


def sum_of(rows: Iterable[Record], key: str) -> Decimal | None:
    """Add up a column of money as far as it is known; None if it is of no row."""
    return total(row[key] for row in rows)


class Payouts:
    """The earnings and costs of a span of whole months, and of those before it."""

    def __init__(self, catalogue: Catalogue, query: Query) -> None:
        self.query = query
        self.periods = tuple(months_of(query.span))
        self.earlier = tuple(months_of(months_before(query, _MONTHS_BEFORE).span))
        history = months_before(query, max(_MONTHS_BEFORE, len(self.periods)))
        whole = replace(query, span=Span(history.span.start, query.span.end))
        self.history = records(catalogue, "earnings", whole)
        self._profits = records(catalogue, "profit", whole)
        compared = tuple(months_of(months_before(query, len(self.periods)).span))
        self.rows, self._rows_before = (
            [row for row in self.history if row["period"] in periods]
            for periods in (self.periods, compared)
        )
        self.profits, self._profits_before = (
            [row for row in self._profits if row["period"] in periods]
            for periods in (self.periods, compared)
        )

    def figures(self) -> tuple[Figure, ...]:
        """Return what was paid or is estimated, held and left, each with its change.

        They are the sums of the columns of `earnings`: over statements, or over estimates where
        there are no statements at all; only what is paid and what is estimated stand side by side.
        """
        stated, open_ = statements(self.rows), estimates(self.rows)
        found = []
        if stated or not open_:
            found.append(self._sum("paid", "Paid", "paid_usd", statements))
        if open_:
            found.append(self._sum("estimated", "Estimated, not paid", "estimated_usd", estimates))
        which, said = (estimates, ", estimated") if open_ and not stated else (statements, "")
        found.append(self._sum("held", f"Held back{said}", "held_usd", which))
        found.append(self._sum("returned", f"Given back{said}", "disposed_usd", which))
        return (*found, *self._left(is_open=bool(open_)))

    def _sum(
        self, key: str, label: str, column: str, which: Callable[[Iterable[Record]], list[Record]]
    ) -> Figure:
        now, before = (sum_of(which(rows), column) for rows in (self.rows, self._rows_before))
        return Figure(key, label, now, Kind.MONEY, change(now, before))

    def _left(self, *, is_open: bool) -> tuple[Figure, ...]:
        """Return costs and profit; where an estimate is in it, the profit is an expected one.

        That isn't compared: the month before is whole, and paid.
        """
        of_profit = _expected if is_open else _profit
        cost, cost_before = (
            sum_of(rows, "cost_usd") for rows in (self.profits, self._profits_before)
        )
        profit, profit_before = (
            total(of_profit(row) for row in rows) for rows in (self.profits, self._profits_before)
        )
        costs = Figure("cost", "Costs", cost, Kind.MONEY, change(cost, cost_before))
        of_whom = self._of_whom()
        if is_open:
            expected = Figure("profit", f"Profit expected{of_whom}", profit, Kind.MONEY)
            return costs, expected
        grown = change(profit, profit_before)
        left = Figure("profit", f"Profit{of_whom}", profit, Kind.MONEY, grown)
        now, before = part(profit, cost), part(profit_before, cost_before)
        return costs, left, Figure("roi", "Return on costs", now, Kind.RATIO, change(now, before))

    def _of_whom(self) -> str:
        """Return of how many nodes there is a profit, unless it is of all or none."""
        nodes = {row["node"] for row in self.profits}
        costly = {row["node"] for row in self.profits if row["cost_usd"] is not None}
        return f" of {len(costly)} of {len(nodes)} nodes" if costly and costly != nodes else ""


def _profit(row: Record) -> Decimal | None:
    profit: Decimal | None = row["profit_usd"]
    return profit


def _expected(row: Record) -> Decimal | None:
    """Return what a node leaves, be it that some of it is estimated."""
    expected: Decimal | None = row["expected_profit_usd"]
    return _profit(row) if expected is None else expected
