"""What became of a message that Apprise says has failed: it tells no more than that."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from storj_export_plugins.channels.statuses import ACCEPTED, BROKEN_OFF, FOR_NOW, UNANSWERED
from storj_monitor.plugin import DeliveryError, UncertainDelivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apprise import AppriseResult

#: What urllib3 logs of a request: that it connects, and what was answered.
_BEGUN = "Starting new HTTP"
_ANSWERED = re.compile(r'HTTP/[\d.]+" (\d{3})\b')
#: How the entry of Apprise begins that has a library's own words.
_BROKEN = "Socket Exception"
#: What libraries say when no connection came about, so that nothing can have arrived.
_NOT_REACHED = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|Connection refused"
    r"|Name or service not known|No route to host|Network is unreachable"
)


class Answers(logging.Handler):
    """Hears what is answered to the requests of one message, which may be many."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0
        self.statuses: list[int] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take what urllib3 logs, if it is about this message."""
        if _LISTENING.get() is not self:
            return
        message = record.getMessage()
        self.begun += message.startswith(_BEGUN)
        if answered := _ANSWERED.search(message):
            self.statuses.append(int(answered[1]))


#: Whose requests are made here. Apprise hands it on to its threads.
_LISTENING: ContextVar[Answers | None] = ContextVar("_LISTENING", default=None)


@contextmanager
def heard() -> Iterator[Answers]:
    """Hear the answers to whatever is requested within the `with`; for one thread."""
    answers, logger = Answers(), logging.getLogger("urllib3")
    before = _LISTENING.set(answers)
    logger.addHandler(answers)
    try:
        yield answers
    finally:
        logger.removeHandler(answers)
        _LISTENING.reset(before)


def explained(result: AppriseResult, answers: Answers, place: str) -> DeliveryError:
    """Say what became of it. Only what certainly reached nobody may be tried again.

    A URL may be several chats, and a file a request of its own: when one of them is refused,
    the others may have been accepted.
    """
    said = [entry.message for entry in result.logs()]
    broken = [message for message in said if message.startswith(_BROKEN)]
    statuses = answers.statuses
    if statuses and not broken and answers.begun <= len(statuses):
        return _refusal(statuses, place)
    if broken and not statuses and all(map(_NOT_REACHED.search, broken)):
        return DeliveryError(f"{place} can't be reached", retryable=True)
    return _uncertain(place)


def _refusal(statuses: list[int], place: str) -> DeliveryError:
    """Say how all requests were answered, unless one of them was accepted, or may have been."""
    if any(one in ACCEPTED or one in UNANSWERED | BROKEN_OFF for one in statuses):
        return _uncertain(place)
    status = next((one for one in statuses if one in FOR_NOW), statuses[0])
    reason = f"{place} refused it: status {status}"
    return DeliveryError(reason, retryable=status in FOR_NOW)


def _uncertain(place: str) -> UncertainDelivery:
    return UncertainDelivery(f"{place} failed, and it isn't known what of it arrived")
