"""The notes on the quality of earnings: what is open, what is unknown, what was counted with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters.payouts import estimates, expected_of, statements, sum_of
from storj_export_plugins.reports.words import counted, dollars, listed
from storj_monitor.plugin import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_export_plugins.reports.chapters.payouts import Payouts
    from storj_monitor.plugin import Query


def opening(payouts: Payouts) -> list[Note]:
    """Return what has to be said before anything else: that there is nothing to tell of."""
    if payouts.rows:
        return []
    text = "Nothing is known of earnings in this span: no estimate, and no statement."
    return [Note(text, "warning")]


def notes(payouts: Payouts, asked: Query) -> list[Note]:
    """Return what else the reader has to know of the money; `asked` is the report's query."""
    warnings = [Note(text, "warning") for text in _warnings(payouts)]
    return warnings + [Note(text) for text in _remarks(payouts, asked)]


def _warnings(payouts: Payouts) -> Iterator[str]:
    for period in payouts.periods if payouts.rows else ():
        of_month = [row for row in payouts.rows if row["period"] == period]
        open_ = estimates(of_month)
        if open_:
            said = f"{len(open_)} of {len(of_month)}"
            yield (
                f"{period} is open: {said} statements haven't come yet. What is estimated instead "
                "is in no sum of what is paid."
            )
        elif not of_month:
            yield f"Nothing is known of {period}."
    unknown = sorted({row["node"] for row in payouts.rows if row["storage_usd"] is None})
    if unknown:
        yield f"What storage earned isn't known everywhere on {listed(unknown)}: it is in no sum."
    missing = [
        row for row in payouts.profits if row["cost_usd"] is not None and expected_of(row) is None
    ]
    if missing:
        nodes = listed(sorted({row["node"] for row in missing}))
        cost = dollars(sum_of(missing, "cost_usd"))
        yield (
            f"What {nodes} earned isn't known everywhere: costs of {cost} are in no profit and in "
            "no return."
        )


def _remarks(payouts: Payouts, asked: Query) -> Iterator[str]:
    if asked.span != payouts.query.span:
        yield (
            f"Earnings are those of whole months in UTC, {payouts.periods[0]} to "
            f"{payouts.periods[-1]}, whatever the days and the zone that were asked for."
        )
    made = sorted({row["node"] for row in estimates(payouts.rows) if row["origin"] == "rollups"})
    if made:
        yield f"Estimates for {listed(made)} are worked out from the log and the prices."
    yield from payouts.comparison()
    yield from _of_running_months(payouts)
    if payouts.rows and not statements(payouts.rows):
        yield "No statement has come yet: whatever is said of earnings is estimated."
    free = sorted({row["node"] for row in payouts.profits if row["cost_usd"] is None})
    if free:
        yield f"The settings say no cost for {listed(free)}: no profit is worked out there."
    silent = [row for row in payouts.rows if row["state"] != "estimate"]
    mute = sum(row["distributed_usd"] is None for row in silent)
    if mute:
        yield f"{counted(mute, 'statement')} from elsewhere doesn't say what was sent."
    yield "Counted with: a TB is 10^12 bytes, and a TB-month of storage always has 720 hours."


def _of_running_months(payouts: Payouts) -> Iterator[str]:
    """Say whose expected profit is made of an estimate so far and the costs of a whole month."""
    costly = {row["node"] for row in payouts.profits if row["cost_usd"] is not None}
    vague = {row["node"] for row in estimates(payouts.rows) if row["expected_usd"] is None}
    if not payouts.is_over and (nodes := sorted(costly & vague)):
        yield (
            f"What {listed(nodes)} will have earned when the month is over isn't known: expected "
            "profit is what is estimated so far, less the costs of the whole month."
        )
