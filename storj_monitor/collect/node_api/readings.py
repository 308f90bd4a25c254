"""What a node's API said: times aware and in UTC, sizes in bytes, what isn't known None."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storj_monitor.plugin.payouts import Price
    from storj_monitor.store import Paystub


class NodeApiError(Exception):
    """The API could not be read: `reason` says why, `hint` what would work.

    Neither holds the name and password of an address.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class EmptyAnswerError(NodeApiError):
    """A node answered, with nothing: it met a number that JSON hasn't, and will again."""


class Failure(NamedTuple):
    """What an endpoint (a path, as in `/api/sno/satellites`) did not say, or not usably, and why.

    There may be more than one of an endpoint: each is about another part of its answer.
    """

    endpoint: str
    reason: str


class DiskSpace(NamedTuple):
    """The node's space; trash and what is reclaimable are parts of what is used."""

    allocated_bytes: int | None
    used_bytes: int | None
    free_bytes: int | None
    trash_bytes: int | None
    #: None from nodes before v1.143, which don't tell it.
    reclaimable_bytes: int | None
    overused_bytes: int | None


class SatelliteReading(NamedTuple):
    """What a satellite thinks of the node; the scores are 0..1."""

    satellite_id: str
    #: As the node names it: us1.storj.io:7777.
    url: str | None
    audit_score: float | None
    suspension_score: float | None
    online_score: float | None
    #: The API tells no counts of audits.
    audits_total: int | None
    audits_ok: int | None
    disqualified_at: datetime | None
    suspended_at: datetime | None
    vetted_at: datetime | None
    joined_at: datetime | None
    #: What was sent for repair and for audits in this month so far (UTC).
    repair_bytes: int | None = None
    audit_bytes: int | None = None
    #: What it pays now, as far as the node knows.
    price: Price | None = None


@dataclass(frozen=True, kw_only=True)
class NodeReading:
    """What a node said when it was asked; what it did not say stands in `failures`."""

    #: When it was asked.
    at: datetime
    node_id: str | None
    #: Without a v: 1.71.2.
    version: str | None
    #: When its process started: a node is older.
    started_at: datetime | None
    disk: DiskSpace | None
    satellites: tuple[SatelliteReading, ...]
    failures: tuple[Failure, ...]
    #: The oldest version that is still allowed, and whether the node's is as new.
    allowed_version: str | None = None
    up_to_date: bool | None = None


class ExpectedMonth(NamedTuple):
    """What a node expects of a month, by the prices that it knows now; money is micro-USD."""

    byte_hours: int | None
    egress_bytes: int | None
    #: For repair and audits together, as what is paid for them.
    joint_bytes: int | None
    storage: int | None
    egress: int | None
    joint: int | None
    held_percent: int | None
    held: int | None
    payout: int | None


class Expected(NamedTuple):
    """What a node expects of a satellite, for the month of asking (UTC) and the one before."""

    satellite_id: str
    this_month: ExpectedMonth | None
    last_month: ExpectedMonth | None
    #: The payout of this month at its end, in micro-USD.
    at_the_end: int | None


@dataclass(frozen=True, kw_only=True)
class MoneyReading:
    """What a node expects to be paid; disqualified satellites aren't in it."""

    at: datetime
    expected: tuple[Expected, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StatementsReading:
    """What satellites stated about months that are over, also those that are no more."""

    at: datetime
    paystubs: tuple[Paystub, ...] = ()
    #: Since when the node stores for satellites.
    joined: Mapping[str, datetime] = field(default_factory=dict)
    #: Where satellites are, as in us2.storj.io:7777.
    urls: Mapping[str, str] = field(default_factory=dict)
    #: The months of which something could not be read, but might be later; None for all.
    unread: tuple[str, ...] | None = ()
    failures: tuple[Failure, ...] = ()
