"""What is made only to be looked at: previews and counts, of which nothing is left."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.jobs.job import NOBODY, Job
from storj_monitor.exports.jobs.messages import failed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from storj_monitor.exports.jobs.job import Asked
    from storj_monitor.exports.jobs.messages import Ending
    from storj_monitor.exports.jobs.spool import Spool
    from storj_monitor.exports.jobs.turns import Turns
    from storj_monitor.exports.request import ExportRequest

#: So many are made or wait at once; these are for people, of whom there are few.
_MOST = 16
#: More is no look any more.
_MOST_BYTES = 16 * 1024 * 1024
_HINT = "Ask for a shorter span or fewer nodes, or download it."


class Asides:
    """Makes files aside from the exports: no record, no plugin and no meter is told of them.

        async with asides.made(request, now, seconds=30) as job:
            content = await asyncio.to_thread(job.read)

    They are written in the spool's folder by workers, like exports, and removed when the block
    is left.
    """

    def __init__(self, turns: Turns, spool: Spool) -> None:
        self._turns = turns
        self._spool = spool
        #: What is being made or looked at, and what to set when nobody looks any more.
        self._left: dict[Job, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def made(
        self, request: ExportRequest, now: datetime, seconds: float, asked: Asked = NOBODY
    ) -> AsyncIterator[Job]:
        """Give a job whose file is whole; raise the Problem why there is none.

        That is busy when it isn't its turn within `seconds`, export_failed when it takes longer,
        too_large for more than 16 MiB.
        """
        if len(self._left) >= _MOST:
            raise _busy()
        job = Job(secrets.token_hex(16), request, now, self._spool, asked)
        left = self._left[job] = asyncio.Event()
        task = asyncio.create_task(self._done(job, left))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await _whole(job, seconds)
            yield job
        finally:
            job.cancel()
            left.set()

    def cancel(self) -> None:
        """Cancel what is being made; it ends at the latest when the workers do."""
        for job, left in self._left.items():
            job.cancel()
            left.set()

    async def closed(self) -> None:
        """Wait until nothing is left."""
        for task in list(self._tasks):
            await task

    async def _done(self, job: Job, left: asyncio.Event) -> None:
        """Make a file, and remove it when nobody looks at it any more."""
        try:
            job.end(await self._rendered(job))
            await left.wait()
        finally:
            del self._left[job]
            await asyncio.to_thread(self._spool.remove, job.id)

    async def _rendered(self, job: Job) -> Ending:
        try:
            await asyncio.to_thread(self._spool.make_room)
        except Problem as problem:
            return failed(problem)
        except OperatorError as error:
            return failed(Problem("no_space", error.reason, error.hint))
        return await self._turns.rendered(job, is_aside=True)


async def _whole(job: Job, seconds: float) -> None:
    """Wait until a file is whole; raise its Problem, or that of one too large or too slow."""
    try:
        async with asyncio.timeout(seconds):
            while job.ending is None:
                await job.news()
                if job.bytes > _MOST_BYTES:
                    detail = f"it is larger than {_MOST_BYTES:,} bytes"
                    raise Problem("too_large", detail, _HINT)
    except TimeoutError as error:
        if not job.is_at_work:
            raise _busy() from error
        detail = f"it takes longer than {seconds:g} seconds"
        raise Problem("export_failed", detail, _HINT) from error
    await job.ended()


def _busy() -> Problem:
    return Problem("busy", "too much else is being worked on", "Ask again in a few seconds.")
