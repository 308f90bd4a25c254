"""What a node says of payouts that are still to come: its prices, and what it expects."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.json import Decoder

from storj_monitor.collect.node_api import replies
from storj_monitor.collect.node_api.findings import (
    BYTE_MONTHS,
    BYTES,
    CENTS,
    NULL,
    PERCENT,
)
from storj_monitor.collect.node_api.readings import Expected, ExpectedMonth, NodeApiError
from storj_monitor.plugin.payouts import Price, month_of

if TYPE_CHECKING:
    from datetime import datetime

    from msgspec import Raw

    from storj_monitor.collect.node_api.findings import Findings

_PRICES = Decoder(replies.PriceModel)
_MONTH = Decoder(replies.MonthPayout)
_TURN = timedelta(minutes=10)
#: As a node says that there is nothing to expect.
_DISQUALIFIED = "node was disqualified on satellite"


def price_model(raw: Raw, findings: Findings) -> Price | None:
    """Return the prices of `priceModel`."""
    model = findings.take(raw, _PRICES, "priceModel")
    return None if model is None else price(model, findings)


def price(model: replies.PriceModel | replies.Pricing, findings: Findings) -> Price | None:
    """Return prices; None unless all are told. Four zeros are none: so a node says it has none."""
    told = (
        findings.count(model.disk_space, CENTS, "the price of diskSpace"),
        findings.count(model.egress_bandwidth, CENTS, "the price of egressBandwidth"),
        findings.count(model.repair_bandwidth, CENTS, "the price of repairBandwidth"),
        findings.count(model.audit_bandwidth, CENTS, "the price of auditBandwidth"),
    )
    known = [one for one in told if one is not None and one >= 0]
    return Price(*known) if len(known) == len(told) and any(known) else None


def is_month_certain(at: datetime) -> bool:
    """Whether a node means the same month as we do, though its clock isn't ours."""
    return month_of(at - _TURN) == month_of(at + _TURN)


def is_disqualified(answer: object) -> bool:
    """Whether a node expects nothing of a satellite, since that disqualified it."""
    return isinstance(answer, NodeApiError) and _DISQUALIFIED in answer.reason


def expected(satellite_id: str, reply: replies.EstimatedPayout, findings: Findings) -> Expected:
    """Return what a node expects of a satellite; that there is nothing is noted."""
    if reply.current_month == NULL:
        findings.note("there is no currentMonth")
    return Expected(
        satellite_id,
        this_month=_month(reply.current_month, "currentMonth", findings),
        last_month=_month(reply.previous_month, "previousMonth", findings),
        at_the_end=findings.count(
            reply.current_month_expectations, CENTS, "currentMonthExpectations"
        ),
    )


def _month(raw: Raw, name: str, findings: Findings) -> ExpectedMonth | None:
    told = findings.take(raw, _MONTH, name)
    if told is None:
        return None
    return ExpectedMonth(
        byte_hours=findings.count(told.disk_space, BYTE_MONTHS, f"diskSpace of {name}"),
        egress_bytes=findings.count(told.egress_bandwidth, BYTES, f"egressBandwidth of {name}"),
        joint_bytes=findings.count(told.egress_repair_audit, BYTES, f"egressRepairAudit of {name}"),
        storage=findings.count(told.disk_space_payout, CENTS, f"diskSpacePayout of {name}"),
        egress=findings.count(
            told.egress_bandwidth_payout, CENTS, f"egressBandwidthPayout of {name}"
        ),
        joint=findings.count(
            told.egress_repair_audit_payout, CENTS, f"egressRepairAuditPayout of {name}"
        ),
        held_percent=findings.count(told.held_rate, PERCENT, f"heldRate of {name}"),
        held=findings.count(told.held, CENTS, f"held of {name}"),
        payout=findings.count(told.payout, CENTS, f"payout of {name}"),
    )
