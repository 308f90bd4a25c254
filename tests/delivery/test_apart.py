"""A channel is a stranger's code: what it blocks, or never ends, is its own alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from storj_monitor.delivery import apart
from storj_monitor.delivery.channels import Outlet, check_recipient
from storj_monitor.delivery.sending import SENT, Outcome, sent
from storj_monitor.errors import Problem
from storj_monitor.plugin import Channel, DeliveryError
from storj_monitor.settings import Settings
from tests.delivery.test_sending import PARCEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def go_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Give what blocked threads wait for: it comes at the end."""
    monkeypatch.setattr(apart, "_GRACE_SECONDS", 0.05)
    monkeypatch.setattr(apart, "_QUICK_SECONDS", 0.05)
    event = Event()
    yield event
    event.set()


def outlet(send: Callable[..., Any], **others: Any) -> Outlet:
    return Outlet(Channel(name="post", title="Post", settings=(), send=send, **others), {})


async def accepts(*_: Any) -> None:
    """Accept a parcel."""


async def test_a_channel_that_blocks_holds_up_nobody_and_nobody_knows_what_it_did(
    go_on: Event,
) -> None:
    async def blocks(*_: Any) -> None:
        go_on.wait(60)

    with capture_logs() as logs:
        stuck = asyncio.create_task(sent(outlet(blocks), PARCEL, 0.2))
        assert await sent(outlet(accepts), PARCEL, 60) == SENT  # meanwhile
        assert not stuck.done()
        assert await stuck == Outcome(
            "maybe_sent", "channel 'post' took longer than 0.2 seconds and was stopped"
        )
    assert logs == [
        {"event": "channel.stuck", "channel": "post", "seconds": 0.05, "log_level": "error"}
    ]


async def test_one_that_is_stopped_in_time_is_canceled_where_it_is() -> None:
    begun = Event()
    heard: list[bool] = []

    async def waits(*_: Any) -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            heard.append(current_thread() is not main_thread())
            raise

    sending = asyncio.create_task(sent(outlet(waits), PARCEL, 60))
    assert await asyncio.to_thread(begun.wait, 60)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert heard == [True]


async def test_one_that_ends_itself_or_the_program_ends_neither() -> None:
    async def gives_up(*_: Any) -> None:
        raise asyncio.CancelledError

    async def interrupts(*_: Any) -> None:
        raise KeyboardInterrupt

    async def leaves(*_: Any) -> None:
        sys.exit(3)

    outcomes = [await sent(outlet(send), PARCEL, 60) for send in (gives_up, interrupts, leaves)]
    assert outcomes == [
        Outcome("maybe_sent", "channel 'post' gave up in the middle"),
        Outcome("maybe_sent", "channel 'post' failed with RuntimeError; the log has the details"),
        Outcome("maybe_sent", "channel 'post' failed with SystemExit; the log has the details"),
    ]


async def test_of_a_channel_that_never_ends_so_many_threads_are_left_alone(
    go_on: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_MOST", 2)

    async def blocks(*_: Any) -> None:
        go_on.wait(60)

    states = [(await sent(outlet(blocks), PARCEL, 0.1)).state for _ in range(2)]
    assert states == ["maybe_sent", "maybe_sent"]
    refused = Outcome("retry", "channel 'post' still works on 2 others")
    assert await sent(outlet(accepts), PARCEL, 60) == refused


async def test_a_question_that_is_never_answered_is_refused_for_now(go_on: Event) -> None:
    def limit(*_: Any) -> int:
        go_on.wait(60)
        return 5

    asked = outlet(accepts, limit=limit, addresses=limit)
    for question in (asked.limit, asked.addresses):
        with pytest.raises(DeliveryError, match="gave no answer") as caught:
            await asyncio.to_thread(question, "ann")
        assert caught.value.retryable
    with pytest.raises(Problem, match="gave no answer"):
        await asyncio.to_thread(check_recipient, asked, "ann", Settings())


def test_what_a_question_raises_is_passed_on() -> None:
    def limit(*_: Any) -> int:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        outlet(accepts, limit=limit).limit("ann")


def test_a_program_ends_whose_channel_does_not() -> None:
    script = """
import asyncio, time
from storj_monitor.delivery import apart

async def blocks():
    time.sleep(600)

async def main():
    try:
        await asyncio.wait_for(apart.sent_apart("post", blocks), 0.2)
    except TimeoutError:
        print("given up")

apart._GRACE_SECONDS = 0.1
asyncio.run(main())
"""
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert said.splitlines()[-1] == "given up"
