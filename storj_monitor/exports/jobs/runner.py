"""Takes exports on beside the event loop: so many at a time, so many more waiting."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.jobs.job import NOBODY, Job
from storj_monitor.exports.jobs.messages import Ending, failed
from storj_monitor.exports.jobs.orders import order_of
from storj_monitor.logs import log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from storj_monitor.exports.jobs.job import Asked
    from storj_monitor.exports.jobs.orders import Order
    from storj_monitor.exports.jobs.spool import Kept, Spool
    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.settings import ExportSettings

#: A burst of small exports is over in a moment: who finds no place waits so long for one.
_PATIENCE_SECONDS = 2.0
#: How often it is looked whether there is still space, while any export runs.
_SPACE_SECONDS = 0.5
#: How many finished orders are known by what they ask for.
_MOST_KNOWN = 1_000


class Place(Protocol):
    """Where jobs are rendered: `Workers` (processes) or `Threads`."""

    def __len__(self) -> int:
        """Return how many workers there are."""
        ...

    async def render(self, job: Job) -> Ending:
        """Write the job's file, and return how that ended."""
        ...

    async def close(self) -> None:
        """End all work."""
        ...


class Witness(Protocol):
    """Is told of each job in the event loop, and so must not take long."""

    def begun(self, job: Job) -> None:
        """Take notice that a job was taken on."""
        ...

    def ended(self, job: Job, ending: Ending) -> None:
        """Take notice of how it ended."""
        ...


class Runner:
    """Runs exports at a place, into the spool.

        async with runner.run(request, now) as job:
            await job.begun()
            async for chunk in job.follow():
                ...

    Leaving the block before the end cancels the export. Raises Problem busy when as many as may
    wait are waiting, no_space when there is no room for a file.
    """

    def __init__(
        self,
        place: Place,
        spool: Spool,
        settings: ExportSettings,
        witnesses: Sequence[Witness],
        note_refused: Callable[[], None] = lambda: None,
    ) -> None:
        self._place = place
        self.spool = spool
        self._witnesses = witnesses
        self._note_refused = note_refused
        self._places = asyncio.Semaphore(settings.workers + settings.queue)
        self._workers = asyncio.Semaphore(settings.workers)
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._known: dict[str, Order] = {}

    @property
    def running(self) -> int:
        """How many exports are being worked on."""
        return sum(job.is_at_work for job in self._jobs.values())

    @property
    def waiting(self) -> int:
        """How many wait for a worker."""
        return len(self._jobs) - self.running

    @property
    def workers(self) -> int:
        """How many workers there are just now."""
        return len(self._place)

    @asynccontextmanager
    async def run(
        self, request: ExportRequest, now: datetime, asked: Asked = NOBODY
    ) -> AsyncIterator[Job]:
        """Take an export on, and give it up when the block is left before it has ended."""
        await self._take_a_place()
        try:
            await asyncio.to_thread(self.spool.make_room)
            id_ = secrets.token_hex(16)
            job = Job(id_, request, now, self.spool, asked)
        except BaseException:
            self._places.release()
            raise
        self._begin(job)
        try:
            yield job
        finally:
            job.cancel()

    def same_as(self, request: ExportRequest) -> str | None:
        """Return the id of the last finished export that was asked for just so, if it is known."""
        order = order_of(request)
        return next((id_ for id_, known in reversed(self._known.items()) if known == order), None)

    def is_same(self, id_: str, request: ExportRequest) -> bool:
        """Say whether the finished export of that id was asked for just so."""
        return self._known.get(id_) == order_of(request)

    async def kept(self, id_: str) -> Kept | None:
        """Return a finished file that is still there."""
        return await asyncio.to_thread(self.spool.kept, id_)

    async def close(self) -> None:
        """Cancel what runs, and end the workers."""
        for job in list(self._jobs.values()):
            job.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_PATIENCE_SECONDS)
        await self._place.close()
        for task in list(self._tasks):
            await task

    async def _take_a_place(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._places.acquire()
        except TimeoutError as error:
            self._note_refused()
            detail = f"{len(self._jobs)} exports are running or waiting already"
            raise Problem("busy", detail, "Ask again in a few seconds.") from error

    def _begin(self, job: Job) -> None:
        self._jobs[job.id] = job
        for witness in self._witnesses:
            witness.begun(job)
        task = asyncio.create_task(self._done(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watch_space())
            self._tasks.add(self._watch)
            self._watch.add_done_callback(self._tasks.discard)

    async def _done(self, job: Job) -> None:
        """Do a job when there is a worker for it, and put its file where it belongs."""
        try:
            ending = await self._rendered(job)
            ending = job.end(await asyncio.to_thread(self._put_away, job, ending))
            if ending.status == "done":
                self._remember(job)
            for witness in self._witnesses:
                witness.ended(job, ending)
        finally:
            del self._jobs[job.id]
            self._places.release()

    async def _rendered(self, job: Job) -> Ending:
        if not await self._worker_for(job):
            return Ending(status="canceled", rows=0, bytes=0, seconds=0.0)
        job.is_at_work = True
        try:
            return await self._place.render(job)
        except Exception as error:  # noqa: BLE001  the job must end, whatever it is
            log().error("export.error", exc_info=error)
            problem = Problem("export_failed", "the server failed", "The log has the details.")
            return failed(problem, job.rows, job.bytes)
        finally:
            self._workers.release()

    async def _worker_for(self, job: Job) -> bool:
        """Wait for the right to a worker; False when the job was canceled before."""
        waiting = asyncio.ensure_future(self._workers.acquire())
        job.when_canceled(waiting.cancel)
        await asyncio.wait({waiting})
        return not waiting.cancelled()

    def _put_away(self, job: Job, ending: Ending) -> Ending:
        """Give a whole file its name, and remove one that isn't."""
        try:
            if ending.status == "done":
                self.spool.finish(job.id)
                return ending
        except OSError as error:
            detail = f"the finished file can't be kept: {error.strerror}"
            ending = failed(Problem("export_failed", detail), ending.rows, ending.bytes)
        self.spool.remove(job.id)
        return ending

    def _remember(self, job: Job) -> None:
        self._known[job.id] = job.order
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]

    async def _watch_space(self) -> None:
        """Stop the largest export when there is no room for all that run."""
        while self._jobs:
            await asyncio.sleep(_SPACE_SECONDS)
            try:
                await asyncio.to_thread(self.spool.make_room)
            except (Problem, OperatorError) as error:
                if self._jobs:
                    largest = max(self._jobs.values(), key=lambda job: job.bytes)
                    largest.stop(_problem(error))


def _problem(error: Problem | OperatorError) -> Problem:
    if isinstance(error, Problem):
        return error
    return Problem("no_space", error.reason, error.hint)
