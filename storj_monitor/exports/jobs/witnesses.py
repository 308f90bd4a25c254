"""Who is told of the exports of a server beside its audit: its log and plugins, its meters."""

from __future__ import annotations

from contextlib import suppress
from queue import Full, Queue
from threading import Thread
from typing import TYPE_CHECKING

from storj_monitor.exports.account import Account
from storj_monitor.logs import log

if TYPE_CHECKING:
    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.messages import Ending
    from storj_monitor.meters import Meters
    from storj_monitor.plugin import ExportOutcome
    from storj_monitor.registry import Listener, PluginHost

#: How many outcomes may wait for a plugin that is slow to listen.
_MOST_UNTOLD = 1_000


class Told:
    """Logs each export, and tells the plugins that listen: each in a thread that may hang with it.

    What a plugin is too slow to hear of is dropped for that plugin.
    """

    def __init__(self, host: PluginHost) -> None:
        self._account = Account(self._tell)
        self._ears = [_Ear(listener) for listener in host.listeners]

    def begun(self, job: Job) -> None:
        """Log that an export was taken on."""
        self._account.started(job.request)

    def ended(self, job: Job, ending: Ending) -> None:
        """Log how it ended, and tell the plugins a little later."""
        self._account.finished(job.outcome(ending))

    def close(self) -> None:
        """Let each thread end when it has told all; a plugin that hangs isn't waited for."""
        for ear in self._ears:
            ear.close()

    def _tell(self, outcome: ExportOutcome) -> None:
        for ear in self._ears:
            ear.tell(outcome)


class _Ear:
    """Tells one plugin."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._untold: Queue[ExportOutcome | None] = Queue(_MOST_UNTOLD)
        self._thread: Thread | None = None

    def tell(self, outcome: ExportOutcome) -> None:
        """Tell an outcome when those before it are told."""
        if self._thread is None:
            self._thread = Thread(target=self._work, name="listener", daemon=True)
            self._thread.start()
        try:
            self._untold.put_nowait(outcome)
        except Full:
            plugin, subject = self._listener.plugin, outcome.subject
            log().warning("plugin.not_told", plugin=plugin, subject=subject, format=outcome.format)

    def close(self) -> None:
        """Let the thread end."""
        with suppress(Full):
            self._untold.put_nowait(None)

    def _work(self) -> None:
        while (outcome := self._untold.get()) is not None:
            self._listener.tell(outcome)


class Metered:
    """Counts each export."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def begun(self, job: Job) -> None:
        """Count nothing yet."""

    def ended(self, job: Job, ending: Ending) -> None:
        """Count it."""
        self._meters.note_export(job.outcome(ending))
