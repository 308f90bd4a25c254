"""The one way from a request to the bytes of a file."""

from __future__ import annotations

import errno
import time
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Literal

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.account import Account
from storj_monitor.exports.brand import NO_BRAND
from storj_monitor.exports.documents import (
    Canceled,
    ReportError,
    document_of,
    guarded_words,
    with_tables,
)
from storj_monitor.exports.failures import FirstFailure
from storj_monitor.exports.file_names import file_name
from storj_monitor.exports.guard import guarded, is_guarded
from storj_monitor.exports.sources import SourceError, Sources
from storj_monitor.exports.summary import NO_SUMMARY, summary_of
from storj_monitor.logs import log
from storj_monitor.plugin import OptionError, Report
from storj_monitor.plugin.hooks import ExportOutcome
from storj_monitor.plugin.query import UTC_ZONE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from storj_monitor.exports.account import NoAccount
    from storj_monitor.exports.brand import Brand
    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.plugin import Column, Document, Reader, Source, Table
    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store


_LESS = "Ask for a shorter span, or raise worker_memory_bytes under [exports] in the settings."


@dataclass
class WrittenTable:
    """A table of a file: what it is, and how many rows of it were written."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: int = 0


class Export:
    """One export, run once: `begin()`, then the chunks.

        export = Export(request, store, host, clock.now())
        export.begin()                 # a failure is a Problem, and nothing was given yet
        for chunk in export.chunks():  # a failure from here on is a Problem too
            file.write(chunk)

    `rows` and `bytes` count what was given so far, each table's rows once; `batches_read` grows
    with whatever is read for it. Closing the chunks early ends the work, and counts as canceled.
    `account` is told of the beginning and the end; without one these are logged, and the plugins
    of `host` are told. Not for two threads at once.
    """

    def __init__(  # noqa: PLR0913  what it works with, and what the operator adds
        self,
        request: ExportRequest,
        store: Store,
        host: PluginHost,
        now: datetime,
        brand: Brand = NO_BRAND,
        *,
        account: Account | NoAccount | None = None,
    ) -> None:
        self.request = request
        self.rows = 0
        self.bytes = 0
        self.file_name = file_name(request)
        self._store = store
        self._host = host
        self.now = now
        self._brand = brand
        self._account = account or Account(host.finished)
        #: The tables that were begun, in order, with their rows so far.
        self.tables: list[WrittenTable] = []
        #: What the document says in short, once it is built.
        self.summary = NO_SUMMARY
        self.batches_read = 0
        self._first: list[bytes] = []
        self._canceled = False
        self._failure = FirstFailure()
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
        self._account.started(self.request)
        status: Literal["done", "failed", "canceled"] = "failed"
        failure: str | None = None
        try:
            with (
                self._store.reader() as reader,
                closing(self._sources(reader)) as sources,
                self._failure.revealed(),
            ):
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
        return Sources(
            known, reader, personal=personal, watch=self._note_batch, failure=self._failure
        )

    def _rendered(self, document: Document) -> Iterator[bytes]:
        chunks = iter(self.request.format.render(document))
        try:
            for chunk in map(_checked, chunks):
                self._failure.check()  # what it was given is not all there is
                if chunk:
                    self.bytes += len(chunk)
                    yield chunk
        finally:
            if close := getattr(chunks, "close", None):
                close()

    def _document(self, sources: Sources) -> Document:
        nodes = tuple(node.name for node in self._store.nodes())
        document = document_of(self.request, sources, self.now, nodes, self._brand)
        self.summary = summary_of(document)
        zone = document.timezone or UTC_ZONE
        if is_guarded(self.request.format, self.request.options):
            document = guarded_words(document)
        return with_tables(document, lambda table: self._prepared(table, zone))

    def _prepared(self, table: Table, zone: ZoneInfo) -> Table:
        """Return the table safe for the format, its rows counted when it is read first."""
        written = WrittenTable(table.name, table.title, table.columns)
        reads = count()

        def prepared(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            if is_first := next(reads) == 0:
                self.tables.append(written)
            if is_guarded(self.request.format, self.request.options):
                batches = guarded(table.columns, batches)
            with self._failure.noted():
                for batch in batches:
                    self._note_batch()
                    if is_first:
                        self.rows += batch.num_rows
                        written.rows += batch.num_rows
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
        if isinstance(error, MemoryError):
            return Problem("export_failed", f"{who} needs more memory than it may have", _LESS)
        log().error("export.error", subject=self.request.subject.name, exc_info=error)
        detail = f"{who} failed: {type(error).__name__}: {error}"
        others = f"other {who.partition(' ')[0]}s may work"
        return Problem("export_failed", detail, f"The log has the details; {others}.")

    def _finish(
        self, status: Literal["done", "failed", "canceled"], failure: str | None, seconds: float
    ) -> None:
        self._account.finished(
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


def _checked(chunk: object) -> bytes:
    if not isinstance(chunk, bytes | bytearray | memoryview):
        message = f"render must yield bytes, not {type(chunk).__name__}"
        raise TypeError(message)
    return bytes(chunk)
