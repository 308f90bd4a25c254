"""The answers of a node, named as in JSON; what may fail by itself is left raw.

Nodes of all versions are told apart by what an answer has, never by the version that they say.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from storj_monitor.collect.node_api.findings import NULL

_MOST = 2**60
#: Go prints a large number that it has as a float as 2.3e+12.
_Size = Annotated[int, Meta(ge=0, le=_MOST)] | Annotated[float, Meta(ge=0, le=_MOST, multiple_of=1)]
#: A node that holds too much may have less than nothing left.
_Space = (
    Annotated[int, Meta(ge=-_MOST, le=_MOST)]
    | Annotated[float, Meta(ge=-_MOST, le=_MOST, multiple_of=1)]
)


class Dashboard(Struct, rename="camel"):
    """GET /api/sno/."""

    node_id: Raw = field(default=NULL, name="nodeID")
    version: Raw = NULL
    allowed_version: Raw = NULL
    up_to_date: Raw = NULL
    started_at: Raw = NULL
    disk_space: Raw = NULL
    satellites: Raw = NULL


class Disk(Struct):
    """Its space: `available` is what is allocated before v1.143, and what is free since.

    `used` is the pieces alone before, and everything since.
    """

    used: _Size | None = None
    available: _Space | None = None
    trash: _Size | None = None
    overused: _Size | None = None
    reclaimable: _Size | None = None
    allocated: _Size | UnsetType | None = UNSET


class Listed(Struct, rename="camel"):
    """A satellite of the dashboard."""

    id: Raw = NULL
    url: Raw = NULL
    disqualified: Raw = NULL
    suspended: Raw = NULL
    #: Since v1.131.
    vetted_at: Raw = NULL


class Satellite(Struct, rename="camel"):
    """GET /api/sno/satellite/{id}."""

    audits: Raw = NULL
    node_joined_at: Raw = NULL
    bandwidth_daily: Raw = NULL
    price_model: Raw = NULL


class Egress(Struct):
    """What was sent in a day, but for what customers got."""

    repair: _Size | None = None
    audit: _Size | None = None


class Day(Struct):
    """A day of `bandwidthDaily`, in the current month (UTC)."""

    egress: Egress | None = None


class PriceModel(Struct, rename="pascal"):
    """What a satellite pays, in cents for a TB or TB-month."""

    egress_bandwidth: Raw = NULL
    repair_bandwidth: Raw = NULL
    audit_bandwidth: Raw = NULL
    disk_space: Raw = NULL


class Pricing(Struct, rename="camel"):
    """GET /api/sno/satellites/{id}/pricing, since v1.79: the same with a small letter."""

    egress_bandwidth: Raw = NULL
    repair_bandwidth: Raw = NULL
    audit_bandwidth: Raw = NULL
    disk_space: Raw = NULL


class Satellites(Struct):
    """GET /api/sno/satellites: `audits` has an item for each satellite."""

    audits: Raw = NULL


class Audits(Struct, rename="camel"):
    """What a satellite thinks of the node; its id is not in it."""

    audit_score: Raw = NULL
    suspension_score: Raw = NULL
    online_score: Raw = NULL
    #: Its url in the dashboard.
    satellite_name: Raw = NULL


class EstimatedPayout(Struct, rename="camel"):
    """GET /api/sno/estimated-payout?id=: what the node expects of one satellite."""

    current_month: Raw = NULL
    previous_month: Raw = NULL
    #: In cents: this month's at its end, after what is held.
    current_month_expectations: Raw = NULL


class MonthPayout(Struct, rename="camel"):
    """One of its months: bytes, byte-months and cents."""

    egress_bandwidth: Raw = NULL
    egress_bandwidth_payout: Raw = NULL
    egress_repair_audit: Raw = NULL
    egress_repair_audit_payout: Raw = NULL
    disk_space: Raw = NULL
    disk_space_payout: Raw = NULL
    held_rate: Raw = NULL
    payout: Raw = NULL
    held: Raw = NULL


class PayStub(Struct, rename="camel"):
    """An item of GET /api/heldamount/paystubs/{first}/{last}: bytes, byte-months, micro-USD."""

    satellite_id: Raw = NULL
    period: Raw = NULL
    created: Raw = NULL
    codes: Raw = NULL
    usage_at_rest: Raw = NULL
    usage_get: Raw = NULL
    usage_put: Raw = NULL
    usage_get_repair: Raw = NULL
    usage_put_repair: Raw = NULL
    usage_get_audit: Raw = NULL
    comp_at_rest: Raw = NULL
    comp_get: Raw = NULL
    comp_get_repair: Raw = NULL
    comp_get_audit: Raw = NULL
    surge_percent: Raw = NULL
    held: Raw = NULL
    owed: Raw = NULL
    disposed: Raw = NULL
    paid: Raw = NULL
    distributed: Raw = NULL


class Payout(Struct, rename="camel"):
    """An item of GET /api/heldamount/payout-history/{period}: what became of a paystub."""

    satellite_id: Raw = field(default=NULL, name="satelliteID")
    #: Its id when the node doesn't know it any more.
    satellite_url: Raw = field(default=NULL, name="satelliteURL")
    earned: Raw = NULL
    surge_percent: Raw = NULL
    held: Raw = NULL
    disposed: Raw = NULL
    paid: Raw = NULL
    distributed: Raw = NULL
    receipt: Raw = NULL


class Held(Struct, rename="camel"):
    """An item of GET /api/heldamount/held-history: a satellite, be it one that is no more."""

    satellite_id: Raw = field(default=NULL, name="satelliteID")
    satellite_name: Raw = NULL
    joined_at: Raw = NULL
