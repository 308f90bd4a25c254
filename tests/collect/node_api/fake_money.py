"""What a fake node says of money: every amount of the worked month can be checked by hand.

In it 4.2 TB were stored for 744 hours, at 1.35 USD for a TB-month of 720 hours, and 310 GB of
egress, 95 GB for repair and 1.2 GB for audits sent, at one USD for a TB; half of it is held.
"""

from __future__ import annotations

from typing import Any

Answer = dict[str, Any]

ESTIMATE = "/api/sno/estimated-payout"
PERIODS = "/api/heldamount/periods"
HELD_HISTORY = "/api/heldamount/held-history"
#: A satellite that is no more.
US2, US2_URL = "12tRQrMTWUWwzwGh18i7Fqs67kmdhH9t6aToeiwbo5mfS2rUmo", "us2.storj.io:7777"
US2_JOINED_AT = "2021-01-07T01:54:43.576738Z"
RECEIPT = "eth:0x1111111111111111111111111111111111111111111111111111111111111111"

#: What `/api/sno/estimated-payout` says of it: bytes, byte-months and cents.
WORKED_MONTH: Answer = {
    "egressBandwidth": 310_000_000_000,
    "egressBandwidthPayout": 31,
    "egressRepairAudit": 96_200_000_000,
    "egressRepairAuditPayout": 9.62,
    "diskSpace": 4_340_000_000_000,
    "diskSpacePayout": 585.9,
    "heldRate": 50,
    "payout": 313.26,
    "held": 313.26,
}
#: What its days sum up to in `/api/sno/satellite/{id}`.
WORKED_DAYS = [
    {"egress": {"repair": 90_000_000_000, "audit": 1_000_000_000, "usage": 310_000_000_000}},
    {"egress": {"repair": 5_000_000_000, "audit": 200_000_000, "usage": 0}},
]
WORKED_PRICES = {
    "EgressBandwidth": 100,
    "RepairBandwidth": 100,
    "AuditBandwidth": 100,
    "DiskSpace": 135,
}
#: As nodes sum up: 9.790000000000001.
SMALL_MONTH: Answer = {
    "egressBandwidth": 4_900_241_920,
    "egressBandwidthPayout": 9.790000000000001,
    "egressRepairAudit": 18_723_480_832,
    "egressRepairAuditPayout": 18.72,
    "diskSpace": 178_713_446_092.4324,
    "diskSpacePayout": 26.810000000000002,
    "heldRate": 0,
    "payout": 55.32,
    "held": 0,
}


def estimate(
    this_month: object = None, last_month: object = None, at_the_end: object = 904
) -> Answer:
    """What `/api/sno/estimated-payout?id=` says."""
    return {
        "currentMonth": WORKED_MONTH if this_month is None else this_month,
        "previousMonth": WORKED_MONTH if last_month is None else last_month,
        "currentMonthExpectations": at_the_end,
    }


def stub(satellite_id: str, period: str, **changes: object) -> Answer:
    """What a paystub of the worked month says: micro-USD."""
    return {
        "satelliteId": satellite_id,
        "period": period,
        "created": "2026-03-03T04:05:06.789012Z",
        "codes": "E",
        "usageAtRest": 4_340_000_000_000,
        "usageGet": 310_000_000_000,
        "usagePut": 700_000_000_000,
        "usageGetRepair": 95_000_000_000,
        "usagePutRepair": 80_000_000_000,
        "usageGetAudit": 1_200_000_000,
        "compAtRest": 5_859_000,
        "compGet": 310_000,
        "compPut": 0,
        "compGetRepair": 95_000,
        "compPutRepair": 0,
        "compGetAudit": 1_200,
        "surgePercent": 0,
        "held": 3_132_600,
        "owed": 3_132_600,
        "disposed": 0,
        "paid": 3_132_600,
        "distributed": 0,
    } | changes


def payout(satellite_id: str, url: str, **changes: object) -> Answer:
    """What `/api/heldamount/payout-history/{period}` says of it."""
    return {
        "satelliteID": satellite_id,
        "satelliteURL": url,
        "age": 60,
        "earned": 6_265_200,
        "surge": 6_265_200,
        "surgePercent": 100,
        "held": 3_132_600,
        "heldPercent": 50,
        "afterHeld": 3_132_600,
        "disposed": 0,
        "paid": 3_132_600,
        "receipt": "",
        "isExitComplete": False,
        "distributed": 0,
    } | changes


def held(satellite_id: str, url: str, joined_at: str) -> Answer:
    """What `/api/heldamount/held-history` says of a satellite."""
    return {
        "satelliteID": satellite_id,
        "satelliteName": url,
        "holdForFirstPeriod": 3_132_600,
        "holdForSecondPeriod": 0,
        "holdForThirdPeriod": 0,
        "totalHeld": 3_132_600,
        "totalDisposed": 0,
        "joinedAt": joined_at,
    }


def paystubs_path(first: str, last: str) -> str:
    """Return the path of the endpoint of the paystubs of some months."""
    return f"/api/heldamount/paystubs/{first}/{last}"


def history_path(period: str) -> str:
    """Return the path of the endpoint of the payouts of a month."""
    return f"/api/heldamount/payout-history/{period}"


def estimate_path(satellite_id: str) -> str:
    """Return the path of the endpoint of what is expected of a satellite."""
    return f"{ESTIMATE}?id={satellite_id}"
