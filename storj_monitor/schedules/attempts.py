"""One attempt: a claimed delivery is made, handed to its channel, and settled or put off."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from storj_monitor.alerts.recipients import outcome_subject
from storj_monitor.delivery.channels import outlet_of
from storj_monitor.delivery.sending import Outcome, pause_seconds, refusal_of, sent
from storj_monitor.errors import OperatorError, Problem
from storj_monitor.logs import log
from storj_monitor.plugin import DeliveryError
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.alert_letters import notice_of, quiet_until, unwanted_notice
from storj_monitor.schedules.letters import letter_of
from storj_monitor.store.deliveries import TEST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from storj_monitor.delivery.channels import Outlet
    from storj_monitor.schedules.letters import Letter
    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery, StoreWriter

_KIND = "delivery"
#: How often a lease is renewed while it lasts.
_RENEWALS = 3
#: How long to wait before what became of it is written again.
_AGAIN_SECONDS = 1.0
_STOPPED = "the program was stopped"
_UNKNOWN = f"{_STOPPED} while it was being sent: nobody can know whether it arrived"


async def deliver(work: Work, delivery: Delivery) -> None:
    """Bring a delivery that was claimed to its end, or to its next attempt.

    Whatever goes wrong is in its row. Only where that can't be written, OperatorError is raised:
    then the lease ends by itself. What has to wait for the end of quiet hours is given back.
    """
    is_notice = delivery.schedule_id == 0
    if is_notice and (until := quiet_until(work, delivery)) is not None:
        ours = (delivery.id, delivery.owner or "")
        until_us = microseconds(until)
        await work.write("putting off", lambda writer: writer.deliveries.put_off(*ours, until_us))
        return
    attempt = _Attempt(work, delivery)
    async with _renewing(work, delivery):
        try:
            outcome = await attempt.outcome()
        except asyncio.CancelledError:
            await attempt.settle(attempt.broken_off)
            raise
        if outcome is not None:
            await attempt.settle(outcome, work.settings.scheduling.lease_seconds)


class _Attempt:
    """What is known of an attempt while it lasts."""

    def __init__(self, work: Work, delivery: Delivery) -> None:
        self._work = work
        self._delivery = delivery
        self._owner = delivery.owner or ""
        self._outlet: Outlet | None = None
        self._is_sending = False

    @property
    def broken_off(self) -> Outcome:
        """What it came to if it goes no further."""
        return Outcome("maybe_sent", _UNKNOWN) if self._is_sending else Outcome("retry", _STOPPED)

    async def outcome(self) -> Outcome | None:
        """Make it and send it; None if it belongs to somebody else by now."""
        most = self._work.settings.scheduling.attempts
        if self._delivery.attempts > most:
            error = self._delivery.error or "each time the program ended before it was sent"
            return Outcome("failed", error)
        try:
            with TemporaryDirectory(prefix="storj-monitor-", ignore_cleanup_errors=True) as folder:
                letter = await self._letter(Path(folder))
                return letter if isinstance(letter, Outcome) else await self._sent(letter)
        except Problem as problem:
            words = f"{problem.detail}. {problem.hint}".strip()
            return Outcome("failed" if problem.is_the_callers else "retry", words)
        except OperatorError as error:
            return Outcome("retry", f"{error.reason}. {error.hint}".strip())
        except DeliveryError as error:
            return self._refusal(error)
        except Exception as error:  # noqa: BLE001  formats and channels are plugins
            log().error("delivery.error", schedule=self._delivery.name, error=type(error).__name__)
            return Outcome("retry", f"it could not be made: {type(error).__name__}")

    async def settle(self, outcome: Outcome, seconds: float = 0) -> None:
        """Write down what it came to, tell the alerts, and count it.

        While that can't be written, it is tried again for so many seconds.
        """
        work, one = self._work, self._delivery
        error = self._without_secrets(outcome.error)
        retry_at: int | None = None
        if outcome.state == "retry" and self._may_retry:
            pause = pause_seconds(one.attempts, work.settings.scheduling, outcome.retry_after)
            retry_at = work.now_us + int(pause * 1_000_000)
        state = "failed" if outcome.state == "retry" and retry_at is None else outcome.state

        def write(writer: StoreWriter) -> bool:
            with writer.together():
                is_ours = self._note(writer, state, error, retry_at)
                if is_ours:
                    self._note_outcome(writer, state, error)
            return is_ours

        is_ours = await self._settled(write, seconds)
        if is_ours and work.meters is not None:
            work.meters.note_delivery(one.channel, state)
        event = f"delivery.{state}" if is_ours else "delivery.lost"
        told = {"error": error} if error else {}
        log().info(event, schedule=one.name, channel=one.channel, recipient=self._shown, **told)

    async def _settled(self, write: Callable[[StoreWriter], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while True:
            try:
                return await self._work.write("settling", write)
            except OperatorError as error:
                if time.monotonic() >= until:
                    raise
                log().warning("delivery.not_noted_yet", error=error.reason)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _letter(self, folder: Path) -> Letter | Outcome:
        work, one = self._work, self._delivery
        catalogue, settings = work.host.catalogue, work.settings
        if (unwanted := unwanted_notice(work, one)) is not None:
            return unwanted
        outlet = await asyncio.to_thread(outlet_of, one.channel, catalogue, settings)
        self._outlet = outlet
        if one.schedule_id == 0:
            return await asyncio.to_thread(notice_of, work, one, outlet)
        return await letter_of(work, one, outlet, folder)

    async def _sent(self, letter: Letter) -> Outcome | None:
        """Hand it to the channel, once the database knows that it is."""
        work, one, outlet = self._work, self._delivery, self._outlet
        if outlet is None:
            raise AssertionError(one)
        is_ours = await work.write(
            "sending",
            lambda writer: writer.deliveries.note_sending(
                one.id, self._owner, work.now_us, work.lease_us, letter.parcelled
            ),
        )
        if not is_ours:
            log().warning("delivery.lost", schedule=one.name, recipient=self._shown)
            return None
        self._is_sending = True
        outcome = await sent(outlet, letter.parcel, work.settings.scheduling.send_seconds)
        work.at_step("answered")
        return outcome

    @property
    def _may_retry(self) -> bool:
        """Whether there is another attempt: a test says at once what is wrong."""
        attempts = self._work.settings.scheduling.attempts
        return not self._is_test and self._delivery.attempts < attempts

    @property
    def _is_test(self) -> bool:
        return self._delivery.edition.startswith(TEST)

    @property
    def _shown(self) -> str:
        """What may be said of the recipient: of one whose channel is unknown nothing."""
        if self._outlet is None:
            return "a recipient"
        return self._outlet.shown(self._delivery.recipient)

    def _note(self, writer: StoreWriter, state: str, error: str, retry_at: int | None) -> bool:
        work, ours = self._work, (self._delivery.id, self._owner)
        deliveries = writer.deliveries
        match state:
            case "sent":
                return deliveries.note_sent(*ours, work.now_us)
            case "maybe_sent":
                return deliveries.note_maybe_sent(*ours, error)
            case "skipped":
                return deliveries.note_skipped(*ours, error)
            case _:
                return deliveries.note_failed(*ours, error, retry_at)

    def _note_outcome(self, writer: StoreWriter, state: str, error: str) -> None:
        """Tell the alerts: what isn't tried again, and what nobody knows, is told at once.

        Of a test only that it arrived: how it failed is seen by who asked for it.
        """
        one = self._delivery
        if state == "skipped" or (self._is_test and state != "sent"):
            return
        subject = outcome_subject(one.schedule_id, one.channel, one.recipient)
        counts = 1 if state == "retry" else self._work.settings.alerts.failures
        said = None if state == "sent" else error
        writer.note_outcome(_KIND, subject, self._work.now_us, said, counts)

    def _refusal(self, error: DeliveryError) -> Outcome:
        if self._outlet is None:
            raise AssertionError(error)
        return refusal_of(error, self._outlet, self._delivery.recipient)

    def _without_secrets(self, text: str) -> str:
        if self._outlet is None:
            return text
        return self._outlet.without_secrets(text, self._delivery.recipient)


@asynccontextmanager
async def _renewing(work: Work, delivery: Delivery) -> AsyncIterator[None]:
    """Keep a claimed delivery while the block runs, however long that is."""
    task = asyncio.create_task(_renew(work, delivery))
    try:
        yield
    finally:
        task.cancel()


async def _renew(work: Work, delivery: Delivery) -> None:
    def renewed() -> None:
        with work.store.writer() as writer:
            writer.deliveries.renew(delivery.id, delivery.owner or "", work.now_us, work.lease_us)

    while True:
        await asyncio.sleep(work.lease_us / 1_000_000 / _RENEWALS)
        try:
            await asyncio.to_thread(renewed)
        except OperatorError as error:  # until the lease ends there are two more times
            log().warning("delivery.not_renewed", error=error.reason)
