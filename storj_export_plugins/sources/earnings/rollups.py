"""Estimates of our own, where a node's API said nothing: from its log's transfers and its disk."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from storj_export_plugins.sources.earnings.disks import byte_hours
from storj_export_plugins.sources.earnings.prices import PriceBook
from storj_monitor.plugin.payouts import (
    Price,
    Usage,
    estimated,
    held_percent,
    month_start,
    next_month,
)
from storj_monitor.plugin.query import microseconds, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storj_export_plugins.sources.earnings.accounts import Accounts, Pair, Record
    from storj_export_plugins.sources.naming import Names
    from storj_monitor.plugin import Reader

    #: Bytes by action; None where there was something of unknown size.
    Sent = Mapping[str, int | None]

_ACTIONS = ("GET", "GET_REPAIR", "GET_AUDIT")
_BYTES = ("egress_bytes", "repair_bytes", "audit_bytes")


class Rollups:
    """What nodes can be expected to be paid, by month; each estimate is like a row of the table."""

    def __init__(self, reader: Reader, names: Names, accounts: Accounts) -> None:
        self._reader = reader
        self._names = names
        self._accounts = accounts

    def of_month(self, period: str, node_ids: Sequence[int]) -> dict[Pair, Record]:
        """Return the estimates for a month in which these nodes had transfers.

        What a disk stored is of all satellites together: of one with the id 0, if there are more.
        """
        sent = self._sent(period, node_ids)
        satellites = defaultdict[int, list[int]](list)
        for node_id, satellite_id in sent:
            satellites[node_id].append(satellite_id)
        stored: dict[Pair, int] = {}
        for node_id, used in byte_hours(self._reader, list(satellites), period).items():
            only, *more = satellites[node_id]
            stored[node_id, 0 if more else only] = used
        nothing: Sent = dict.fromkeys(_ACTIONS)
        pairs = list(dict.fromkeys((*sent, *stored)))
        return {
            pair: _estimate(
                sent.get(pair, nothing),
                stored.get(pair),
                self._prices.price(pair, names, period),
                self._held_percent(pair, period, satellites[pair[0]]),
            )
            for pair, (_, *names) in zip(pairs, self._names.of_pairs(pairs), strict=True)
        }

    @cached_property
    def _prices(self) -> PriceBook:
        return PriceBook(self._reader)

    def _sent(self, period: str, node_ids: Sequence[int]) -> dict[Pair, Sent]:
        """Return what was sent by node and satellite; nodes without transfers are missing."""
        from sqlalchemy import case, func, select

        from storj_monitor.schema import event_hours

        table = event_hours.c
        is_sent = table.status == "success"
        asked = (
            select(
                table.node_id,
                table.satellite_id,
                table.action,
                func.sum(case((is_sent, table.bytes))).label("bytes"),
                func.sum(case((is_sent, table.count), else_=0)).label("count"),
            )
            .where(table.hour_at >= microseconds(month_start(period)))
            .where(table.hour_at < microseconds(month_start(next_month(period))))
            .where(table.node_id.in_(node_ids), table.action != "")
            .group_by(table.node_id, table.satellite_id, table.action)
            .order_by(table.node_id, table.satellite_id, table.action)
        )
        sent = defaultdict[Any, dict[str, int | None]](lambda: dict.fromkeys(_ACTIONS, 0))
        for row in self._reader.fetch(asked).to_pylist():
            of_pair = sent[row["node_id"], row["satellite_id"]]
            if row["count"]:
                of_pair[row["action"]] = row["bytes"]
        return dict(sent)

    def _held_percent(self, pair: Pair, period: str, satellites: Sequence[int]) -> int | None:
        """Return what is held back; None if it isn't known, or differs between satellites."""
        node_id, satellite_id = pair
        if not satellite_id:
            pairs = [(node_id, one) for one in satellites if one]
            percents = {self._held_percent(one, period, ()) for one in pairs}
            return percents.pop() if len(percents) == 1 else None
        joined_at = self._accounts.of(pair).joined_at
        if joined_at is not None:
            return held_percent(moment(joined_at), period)
        heard = held_percent(moment(self._first_transfers[pair]), period)
        return None if heard else 0  # it may have joined earlier, when more was held back

    @cached_property
    def _first_transfers(self) -> dict[Pair, int]:
        """The hour of each node's first transfer with each satellite; it takes a while."""
        from sqlalchemy import func, select

        from storj_monitor.schema import event_hours

        table = event_hours.c
        pair = (table.node_id, table.satellite_id)
        first = func.min(table.hour_at).label("first_at")
        found = self._reader.fetch(select(*pair, first).group_by(*pair)).to_pylist()
        return {(row["node_id"], row["satellite_id"]): row["first_at"] for row in found}


def _estimate(sent: Sent, stored: int | None, price: Price | None, percent: int | None) -> Record:
    amounts = (stored, *(sent[action] for action in _ACTIONS))
    earned: dict[str, int | None] = dict.fromkeys(Price._fields)
    gross = held = payout = None
    if price:
        whole = estimated(Usage(*(amount or 0 for amount in amounts)), price)
        known = zip(Price._fields, whole, amounts, strict=True)
        earned |= {part: usd for part, usd, amount in known if amount is not None}
        gross = sum(usd for usd in earned.values() if usd is not None)
        held = None if percent is None else gross * percent // 100
        payout = gross - (held or 0)
    return {
        "origin": "rollups",
        "byte_hours": stored,
        **dict(zip(_BYTES, amounts[1:], strict=True)),
        **earned,
        "gross": gross,
        "held": held,
        "payout": payout,
        "expected": None,
    }
