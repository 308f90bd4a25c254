"""Notes how the exports of a server ended, so that those that fail again and again are seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from storj_monitor import clock
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.errors import Problem
    from storj_monitor.exports.pipeline import Export
    from storj_monitor.store import Store

_KIND = "export"


class Outcomes:
    """Writes down how exports ended, where that is news: failures, and the first success after.

    It never raises and never holds up whoever tells it: a thread of its own writes.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outcomes")
        #: What failed the last time; None until the database was asked.
        self._failing: set[str] | None = None

    def note(self, export: Export, problem: Problem | None) -> None:
        """Note that an export is done, or what it failed by; a request without sense is neither."""
        if problem is not None and problem.is_the_callers:
            return
        subject = f"{export.request.subject.name} as {export.request.format.name}"
        error = None if problem is None else problem.detail
        with suppress(RuntimeError):  # the server is being stopped
            self._thread.submit(self._note, subject, clock.now(), error)

    def close(self) -> None:
        """Wait for what is being written."""
        self._thread.shutdown()

    def _note(self, subject: str, now: datetime, error: str | None) -> None:
        try:
            if self._failing is None:
                self._failing = self._read()
            if error is None and subject not in self._failing:
                return
            with self._store.writer() as writer:
                writer.note_outcome(_KIND, subject, microseconds(now), error)
            (self._failing.discard if error is None else self._failing.add)(subject)
        except Exception as failure:  # noqa: BLE001  whatever it is, the export itself is done
            log().warning("outcome.not_noted", subject=subject, error=str(failure))

    def _read(self) -> set[str]:
        from sqlalchemy import select

        from storj_monitor.schema import outcomes

        is_failing = (outcomes.c.kind == _KIND, outcomes.c.failures > 0)
        with self._store.reader() as reader:
            found = reader.fetch(select(outcomes.c.subject).where(*is_failing))
        return {str(subject) for subject in found.column(0).to_pylist()}
