"""The columns of `earnings`, and a row of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.plugin import Column, Kind
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Callable


class Earning(NamedTuple):
    """A row, its fields in the order of the columns; money is micro-USD, times microseconds."""

    period: str
    node: str
    satellite: str | None
    satellite_id: str | None
    state: str
    storage_byte_hours: int | None = None
    egress_bytes: int | None = None
    repair_bytes: int | None = None
    audit_bytes: int | None = None
    storage_usd: int | None = None
    egress_usd: int | None = None
    repair_usd: int | None = None
    audit_usd: int | None = None
    gross_usd: int | None = None
    surge_percent: int | None = None
    held_usd: int | None = None
    disposed_usd: int | None = None
    paid_usd: int | None = None
    distributed_usd: int | None = None
    estimated_usd: int | None = None
    receipt: str | None = None
    receipt_url: str | None = None
    codes: str | None = None
    joined_at: int | None = None
    origin: str = "api"
    codes_meaning: str | None = None
    held_balance_usd: int | None = None
    undistributed_usd: int | None = None
    expected_usd: int | None = None


def usd(micro_usd: int) -> Decimal:
    """Return an amount in USD, exactly."""
    return Decimal(micro_usd).scaleb(-6)


_SPELLINGS: dict[Kind, Callable[[Any], object]] = {Kind.MONEY: usd, Kind.TIMESTAMP: moment}


def cells(columns: tuple[Column, ...], row: tuple[object, ...]) -> tuple[object, ...]:
    """Return a row as a source gives it: money in USD, times as such."""
    return tuple(
        _SPELLINGS[column.kind](value) if column.kind in _SPELLINGS and value is not None else value
        for column, value in zip(columns, row, strict=True)
    )


def _money(key: str, label: str, description: str) -> Column:
    return Column(key=key, label=label, kind=Kind.MONEY, unit="USD", description=description)


def _bytes(key: str, label: str, description: str) -> Column:
    return Column(key=key, label=label, kind=Kind.BYTES, unit="B", description=description)


COLUMNS = (
    Column(key="period", label="Month", description="The month, in UTC."),
    Column(key="node", label="Node", description="The node, as the operator named it."),
    Column(
        key="satellite",
        label="Satellite",
        description=(
            "The satellite's short name. Empty in an estimate from logs: what can't be told apart "
            "by satellite, such as the storage of a node that has several."
        ),
    ),
    Column(key="satellite_id", label="Satellite id", description="The satellite's full id."),
    Column(
        key="state",
        label="State",
        description=(
            "estimate: there is no statement yet. paystub: the satellite's statement. distributed: "
            "a statement for which something was sent."
        ),
    ),
    Column(
        key="storage_byte_hours",
        label="Stored",
        kind=Kind.INTEGER,
        unit="Bh",
        description="Bytes stored, times hours; a TB-month has 720 hours. An estimate's: so far.",
    ),
    _bytes("egress_bytes", "Egress", "Sent to customers. An estimate from logs: successes only."),
    _bytes(
        "repair_bytes",
        "Repair",
        "Sent for repair; in an estimate without audit_bytes for audits, too.",
    ),
    _bytes("audit_bytes", "Audit", "Sent for audits."),
    _money("storage_usd", "For storage", "Earned, before surge; empty where it isn't known."),
    _money("egress_usd", "For egress", "Earned, before surge."),
    _money(
        "repair_usd",
        "For repair",
        "Earned, before surge. A node estimates repair and audits as one sum: split by bytes, or "
        "here as a whole where audit_usd is empty.",
    ),
    _money("audit_usd", "For audits", "Earned, before surge."),
    _money(
        "gross_usd",
        "Earned",
        "The sum of the four, before surge; storage isn't in it where storage_usd is empty.",
    ),
    Column(
        key="surge_percent",
        label="Surge",
        kind=Kind.NUMBER,
        unit="%",
        description="What is earned was multiplied by this; 100 when there was no surge.",
    ),
    _money(
        "held_usd",
        "Held back",
        "Held back of this month's; empty in an estimate where it isn't known since when the node "
        "stores for the satellite: nothing is taken off there.",
    ),
    _money(
        "disposed_usd",
        "Given back",
        "Given back of what was held back before; part of what is paid. In an estimate: what is "
        "due this month.",
    ),
    _money("paid_usd", "Paid", "Approved by the satellite for the month; empty in an estimate."),
    _money(
        "distributed_usd",
        "Sent",
        "Sent for the month: 0 while it is carried over, and more than paid when that is made up "
        "for. Empty in an estimate, and where a statement from elsewhere doesn't say.",
    ),
    _money(
        "estimated_usd",
        "Estimated",
        "What was expected to be paid, the last time before the statement came; what is held back "
        "is taken off, what is given back is in it. Storage isn't where storage_usd is empty.",
    ),
    Column(
        key="receipt",
        label="Receipt",
        description="The transaction; one pays many nodes and satellites of a wallet.",
    ),
    Column(key="receipt_url", label="Receipt link", description="Where to look it up."),
    Column(key="codes", label="Codes", description="What the statement says beside the money."),
    Column(
        key="joined_at",
        label="Joined",
        kind=Kind.TIMESTAMP,
        description="Since when the node stores for the satellite.",
    ),
    Column(
        key="origin",
        label="Origin",
        description=(
            "Who said so: api, import (another monitor), or rollups: estimated from the log's "
            "transfers, the disk's use, and the prices of the API or else of the settings."
        ),
    ),
    Column(key="codes_meaning", label="Meaning", description="The codes in words."),
    _money(
        "held_balance_usd",
        "Still held",
        "All that statements held back up to this month, less what they gave back; empty where one "
        "from elsewhere doesn't say what it gave back.",
    ),
    _money(
        "undistributed_usd",
        "Carried over",
        "All that statements approved up to this month, less what was sent. Those that don't say "
        "what was sent are left out.",
    ),
    _money(
        "expected_usd",
        "Expected",
        "What the node expects an open month to come to at its end, net; empty otherwise.",
    ),
)
