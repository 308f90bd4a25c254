"""One worker process, as the server sees it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.messages import Cancel, Ending, Ready, Said, line
from storj_monitor.logs import log

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from asyncio.subprocess import Process

    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.messages import Progress, Start, Told

_COMMAND = "import sys; from storj_monitor.exports.jobs.worker import main; main(int(sys.argv[1]))"
#: To begin, a worker imports every plugin.
_BEGIN_SECONDS = 30.0
#: How long a worker that was told to cancel may take, before it is killed.
CANCEL_SECONDS = 0.5
#: How long the system may take to tell of a process's end.
_END_SECONDS = 2.0
#: What a process has said before it ended is there by then.
_LAST_WORDS_SECONDS = 0.2
_LONGEST_LINE = 1024 * 1024
_MADE_FOR_THE_SERVER = ("STORJ_MONITOR_TOKEN", "STORJ_MONITOR_TOKEN_FILE")
_OTHERS = "Other formats may work. The log may have the details."


class Lost(Exception):  # noqa: N818  what happened; whether it is an error is seen elsewhere
    """A process is of no use any more; the text goes on after "the process that worked on it"."""

    @property
    def problem(self) -> Problem:
        """What is answered in place of the file; it is logged too."""
        log().error("worker.lost", how=str(self))
        return Problem("export_failed", f"the process that worked on it {self}", _OTHERS)


class WorkerProcess:
    """A process that does one job at a time; with it end the processes that plugins begin there.

    It leads a session of its own: Ctrl-C in a terminal is for the server alone. Its line to the
    server is a socket, which the server can close whoever else holds the other end.
    """

    def __init__(self, process: Process, answers: StreamReader, words: StreamWriter) -> None:
        self._process = process
        self._answers = answers
        self._words = words
        self._decoder = msgspec.json.Decoder(Said)
        self._exit_code = asyncio.create_task(self._watched())

    @classmethod
    async def begin(cls, start: Start) -> WorkerProcess:
        """Start a process, which isn't ready yet."""
        environment = {k: v for k, v in os.environ.items() if k not in _MADE_FOR_THE_SERVER}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, start.path))
        try:
            told = line(start)
            with ExitStack() as unfinished:
                ours, theirs = map(unfinished.enter_context, socket.socketpair())
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-c", _COMMAND, str(os.getpid())),
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    env=environment,
                    start_new_session=True,
                )
                theirs.close()
                line_to_it = await asyncio.open_connection(sock=ours, limit=_LONGEST_LINE)
                unfinished.pop_all()
        except (OSError, ValueError) as error:
            detail = f"no worker process can be started: {error}"
            hint = "Free some memory, or set processes = false under [exports] in the settings."
            raise Problem("export_failed", detail, hint) from error
        worker = cls(process, *line_to_it)
        worker._words.write(told)
        return worker

    @property
    def lives(self) -> bool:
        """Whether the process hasn't ended."""
        return self._process.returncode is None

    async def greet(self, fingerprint: str) -> None:
        """Wait until it is ready; raise Lost or Problem when it can't work for us."""
        said = await self._said(_BEGIN_SECONDS)
        if said is None:
            detail = f"a worker process wasn't ready after {_BEGIN_SECONDS:g} seconds"
            hint = "A plugin may take too long to be imported. Restart storj-monitor to see which."
            raise Problem("export_failed", detail, hint)
        if not isinstance(said, Ready) or said.fingerprint != fingerprint:
            detail = "other plugins are installed now than when the server was started"
            raise Problem("export_failed", detail, "Restart storj-monitor.")

    async def do(self, job: Job, stall_seconds: float) -> Ending:
        """Do a job; raise Lost or Problem when the process doesn't live to tell how it ended."""
        work = job.work
        canceling: list[asyncio.TimerHandle] = []

        def cancel() -> None:
            self._tell(Cancel(work.part))
            later = asyncio.get_running_loop().call_later(CANCEL_SECONDS, self.kill)
            canceling.append(later)

        self._tell(work)
        job.when_canceled(cancel)
        try:
            while (said := await self._said(stall_seconds)) is not None:
                if isinstance(said, Ready) or said.part != work.part:
                    continue  # whatever a plugin has to do with that, it isn't about this job
                if isinstance(said, Ending):
                    return said
                job.hear(said)
            raise job.stalled(stall_seconds)
        finally:
            job.when_canceled(lambda: None)  # the process may have another job by then
            for timer in canceling:
                timer.cancel()

    async def rest(self, seconds: float) -> None:
        """Return when it says anything unasked, has ended, or has had nothing to do for so long."""
        with suppress(TimeoutError, ValueError):
            await self._line(seconds)

    def kill(self) -> None:
        """End it at once, whatever it does, and whatever it has begun."""
        if self.lives:
            self._kill_all()
        self._words.transport.abort()

    async def ended(self) -> int | None:
        """Return its exit code (negative: by that signal); None when it doesn't end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                return await asyncio.shield(self._exit_code)
        return None

    def _tell(self, message: Told) -> None:
        """Say something; that a process is gone is seen when it should answer."""
        self._words.write(line(message))

    async def _said(self, seconds: float) -> Ready | Progress | Ending | None:
        """Wait for its next message; None when it says nothing for so long."""
        try:
            text = await self._line(seconds)
            if not text:
                raise Lost(_how(await self.ended()))
            said: Ready | Progress | Ending = self._decoder.decode(text)
        except TimeoutError:
            return None
        except ValueError as error:
            how = "said what makes no sense"
            raise Lost(how) from error
        return said

    async def _line(self, seconds: float) -> bytes:
        """Wait for its next line; empty when there is none any more, ValueError for a long one."""
        async with asyncio.timeout(seconds):
            try:
                text = await self._answers.readline()
            except OSError:  # it ended without reading what it was told
                return b""
        return text if text.endswith(b"\n") else b""

    async def _watched(self) -> int:
        """Wait until it ends, and let nothing that it has begun hold its place."""
        code = await self._process.wait()
        self._kill_all()
        await asyncio.sleep(_LAST_WORDS_SECONDS)
        self._words.transport.abort()
        return code

    def _kill_all(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()


def _how(code: int | None) -> str:
    if code is None:
        return "stopped answering"
    return f"ended with exit code {code}" if code >= 0 else f"was ended by {_signal(-code)}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
