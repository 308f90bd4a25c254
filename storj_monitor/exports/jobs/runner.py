"""Takes exports on beside the event loop: so many at a time, so many more waiting."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.jobs.asides import Asides
from storj_monitor.exports.jobs.job import NOBODY, Job
from storj_monitor.exports.jobs.messages import failed
from storj_monitor.exports.jobs.orders import order_of
from storj_monitor.exports.jobs.seats import Seats
from storj_monitor.exports.jobs.turns import Turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from storj_monitor.exports.jobs.job import Asked
    from storj_monitor.exports.jobs.messages import Ending
    from storj_monitor.exports.jobs.orders import Order
    from storj_monitor.exports.jobs.spool import Kept, Spool
    from storj_monitor.exports.jobs.turns import Place
    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.settings import ExportSettings

#: What was told to end is waited for, before the workers are ended with what they do.
_END_SECONDS = 2.0
#: How often it is looked whether there is still space, while any export runs.
_SPACE_SECONDS = 0.5
#: A worker that is told to end has ended in less.
_CANCEL_SECONDS = 1.0
#: How many finished orders are known by what they ask for.
_MOST_KNOWN = 1_000


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

    Leaving the block before the end cancels the export; one that was begun by `start` goes on by
    itself. Both raise Problem no_space when there is no room for a file, and busy when there is no
    place, of all or of those for who asked; who `is_patient` waits for one as long as it takes.
    `asides` makes what is only looked at.
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
        self._seats = Seats(settings)
        self._turns = Turns(place, settings.workers)
        self.asides = Asides(self._turns, spool)
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
        self,
        request: ExportRequest,
        now: datetime,
        asked: Asked = NOBODY,
        *,
        is_patient: bool = False,
    ) -> AsyncIterator[Job]:
        """Take an export on, and give it up when the block is left before it has ended."""
        job = await self.start(request, now, asked, is_patient=is_patient)
        try:
            yield job
        finally:
            job.cancel()

    async def start(
        self,
        request: ExportRequest,
        now: datetime,
        asked: Asked = NOBODY,
        *,
        is_patient: bool = False,
    ) -> Job:
        """Take an export on, and let it go on until it ends or is canceled."""
        async with AsyncExitStack() as held:
            try:
                seat = self._seats.taken(asked.who, is_patient=is_patient)
                await held.enter_async_context(seat)
            except Problem:
                self._note_refused()
                raise
            await asyncio.to_thread(self.spool.make_room)
            job = Job(secrets.token_hex(16), request, now, self.spool, asked)
            self._begin(job, held.pop_all())
        return job

    def job(self, id_: str) -> Job | None:
        """Return an export that runs or waits; None where there is none of that id."""
        return self._jobs.get(id_)

    async def discard(self, id_: str) -> bool:
        """Cancel an export that runs or waits, or remove a finished file; False if there is none.

        An export has ended then, unless that takes longer than a second.
        """
        if (job := self.job(id_)) is not None:
            job.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(_CANCEL_SECONDS):
                    await job.over()
        is_kept = await self.kept(id_) is not None
        if is_kept:
            await asyncio.to_thread(self.spool.remove, id_)
        return is_kept or job is not None

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
        self.asides.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_END_SECONDS)
        await self._place.close()
        for task in list(self._tasks):
            await task
        await self.asides.closed()

    def _begin(self, job: Job, seat: AsyncExitStack) -> None:
        self._jobs[job.id] = job
        for witness in self._witnesses:
            witness.begun(job)
        task = asyncio.create_task(self._done(job, seat))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watch_space())
            self._tasks.add(self._watch)
            self._watch.add_done_callback(self._tasks.discard)

    async def _done(self, job: Job, seat: AsyncExitStack) -> None:
        """Do a job when there is a worker for it, put its file where it belongs, and leave."""
        try:
            ending = await self._turns.rendered(job)
            ending = job.end(await asyncio.to_thread(self._put_away, job, ending))
            if ending.status == "done":
                self._remember(job)
            for witness in self._witnesses:
                witness.ended(job, ending)
        finally:
            del self._jobs[job.id]
            await seat.aclose()

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
