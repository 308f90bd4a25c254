"""A place without workers, whose jobs end when a test says so, and a runner that has it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from storj_monitor.exports.jobs.messages import Ending, Progress, canceled
from storj_monitor.exports.jobs.runner import Runner
from storj_monitor.exports.jobs.spool import Spool
from storj_monitor.settings import ExportSettings
from tests.exports.jobs.plugins import Notes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from storj_monitor.exports.jobs.job import Job

PATIENCE_SECONDS = 30


class Place:
    """Renders nothing: `end` ends a job; those that are given up end at once."""

    def __init__(self) -> None:
        self.begun: list[Job] = []
        self._ends: dict[str, asyncio.Future[Ending]] = {}

    def __len__(self) -> int:
        return len(self.begun)

    async def render(self, job: Job) -> Ending:
        """Make an empty file, and wait."""
        job.part.touch()
        end: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._ends[job.id] = end
        job.when_canceled(lambda: end.set_result(canceled()))
        self.begun.append(job)
        return await end

    def end(self, job: Job) -> None:
        """Let a job be done."""
        ending = Ending(status="done", rows=1, bytes=0, seconds=0.1, sha256="0" * 64)
        self._ends[job.id].set_result(ending)

    def grow(self, job: Job, size: int) -> None:
        """Let a job be so large."""
        job.hear(Progress(part=str(job.part), rows=1, bytes=size, steps=1, has_begun=True))

    async def has(self, count: int) -> Job:
        """Wait until so many jobs were begun, and return the last."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.begun) < count:  # noqa: ASYNC110  it is about other tasks
                await asyncio.sleep(0.001)
        return self.begun[count - 1]

    async def close(self) -> None:
        """End nothing."""


@asynccontextmanager
async def running(
    folder: Path, settings: ExportSettings | None = None
) -> AsyncIterator[tuple[Runner, Place, Notes]]:
    """Give a runner with such a place."""
    settings = settings or ExportSettings(workers=1)
    place, notes = Place(), Notes()
    runner = Runner(place, Spool(folder / "spool", settings), settings, (notes,))
    yield runner, place, notes
    await runner.close()


def files(runner: Runner) -> list[str]:
    """Return what is in the spool."""
    return sorted(path.name for path in runner.spool.folder.iterdir())
