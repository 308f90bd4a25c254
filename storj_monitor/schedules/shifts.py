"""Several deliveries at a time: who is slow holds up nobody else."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError
from storj_monitor.logs import log
from storj_monitor.schedules.answers import recipient_shown
from storj_monitor.schedules.attempts import deliver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery, StoreWriter

#: So many are made or sent at the same time.
_HANDS = 8


class Shift:
    """Claims deliveries and brings them to an end, so many at a time: all, or those with an id.

        shift = Shift(work)
        await shift.work_off()       # until nothing is left that is ready

    A server calls `begin` now and then instead, and `end` when it stops.
    """

    def __init__(self, work: Work, only: Iterable[int] | None = None) -> None:
        self._work = work
        self._left = None if only is None else list(only)
        self._tasks: set[asyncio.Task[None]] = set()
        #: The ids of what was claimed, in that order.
        self.taken: list[int] = []

    @property
    def tasks(self) -> frozenset[asyncio.Task[None]]:
        """What is being done."""
        return frozenset(self._tasks)

    async def begin(self) -> None:
        """Claim what is ready, as long as there are hands, and begin with it."""
        while len(self._tasks) < _HANDS and (delivery := await self._claimed()) is not None:
            self.taken.append(delivery.id)
            task = asyncio.create_task(self._done(delivery))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def work_off(self) -> None:
        """Work until there is nothing left that is ready."""
        try:
            await self.begin()
            while self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                await self.begin()
        finally:
            await self.end(0)

    async def end(self, seconds: float) -> None:
        """Take nothing on any more: what goes on after so many seconds is broken off."""
        if self._tasks and seconds:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in (tasks := self.tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _claimed(self) -> Delivery | None:
        if self._left is None:
            return await claimed(self._work)
        while self._left:
            if (delivery := await claimed(self._work, self._left.pop(0))) is not None:
                return delivery
        return None

    async def _done(self, delivery: Delivery) -> None:
        try:
            await deliver(self._work, delivery)
        except OperatorError as error:
            # It stays claimed: when the lease ends it is seen how far it had come.
            log().error("delivery.not_noted", schedule=delivery.name, error=error.reason)
        except Exception as error:  # noqa: BLE001  likewise, whatever it is
            log().error("delivery.not_noted", schedule=delivery.name, error=type(error).__name__)


async def claimed(work: Work, delivery_id: int | None = None) -> Delivery | None:
    """Claim what is ready next, or the one with an id; None if there is nothing.

    Each claim has an owner of its own: what was taken for dead finds out, be it of this process.
    """
    owner = secrets.token_hex(16)

    def claim(writer: StoreWriter) -> Delivery | None:
        for lost in writer.deliveries.give_up(work.now_us, work.lease_us):
            tell_unknown(work, writer, lost)
        return writer.deliveries.claim(owner, work.now_us, work.lease_us, delivery_id)

    return await work.write("claiming", claim)


def tell_unknown(work: Work, writer: StoreWriter, one: Delivery) -> None:
    """Tell the alerts, the log and the meters of what may have been sent, by others or before."""
    shown = recipient_shown(work.host.catalogue, one.channel, one.recipient)
    subject, failures = f"{one.name} to {shown}", work.settings.alerts.failures
    writer.note_outcome("delivery", subject, work.now_us, one.error, failures)
    if work.meters is not None:
        work.meters.note_delivery(one.channel, "maybe_sent")
    log().warning("delivery.maybe_sent", schedule=one.name, channel=one.channel, recipient=shown)
