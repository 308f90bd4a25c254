"""When and how reports are sent by themselves."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
_DOMAIN = re.compile(r"(?!-)[^\s@,;:/]+(?<!\.)")


class SchedulingSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether schedules are followed, what is made up for, and how often sending is tried."""

    #: From STORJ_MONITOR_SCHEDULING: 0 turns it off, and the sending of alerts with it.
    enabled: bool = True
    #: Of what was missed: the newest period, all up to `catch_up_most`, or none.
    catch_up: Literal["newest", "all", "none"] = "newest"
    catch_up_most: Annotated[int, Meta(ge=1, le=100)] = 5
    #: A run that isn't heard of for so long was killed, and another takes over; one that lives
    #: says so three times as often.
    lease_seconds: Annotated[float, Meta(ge=30, le=86_400)] = 300.0
    #: How often sending is tried before it has failed.
    attempts: Annotated[int, Meta(ge=1, le=100)] = 8
    #: The first pause between attempts, which doubles, and the longest.
    first_retry_seconds: Seconds = 60.0
    most_retry_seconds: Seconds = 21_600.0
    #: A channel that takes longer is stopped: then nobody knows whether it arrived.
    send_seconds: Seconds = 300.0
    #: How long a link to a file that was too large to send can be used.
    link_days: Annotated[float, Meta(gt=0, le=366)] = 7.0
    #: Mail goes to addresses of these domains alone, if any are named.
    recipient_domains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError for what can't be meant: msgspec says where it stands."""
        if self.first_retry_seconds > self.most_retry_seconds:
            message = "first_retry_seconds must not be above most_retry_seconds"
            raise ValueError(message)
        for domain in self.recipient_domains:
            if not _DOMAIN.fullmatch(domain):
                message = f"{domain!r} under recipient_domains is no domain such as example.org"
                raise ValueError(message)
