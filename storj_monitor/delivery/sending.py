"""Handing one parcel to its channel, and what that came to."""

from __future__ import annotations

import asyncio
import math
import random
import traceback
from typing import TYPE_CHECKING, Literal, NamedTuple

from storj_monitor.delivery.apart import sent_apart
from storj_monitor.logs import log
from storj_monitor.plugin import DeliveryError, UncertainDelivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.delivery.channels import Outlet
    from storj_monitor.plugin import Parcel
    from storj_monitor.settings import SchedulingSettings

#: A pause is longer or shorter by up to so much of it: who failed together doesn't return together.
_JITTER = 0.2
_MOST_DOUBLINGS = 40


class Outcome(NamedTuple):
    """What an attempt came to: accepted, refused for now or for good, nobody knows, or left out."""

    state: Literal["sent", "retry", "failed", "maybe_sent", "skipped"]
    error: str = ""
    #: How long the other side asked to wait, in seconds.
    retry_after: float | None = None


SENT = Outcome("sent")


async def sent(outlet: Outlet, parcel: Parcel, seconds: float) -> Outcome:
    """Hand a parcel to its channel, which is stopped after so many seconds.

    What it raises but for a DeliveryError, and being stopped, means that nobody can know whether
    it arrived. No secret is in what is returned or logged.
    """
    name, to = outlet.channel.name, parcel.recipient
    try:
        async with asyncio.timeout(seconds) as limit:
            await sent_apart(name, lambda: outlet.channel.send(parcel, outlet.settings))
    except UncertainDelivery as error:
        return Outcome("maybe_sent", outlet.without_secrets(error.reason, to))
    except DeliveryError as error:
        return refusal_of(error, outlet, to)
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) is None or task.cancelling():
            raise
        return Outcome("maybe_sent", f"channel {name!r} gave up in the middle")
    except (Exception, SystemExit) as error:  # noqa: BLE001  a channel is a plugin: it may raise anything
        if isinstance(error, TimeoutError) and limit.expired():
            reason = f"channel {name!r} took longer than {seconds:g} seconds and was stopped"
            return Outcome("maybe_sent", reason)
        lines = "".join(traceback.format_exception(error))
        log().error("delivery.error", channel=name, error=outlet.without_secrets(lines, to))
        reason = f"channel {name!r} failed with {type(error).__name__}; the log has the details"
        return Outcome("maybe_sent", reason)
    return SENT


def refusal_of(error: DeliveryError, outlet: Outlet, recipient: str) -> Outcome:
    """Return what a refusal means: for now, or for good."""
    reason = outlet.without_secrets(error.reason, recipient)
    return Outcome("retry" if error.retryable else "failed", reason, error.retry_after)


def pause_seconds(
    attempts: int,
    settings: SchedulingSettings,
    retry_after: float | None = None,
    chance: Callable[[], float] = random.random,
) -> float:
    """Return how long to wait after so many attempts: twice as long each time, up to the longest.

    What the other side asked for is kept to, up to the longest too.
    """
    doubled = settings.first_retry_seconds * 2.0 ** min(attempts - 1, _MOST_DOUBLINGS)
    jittered = min(doubled, settings.most_retry_seconds) * (1 + _JITTER * (2 * chance() - 1))
    pause = min(jittered, settings.most_retry_seconds)
    if retry_after is None or not math.isfinite(retry_after):
        return pause
    return max(pause, min(retry_after, settings.most_retry_seconds))
