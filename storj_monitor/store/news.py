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
#: Who said something: the log, or the node's API.
Origin = Literal["log", "api"]
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


class UsedSpace(NamedTuple):
    """How much space the node has and uses, in bytes, as its API tells."""

    at: int
    allocated_bytes: int | None
    used_bytes: int | None
    free_bytes: int | None
    trash_bytes: int | None
    reclaimable_bytes: int | None
    overused_bytes: int | None


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


@dataclass(frozen=True, kw_only=True)
class News:
    """What was learned about one node."""

    node: str
    #: Of schema TRANSFERS.
    transfers: pa.RecordBatch | None = None
    hours: Sequence[HeardHour] = ()
    scores: Sequence[Scores] = ()
    free_space: Sequence[FreeSpace] = ()
    used_space: Sequence[UsedSpace] = ()
    compactions: Sequence[Compaction] = ()
    following: Following | None = None
    poll: Poll | None = None
    #: Where satellites (full ids) are, such as us1.storj.io:7777: a name for those without one.
    satellite_urls: Mapping[str, str] = field(default_factory=dict)
