"""The workers of a server that has no processes for them: threads of its own.

They share the server's memory and its fate; what hangs in one is left behind.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import copy_context
from threading import Thread
from typing import TYPE_CHECKING

from storj_monitor.exports.account import NoAccount
from storj_monitor.exports.jobs.messages import canceled, failed
from storj_monitor.exports.jobs.rendering import Rendering
from storj_monitor.exports.pipeline import Export

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.exports.brand import Brand
    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.messages import Ending, Progress
    from storj_monitor.registry import PluginHost
    from storj_monitor.settings import ExportSettings
    from storj_monitor.store import Store

#: How long a thread that was told to cancel is waited for, and all of them at the program's end.
CANCEL_SECONDS, _CLOSE_SECONDS = 0.5, 2.0


class Threads:
    """Renders jobs in threads."""

    def __init__(
        self, store: Store, host: PluginHost, brand: Brand, settings: ExportSettings
    ) -> None:
        self._store = store
        self._host = host
        self._brand = brand
        self._stall_seconds = settings.stall_seconds
        self._running: set[asyncio.Future[Ending]] = set()

    def __len__(self) -> int:
        """Return how many threads are at work."""
        return len(self._running)

    async def render(self, job: Job) -> Ending:
        """Write the job's file in a thread, and return how that ended; it never raises."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[Ending] = loop.create_future()

        def tell(progress: Progress) -> None:
            _call(loop, job.hear, progress)

        def work() -> None:
            _call(loop, _settle, ended, rendering.run())

        def cancel() -> None:
            rendering.cancel()
            given_up = canceled(job.rows, job.bytes)
            loop.call_later(CANCEL_SECONDS, _settle, ended, given_up)

        export = Export(
            job.request, self._store, self._host, job.now, self._brand, account=NoAccount()
        )
        rendering = Rendering(export, job.part, tell)
        job.when_canceled(cancel)
        self._running.add(ended)
        # What is logged there belongs to the request.
        Thread(target=copy_context().run, args=(work,), name="export", daemon=True).start()
        try:
            return await self._watched(job, ended)
        finally:
            self._running.discard(ended)

    async def close(self) -> None:
        """Wait for what is being ended, but not for ever."""
        if self._running:
            await asyncio.wait(self._running, timeout=_CLOSE_SECONDS)

    async def _watched(self, job: Job, ended: asyncio.Future[Ending]) -> Ending:
        """Wait for the end as long as anything is read or written."""
        seen = job.steps
        while not (await asyncio.wait({ended}, timeout=self._stall_seconds))[0]:
            if job.steps == seen:
                job.cancel()
                return failed(job.stalled(self._stall_seconds), job.rows, job.bytes)
            seen = job.steps
        return ended.result()


def _settle(ended: asyncio.Future[Ending], ending: Ending) -> None:
    if not ended.done():
        ended.set_result(ending)


def _call(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *given: object) -> None:
    """Call a function in the loop, from a thread that may outlive it."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function, *given)
