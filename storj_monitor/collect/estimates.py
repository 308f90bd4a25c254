"""What a node expects to be paid: the way from its readings to the store's estimates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storj_monitor.plugin.payouts import Usage, estimated, month_of, month_start, split
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storj_monitor.collect.node_api import (
        ExpectedMonth,
        MoneyReading,
        SatelliteReading,
    )
    from storj_monitor.collect.price_list import PriceList
    from storj_monitor.plugin.payouts import Price


def estimates_of(
    money: MoneyReading, satellites: Sequence[SatelliteReading], prices: PriceList
) -> Iterator[Estimate]:
    """Yield what a node expects of each satellite, for the month of asking and the one before.

    That one is left out of a satellite which the node joined later.
    """
    at, this_month = microseconds(money.at), month_of(money.at)
    last_month = month_of(month_start(this_month) - timedelta(days=1))
    said = {one.satellite_id: one for one in satellites}
    for satellite_id, now, before, at_the_end in money.expected:
        satellite = said[satellite_id]
        if now is not None:
            estimate = _estimate(this_month, satellite_id, at, now)
            yield _divided(estimate, satellite)._replace(expected=at_the_end)
        if before is not None and not _joined_after(satellite, last_month):
            was, now_is = (
                prices.of(satellite_id, satellite.url, month) for month in (last_month, this_month)
            )
            told = before if was is None or was == now_is else _at_price(before, was)
            yield _estimate(last_month, satellite_id, at, told)


def _joined_after(satellite: SatelliteReading, period: str) -> bool:
    return satellite.joined_at is not None and month_of(satellite.joined_at) > period


def _estimate(period: str, satellite_id: str, at: int, month: ExpectedMonth) -> Estimate:
    """Return what a node expects; what is for repair and audits together is all for repair."""
    parts = [one for one in (month.storage, month.egress, month.joint) if one is not None]
    return Estimate(
        period,
        satellite_id,
        "api",
        at,
        byte_hours=month.byte_hours,
        egress_bytes=month.egress_bytes,
        repair_bytes=month.joint_bytes,
        storage=month.storage,
        egress=month.egress,
        repair=month.joint,
        gross=sum(parts) if len(parts) == 3 else None,  # noqa: PLR2004  all of them
        held=month.held,
        payout=month.payout,
    )


def _divided(estimate: Estimate, satellite: SatelliteReading) -> Estimate:
    """Divide what is for repair and audits by what was sent for each, where that is known."""
    repair, audit = satellite.repair_bytes, satellite.audit_bytes
    if repair is None or audit is None or (estimate.repair_bytes and not repair + audit):
        return estimate
    if estimate.repair_bytes is not None:
        repair_bytes, audit_bytes = split(estimate.repair_bytes, repair, audit)
        estimate = estimate._replace(repair_bytes=repair_bytes, audit_bytes=audit_bytes)
    if estimate.repair is not None:
        for_repair, for_audit = split(estimate.repair, repair, audit)
        estimate = estimate._replace(repair=for_repair, audit=for_audit)
    return estimate


def _at_price(month: ExpectedMonth, price: Price) -> ExpectedMonth:
    """Return a month at what was paid in it: a node counts the last month at today's prices."""
    usage = (month.byte_hours, month.egress_bytes, month.joint_bytes, 0)
    known = [one for one in usage if one is not None]
    if len(known) < len(usage) or month.held_percent is None:
        return month._replace(storage=None, egress=None, joint=None, held=None, payout=None)
    # A node counts repair at the price of audits.
    earned = estimated(Usage(*known), price._replace(repair=price.audit))
    held = sum(earned) * month.held_percent // 100
    return month._replace(
        storage=earned.storage,
        egress=earned.egress,
        joint=earned.repair,
        held=held,
        payout=sum(earned) - held,
    )
