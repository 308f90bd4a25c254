"""The worker processes of a server: begun when needed, ended when idle, replaced when lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.messages import (
    Cancel,
    Ending,
    Progress,
    Ready,
    Said,
    failed,
    line,
)
from storj_monitor.logs import log

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from asyncio.subprocess import Process
    from collections.abc import Callable

    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.messages import Start, Told
    from storj_monitor.settings import ExportSettings

_COMMAND = ("-P", "-c", "from storj_monitor.exports.jobs.worker import main; main()")
#: To begin, a worker imports every plugin.
_BEGIN_SECONDS = 120.0
#: How long a worker that was told to cancel may take, before it is killed.
_CANCEL_SECONDS = 0.5
_LONGEST_LINE = 1024 * 1024
_MADE_FOR_THE_SERVER = ("STORJ_MONITOR_TOKEN", "STORJ_MONITOR_TOKEN_FILE")
_OTHERS = "Other formats may work. The log may have the details."


class Workers:
    """Renders jobs in processes, each of which does one at a time.

    `fingerprint` is that of the server's catalogue: a worker that finds other plugins is refused.
    How many there are at once is decided by who calls `render`.
    """

    def __init__(self, start: Start, fingerprint: str, settings: ExportSettings) -> None:
        self._start = start
        self._fingerprint = fingerprint
        self._stall_seconds = settings.stall_seconds
        self._idle_seconds = settings.idle_seconds
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    def __len__(self) -> int:
        """Return how many processes there are."""
        return len(self._all)

    async def render(self, job: Job) -> Ending:
        """Let a worker write the job's file, and return how that ended; it never raises."""
        worker: _Worker | None = None
        try:
            worker = await self._worker()
            ending = await worker.do(job, self._stall_seconds)
        except Problem as problem:
            ending = failed(problem, job.rows, job.bytes)
        if worker is not None:
            # Whoever failed in it may have left anything behind.
            await self._give_back(worker, fit=not ending.is_a_fault)
        return ending

    async def close(self) -> None:
        """End all of them."""
        for worker in list(self._all):
            await self._end(worker)

    async def _worker(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            worker.is_wanted()
            if worker.lives:
                return worker
            await self._end(worker)
        worker = await _Worker.begin(self._start)
        self._all.add(worker)
        try:
            await worker.greet(self._fingerprint)
        except Problem:
            await self._end(worker)
            raise
        return worker

    async def _give_back(self, worker: _Worker, *, fit: bool) -> None:
        if not fit or not worker.lives:
            await self._end(worker)
            return
        self._idle.append(worker)
        worker.is_idle(self._idle_seconds, self._retire)

    def _retire(self, worker: _Worker) -> None:
        self._idle.remove(worker)
        self._all.discard(worker)
        worker.dismiss()

    async def _end(self, worker: _Worker) -> None:
        await worker.kill()
        self._all.discard(worker)


class _Lost(Exception):  # noqa: N818  what happened; whether it is an error is seen elsewhere
    """The process has ended, with this exit code (negative: by that signal)."""

    def __init__(self, code: int) -> None:
        how = f"was ended by {_signal(-code)}" if code < 0 else f"ended with exit code {code}"
        super().__init__(how)

    @property
    def problem(self) -> Problem:
        """What is answered in place of the file; it is logged too."""
        log().error("worker.lost", how=str(self))
        return Problem("export_failed", f"the process that worked on it {self}", _OTHERS)


class _Worker:
    """One process."""

    def __init__(self, process: Process, words: StreamWriter, answers: StreamReader) -> None:
        self._process = process
        self._words = words
        self._answers = answers
        self._decoder = msgspec.json.Decoder(Said)
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def begin(cls, start: Start) -> _Worker:
        """Start a process, which isn't ready yet."""
        environment = {k: v for k, v in os.environ.items() if k not in _MADE_FOR_THE_SERVER}
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *_COMMAND,
                stdin=PIPE,
                stdout=PIPE,
                limit=_LONGEST_LINE,
                env=environment | {"PYTHONPATH": os.pathsep.join(filter(None, start.path))},
            )
        except OSError as error:
            detail = f"no worker process can be started: {error.strerror}"
            hint = "Free some memory, or set processes = false under [exports] in the settings."
            raise Problem("export_failed", detail, hint) from error
        if process.stdin is None or process.stdout is None:
            raise AssertionError(process)  # both were asked for
        worker = cls(process, process.stdin, process.stdout)
        worker.tell(start)
        return worker

    @property
    def lives(self) -> bool:
        """Whether the process hasn't ended."""
        return self._process.returncode is None

    async def greet(self, fingerprint: str) -> None:
        """Wait until it is ready; raise Problem when it can't work for us."""
        try:
            said = await self._said(_BEGIN_SECONDS)
        except _Lost as lost:
            raise lost.problem from lost
        if said is None:
            raise Problem("export_failed", "a worker process hangs while it begins", _OTHERS)
        if not isinstance(said, Ready) or said.fingerprint != fingerprint:
            detail = "other plugins are installed now than when the server was started"
            raise Problem("export_failed", detail, "Restart storj-monitor.")

    async def do(self, job: Job, stall_seconds: float) -> Ending:
        """Do a job; raise Problem when the process doesn't live to tell how it ended."""
        self.tell(job.work)
        job.when_canceled(lambda: self._cancel(job))
        try:
            while True:
                said = await self._said(stall_seconds)
                if said is None:
                    await self.kill()
                    raise job.stalled(stall_seconds)
                if isinstance(said, Ending):
                    return said
                if isinstance(said, Progress):
                    job.hear(said)
        except _Lost as lost:
            if job.is_canceled:
                return Ending(status="canceled", rows=job.rows, bytes=job.bytes, seconds=0.0)
            raise lost.problem from lost
        finally:
            self._stop_timer()

    def tell(self, message: Told) -> None:
        """Say something; that a process is gone is seen when it should answer."""
        self._words.write(line(message))

    def is_idle(self, seconds: float, retire: Callable[[_Worker], None]) -> None:
        """Begin to wait: `retire` is called unless there is something to do before."""
        self._timer = asyncio.get_running_loop().call_later(seconds, retire, self)

    def is_wanted(self) -> None:
        """End the waiting."""
        self._stop_timer()

    def dismiss(self) -> None:
        """Let it end by itself: it does when nobody can tell it anything any more."""
        self._words.close()

    async def kill(self) -> None:
        """End it at once, whatever it does."""
        self._stop_timer()
        with suppress(ProcessLookupError):
            self._process.kill()
        self.dismiss()
        await self._process.wait()

    def _cancel(self, job: Job) -> None:
        """Ask it to end a job, and end it a moment later if it doesn't."""
        self.tell(Cancel(job.work.part))
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_CANCEL_SECONDS, self._process.kill)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _said(self, seconds: float) -> Ready | Progress | Ending | None:
        """Wait for its next message; None when it says nothing for so long."""
        try:
            async with asyncio.timeout(seconds):
                text = await self._answers.readline()
        except TimeoutError:
            return None
        if not text.endswith(b"\n"):
            raise _Lost(await self._process.wait())
        said: Ready | Progress | Ending = self._decoder.decode(text)
        return said


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
