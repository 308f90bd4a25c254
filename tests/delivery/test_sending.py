"""Handing a parcel over: what an error means, and how long a pause is."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from storj_monitor.delivery.channels import Outlet
from storj_monitor.delivery.sending import SENT, Outcome, pause_seconds, sent
from storj_monitor.plugin import Channel, DeliveryError, Parcel, Setting, UncertainDelivery
from storj_monitor.settings import SchedulingSettings

SECRET = "hunter2-s3cret"
HOOK = "https://hooks.example.org/services/XOXB-VERY-SECRET-KEY"
PARCEL = Parcel(
    subject="S",
    text="T",
    html="",
    attachments=(),
    links=(),
    idempotency_key="k",
    recipient=HOOK,
)


def outlet(error: BaseException | None) -> Outlet:
    async def send(*_: Any) -> None:
        if error is not None:
            raise error

    channel = Channel(
        name="hook",
        title="Hook",
        settings=(Setting(name="key", summary="K", secret=True),),
        send=send,
        shown=lambda _: "https://hooks.example.org/…",
    )
    return Outlet(channel, {"key": SECRET})


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, SENT),
        (
            DeliveryError(f"no {SECRET}", retryable=True, retry_after=7),
            Outcome("retry", "no ***", 7),
        ),
        (
            DeliveryError(f"no {HOOK}", retryable=False),
            Outcome("failed", "no https://hooks.example.org/…"),
        ),
        (UncertainDelivery(SECRET), Outcome("maybe_sent", "***")),
        (
            TimeoutError(),
            Outcome(
                "maybe_sent", "channel 'hook' failed with TimeoutError; the log has the details"
            ),
        ),
    ],
)
async def test_an_error_means_refused_for_now_or_for_good_or_unknown(
    error: BaseException | None, outcome: Outcome
) -> None:
    assert await sent(outlet(error), PARCEL, 30) == outcome


async def test_what_a_channel_raises_is_logged_without_its_secrets() -> None:
    with capture_logs() as logs:
        outcome = await sent(outlet(RuntimeError(f"{HOOK} with {SECRET}")), PARCEL, 30)
    assert outcome.error == "channel 'hook' failed with RuntimeError; the log has the details"
    [event] = logs
    assert event["error"].endswith("RuntimeError: https://hooks.example.org/… with ***\n")
    assert SECRET not in str(logs)
    assert "XOXB" not in str(logs)


@given(st.integers(1, 10_000), st.floats(0, 1), st.none() | st.floats())
def test_a_pause_is_never_longer_than_the_longest_with_its_jitter_too(
    attempts: int, chance: float, retry_after: float | None
) -> None:
    settings = SchedulingSettings()
    pause = pause_seconds(attempts, settings, retry_after, lambda: chance)
    assert 48 - 1e-6 <= pause <= 21_600
    if retry_after is not None and math.isfinite(retry_after):
        assert pause >= min(retry_after, 21_600)
