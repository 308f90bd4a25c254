"""The source `profit`: what each node earned and cost its operator, by month."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.sources.earnings.columns import cells
from storj_export_plugins.sources.earnings.months import earnings
from storj_export_plugins.sources.naming import Names, rows_of
from storj_monitor.plugin import Column, Kind, Source, hookimpl
from storj_monitor.plugin.payouts import month_of, months_of
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from storj_export_plugins.sources.earnings.columns import Earning
    from storj_monitor.plugin import Query, Reader

STORJ_PLUGIN_API = 1

COLUMNS = (
    Column(key="period", label="Month", description="The month, in UTC."),
    Column(key="node", label="Node", description="The node, as the operator named it."),
    Column(
        key="paid_usd",
        label="Paid",
        kind=Kind.MONEY,
        unit="USD",
        description="What satellites' statements approved; empty while there is none.",
    ),
    Column(
        key="estimated_usd",
        label="Estimated",
        kind=Kind.MONEY,
        unit="USD",
        description="What is expected of the satellites without a statement; never part of paid.",
    ),
    Column(
        key="cost_usd",
        label="Cost",
        kind=Kind.MONEY,
        unit="USD",
        description="What the settings say that the node costs; empty where they say nothing.",
    ),
    Column(
        key="profit_usd",
        label="Profit",
        kind=Kind.MONEY,
        unit="USD",
        description="Paid less cost; empty while there is no statement, or without a cost.",
    ),
    Column(
        key="expected_profit_usd",
        label="Expected profit",
        kind=Kind.MONEY,
        unit="USD",
        description=(
            "Paid and what is expected besides, less cost, in months with an estimate: what is "
            "expected at the month's end where that is known, else what is estimated so far."
        ),
    ),
    Column(
        key="roi_percent",
        label="Return",
        kind=Kind.NUMBER,
        unit="%",
        description="Profit in percent of the cost.",
    ),
)


#: Before the first month that is known of a node, and after the last, if none is.
_NEVER = ("~", "")


class _Entry(NamedTuple):
    """What a node costs from a month on, in micro-USD: each month, and once in that month."""

    period: str
    monthly: int | None
    once: int | None


def rows(reader: Reader, query: Query) -> Iterator[tuple[object, ...]]:
    """Yield a row for each month and node that earned, or that cost something while it was known.

    They are in order of month and names.
    """
    earned = defaultdict[tuple[str, str], list["Earning"]](list)
    for row in earnings(reader, query):
        earned[row.period, row.node].append(row)
    costs = _costs(reader)
    known = _known_months(reader, query)
    nodes = sorted(known.keys() | {node for _, node in earned})
    for period in months_of(query.span):
        for node in nodes:
            of_month = earned.get((period, node), [])
            cost = _cost(costs[node], period)
            first, last = known.get(node, _NEVER)
            if of_month or (cost is not None and first <= period <= last):
                yield cells(COLUMNS, (period, node, *_figures(of_month, cost)))


def _figures(of_month: Iterable[Earning], cost: int | None) -> tuple[object, ...]:
    """Return the columns after month and node, money in micro-USD.

    There is a profit when it is known of each satellite what it paid.
    """
    of_month = list(of_month)
    paid = _sum(row.paid_usd for row in of_month)
    open_ = [row for row in of_month if row.state == "estimate"]
    estimated = _sum(row.estimated_usd for row in open_)
    at_end = _sum(
        row.estimated_usd if row.expected_usd is None else row.expected_usd for row in open_
    )
    profit = expected = roi = None
    if cost is not None:
        is_whole = all(row.paid_usd is not None for row in of_month)
        profit = paid - cost if paid is not None and is_whole else None
        expected = None if at_end is None else (paid or 0) + at_end - cost
    if profit is not None and cost:
        roi = profit / cost * 100
    return paid, estimated, cost, profit, expected, roi


def _sum(amounts: Iterable[int | None]) -> int | None:
    """Add up those that are known; None if none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _cost(entries: Iterable[_Entry], period: str) -> int | None:
    """Return what a month costs, from entries in order of their months; None if none says so."""
    monthly = once = None
    for entry in entries:
        if entry.period <= period and entry.monthly is not None:
            monthly = entry.monthly
        if entry.period == period:
            once = entry.once
    return _sum((monthly, once))


def _costs(reader: Reader) -> Mapping[str, list[_Entry]]:
    from sqlalchemy import select

    from storj_monitor.schema import node_costs

    table = node_costs.c
    asked = select(table.node, table.period, table.monthly, table.once).order_by(table.period)
    costs = defaultdict[str, list[_Entry]](list)
    for node, *entry in rows_of(reader, asked):
        costs[node].append(_Entry(*entry))
    return costs


def _known_months(reader: Reader, query: Query) -> dict[str, tuple[str, str]]:
    """Return the first and last month that anything is known of the query's nodes, by name."""
    from sqlalchemy import func, select

    from storj_monitor.schema import estimates, nodes, paystubs

    of_nodes = Names(reader).conditions(query, nodes.c.id)
    heard = select(nodes.c.name, nodes.c.first_heard_at, nodes.c.last_heard_at).where(*of_nodes)
    known = {
        name: [month_of(moment(at)) for at in ends if at is not None]
        for name, *ends in rows_of(reader, heard.order_by(nodes.c.name))
    }
    for table in (paystubs, estimates):
        ends_of = (func.min(table.c.period).label("first"), func.max(table.c.period).label("last"))
        told = select(nodes.c.name, *ends_of).where(table.c.node_id == nodes.c.id, *of_nodes)
        for name, *ends in rows_of(reader, told.group_by(nodes.c.name)):
            known[name] += ends
    return {node: (min(of_node), max(of_node)) for node, of_node in known.items() if of_node}


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source; ten years of months, as of earnings."""
    return [
        Source(
            name="profit",
            title="Profit",
            summary="What was paid and what nodes cost, by month and node",
            columns=COLUMNS,
            rows=rows,
            max_days=3660,
            period="month",
        )
    ]
