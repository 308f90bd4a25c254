"""The worker processes of a server: begun when needed, ended when idle, replaced when lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.messages import canceled, failed
from storj_monitor.exports.jobs.orders import strangers
from storj_monitor.exports.jobs.process import Lost, WorkerProcess

if TYPE_CHECKING:
    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.messages import Ending, Start
    from storj_monitor.registry import Catalogue
    from storj_monitor.settings import ExportSettings

    Strangers = frozenset[tuple[str, str]]


class Workers:
    """Renders jobs in processes, each of which does one at a time.

    A process that has run a stranger's code does the work of that stranger alone from then on: a
    plugin may leave anything behind that changes what others write. `catalogue` is the server's:
    a worker that finds other plugins is refused. How many jobs there are at once is decided by who
    calls `render`; no more processes than `settings.workers` are kept for the next ones.
    """

    def __init__(self, start: Start, catalogue: Catalogue, settings: ExportSettings) -> None:
        self._start = start
        self._catalogue = catalogue
        self._most = settings.workers
        self._stall_seconds = settings.stall_seconds
        self._idle_seconds = settings.idle_seconds
        self._all: set[WorkerProcess] = set()
        #: Those with nothing to do, the first for the longest time: whose code they have run.
        self._idle: dict[WorkerProcess, tuple[Strangers, asyncio.Task[None]]] = {}

    def __len__(self) -> int:
        """Return how many processes there are."""
        return len(self._all)

    async def render(self, job: Job) -> Ending:
        """Let a worker write the job's file, and return how that ended."""
        guests = strangers(job.order, self._catalogue)
        try:
            worker = await self._taken(guests) or await self._begun(job)
            ending = await self._done(worker, job)
        except Lost as lost:
            if job.is_canceled:
                return canceled(job.rows, job.bytes)
            return failed(lost.problem, job.rows, job.bytes)
        except Problem as problem:
            return failed(problem, job.rows, job.bytes)
        if ending.is_a_fault:  # whoever failed in it may have left anything behind
            await self._end(worker)
        else:
            self._let_rest(worker, guests)
        return ending

    async def close(self) -> None:
        """End all of them."""
        while self._idle:
            await self._wake(next(iter(self._idle)))
        await asyncio.gather(*map(self._end, list(self._all)))

    async def _taken(self, guests: Strangers) -> WorkerProcess | None:
        """Return the last that has become idle of those that have run the code of these alone."""
        fit = [worker for worker, (had, _) in self._idle.items() if had == guests and worker.lives]
        if not fit:
            return None
        await self._wake(fit[-1])
        return fit[-1]

    async def _begun(self, job: Job) -> WorkerProcess:
        """Return a new one that is ready, in the place of an idle one if there are enough."""
        while self._idle and len(self._all) >= self._most:
            longest_idle = next(iter(self._idle))
            await self._wake(longest_idle)
            await self._end(longest_idle)
        worker = await WorkerProcess.begin(self._start)
        self._all.add(worker)
        job.when_canceled(worker.kill)
        try:
            await worker.greet(self._catalogue.fingerprint)
        except BaseException:
            await self._end(worker)
            raise
        return worker

    async def _done(self, worker: WorkerProcess, job: Job) -> Ending:
        try:
            return await worker.do(job, self._stall_seconds)
        except BaseException:
            await self._end(worker)
            raise

    def _let_rest(self, worker: WorkerProcess, guests: Strangers) -> None:
        self._idle[worker] = guests, asyncio.create_task(self._retired(worker))

    async def _retired(self, worker: WorkerProcess) -> None:
        """End a worker that nobody has taken for a while, or that doesn't keep quiet."""
        await worker.rest(self._idle_seconds)
        del self._idle[worker]
        await self._end(worker)

    async def _wake(self, worker: WorkerProcess) -> None:
        """Count a worker as idle no more, and listen to it no more."""
        _, resting = self._idle.pop(worker)
        resting.cancel()
        await asyncio.wait({resting})

    async def _end(self, worker: WorkerProcess) -> None:
        worker.kill()
        await worker.ended()
        self._all.discard(worker)
