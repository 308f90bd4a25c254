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
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec
from structlog.contextvars import bound_contextvars

from storj_monitor.errors import Problem
from storj_monitor.exports.account import NoAccount
from storj_monitor.exports.brand import brand_of
from storj_monitor.exports.jobs.messages import (
    Cancel,
    Ready,
    Start,
    Told,
    Work,
    failed,
    line,
)
from storj_monitor.exports.jobs.orders import request_of
from storj_monitor.exports.jobs.rendering import Rendering
from storj_monitor.exports.pipeline import Export
from storj_monitor.plugin.query import moment
from storj_monitor.registry import PluginHost
from storj_monitor.settings import path_of
from storj_monitor.store import Store

if TYPE_CHECKING:
    from storj_monitor.exports.jobs.messages import (
        Ending,
        Said,
    )

#: The server answers people, and the node earns: exports come after both.
_NICENESS = 5


class Channel:
    """The line to the server: `told` has what it said, `say` answers."""

    def __init__(self, words: IO[bytes], answers: IO[bytes]) -> None:
        self._words = words
        self._answers = answers
        self._decoder = msgspec.json.Decoder(Told, dec_hook=path_of)
        self._lock = threading.Lock()

    @classmethod
    def of_standard_streams(cls) -> Channel:
        """Take the standard streams over: what is printed goes to standard error from now on."""
        words, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        return cls(words, answers)

    def told(self) -> Told | None:
        """Wait for what the server says next; None when it is gone."""
        text = self._words.readline()
        return self._decoder.decode(text) if text else None

    def say(self, message: Said) -> None:
        """Tell the server; from any thread."""
        with self._lock:
            self._answers.write(line(message))
            self._answers.flush()


class Worker:
    """Does what it is told until the server is gone."""

    def __init__(self, start: Start, channel: Channel) -> None:
        self._channel = channel
        self._host = PluginHost(start.plugins, quiet=True)
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
            with bound_contextvars(request_id=work.request_id):
                self._channel.say(self._done(work))

    def _listen(self) -> None:
        """Take what the server says; without it there is nothing to do any more."""
        while (told := self._channel.told()) is not None:
            if isinstance(told, Work):
                self._works.put(told)
            elif isinstance(told, Cancel) and (running := self._running) is not None:
                part, rendering = running
                if part == told.part:
                    rendering.cancel()
        os._exit(0)

    def _done(self, work: Work) -> Ending:
        try:
            request = request_of(work.order, self._host.catalogue)
        except KeyError as error:  # pragma: no cover  the fingerprints were the same
            return failed(Problem("export_failed", f"the worker doesn't know {error}"))
        now = moment(work.now_us)
        export = Export(request, self._store, self._host, now, self._brand, account=NoAccount())
        rendering = Rendering(export, Path(work.part), self._channel.say)
        self._running = (work.part, rendering)
        try:
            return rendering.run()
        finally:
            self._running = None


def main() -> None:
    """Begin to work for the server that started this process."""
    channel = Channel.of_standard_streams()
    start = channel.told()
    if not isinstance(start, Start):
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which tells us
    sys.path[:] = start.path
    with suppress(AttributeError, OSError):
        os.nice(_NICENESS)
    worker = Worker(start, channel)
    _limit(start.memory_bytes)
    worker.run()


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
