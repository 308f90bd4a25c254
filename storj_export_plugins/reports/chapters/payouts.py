"""What was earned in the months of a span: what is paid and what is estimated, never in one sum."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters.months import months_before
from storj_export_plugins.reports.reading import records
from storj_export_plugins.reports.spans import is_over
from storj_export_plugins.reports.sums import change, part, total
from storj_export_plugins.reports.words import counted, of_nodes
from storj_monitor.plugin import Figure, Kind, Span
from storj_monitor.plugin.payouts import months_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    from storj_export_plugins.reports.reading import Record
    from storj_monitor.plugin import Catalogue, Query

#: So many months before the span are shown beside it.
_MONTHS_BEFORE = 12
#: Sums over nodes and satellites of which more than this part differ aren't compared.
_MOST_UNLIKE = 0.05


def statements(rows: Iterable[Record]) -> list[Record]:
    """Return the rows that satellites stated."""
    return [row for row in rows if row["state"] != "estimate"]


def estimates(rows: Iterable[Record]) -> list[Record]:
    """Return the rows of which there is no statement yet."""
    return [row for row in rows if row["state"] == "estimate"]


def sum_of(rows: Iterable[Record], key: str) -> Decimal | None:
    """Add up a column of money as far as it is known; None if it is of no row."""
    return total(row[key] for row in rows)


def profit_of(row: Record) -> Decimal | None:
    """Return what is left of what was paid; None where no income is known, or no cost."""
    profit: Decimal | None = row["profit_usd"]
    return profit


def expected_of(row: Record) -> Decimal | None:
    """Return what a node leaves, be it that some of it is estimated."""
    expected: Decimal | None = row["expected_profit_usd"]
    return profit_of(row) if expected is None else expected


class Payouts:
    """The earnings and costs of a span of whole months, and of those before it."""

    def __init__(self, catalogue: Catalogue, query: Query) -> None:
        self.query = query
        self.is_over = is_over(query)
        self.periods = tuple(months_of(query.span))
        self.earlier = tuple(months_of(months_before(query, _MONTHS_BEFORE).span))
        history = months_before(query, max(_MONTHS_BEFORE, len(self.periods)))
        whole = replace(query, span=Span(history.span.start, query.span.end))
        self.history = records(catalogue, "earnings", whole)
        self._profits = records(catalogue, "profit", whole)
        self.compared = tuple(months_of(months_before(query, len(self.periods)).span))
        self.rows, self._rows_before = (
            [row for row in self.history if row["period"] in periods]
            for periods in (self.periods, self.compared)
        )
        self.profits, self._profits_before = (
            [row for row in self._profits if row["period"] in periods]
            for periods in (self.periods, self.compared)
        )

    def figures(self) -> tuple[Figure, ...]:
        """Return what was paid or is estimated, held and left, each with its change.

        They are the sums of the columns of `earnings`: over statements, or over estimates where
        there are no statements at all; only what is paid and what is estimated stand side by side.
        """
        stated, open_ = statements(self.rows), estimates(self.rows)
        so_far = "" if self.is_over else " so far"
        found = []
        if stated or not open_:
            found.append(self._sum("paid", "Paid", "paid_usd", statements))
        if open_:
            label = f"Estimated{so_far}, not paid"
            found.append(self._sum("estimated", label, "estimated_usd", estimates))
        which, said = statements, ""
        if open_ and not stated:
            which, said = estimates, f", estimated{so_far}"
        found.append(self._sum("held", f"Held back{said}", "held_usd", which))
        found.append(self._sum("returned", f"Given back{said}", "disposed_usd", which))
        return (*found, *self._left(is_open=bool(open_)))

    def _sum(
        self, key: str, label: str, column: str, which: Callable[[Iterable[Record]], list[Record]]
    ) -> Figure:
        rows, rows_before = which(self.rows), which(self._rows_before)
        now, before = sum_of(rows, column), sum_of(rows_before, column)
        changed = change(now, before) if self._are_alike(rows, rows_before, column) else None
        return Figure(key, label, now, Kind.MONEY, changed)

    def _left(self, *, is_open: bool) -> tuple[Figure, ...]:
        """Return costs and profit; where an estimate is in it, the profit is an expected one.

        That isn't compared: the month before is whole, and paid. What a node earned and isn't known
        isn't zero: its cost is in no profit and no return, which say of how many nodes they are.
        """
        both = self.profits, self._profits_before
        cost, cost_before = (sum_of(rows, "cost_usd") for rows in both)
        grown = change(cost, cost_before) if self._are_alike(*both, "cost_usd") else None
        costs = Figure("cost", "Costs", cost, Kind.MONEY, grown)
        of_profit = expected_of if is_open else profit_of
        profit, before = (total(map(of_profit, rows)) for rows in both)
        label = f"{'Profit expected' if is_open else 'Profit'}{self._of_whom(of_profit)}"
        if is_open:
            return costs, Figure("profit", label, profit, Kind.MONEY)
        is_like = self._are_alike(*both, "profit_usd")
        returned, returned_before = map(return_on_costs, both)
        return (
            costs,
            Figure(
                "profit", label, profit, Kind.MONEY, change(profit, before) if is_like else None
            ),
            Figure(
                "roi",
                "Return on costs",
                returned,
                Kind.RATIO,
                change(returned, returned_before) if is_like else None,
            ),
        )

    def _of_whom(self, of_profit: Callable[[Record], Decimal | None]) -> str:
        """Return of how many nodes there is a profit, unless it is of all or none."""
        nodes = {row["node"] for row in self.profits}
        unknown = {row["node"] for row in self.profits if of_profit(row) is None}
        return of_nodes(len(nodes - unknown), len(nodes))

    def _are_alike(self, rows: list[Record], rows_before: list[Record], key: str) -> bool:
        """Whether sums are over the same nodes and satellites in both spans, month by month."""
        now = _known(rows, self.periods, key)
        before = _known(rows_before, self.compared, key)
        is_like = len(now ^ before) <= _MOST_UNLIKE * len(now | before)
        return self.is_over and bool(now) and is_like

    def comparison(self) -> list[str]:
        """Return why what was paid isn't compared with the months before, unless it is."""
        stated, before = statements(self.rows), statements(self._rows_before)
        if not self.is_over or not stated or self._are_alike(stated, before, "paid_usd"):
            return []
        months = " to ".join(dict.fromkeys((self.compared[0], self.compared[-1])))
        if not before:
            return [f"No statement is known of {months}: payments aren't compared."]
        text = (
            f"{counted(len(stated), 'statement')} here and {len(before):,} of {months} aren't of "
            "the same nodes and satellites: payments aren't compared."
        )
        return [text]


def return_on_costs(rows: Iterable[Record]) -> float | None:
    """Return profit as a part of the costs, of what has a profit: any other cost isn't in it."""
    known = [row for row in rows if profit_of(row) is not None]
    return part(sum_of(known, "profit_usd"), sum_of(known, "cost_usd"))


def _known(
    rows: Iterable[Record], periods: Sequence[str], key: str
) -> set[tuple[str, str | None, int]]:
    """Return of whom and which of the months a value is known."""
    return {
        (row["node"], row.get("satellite_id"), periods.index(row["period"]))
        for row in rows
        if row[key] is not None
    }
