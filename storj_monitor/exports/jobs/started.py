"""Exports that somebody started and asks about, again and again, until the file is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from storj_monitor.exports.jobs.job import NOBODY
from storj_monitor.logs import log

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.exports.jobs.job import Asked, Job
    from storj_monitor.exports.jobs.runner import Runner
    from storj_monitor.exports.request import ExportRequest

#: An export that nobody asks about for so long is canceled: a page that was closed says nothing.
#: One in the background still asks, but browsers let it no more than once a minute.
UNASKED_SECONDS = 180.0
#: How many that have ended are remembered; the files of others are still known by the spool.
_MOST_ENDED = 100


class Started:
    """Starts exports, and cancels those that nobody asks about any more.

    It belongs to the event loop of `runner`.
    """

    def __init__(self, runner: Runner, unasked_seconds: float = UNASKED_SECONDS) -> None:
        self._runner = runner
        self._unasked_seconds = unasked_seconds
        self._jobs: dict[str, Job] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    async def start(self, request: ExportRequest, now: datetime, asked: Asked = NOBODY) -> Job:
        """Start an export; raise the Problem why it can't be."""
        job = await self._runner.start(request, now, asked)
        self._jobs[job.id] = job
        self._wait(job)
        self._forget()
        return job

    def asked_about(self, id_: str) -> Job | None:
        """Return one that was started, also when it has ended; None where none is known."""
        job = self._jobs.get(id_)
        if job is not None:
            self._wait(job)
        return job

    def _wait(self, job: Job) -> None:
        """Wait for the next time that somebody asks."""
        if (timer := self._timers.pop(job.id, None)) is not None:
            timer.cancel()
        if job.ending is None:
            loop = asyncio.get_running_loop()
            self._timers[job.id] = loop.call_later(self._unasked_seconds, self._give_up, job)

    def _give_up(self, job: Job) -> None:
        del self._timers[job.id]
        if job.ending is None:
            log().info("export.unasked", id=job.id, seconds=self._unasked_seconds)
            job.cancel()

    def _forget(self) -> None:
        """Forget those that ended, the oldest first, until so many are left."""
        ended = [id_ for id_, job in self._jobs.items() if job.ending is not None]
        for id_ in ended[: max(0, len(ended) - _MOST_ENDED)]:
            del self._jobs[id_]
            if (timer := self._timers.pop(id_, None)) is not None:
                timer.cancel()
