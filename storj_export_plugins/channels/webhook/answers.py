"""What a webhook's answer means: accepted, refused for good, or for now."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from storj_export_plugins.channels.statuses import ACCEPTED, BROKEN_OFF, FOR_NOW, UNANSWERED
from storj_monitor.plugin import DeliveryError, UncertainDelivery

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of an answer's text no more is read.
MOST_READ = 4096
_MOVED = range(300, 400)
_HINTS = {
    401: ": is the key in the URL right?",
    403: ": is the key in the URL right?",
    404: ": is there still a webhook at this URL?",
    410: ": the webhook was removed",
    413: ": it is too large for it (max_mb under [channels.webhook])",
}
#: Nobody waits longer, whatever is asked.
_MOST_SECONDS = 86_400.0
#: The words by which Discord and Slack say why. Of anything else nothing is repeated.
_WORDS = re.compile(r"[A-Za-z_ ,.']{1,80}")


@dataclass(frozen=True)
class Answer:
    """The status, the headers, and the beginning of the text."""

    status: int
    headers: Mapping[str, str]
    text: bytes

    @property
    def json(self) -> Mapping[str, Any]:
        """The text as an object of JSON; empty where it is none."""
        with suppress(ValueError, RecursionError):
            found = json.loads(self.text)
            if isinstance(found, dict):
                return found
        return {}


def check(answer: Answer, place: str, *, is_own: bool) -> None:
    """Return if it means accepted, and raise DeliveryError otherwise.

    `is_own` says that the receiver can tell what it had, by our Idempotency-Key: where a proxy
    broke off, it is asked again.
    """
    status = answer.status
    if status in ACCEPTED:
        return
    if status in UNANSWERED or (status in BROKEN_OFF and not is_own):
        reason = f"{place} answers with {status}: what is behind it was given everything, perhaps"
        raise UncertainDelivery(reason)
    if status in _MOVED:
        reason = f"{place} redirects ({status}), which isn't followed: give the URL it leads to"
        raise DeliveryError(reason, retryable=False)
    retryable = status in FOR_NOW
    wait = retry_after(answer, datetime.now(UTC)) if retryable else None
    reason = f"{place} answers with {status}{_said(answer, place)}{_HINTS.get(status, '')}"
    raise DeliveryError(reason, retryable=retryable, retry_after=wait)


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Return how many seconds the receiver asks to wait: by its header, or Discord's JSON."""
    for given in (answer.headers.get("Retry-After"), answer.json.get("retry_after")):
        seconds = _seconds(given, now)
        if seconds is not None:
            return min(max(0.0, seconds), _MOST_SECONDS)
    return None


def _seconds(given: object, now: datetime) -> float | None:
    """Read seconds, or the date of HTTP."""
    text = str(given).strip()
    with suppress(ValueError):
        seconds = float(text)
        return None if math.isnan(seconds) else seconds
    # A number may be too large for a date, or its zone.
    with suppress(ValueError, TypeError, OverflowError):
        moment = parsedate_to_datetime(text)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return None


def _said(answer: Answer, place: str) -> str:
    """Return the reason as Discord or Slack give it; others might repeat the URL."""
    host = place.partition("://")[2]
    if host == "hooks.slack.com":
        said = answer.text.decode("ascii", "replace")
    elif host.endswith("discord.com"):
        said = str(answer.json.get("message", ""))
    else:
        return ""
    return f" ({said})" if _WORDS.fullmatch(said) else ""
