"""What people ask a server to send now: it goes on when whoever asked has left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.schedules.runs import as_they_stand, send

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery

#: So long whoever asked is kept waiting: long enough for most, too short for a proxy to give up.
_ANSWER_SECONDS = 10.0
#: How long a server that stops waits for what is being sent.
_END_SECONDS = 10.0


class Sent(NamedTuple):
    """What was asked for, as it stands."""

    deliveries: list[Delivery]
    is_over: bool


class Errands:
    """Sends what is asked for, and belongs to the event loop of `work`, not to who asks.

        errands = Errands(work)
        sent = await errands.run(add_test(work, schedule_id))

    A connection that ends cancels its request. A parcel that is on its way would then be one of
    which nobody knows whether it arrived.
    """

    def __init__(self, work: Work, answer_seconds: float = _ANSWER_SECONDS) -> None:
        self._work = work
        self._answer_seconds = answer_seconds
        self._tasks: set[asyncio.Task[list[Delivery]]] = set()

    async def run(self, adding: Coroutine[Any, Any, list[int]]) -> Sent:
        """Send what `adding` adds; return how it went, or after some seconds how far it is.

        If this is cancelled, what was asked for goes on. Raises the Problem why nothing is sent.
        """
        added = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._sent(adding, added))
        self._tasks.add(task)
        # An error of which nobody is left to hear is a line of the log.
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait([added, task], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([task], timeout=self._answer_seconds)
        if task.done():
            return Sent(task.result(), is_over=True)
        return Sent(await as_they_stand(self._work, added.result()), is_over=False)

    async def end(self, seconds: float = _END_SECONDS) -> None:
        """Wait a moment for what is being sent, and then break it off."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in (tasks := list(self._tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _sent(
        self, adding: Coroutine[Any, Any, list[int]], added: asyncio.Future[list[int]]
    ) -> list[Delivery]:
        ids = await adding
        added.set_result(ids)
        return await send(self._work, ids)
