"""One export of a server, from the moment that it is taken on until its file is whole."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from storj_monitor.errors import Problem
from storj_monitor.exports.file_names import file_name
from storj_monitor.exports.jobs.messages import Work, failed
from storj_monitor.exports.jobs.opening import opened
from storj_monitor.exports.jobs.orders import order_of
from storj_monitor.logs import log
from storj_monitor.plugin import ExportOutcome
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime

    from storj_monitor.exports.jobs.messages import Ending, Progress
    from storj_monitor.exports.jobs.spool import Spool
    from storj_monitor.exports.request import ExportRequest

CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Asked:
    """Who asked, as the audit is to say it, and by which request."""

    who: str = ""
    request_id: str = ""


NOBODY = Asked()


class Job:
    """An export that somebody waits for: its progress, its bytes as they are written, its end.

        await job.begun()                  # a Problem: nothing was given yet
        async for chunk in job.follow():   # a Problem from here on: what was given isn't whole
            await response.write(chunk)

    It belongs to one event loop. `rows`, `bytes` and `steps` are as far as was heard; `ending` is
    None until it has ended.
    """

    def __init__(
        self, id_: str, request: ExportRequest, now: datetime, spool: Spool, asked: Asked = NOBODY
    ) -> None:
        self.id = id_
        self.request = request
        self.order = order_of(request)
        self.now = now
        self.part = spool.part(id_)
        self.asked = asked
        self.file_name = file_name(request)
        self.rows = 0
        self.bytes = 0
        self.steps = 0
        self.ending: Ending | None = None
        self.is_at_work = False
        self.is_canceled = False
        self._data = spool.data(id_)
        self._asked_at = time.monotonic()
        self._ended_at: float | None = None
        self._has_begun = False
        self._news = asyncio.Event()
        self._cancel: Callable[[], object] = lambda: None
        self._stopped_by: Problem | None = None

    @property
    def work(self) -> Work:
        """What a worker process is told."""
        return Work(
            order=self.order,
            now_us=microseconds(self.now),
            part=str(self.part),
            request_id=self.asked.request_id,
        )

    @property
    def seconds(self) -> float:
        """How long ago it was asked for; once it has ended, how long it took in all."""
        until = time.monotonic() if self._ended_at is None else self._ended_at
        return until - self._asked_at

    def hear(self, progress: Progress) -> None:
        """Take notice of how far it is."""
        self.rows, self.bytes, self.steps = progress.rows, progress.bytes, progress.steps
        self._has_begun = self._has_begun or progress.has_begun
        self._tell()

    def end(self, ending: Ending) -> Ending:
        """Take notice of its end, and return that; why it was stopped counts."""
        if self._stopped_by is not None and ending.status != "done":
            ending = failed(self._stopped_by, ending.rows, ending.bytes, ending.seconds)
        self.rows, self.bytes, self.ending = ending.rows, ending.bytes, ending
        self._ended_at = time.monotonic()
        self._tell()
        return ending

    def when_canceled(self, cancel: Callable[[], object]) -> None:
        """Let `cancel` be called as soon as nobody wants the file any more."""
        self._cancel = cancel
        if self.is_canceled:
            cancel()

    def cancel(self) -> None:
        """End the work; may be said at any time, and more than once."""
        if self.ending is None and not self.is_canceled:
            self.is_canceled = True
            self._cancel()

    def stop(self, problem: Problem) -> None:
        """End the work because of something that is in its way."""
        self._stopped_by = self._stopped_by or problem
        self.cancel()

    def stalled(self, seconds: float) -> Problem:
        """Return the problem of a worker that has done nothing for so long."""
        name = self.request.format.name
        log().error("export.stalled", subject=self.request.subject.name, format=name)
        detail = f"format {name!r} gave nothing for {seconds:g} seconds and was ended"
        return Problem("export_failed", detail, "Ask for a shorter span, or another format.")

    async def begun(self) -> None:
        """Wait until rows were read and encoded, or the file is complete; raise its Problem."""
        while not self._has_begun and self.ending is None:
            await self._news.wait()
        if self.ending is not None:
            self._raise(self.ending)

    async def ended(self) -> Ending:
        """Wait until the file is whole, and return that it is; raise its Problem."""
        ending = await self.over()
        self._raise(ending)
        return ending

    async def over(self) -> Ending:
        """Wait for its end, and return that, whatever it is."""
        while self.ending is None:
            await self._news.wait()
        return self.ending

    async def news(self) -> None:
        """Wait until anything is heard of it; at once when it has ended."""
        if self.ending is None:
            await self._news.wait()

    async def follow(self) -> AsyncGenerator[bytes]:
        """Yield the file's bytes as they are written, to its end; raise its Problem."""
        async with opened(self._open) as file:
            while True:
                news, ending = self._news, self.ending
                if chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                    yield chunk
                elif ending is not None:
                    self._raise(ending)
                    return
                else:
                    await news.wait()

    def read(self) -> bytes:
        """Return the file's bytes so far; of a large one, follow."""
        with self._open() as file:
            return file.read()

    def outcome(self, ending: Ending) -> ExportOutcome:
        """Return how it ended as plugins are told it."""
        return ExportOutcome(
            subject=self.request.subject.name,
            format=self.request.format.name,
            nodes=self.request.query.nodes,
            span=self.request.query.span,
            rows=ending.rows,
            bytes=ending.bytes,
            seconds=ending.seconds,
            status=ending.status,
            error=ending.detail or None,
        )

    def _open(self) -> IO[bytes]:
        """Open the file, which gets its final name when it is whole."""
        try:
            return self.part.open("rb")
        except FileNotFoundError:
            return self._data.open("rb")

    def _raise(self, ending: Ending) -> None:
        if problem := ending.problem:
            raise problem

    def _tell(self) -> None:
        """Wake who waits for news."""
        news, self._news = self._news, asyncio.Event()
        news.set()
