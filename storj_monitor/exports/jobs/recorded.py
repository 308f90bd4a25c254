"""The audit of a server: who asked it for which file, and what became of that."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from storj_monitor import clock
from storj_monitor.exports.jobs.notes import Notes
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import ExportEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.exports.jobs.job import Asked, Job
    from storj_monitor.exports.jobs.messages import Ending
    from storj_monitor.exports.jobs.spool import Kept
    from storj_monitor.store import ExportStatus, Store, StoreWriter

_KIND = "export"
#: So long does a reader wait for what is being written, which may be locked out.
_PATIENCE_SECONDS = 3.0
#: Entries of a clock that stands still, or stumbles, are apart by no more in all.
_SAME_US = 1_000_000


@dataclass
class Sending:
    """How far a file has gone on its way to a client."""

    bytes: int = 0
    is_whole: bool = False
    #: Why it could not be sent; that the client went away is no error.
    error: str | None = None

    @property
    def status(self) -> ExportStatus:
        """How that ended."""
        if self.error is not None:
            return "failed"
        return "done" if self.is_whole else "canceled"


class Recorded:
    """Writes into the database who asked for what, and which exports fail again and again.

    It never raises and never holds up whoever tells it. What can't be written yet is written as
    soon as it can be.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._notes = Notes(store)
        #: What failed the last time; None until the database was asked.
        self._failing: set[str] | None = None
        self._last_asked_at = 0

    def begun(self, job: Job) -> None:
        """Write the entry of the audit."""
        entry = _entry(job, self._asked_now())
        self._notes.write(lambda writer: writer.note_export_begun(entry))

    def ended(self, job: Job, ending: Ending) -> None:
        """Write how it ended, where it failed more than once in a row also that."""
        at_us = _now()
        self._notes.write(
            lambda writer: writer.note_export_ended(
                job.id,
                ended_at=at_us,
                status=ending.status,
                rows=ending.rows,
                bytes=ending.bytes,
                seconds=ending.seconds,
                sha256=ending.sha256,
                error=ending.detail or None,
            )
        )
        # A request without sense is neither a failure nor the end of one.
        if ending.status == "done" or ending.is_a_fault:
            self._notes.write(partial(self._note_outcome, job, ending, at_us))

    @contextmanager
    def again(self, kept: Kept, asked: Asked, part: str | None) -> Iterator[Sending]:
        """Write an entry for a finished file that is sent again, or a part of it; and how far."""
        entry = _entry_again(kept, asked, part, self._asked_now())
        self._notes.write(lambda writer: writer.note_export_begun(entry))
        sending = Sending()
        try:
            yield sending
        finally:
            ended_at = _now()
            self._notes.write(
                lambda writer: writer.note_export_ended(
                    entry.id,
                    ended_at=ended_at,
                    status=sending.status,
                    rows=None,
                    bytes=sending.bytes,
                    seconds=(ended_at - entry.asked_at) / 1_000_000,
                    sha256=None,
                    error=sending.error,
                )
            )

    def written(self) -> None:
        """Wait until what was told so far can be read, or for a few seconds at most."""
        self._notes.written(_PATIENCE_SECONDS)

    def close(self) -> None:
        """Wait until all is written, or can't be."""
        self._notes.close()

    def _asked_now(self) -> int:
        """Return the time, a little later for each entry: by it they are put in order.

        A clock may stand still; one that falls back is believed.
        """
        now, last = _now(), self._last_asked_at
        self._last_asked_at = last + 1 if now <= last < now + _SAME_US else now
        return self._last_asked_at

    def _note_outcome(self, job: Job, ending: Ending, at_us: int, writer: StoreWriter) -> None:
        """Note a failure, and the first success after."""
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


def _now() -> int:
    return microseconds(clock.now())


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


def _entry_again(kept: Kept, asked: Asked, part: str | None, at_us: int) -> ExportEntry:
    """Return what the manifest says of the file, and who wants it now."""
    about = kept.about
    return ExportEntry(
        id=secrets.token_hex(16),
        asked_at=at_us,
        who=asked.who,
        kind=about.subject.kind,
        subject=about.subject.name,
        format=about.format.name,
        nodes=about.nodes or (),
        start_at=microseconds(about.span.start),
        end_at=microseconds(about.span.end),
        timezone=about.timezone,
        columns=about.columns,
        filters=about.filters,
        options=about.format.options,
        personal=about.personal,
        clamped=about.clamped,
        request_id=asked.request_id,
        file_name=about.file,
        media_type=about.media_type,
        again_of=kept.id,
        part=part,
    )
