"""What the writer takes: everything that was learned about a node, for one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOUR_US = 3_600_000_000
#: Of the disk space that is told within five minutes, the last is kept.
SLOT_US = 300_000_000

_FIELDS: list[tuple[str, pa.DataType]] = [
    ("at", pa.int64()),  # when the transfer ended, microseconds since 1970 UTC
    ("satellite", pa.string()),  # the full id, or null for a rejected upload
    ("action", pa.string()),
    ("status", pa.string()),
    ("size", pa.int64()),
    ("duration_ms", pa.int64()),
    ("piece_id", pa.string()),
    ("error", pa.string()),
    ("remote_ip", pa.string()),
    ("country", pa.string()),
    ("fingerprint", pa.int64()),
    ("occurrence", pa.int64()),
]
#: Who said something: the log, the node's API, or another monitor's database.
Origin = Literal["log", "api", "import"]
#: A batch of transfers.
TRANSFERS = pa.schema(_FIELDS)


class HeardHour(NamedTuple):
    """An hour in which a log had lines; times are microseconds since 1970 UTC."""

    hour_at: int
    first_at: int
    last_at: int
    #: When the node's process started, the last time in this hour.
    started_at: int | None = None
    #: When it was told to stop, the last time in this hour.
    stopped_at: int | None = None
    #: The last line that shows that there was traffic, and is no transfer itself.
    traffic_at: int | None = None


class Scores(NamedTuple):
    """What a satellite (full id) thinks of the node: by a line `node scores ...`, or by the API.

    What the API says again is kept every six hours; what a log says, each time.
    """

    at: int
    satellite: str
    audit_score: float | None
    suspension_score: float | None
    online_score: float | None
    audits_total: int | None
    audits_ok: int | None
    disqualified_at: int | None = None
    suspended_at: int | None = None
    vetted_at: int | None = None
    origin: Origin = "log"


class FreeSpace(NamedTuple):
    """The free space that the node has by its own view, in bytes: all that a log tells."""

    at: int
    free_bytes: int
    origin: Origin = "log"


class UsedSpace(NamedTuple):
    """How much space the node has and uses, in bytes, as its API tells."""

    at: int
    allocated_bytes: int | None
    used_bytes: int | None
    free_bytes: int | None
    trash_bytes: int | None
    reclaimable_bytes: int | None
    overused_bytes: int | None
    origin: Origin = "api"


class Compaction(NamedTuple):
    """A finished compaction of a hashstore: `satellite` is the full id, `store` s0 or s1."""

    at: int
    satellite: str
    store: str
    duration_ms: int | None
    reclaimed_bytes: int | None
    rewritten_bytes: int | None
    table_load: float | None
    trash_ratio: float | None
    error: str | None


class Following(NamedTuple):
    """How far a log was read, and how it is followed: a row of `followed_logs`."""

    log: str
    position: str
    state: str
    reason: str | None
    behind_bytes: int | None
    checked_at: int


class Poll(NamedTuple):
    """That a node's API was asked, and what came of it."""

    at: int
    url: str
    #: Whether it answered, be it that a part was missing.
    is_answered: bool
    #: Why it did not answer, or what part was missing.
    reason: str | None = None
    #: The storagenode's, such as 1.137.5.
    version: str | None = None
    #: The oldest version that satellites allow, and whether the node says that its own is.
    allowed_version: str | None = None
    is_allowed: bool | None = None


class Paystub(NamedTuple):
    """A satellite's statement about a month (2026-10, UTC), with what became of it.

    Money is micro-USD; None is what wasn't told, which leaves what was known of it. A row of
    `paystubs`, but for its ids.
    """

    period: str
    satellite: str
    origin: Origin
    read_at: int
    created_at: int | None = None
    codes: str | None = None
    byte_hours: int | None = None
    get_bytes: int | None = None
    get_repair_bytes: int | None = None
    get_audit_bytes: int | None = None
    put_bytes: int | None = None
    put_repair_bytes: int | None = None
    comp_at_rest: int | None = None
    comp_get: int | None = None
    comp_get_repair: int | None = None
    comp_get_audit: int | None = None
    #: The sum of the four before surge.
    earned: int | None = None
    #: 100 when there was no surge.
    surge_percent: int | None = None
    held: int | None = None
    owed: int | None = None
    disposed: int | None = None
    paid: int | None = None
    distributed: int | None = None
    #: Such as eth:0x12ab; None while there is none.
    receipt: str | None = None


class Estimate(NamedTuple):
    """What a node expects of a satellite for a month (2026-10, UTC); money is micro-USD.

    A row of `estimates`, but for its ids.
    """

    period: str
    satellite: str
    origin: Origin
    at: int
    byte_hours: int | None = None
    egress_bytes: int | None = None
    repair_bytes: int | None = None
    audit_bytes: int | None = None
    storage: int | None = None
    egress: int | None = None
    repair: int | None = None
    audit: int | None = None
    gross: int | None = None
    held: int | None = None
    payout: int | None = None
    expected: int | None = None


class Joined(NamedTuple):
    """Since when the node stores for a satellite (full id)."""

    satellite: str
    joined_at: int


class Prices(NamedTuple):
    """What a satellite (full id) pays, as the node says: micro-USD for a TB or TB-month."""

    satellite: str
    at: int
    storage: int
    egress: int
    repair: int
    audit: int


class SummedHour(NamedTuple):
    """An hour of transfers of which only sums are known, of all satellites together."""

    hour_at: int
    action: str
    status: str
    transfers: int
    bytes: int | None


class Seal(NamedTuple):
    """An hour that another monitor counted: lines of it up to `until_at` add nothing.

    What is imported still does, so that an import that was cut off can be gone on with.
    """

    hour_at: int
    until_at: int


class PastAlert(NamedTuple):
    """An alert of another monitor; `satellite` is the full id."""

    at: int
    satellite: str | None
    type: str
    severity: str
    title: str
    message: str
    value: float | None = None
    threshold: float | None = None
    resolved_at: int | None = None
    acknowledged_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class News:
    """What was learned about one node."""

    node: str
    #: Of schema TRANSFERS.
    transfers: pa.RecordBatch | None = None
    #: That the transfers are told by another monitor, and not by the log.
    are_imported: bool = False
    hours: Sequence[HeardHour] = ()
    scores: Sequence[Scores] = ()
    free_space: Sequence[FreeSpace] = ()
    used_space: Sequence[UsedSpace] = ()
    compactions: Sequence[Compaction] = ()
    following: Following | None = None
    poll: Poll | None = None
    paystubs: Sequence[Paystub] = ()
    estimates: Sequence[Estimate] = ()
    joined: Sequence[Joined] = ()
    prices: Sequence[Prices] = ()
    #: Only where nothing is known of the hour yet.
    summed_hours: Sequence[SummedHour] = ()
    #: Sealed after all else of this was stored.
    seals: Sequence[Seal] = ()
    past_alerts: Sequence[PastAlert] = ()
    #: Where satellites (full ids) are, such as us1.storj.io:7777: a name for those without one.
    satellite_urls: Mapping[str, str] = field(default_factory=dict)
