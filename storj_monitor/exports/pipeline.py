"""The one way from a request to the bytes of a file."""

from __future__ import annotations

import errno
import time
from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING, Literal

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.brand import NO_BRAND
from storj_monitor.exports.documents import (
    Canceled,
    ReportError,
    document_of,
    guarded_words,
    with_tables,
)
from storj_monitor.exports.file_names import file_name
from storj_monitor.exports.guard import guarded, is_guarded
from storj_monitor.exports.sources import SourceError, Sources
from storj_monitor.logs import log
from storj_monitor.plugin import OptionError, Report
from storj_monitor.plugin.hooks import ExportOutcome
from storj_monitor.plugin.query import UTC_ZONE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from storj_monitor.exports.brand import Brand
    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.plugin import Document, Reader, Source, Table
    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store


class Export:
    """One export, run once: `begin()`, then the chunks.

        export = Export(request, store, host, clock.now())
        export.begin()                 # a failure is a Problem, and nothing was given yet
        for chunk in export.chunks():  # a failure from here on is a Problem too
            file.write(chunk)

    `rows` and `bytes` count what was given so far, each table's rows once; `batches_read` grows
    with whatever is read for it. Closing the chunks early ends the work, and counts as canceled.
    Not for two threads at once.
    """

    def __init__(
        self,
        request: ExportRequest,
        store: Store,
        host: PluginHost,
        now: datetime,
        brand: Brand = NO_BRAND,
    ) -> None:
        self.request = request
        self.rows = 0
        self.bytes = 0
        self.file_name = file_name(request)
        self._store = store
        self._host = host
        self._now = now
        self._brand = brand
        self.batches_read = 0
        self._first: list[bytes] = []
        self._canceled = False
        self._running = self._run()

    def begin(self) -> None:
        """Work until the first batch of rows was read and encoded, or the file is complete."""
        try:
            for chunk in self._running:
                self._first.append(chunk)
                if self.rows:
                    return
        except BaseException:
            self._first.clear()
            raise

    def chunks(self) -> Generator[bytes]:
        """Yield the file's bytes, those that `begin` made first."""
        with closing(self._running):
            while self._first:
                yield self._first.pop(0)
            yield from self._running

    def cancel(self) -> None:
        """Let the work stop at its next batch of rows; may be called from another thread."""
        self._canceled = True

    def _run(self) -> Generator[bytes]:
        started = time.monotonic()
        self._log("export.started")
        status: Literal["done", "failed", "canceled"] = "failed"
        failure: str | None = None
        try:
            with self._store.reader() as reader, closing(self._sources(reader)) as sources:
                yield from self._rendered(self._document(sources))
            status = "done"
        except (GeneratorExit, KeyboardInterrupt, Canceled):
            status = "canceled"
            raise
        except (Exception, SystemExit) as error:
            problem = self._problem(error)
            failure = problem.detail
            raise problem from error
        finally:
            self._finish(status, failure, time.monotonic() - started)

    def _sources(self, reader: Reader) -> Sources:
        subject, personal = self.request.subject, self.request.query.personal
        known: Mapping[str, Source] = self._host.catalogue.sources
        if not isinstance(subject, Report):
            known = {subject.name: subject}
        return Sources(known, reader, personal=personal, watch=self._note_batch)

    def _rendered(self, document: Document) -> Iterator[bytes]:
        chunks = iter(self.request.format.render(document))
        try:
            for chunk in map(_checked, chunks):
                if chunk:
                    self.bytes += len(chunk)
                    yield chunk
        finally:
            if close := getattr(chunks, "close", None):
                close()

    def _document(self, sources: Sources) -> Document:
        nodes = tuple(node.name for node in self._store.nodes())
        document = document_of(self.request, sources, self._now, nodes, self._brand)
        zone = document.timezone or UTC_ZONE
        if is_guarded(self.request.format, self.request.options):
            document = guarded_words(document)
        return with_tables(document, lambda table: self._prepared(table, zone))

    def _prepared(self, table: Table, zone: ZoneInfo) -> Table:
        """Return the table safe for the format, its rows counted when it is read first."""
        reads = count()

        def prepared(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            is_first = next(reads) == 0
            if is_guarded(self.request.format, self.request.options):
                batches = guarded(table.columns, batches)
            for batch in batches:
                self._note_batch()
                self.rows += batch.num_rows if is_first else 0
                yield batch

        return table.through(prepared, zone)

    def _note_batch(self) -> None:
        if self._canceled:
            raise Canceled
        self.batches_read += 1

    def _problem(self, error: BaseException) -> Problem:
        """Say for the person who asked what went wrong, and whose fault it is."""
        who, code = f"format {self.request.format.name!r}", "bad_option"
        if isinstance(error, SourceError):
            who, code, error = f"source {error.source!r}", "bad_filter", error.error
        elif isinstance(error, ReportError):
            who, code, error = f"report {self.request.subject.name!r}", "bad_filter", error.error
        if isinstance(error, OptionError):
            return Problem(code, str(error), "Change the request; /api/catalogue has the choices.")
        if isinstance(error, Problem):
            return error
        if isinstance(error, OperatorError):
            return Problem("export_failed", error.reason, error.hint)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return Problem("no_space", "there is no space left for the file", "Free some space.")
        log().error("export.error", subject=self.request.subject.name, exc_info=error)
        detail = f"{who} failed: {type(error).__name__}: {error}"
        others = f"other {who.partition(' ')[0]}s may work"
        return Problem("export_failed", detail, f"The log has the details; {others}.")

    def _finish(
        self, status: Literal["done", "failed", "canceled"], failure: str | None, seconds: float
    ) -> None:
        self._log(
            "export.finished",
            status=status,
            rows=self.rows,
            bytes=self.bytes,
            seconds=round(seconds, 3),
            **({"error": failure} if failure else {}),
        )
        self._host.finished(
            ExportOutcome(
                subject=self.request.subject.name,
                format=self.request.format.name,
                nodes=self.request.query.nodes,
                span=self.request.query.span,
                rows=self.rows,
                bytes=self.bytes,
                seconds=seconds,
                status=status,
                error=failure,
            )
        )

    def _log(self, event: str, **more: object) -> None:
        span = self.request.query.span
        log().info(
            event,
            subject=self.request.subject.name,
            format=self.request.format.name,
            nodes=list(self.request.query.nodes) or "all",
            span=f"{span.start.isoformat()}/{span.end.isoformat()}",
            **more,
        )


def _checked(chunk: object) -> bytes:
    if not isinstance(chunk, bytes | bytearray | memoryview):
        message = f"render must yield bytes, not {type(chunk).__name__}"
        raise TypeError(message)
    return bytes(chunk)
