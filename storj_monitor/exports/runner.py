"""Runs exports beside the event loop: so many at a time, so many more waiting.

This is the seam for worker processes: who uses a Runner sees chunks, never how they were made.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextlib import asynccontextmanager
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from storj_monitor.errors import Problem
from storj_monitor.logs import log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from storj_monitor.exports.pipeline import Export
    from storj_monitor.settings import ExportSettings

    Ended = Callable[[Export, Problem | None], None]

T = TypeVar("T")
#: How long the end of the program waits for a format to end its work.
_CLOSE_SECONDS = 2.0


class Runner:
    """Runs exports in threads, each step of one in its turn.

        async with runner.run(export) as chunks:    # a failure is a Problem, nothing was given yet
            async for chunk in chunks:              # a failure from here on is a Problem too
                await response.write(chunk)

    A step is the way to the next chunk. No step is worked on while a chunk is being sent, so that
    a slow client holds up nobody. Leaving the block early ends the export after its current step.
    Raises Problem busy when as many exports as may wait are waiting. `ended` is told, in the event
    loop, of each that is done or failed, but not of one that was left early.
    """

    def __init__(self, settings: ExportSettings, ended: Ended = lambda _, __: None) -> None:
        self._ended = ended
        self._places = settings.workers + settings.queue
        self._workers = asyncio.Semaphore(settings.workers)
        self._stall_seconds = settings.stall_seconds
        self._taken = 0
        self._closing: set[asyncio.Future[None]] = set()

    @asynccontextmanager
    async def run(self, export: Export) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give the chunks of an export that has begun, and end it when the block is left."""
        if self._taken >= self._places:
            detail = f"{self._taken} exports are running or waiting already"
            raise Problem("busy", detail, "Ask again in a few seconds.")
        self._taken += 1
        work = _Work(export, self._workers, self._stall_seconds, self._ended)
        try:
            first = await work.begin()
            yield _chunks(first, work)
        finally:
            self._taken -= 1
            if closing := work.end():
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Wait for exports that were ended early to close, but not for ever."""
        if self._closing:
            await asyncio.wait(self._closing, timeout=_CLOSE_SECONDS)


async def _chunks(first: bytes | None, work: _Work) -> AsyncIterator[bytes]:
    chunk = first
    while chunk is not None:
        yield chunk
        chunk = await work.next_chunk()


class _Work:
    """One export, the thread it runs in, and the right to a worker that each step waits for."""

    def __init__(
        self, export: Export, workers: asyncio.Semaphore, stall_seconds: float, ended: Ended
    ) -> None:
        self._export = export
        self._ended = ended
        self._chunks = export.chunks()
        self._workers = workers
        self._stall_seconds = stall_seconds
        self._thread: _Thread | None = None

    async def begin(self) -> bytes | None:
        """Begin the export and return its first chunk; None when the file is empty."""
        return await self._told(self._begin)

    async def next_chunk(self) -> bytes | None:
        """Return the next chunk, or None at the end."""
        return await self._told(lambda: next(self._chunks, None))

    def end(self) -> asyncio.Future[None] | None:
        """Close the export in its thread, as soon as that is free; None if it never began."""
        if self._thread is None:
            return None
        self._export.cancel()
        closed = self._thread.do(self._chunks.close)
        closed.add_done_callback(_forget)
        self._thread.end()
        return closed

    def _begin(self) -> bytes | None:
        self._export.begin()
        # What was begun is closed through its chunks, once they have begun as well.
        return next(self._chunks, None)

    async def _told(self, work: Callable[[], bytes | None]) -> bytes | None:
        """Do one step, and tell when it was the last."""
        try:
            chunk = await self._step(work)
        except Problem as problem:
            self._ended(self._export, problem)
            raise
        if chunk is None:
            self._ended(self._export, None)
        return chunk

    async def _step(self, work: Callable[[], T]) -> T:
        """Do one step when a worker is free. It keeps the worker until it ends or is given up."""
        await self._workers.acquire()
        if self._thread is None:
            self._thread = _Thread()
        step = self._thread.do(work)
        step.add_done_callback(self._give_back)
        try:
            return await self._watched(step)
        except asyncio.CancelledError:
            # Nobody waits any more: if the step doesn't end by itself, it is given up.
            asyncio.get_running_loop().call_later(self._stall_seconds, step.cancel)
            raise

    def _give_back(self, step: asyncio.Future[Any]) -> None:
        self._workers.release()
        _forget(step)

    async def _watched(self, step: asyncio.Future[T]) -> T:
        """Wait for a step as long as it reads or writes anything."""
        seen = self._progress()
        while not (await asyncio.wait({step}, timeout=self._stall_seconds))[0]:
            now = self._progress()
            if now == seen:
                step.cancel()
                raise self._stalled()
            seen = now
        return step.result()

    def _progress(self) -> tuple[int, int]:
        return self._export.bytes, self._export.batches_read

    def _stalled(self) -> Problem:
        name = self._export.request.format.name
        log().error("export.stalled", subject=self._export.request.subject.name, format=name)
        detail = f"format {name!r} gave nothing for {self._stall_seconds:g} seconds and was ended"
        return Problem("export_failed", detail, "Ask for a shorter span, or another format.")


def _forget(step: asyncio.Future[Any]) -> None:
    """Look at what a step raised, so that asyncio doesn't complain when nobody waited for it."""
    if not step.cancelled():
        step.exception()


class _Thread:
    """A thread that does one thing after another.

    A daemon, so that a format that hangs can't keep the program from ending.
    """

    def __init__(self) -> None:
        self._steps: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        Thread(target=self._serve, name="export", daemon=True).start()

    def do(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Return what `work` will return."""
        future: Future[T] = Future()
        self._steps.put((future, work))
        return asyncio.wrap_future(future)

    def end(self) -> None:
        """Let the thread end when all is done."""
        self._steps.put(None)

    def _serve(self) -> None:
        while (step := self._steps.get()) is not None:
            future, work = step
            if future.set_running_or_notify_cancel():
                _do(future, work)


def _do(future: Future[T], work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001  it is raised where it is waited for
        future.set_exception(error)
    except BaseException as error:  # noqa: BLE001  sys.exit in a plugin must not end the server
        detail = f"a plugin tried to end the program ({type(error).__name__})"
        future.set_exception(Problem("export_failed", detail, "Other formats may work."))
