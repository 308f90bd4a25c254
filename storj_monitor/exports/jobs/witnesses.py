"""Who is told of the exports of a server: its log and plugins, its database, its meters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Full, Queue
from threading import Thread
from typing import TYPE_CHECKING

from storj_monitor import clock
from storj_monitor.exports.account import Account
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import ExportEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.messages import Ending
    from storj_monitor.meters import Meters
    from storj_monitor.plugin import ExportOutcome
    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store, StoreWriter

#: How many outcomes may wait for plugins that are slow to listen.
_MOST_UNTOLD = 1_000
_KIND = "export"


class Told:
    """Logs each export, and tells the plugins that listen, in a thread that may hang with them."""

    def __init__(self, host: PluginHost) -> None:
        self._account = Account(self._queue)
        self._host = host
        self._untold: Queue[ExportOutcome | None] = Queue(_MOST_UNTOLD)
        self._thread: Thread | None = None

    def begun(self, job: Job) -> None:
        """Log that an export was taken on."""
        self._account.started(job.request)

    def ended(self, job: Job, ending: Ending) -> None:
        """Log how it ended, and tell the plugins a little later."""
        self._account.finished(job.outcome(ending))

    def _queue(self, outcome: ExportOutcome) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._tell, name="listeners", daemon=True)
            self._thread.start()
        try:
            self._untold.put_nowait(outcome)
        except Full:
            log().warning("plugins.not_told", subject=outcome.subject, format=outcome.format)

    def close(self) -> None:
        """Let the thread end when it has told all; a plugin that hangs isn't waited for."""
        with suppress(Full):
            self._untold.put_nowait(None)

    def _tell(self) -> None:
        while (outcome := self._untold.get()) is not None:
            self._host.finished(outcome)


class Metered:
    """Counts each export."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def begun(self, job: Job) -> None:
        """Count nothing yet."""

    def ended(self, job: Job, ending: Ending) -> None:
        """Count it."""
        self._meters.note_export(job.outcome(ending))


class Recorded:
    """Writes into the database who asked for what, and which exports fail again and again.

    It never raises and never holds up whoever tells it: a thread of its own writes.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorded")
        #: What failed the last time; None until the database was asked.
        self._failing: set[str] | None = None

    def begun(self, job: Job) -> None:
        """Write the entry of the audit."""
        entry = _entry(job, microseconds(clock.now()))
        self._do(lambda: self._write_begun(entry))

    def ended(self, job: Job, ending: Ending) -> None:
        """Write how it ended, where it failed more than once in a row also that."""
        at = microseconds(clock.now())
        self._do(lambda: self._write_ended(job, ending, at))

    def close(self) -> None:
        """Wait for what is being written."""
        self._thread.shutdown()

    def _do(self, write: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the server is being stopped
            self._thread.submit(_logged, write)

    def _write_begun(self, entry: ExportEntry) -> None:
        with self._store.writer() as writer:
            writer.note_export_begun(entry)

    def _write_ended(self, job: Job, ending: Ending, at_us: int) -> None:
        with self._store.writer() as writer:
            writer.note_export_ended(
                job.id,
                ended_at=at_us,
                status=ending.status,
                rows=ending.rows,
                bytes=ending.bytes,
                seconds=ending.seconds,
                sha256=ending.sha256,
                error=ending.detail or None,
            )
            self._note_failures(writer, job, ending, at_us)

    def _note_failures(self, writer: StoreWriter, job: Job, ending: Ending, at_us: int) -> None:
        """Note a failure, and the first success after; a request without sense is neither."""
        if ending.status == "canceled" or (ending.status == "failed" and not ending.is_a_fault):
            return
        if self._failing is None:
            self._failing = self._read()
        subject = f"{job.request.subject.name} as {job.request.format.name}"
        if ending.status == "failed":
            writer.note_outcome(_KIND, subject, at_us, ending.detail)
            self._failing.add(subject)
        elif subject in self._failing:
            writer.note_outcome(_KIND, subject, at_us, None)
            self._failing.discard(subject)

    def _read(self) -> set[str]:
        from sqlalchemy import select

        from storj_monitor.schema import outcomes

        is_failing = (outcomes.c.kind == _KIND, outcomes.c.failures > 0)
        with self._store.reader() as reader:
            found = reader.fetch(select(outcomes.c.subject).where(*is_failing))
        return {str(subject) for subject in found.column(0).to_pylist()}


def _logged(write: Callable[[], None]) -> None:
    try:
        write()
    except Exception as failure:  # noqa: BLE001  whatever it is, the export itself is done
        log().warning("export.not_recorded", error=str(failure))


def _entry(job: Job, at_us: int) -> ExportEntry:
    order = job.order
    return ExportEntry(
        id=job.id,
        asked_at=at_us,
        who=job.asked.who,
        kind=order.kind,
        subject=order.subject,
        format=order.format,
        nodes=order.nodes,
        start_at=order.start_us,
        end_at=order.end_us,
        timezone=order.timezone,
        columns=order.columns,
        filters=order.filters,
        options=order.options,
        personal=order.personal,
        clamped=order.clamped,
        request_id=job.asked.request_id,
        file_name=job.file_name,
        media_type=job.request.format.media_type,
    )
