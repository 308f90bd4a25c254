"""Follows the schedules beside a server that runs, in its event loop."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError
from storj_monitor.logs import log
from storj_monitor.schedules.planning import forget_the_old, plan
from storj_monitor.schedules.shifts import Shift

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storj_monitor.schedules.work import Work

#: How often it is looked what is due.
_LOOK_SECONDS = 10.0
#: How long a server that stops waits for what is being sent.
_END_SECONDS = 10.0
_FORGET_SECONDS = 24 * 60 * 60.0


@asynccontextmanager
async def followed(work: Work, look_seconds: float = _LOOK_SECONDS) -> AsyncIterator[None]:
    """Send what becomes due while the block runs, unless the settings turn that off.

    Where that can't be done now, such as while the disk is full, it is tried again the next time.
    """
    if not work.settings.scheduling.enabled:
        yield
        return
    watch = _Watch(work, look_seconds)
    task = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await watch.end()


class _Watch:
    """Looks what is due, and has it sent, until it is ended."""

    def __init__(self, work: Work, look_seconds: float) -> None:
        self._work = work
        self._seconds = look_seconds
        self._shift = Shift(work)
        self._said = ""
        self._forgot_at: float | None = None

    async def run(self) -> None:
        """Look now and then; why it fails is said when it begins, not every time."""
        while True:
            reason = await self._look()
            if reason and reason != self._said:
                log().error("schedules.failed", error=reason)
            self._said = reason
            await self._go_on()

    async def end(self) -> None:
        """Wait a moment for what is being sent, and then break it off."""
        await self._shift.end(_END_SECONDS)

    async def _look(self) -> str:
        """Look once; return why that failed, or nothing."""
        try:
            await asyncio.to_thread(plan, self._work)
            await self._shift.begin()
            await self._forget()
        except Exception as error:  # noqa: BLE001  whatever it is, it is tried again
            return _reason(error)
        return ""

    async def _go_on(self) -> None:
        """Until it is time to look again, begin with the next whenever one has ended."""
        look_at = time.monotonic() + self._seconds
        while (left := look_at - time.monotonic()) > 0:
            if not self._shift.tasks:
                await asyncio.sleep(left)
                continue
            ended, _ = await asyncio.wait(
                self._shift.tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            if ended and self._said == "":
                await self._begin()

    async def _begin(self) -> None:
        try:
            await self._shift.begin()
        except Exception as error:  # noqa: BLE001  likewise: what follows schedules never ends by itself
            log().error("schedules.failed", error=_reason(error))
            await asyncio.sleep(1)

    async def _forget(self) -> None:
        """Remove what is old, once a day."""
        self._shift.taken.clear()
        now = time.monotonic()
        if self._forgot_at is None or now - self._forgot_at > _FORGET_SECONDS:
            await asyncio.to_thread(forget_the_old, self._work)
            self._forgot_at = now


def _reason(error: Exception) -> str:
    if isinstance(error, OperatorError):
        return error.reason
    return f"{type(error).__name__}: {error}"
