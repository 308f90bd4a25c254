"""The charts and tables of earnings: by month, node and satellite, estimate against payment."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters.columns import (
    NODE,
    SATELLITE,
    TOTAL,
    count,
    money,
    ratio,
    size,
)
from storj_export_plugins.reports.chapters.payouts import (
    estimates,
    expected_of,
    return_on_costs,
    statements,
    sum_of,
)
from storj_export_plugins.reports.sums import less, part, total
from storj_export_plugins.reports.words import dollars
from storj_monitor.plugin import Chart, Column, Kind, Table
from storj_monitor.plugin.payouts import MONTH_HOURS, TB

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from storj_export_plugins.reports.chapters.payouts import Payouts
    from storj_export_plugins.reports.reading import Record

MONTH = Column(key="period", label="Month", description="The month, in UTC.")
_STATE = Column(
    key="state",
    label="State",
    description="estimate: no statement yet. paystub: stated. distributed: something was sent.",
)
_COMPONENTS = (
    money("storage_usd", "Storage"),
    money("egress_usd", "Egress"),
    money("repair_usd", "Repair"),
    money("audit_usd", "Audits"),
)
#: In the order of the statements that operators know.
_MONEY = (
    *_COMPONENTS,
    money("held_usd", "Held back"),
    money("disposed_usd", "Given back", "Of what was held back before; part of what is paid."),
    money("estimated_usd", "Estimated", "What was expected to be paid, or still is."),
    money("paid_usd", "Paid", "Approved for the month; empty while there is no statement."),
    money("distributed_usd", "Sent", "Sent to the wallet for the month."),
)
_DIFFERENCE = money("difference_usd", "Not sent", "Paid less sent: carried over to later months.")
_RECEIPT = Column(key="receipt", label="Receipt", description="The transaction; see there.")
#: A receipt is recognised by its two ends.
_SHOWN_OF_RECEIPT = 12


def by_month(payouts: Payouts) -> tuple[Chart, Table]:
    """Return what was paid in the months of the span and the twelve before, and was estimated."""
    columns = (
        MONTH,
        money("paid_usd", "Paid", "What statements approved."),
        money("estimated_forecast", "Estimated", "The last estimates, before statements or still."),
        money("held_usd", "Held back", "By statements."),
        money("disposed_usd", "Given back", "By statements; part of paid."),
        money("distributed_usd", "Sent", "By statements."),
    )
    rows = []
    periods = (*payouts.earlier, *payouts.periods) if payouts.history else ()
    for period in periods:
        of_month = [row for row in payouts.history if row["period"] == period]
        stated = statements(of_month)
        amounts = [sum_of(stated, key) for key in ("held_usd", "disposed_usd", "distributed_usd")]
        paid, estimated = sum_of(stated, "paid_usd"), sum_of(of_month, "estimated_usd")
        rows.append((period, paid, estimated, *amounts))
    table = Table.of("earnings_by_month", "Earnings by month", columns, rows)
    paid = sum_of(statements(payouts.rows), "paid_usd")
    open_ = sum_of(estimates(payouts.rows), "estimated_usd")
    said = [f"{dollars(paid)} paid"] if paid is not None else []
    said += [f"{dollars(open_)} estimated"] if open_ is not None else []
    title = f"Earnings by month: {' and '.join(said) or 'nothing is known'}"
    return Chart(title, table, "period", ("paid_usd", "estimated_forecast")), table


def by_component(payouts: Payouts) -> tuple[Chart, Table]:
    """Return what each node earned with what, of statements, or of estimates if there are none."""
    rows, which = statements(payouts.rows), "stated"
    if not rows and payouts.rows:
        rows, which = payouts.rows, "estimated"
    made = []
    for node in sorted({row["node"] for row in rows}):
        of_node = [row for row in rows if row["node"] == node]
        made.append((node, *(sum_of(of_node, column.key) for column in _COMPONENTS)))
    amounts = {column.label: sum_of(rows, column.key) for column in _COMPONENTS}
    known = {label: amount for label, amount in amounts.items() if amount is not None}
    most = max(known, key=lambda label: known[label], default=None)
    said = f"{most.lower()} most, {dollars(known[most])}" if most else "nothing is known"
    table = Table.of("earned", "Earned before surge", (NODE, *_COMPONENTS), made)
    keys = tuple(column.key for column in _COMPONENTS)
    return Chart(f"Earned, as {which}: {said}", table, "node", keys, "stacked"), table


def by_satellite(payouts: Payouts) -> tuple[Chart, Table]:
    """Return estimates against payments for each satellite, and what it holds and still owes."""
    columns = (
        SATELLITE,
        money("estimated_usd", "Was estimated", "Of the months with a statement, before it came."),
        money("paid_usd", "Paid", "Of the months with a statement."),
        money("difference_usd", "Difference", "Paid less estimated, where both are known."),
        ratio("difference_ratio", "Of the estimate", "The difference as a part of the estimate."),
        money("open_usd", "Still estimated", "Of the months without a statement."),
        money("held_balance_usd", "Still held", "Held back in all, less what was given back."),
        money("undistributed_usd", "Carried over", "Paid in all, less what was sent."),
    )
    rows = []
    for satellite in sorted({_satellite(row) for row in payouts.rows}):
        of_one = [row for row in payouts.rows if _satellite(row) == satellite]
        stated = statements(of_one)
        both = [row for row in stated if None not in (row["estimated_usd"], row["paid_usd"])]
        estimated = sum_of(both, "estimated_usd")
        difference = less(sum_of(both, "paid_usd"), estimated)
        ends = _latest([row for row in payouts.history if _satellite(row) == satellite])
        rows.append(
            (
                satellite,
                estimated,
                sum_of(stated, "paid_usd"),
                difference,
                part(difference, estimated),
                sum_of(estimates(of_one), "estimated_usd"),
                sum_of(ends, "held_balance_usd"),
                sum_of(ends, "undistributed_usd"),
            )
        )
    table = Table.of("by_satellite", "Estimate against payment, by satellite", columns, rows)
    if payouts.rows and not statements(payouts.rows):
        open_ = sum_of(payouts.rows, "estimated_usd")
        title = f"Estimated by satellite: {dollars(open_)}, and no statement yet"
        return Chart(title, table, "satellite", ("open_usd",), "bar"), table
    title = _against([row[3] for row in rows])
    return Chart(title, table, "satellite", ("estimated_usd", "paid_usd"), "bar"), table


def _against(differences: Iterable[Decimal | None]) -> str:
    known = total(differences)
    if known is None:
        return "Estimate against payment: nothing to compare"
    more = "more" if known >= 0 else "less"
    return f"Estimate against payment: {dollars(abs(known))} {more} than estimated was paid"


def _satellite(row: Record) -> str:
    return row["satellite"] or row["satellite_id"] or "any"


def _latest(rows: Sequence[Record]) -> list[Record]:
    """Return the last row of each node; rows are in order of their months."""
    return list({(row["node"], row["satellite_id"]): row for row in rows}.values())


def by_node_and_satellite(payouts: Payouts) -> Table:
    """Return every statement and estimate, with a sum of each of the two."""
    several = (MONTH,) if len(payouts.periods) > 1 else ()
    columns = (NODE, SATELLITE, *several, _STATE, *_MONEY, _DIFFERENCE, _RECEIPT)
    order = sorted(payouts.rows, key=lambda row: (row["node"], _satellite(row), row["period"]))
    rows = [
        (
            row["node"],
            row["satellite"] or row["satellite_id"],
            *(row[column.key] for column in several),
            row["state"],
            *_amounts([row]),
            _short(row["receipt"]),
        )
        for row in order
    ]
    for which, said in ((statements, "statements"), (estimates, "estimates")):
        if found := which(payouts.rows):
            state = "estimate" if which is estimates else None
            blank = (None,) * (1 + len(several))
            rows.append((f"{TOTAL} of {said}", *blank, state, *_amounts(found), None))
    return Table.of("earnings", "Earnings by node and satellite", columns, rows)


def _short(receipt: str | None) -> str | None:
    if receipt is None or len(receipt) <= 2 * _SHOWN_OF_RECEIPT:
        return receipt
    return f"{receipt[:_SHOWN_OF_RECEIPT]}…{receipt[-4:]}"


def transactions(payouts: Payouts) -> Table:
    """Return what was sent with each transaction, as far as it was for the months of the span."""
    columns = (
        Column(key="receipt", label="Transaction", description="Network and hash."),
        count("statements", "Statements", "How many it pays, of these nodes and months."),
        money("distributed_usd", "Sent", "For these statements."),
        Column(key="receipt_url", label="Link", description="Where to look it up."),
    )
    grouped: defaultdict[tuple[str, str | None], list[Record]] = defaultdict(list)
    for row in payouts.rows:
        if row["receipt"]:
            grouped[row["receipt"], row["receipt_url"]].append(row)
    rows = [
        (receipt, len(paid), sum_of(paid, "distributed_usd"), url)
        for (receipt, url), paid in grouped.items()
    ]
    return Table.of("transactions", "Transactions", columns, rows)


def _amounts(rows: Sequence[Record]) -> tuple[object, ...]:
    sums = (sum_of(rows, column.key) for column in _MONEY)
    sent = [row for row in rows if None not in (row["paid_usd"], row["distributed_usd"])]
    return *sums, less(sum_of(sent, "paid_usd"), sum_of(sent, "distributed_usd"))


def usage(payouts: Payouts) -> Table:
    """Return what satellites used of each node, with the sum."""
    columns = (
        NODE,
        Column(
            key="stored_tbm",
            label="Stored",
            kind=Kind.NUMBER,
            unit="TB-months",
            description="Of 720 hours and 10^12 bytes each; an estimate's: so far.",
        ),
        size("egress_bytes", "Egress"),
        size("repair_bytes", "Repair"),
        size("audit_bytes", "Audits"),
    )
    nodes = sorted({row["node"] for row in payouts.rows})
    rows = [(node, *_used(row for row in payouts.rows if row["node"] == node)) for node in nodes]
    rows += [(TOTAL, *_used(payouts.rows))] if rows else []
    return Table.of("usage", "What was paid for, by node", columns, rows)


def _used(rows: Iterable[Record]) -> tuple[object, ...]:
    of_node = list(rows)
    hours = total(row["storage_byte_hours"] for row in of_node)
    sent = (
        total(row[key] for row in of_node)
        for key in ("egress_bytes", "repair_bytes", "audit_bytes")
    )
    return part(hours, MONTH_HOURS * TB), *sent


def profit(payouts: Payouts) -> Table:
    """Return what each node cost and left, with the sum."""
    columns = (
        NODE,
        money("paid_usd", "Paid"),
        money("estimated_usd", "Estimated", "Of satellites without a statement; not in paid."),
        money("cost_usd", "Cost", "By the settings; empty where they say nothing."),
        money("profit_usd", "Profit", "Paid less cost; empty where no income is known."),
        money("expected_profit_usd", "Expected profit", "With what is estimated, if anything is."),
        ratio("roi_ratio", "Return", "Profit as a part of the cost of those that have a profit."),
    )
    nodes = sorted({row["node"] for row in payouts.profits})
    rows = [_left(node, [row for row in payouts.profits if row["node"] == node]) for node in nodes]
    rows += [_left(TOTAL, payouts.profits)] if rows else []
    return Table.of("profit", "Costs and profit by node", columns, rows)


def _left(name: str, rows: Sequence[Record]) -> tuple[object, ...]:
    keys = ("paid_usd", "estimated_usd", "cost_usd", "profit_usd")
    amounts = (sum_of(rows, key) for key in keys)
    return name, *amounts, total(map(expected_of, rows)), return_on_costs(rows)
