"""A worker: a process that writes one export after another, as the server tells it.

It has a file of its own for each, so whatever a plugin does here costs one export: to hang, to
crash, to take all memory, to print. The server's words come by standard input, and the answers go
out by standard output; both are taken away before any plugin is imported.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from contextlib import suppress
from decimal import Context, localcontext
from pathlib import Path
from typing import TYPE_CHECKING

from structlog.contextvars import bound_contextvars

from storj_monitor.errors import Problem
from storj_monitor.exports.account import NoAccount
from storj_monitor.exports.brand import brand_of
from storj_monitor.exports.jobs.channel import Channel
from storj_monitor.exports.jobs.messages import Cancel, Ready, Start, Work, failed
from storj_monitor.exports.jobs.orders import request_of
from storj_monitor.exports.jobs.rendering import Rendering
from storj_monitor.exports.jobs.standard import StandardStreams
from storj_monitor.exports.pipeline import Export
from storj_monitor.plugin.query import moment
from storj_monitor.registry import PluginHost
from storj_monitor.store import Store

if TYPE_CHECKING:
    from storj_monitor.exports.jobs.messages import Ending

#: The server answers people, and the node earns: exports come after both.
_NICENESS = 5
#: prctl(2): which signal a process gets when its parent ends.
_PR_SET_PDEATHSIG = 1


class Worker:
    """Does what it is told until the server is gone."""

    def __init__(self, start: Start, channel: Channel) -> None:
        self._channel = channel
        # As they are before any plugin is imported, which may change them.
        self._streams = StandardStreams()
        self._arithmetic = Context()
        self._host = PluginHost(start.plugins, quiet=True)
        self._streams.put_back()
        self._store = Store.open(Path(start.database), money=start.money)
        self._brand = brand_of(start.brand)
        self._works: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._running: tuple[str, Rendering] | None = None

    def run(self) -> None:
        """Work, and listen beside it."""
        self._channel.say(Ready(self._host.catalogue.fingerprint))
        threading.Thread(target=self._listen, name="listener", daemon=True).start()
        while True:
            work = self._works.get()
            self._streams.put_back()
            with bound_contextvars(request_id=work.request_id), localcontext(self._arithmetic):
                self._channel.say(self._done(work))

    def _listen(self) -> None:
        """Take what the server says; without it there is nothing to do any more."""
        try:
            while (told := self._channel.told()) is not None:
                if isinstance(told, Work):
                    self._works.put(told)
                elif isinstance(told, Cancel) and (running := self._running) is not None:
                    part, rendering = running
                    if part == told.part:
                        rendering.cancel()
        finally:
            os._exit(0)

    def _done(self, work: Work) -> Ending:
        try:
            request = request_of(work.order, self._host.catalogue)
        except KeyError as error:  # pragma: no cover  the fingerprints were the same
            problem = Problem("export_failed", f"the worker doesn't know {error}")
            return failed(problem, part=work.part)
        now = moment(work.now_us)
        export = Export(request, self._store, self._host, now, self._brand, account=NoAccount())
        rendering = Rendering(export, Path(work.part), self._channel.say)
        self._running = (work.part, rendering)
        try:
            return rendering.run()
        finally:
            self._running = None


def main(server: int) -> None:
    """Begin to work for the server that started this process; `server` is its process id."""
    _end_with(server)
    channel = Channel.of_standard_streams()
    start = channel.told()
    if not isinstance(start, Start):
        return
    sys.path[:] = start.path
    with suppress(AttributeError, OSError):
        os.nice(_NICENESS)
    worker = Worker(start, channel)
    _limit(start.memory_bytes)
    worker.run()


def _end_with(server: int) -> None:
    """Let the system end this process with its server; elsewhere the listener does.

    Nobody listens while a plugin's C code holds Python's lock.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:  # it has ended before that
        os._exit(0)


def _limit(memory_bytes: int) -> None:
    """Let this process take so much memory beside what it has now; only Linux keeps to it."""
    try:
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii")
    except (ImportError, OSError):
        return
    has_bytes = next(int(line.split()[1]) for line in status.splitlines() if "VmData" in line)
    most_bytes = has_bytes * 1024 + memory_bytes
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
