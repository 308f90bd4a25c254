"""Whose turn it is to be worked on: so many exports at a time, and one more for what is brief."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.messages import canceled, failed
from storj_monitor.logs import log

if TYPE_CHECKING:
    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.messages import Ending


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


class Turns:
    """Lets jobs be rendered at a place, `workers` at a time and one more.

    Exports take no more than `workers`: whoever only wants to look never waits for all of a large
    one. The one more is a worker like the others, begun when they are busy and ended when idle.
    """

    def __init__(self, place: Place, workers: int) -> None:
        self._place = place
        self._exports = asyncio.Semaphore(workers)
        self._all = asyncio.Semaphore(workers + 1)

    async def rendered(self, job: Job, *, is_aside: bool = False) -> Ending:
        """Let a job be done when it is its turn, and return how that ended; it never raises."""
        needed = [self._all] if is_aside else [self._exports, self._all]
        if not await _is_its_turn(job, needed):
            return canceled()
        job.is_at_work = True
        try:
            return await self._place.render(job)
        except Exception as error:  # noqa: BLE001  the job must end, whatever it is
            log().error("export.error", exc_info=error)
            problem = Problem("export_failed", "the server failed", "The log has the details.")
            return failed(problem, job.rows, job.bytes)
        finally:
            for turn in needed:
                turn.release()


async def _is_its_turn(job: Job, needed: list[asyncio.Semaphore]) -> bool:
    """Wait for all that is needed; False, and nothing is taken, when the job was canceled first."""
    waiting = asyncio.ensure_future(_acquire(needed))
    job.when_canceled(waiting.cancel)
    await asyncio.wait({waiting})
    return not waiting.cancelled()


async def _acquire(needed: list[asyncio.Semaphore]) -> None:
    taken: list[asyncio.Semaphore] = []
    try:
        for turn in needed:
            await turn.acquire()
            taken.append(turn)
    except asyncio.CancelledError:
        for turn in taken:
            turn.release()
        raise
