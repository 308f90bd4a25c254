"""Several deliveries at a time: who is slow holds up nobody else."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from typing import TYPE_CHECKING

from storj_monitor.alerts.recipients import outcome_subject
from storj_monitor.errors import OperatorError
from storj_monitor.logs import log
from storj_monitor.schedules.answers import recipient_shown
from storj_monitor.schedules.attempts import deliver
from storj_monitor.store.claims import ANY, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery, StoreWriter

#: So many are made or sent at the same time, and of one schedule so many at most: beside one that
#: is slow, others have hands left. Alerts, which are schedule 0, have so many of their own.
_HANDS = 8
_OF_ONE = 4


class Shift:
    """Claims deliveries and brings them to an end, so many at a time: all, or those with an id.

        shift = Shift(work)
        await shift.work_off()       # until nothing is left that is ready

    A server calls `begin` now and then instead, and `end` when it stops.
    """

    def __init__(self, work: Work, only: Iterable[int] | None = None) -> None:
        self._work = work
        self._left = None if only is None else list(only)
        #: Each with its schedule.
        self._tasks: dict[asyncio.Task[None], int] = {}
        #: The ids of what was claimed, in that order.
        self.taken: list[int] = []

    @property
    def tasks(self) -> frozenset[asyncio.Task[None]]:
        """What is being done."""
        return frozenset(self._tasks)

    async def begin(self) -> None:
        """Claim what is ready, as long as there are hands, and begin with it."""
        while (delivery := await self._claimed()) is not None:
            self.taken.append(delivery.id)
            task = asyncio.create_task(self._done(delivery))
            self._tasks[task] = delivery.schedule_id
            task.add_done_callback(self._tasks.pop)

    async def work_off(self) -> None:
        """Work until there is nothing left that is ready.

        Where that can't be found out, what is under way is brought to its end first. If this is
        cancelled, that is broken off.
        """
        try:
            await self._worked_off()
        except asyncio.CancelledError:
            await self.end(0)
            raise

    async def end(self, seconds: float) -> None:
        """Take nothing on any more: what goes on after so many seconds is broken off."""
        if self._tasks and seconds:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in (tasks := self.tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _claimed(self) -> Delivery | None:
        if self._left is None:
            wanted = self._wanted()
            return None if wanted is None else await claimed(self._work, wanted)
        while self._left and len(self._tasks) < _HANDS:
            wanted = Wanted(delivery_id=self._left.pop(0))
            if (delivery := await claimed(self._work, wanted)) is not None:
                return delivery
        return None

    def _wanted(self) -> Wanted | None:
        """Return for what there are hands; None if there are none."""
        busy = Counter(self._tasks.values())
        if busy.total() - busy[0] < _HANDS:
            return Wanted(but_of=tuple(one for one, hands in busy.items() if hands >= _OF_ONE))
        return Wanted(only_alerts=True) if busy[0] < _OF_ONE else None

    async def _worked_off(self) -> None:
        try:
            is_over = False
            while not is_over:
                # While hands are busy not all is asked for, and they may end meanwhile.
                is_idle, had = not self._tasks, len(self.taken)
                await self.begin()
                is_over = is_idle and len(self.taken) == had
                if self._tasks:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        except Exception:
            if self._tasks:
                await asyncio.wait(self._tasks)
            raise

    async def _done(self, delivery: Delivery) -> None:
        try:
            await deliver(self._work, delivery)
        except OperatorError as error:
            # It stays claimed: when the lease ends it is seen how far it had come.
            log().error("delivery.not_noted", schedule=delivery.name, error=error.reason)
        except Exception as error:  # noqa: BLE001  likewise, whatever it is
            log().error("delivery.not_noted", schedule=delivery.name, error=type(error).__name__)


async def claimed(work: Work, wanted: Wanted = ANY) -> Delivery | None:
    """Claim what of the wanted is ready next; None if there is nothing.

    Each claim has an owner of its own: what was taken for dead finds out, be it of this process.
    What was being sent by who is gone is given up, and told.
    """
    owner = secrets.token_hex(16)

    def claim(writer: StoreWriter) -> tuple[Sequence[Delivery], Delivery | None]:
        now_us, lease_us = work.now_us, work.lease_us
        with writer.together():
            lost = writer.deliveries.give_up(now_us, lease_us)
            note_unknown(work, writer, lost)
            return lost, writer.deliveries.claim(owner, now_us, lease_us, wanted)

    lost, delivery = await work.write("claiming", claim)
    tell_unknown(work, lost)
    return delivery


def note_unknown(work: Work, writer: StoreWriter, unknown: Iterable[Delivery]) -> None:
    """Note for the alerts what may have been sent: in one transaction with that itself."""
    failures = work.settings.alerts.failures
    for one in unknown:
        subject = outcome_subject(one.schedule_id, one.channel, one.recipient)
        writer.note_outcome("delivery", subject, work.now_us, one.error, failures)


def tell_unknown(work: Work, unknown: Iterable[Delivery]) -> None:
    """Tell the log and the meters what may have been sent, by others or before."""
    for one in unknown:
        shown = recipient_shown(work.host.catalogue, one.channel, one.recipient)
        if work.meters is not None:
            work.meters.note_delivery(one.channel, "maybe_sent")
        told = {"schedule": one.name, "channel": one.channel, "recipient": shown}
        log().warning("delivery.maybe_sent", **told)
