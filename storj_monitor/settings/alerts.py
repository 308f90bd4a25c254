"""When an alert is raised."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from storj_monitor.settings.money import check_usd

Positive = Annotated[int, Meta(ge=1)]
Ratio = Annotated[float, Meta(ge=0, le=1)]
Minutes = Annotated[float, Meta(gt=0, le=525_600)]

_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_QUIET = re.compile(rf"({_TIME})-({_TIME})")
_DIGEST = re.compile(rf"daily {_TIME}")


class SendSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom alerts are sent, and when not: `[alerts.send]`. Without a channel to nobody."""

    #: The name of a channel, which is set up in its own section.
    channel: str = ""
    recipients: tuple[str, ...] = ()
    #: What is less severe isn't sent.
    severity: Literal["info", "warning", "critical"] = "warning"
    #: Hours such as 22:00-07:00, of which one message is sent when they are over.
    quiet: str = ""
    #: Of the quiet hours and the digest, and of times in the texts.
    timezone: str = "UTC"
    #: What there is more of in an hour is sent together when it is over.
    most_per_hour: Positive = 10
    #: Such as "daily 08:00": what happened in a day and what is open, beside the rest.
    digest: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for what can't be meant: msgspec says where it stands."""
        if self.channel and not self.recipients:
            message = "a channel is given and no recipients: who is to be told?"
            raise ValueError(message)
        if self.quiet and (not (hours := _QUIET.fullmatch(self.quiet)) or hours[1] == hours[2]):
            message = f"quiet = {self.quiet!r} are no hours such as 22:00-07:00"
            raise ValueError(message)
        if self.digest and not _DIGEST.fullmatch(self.digest):
            message = f"digest = {self.digest!r} is not like daily 08:00"
            raise ValueError(message)
        try:
            ZoneInfo(self.timezone)
        except (ValueError, OSError, KeyError):
            message = f"there is no time zone {self.timezone!r}"
            raise ValueError(message) from None


class AlertSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an alert is raised: each warning comes before its critical."""

    #: How often `run` and `serve` look.
    every_seconds: Annotated[float, Meta(ge=1, le=3600)] = 60.0
    #: What was said longer ago tells nothing of now.
    stale_hours: Annotated[float, Meta(gt=0, le=8760)] = 24.0
    #: Scores below: 0.96 disqualifies.
    audit_warning: Ratio = 0.995
    audit_critical: Ratio = 0.98
    #: Scores below: 0.60 suspends.
    suspension_warning: Ratio = 0.95
    suspension_critical: Ratio = 0.70
    online_warning: Ratio = 0.95
    online_critical: Ratio = 0.70
    #: The used part of the allocated disk space, from there on.
    disk_warning: Annotated[float, Meta(ge=0, le=10)] = 0.80
    disk_critical: Annotated[float, Meta(ge=0, le=10)] = 0.95
    #: The disk is full in fewer days, if it goes on as in the last 14.
    full_warning_days: Annotated[float, Meta(ge=0, le=3660)] = 30.0
    full_critical_days: Annotated[float, Meta(ge=0, le=3660)] = 7.0
    #: 99 of 100 downloads take no longer, from there on.
    latency_warning_ms: Positive = 5_000
    latency_critical_ms: Positive = 10_000
    #: The successful part of a day's transfers, below. Customers ask more nodes than they need
    #: and cancel the slowest: of uploads, which start on more nodes, a node loses more.
    download_warning: Ratio = 0.85
    download_critical: Ratio = 0.60
    upload_warning: Ratio = 0.80
    upload_critical: Ratio = 0.50
    #: Of fewer transfers nothing is concluded.
    transfers_at_least: Positive = 100
    #: Neither a log line nor an answer for so long.
    silent_warning_minutes: Minutes = 60.0
    silent_critical_minutes: Minutes = 240.0
    #: The API was asked, and gave no answer for so long.
    unreachable_minutes: Minutes = 15.0
    #: A statement differs from the estimate by more than both.
    payout_ratio: Annotated[float, Meta(ge=0, le=100)] = 0.20
    payout_usd: Decimal = Decimal("0.50")
    #: So many exports or deliveries of a kind failed in a row.
    failures: Positive = 3
    send: SendSettings = field(default_factory=SendSettings)

    def __post_init__(self) -> None:
        check_usd(self.payout_usd)
        low = ("audit", "suspension", "online", "download", "upload")
        pairs = [(f"{name}_critical", f"{name}_warning") for name in low]
        pairs += [("disk_warning", "disk_critical"), ("full_critical_days", "full_warning_days")]
        pairs += [("latency_warning_ms", "latency_critical_ms")]
        pairs += [("silent_warning_minutes", "silent_critical_minutes")]
        for less, more in pairs:
            if getattr(self, less) > getattr(self, more):
                message = f"{less} must not be above {more}"
                raise ValueError(message)
