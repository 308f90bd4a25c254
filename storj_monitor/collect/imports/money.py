"""Their `earnings_estimates` and `payout_history`: floats of dollars, in kinds told apart here."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from storj_monitor.collect.imports.cells import NO_SATELLITE, id_of, micro_of, period_of
from storj_monitor.schema import estimates, paystubs
from storj_monitor.store.news import Estimate, News, Paystub

if TYPE_CHECKING:
    from collections.abc import Collection

    from storj_monitor.collect.imports.account import TableAccount
    from storj_monitor.collect.imports.taking import Taking

#: Month, node and satellite.
_Key = tuple[str, str, str]
_Row = TypeVar("_Row", "EarningsRow", "PayoutRow")

#: What stood for all satellites of a node, in old databases.
_AGGREGATE = "aggregate"
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_RECEIPT = re.compile(r"[!-~]{1,200}")
_BAD_AMOUNT = "with an amount that can't be"
#: Within so many micro-USD two floats are the same amount.
_SAME = 2


class EarningsRow(NamedTuple):
    """A row of `earnings_estimates`; money is dollars."""

    rowid: int
    timestamp: str | None
    node_name: str | None
    satellite: str | None
    period: str | None
    egress_bytes: int | None
    storage_bytes_hour: int | None
    repair_bytes: int | None
    audit_bytes: int | None
    egress_earnings_gross: float | None
    storage_earnings_gross: float | None
    repair_earnings_gross: float | None
    audit_earnings_gross: float | None
    total_earnings_gross: float | None
    total_earnings_net: float | None
    held_amount: float | None
    node_age_months: int | None
    held_percentage: float | None


class PayoutRow(NamedTuple):
    """A row of `payout_history`; money is dollars."""

    rowid: int
    timestamp: str | None
    node_name: str | None
    satellite: str | None
    period: str | None
    actual_payout: float | None
    transaction_hash: str | None


def import_money(taking: Taking) -> None:
    """Take over statements as paystubs, and estimates as such: the latest of each."""
    statements = _import_earnings(taking)
    _import_payouts(taking, statements)


def _import_earnings(taking: Taking) -> set[_Key]:
    """Return of what there are statements."""
    account = taking.table("earnings_estimates")
    latest = _latest(taking, account, EarningsRow)
    _leave_out_aggregates(account, latest)
    news: dict[str, list[Paystub | Estimate]] = defaultdict(list)
    for key, (at, row) in latest.items():
        match _meaning(key, row, at):
            case str(reason):
                account.left_out[reason] += 1
            case told:
                news[key[1]].append(told)
    with taking.storing(account, paystubs, estimates) as store:
        store([_news(node, told) for node, told in news.items()])
    stubs = {
        (told.period, node, told.satellite)
        for node, of_node in news.items()
        for told in of_node
        if isinstance(told, Paystub)
    }
    if len(stubs) < sum(map(len, news.values())):
        account.remarks.append(
            "of estimates the sums are taken: the parts and bytes are those of two days, at prices"
            " for a TiB"
        )
    return stubs


def _import_payouts(taking: Taking, statements: Collection[_Key]) -> None:
    """Take over what they were told of payouts, where that is all there is of a month."""
    account = taking.table("payout_history")
    news: dict[str, list[Paystub | Estimate]] = defaultdict(list)
    for key, (at, row) in _latest(taking, account, PayoutRow).items():
        paid = micro_of(row.actual_payout)
        if key in statements:
            account.left_out["of a month whose statement stands in earnings_estimates"] += 1
        elif paid is None:
            account.left_out[_BAD_AMOUNT] += 1
        else:
            told = _stub(key, at)._replace(
                paid=paid, distributed=paid, receipt=_receipt(row.transaction_hash)
            )
            news[key[1]].append(told)
    with taking.storing(account, paystubs) as store:
        store([_news(node, told) for node, told in news.items()])


def _latest(
    taking: Taking, account: TableAccount, kind: type[_Row]
) -> dict[_Key, tuple[int, _Row]]:
    """Return the latest row of each month, node and satellite, with its time; of two the second."""
    found: dict[_Key, tuple[int, _Row]] = {}
    for page in taking.pages(account, kind):
        for row in page:
            whose = taking.whose(account, row.node_name, row.timestamp)
            if whose is None:
                continue
            node, at = whose
            period, satellite = period_of(row.period), id_of(row.satellite)
            if period is None or satellite is None:
                account.left_out["without a usable month" if satellite else NO_SATELLITE] += 1
                continue
            key = period, node, satellite
            if key in found:
                account.left_out["older than another of the same month"] += 1
            if key not in found or found[key][0] <= at:
                found[key] = at, row
    return found


def _leave_out_aggregates(
    account: TableAccount, latest: dict[_Key, tuple[int, EarningsRow]]
) -> None:
    one_by_one = {(period, node) for period, node, satellite in latest if satellite != _AGGREGATE}
    for period, node, satellite in list(latest):
        if satellite == _AGGREGATE:
            del latest[period, node, satellite]
            has_parts = (period, node) in one_by_one
            reason = "which stand there one by one" if has_parts else "which it doesn't tell apart"
            account.left_out[f"of all satellites together, {reason}"] += 1


def _meaning(key: _Key, row: EarningsRow, at: int) -> Paystub | Estimate | str:
    """Return what a row is by its kind; the reason if it is nothing that can be taken.

    That it is `is_finalized` says nothing: no statement is, and old estimates are.
    """
    period, _, satellite = key
    gross, net, held = map(
        micro_of, (row.total_earnings_gross, row.total_earnings_net, row.held_amount)
    )
    if gross is None or net is None or held is None:
        return _BAD_AMOUNT
    if row.node_age_months == 0 and not any(row[5:13]):
        earned = net + held if held else None  # paid may hold what was given back
        return _stub(key, at)._replace(paid=net, held=held, earned=earned)
    if row.node_age_months is None or row.node_age_months < 1:
        return "of no kind that is known"
    if _is_before_held(gross, held, row.held_percentage):
        payout = max(0, gross - held)
    else:  # told by the API, of which both are what is left
        gross, payout = net + held, net
    return Estimate(period, satellite, "import", at, gross=gross, held=held, payout=payout)


def _is_before_held(gross: int, held: int, ratio: float | None) -> bool:
    """Whether the held amount was worked out from the gross, which it is then still part of."""
    return ratio is not None and 0 <= ratio <= 1 and abs(held - gross * ratio) <= _SAME


def _stub(key: _Key, at: int) -> Paystub:
    period, _, satellite = key
    return Paystub(period, satellite, "import", read_at=at)


def _news(node: str, told: list[Paystub | Estimate]) -> News:
    return News(
        node=node,
        paystubs=[one for one in told if isinstance(one, Paystub)],
        estimates=[one for one in told if isinstance(one, Estimate)],
    )


def _receipt(text: str | None) -> str | None:
    if text is None or not _RECEIPT.fullmatch(text):
        return None
    return f"eth:{text}" if _HASH.fullmatch(text) else text
