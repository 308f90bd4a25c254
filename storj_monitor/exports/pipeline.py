"""The one way from a request to the bytes of a file."""

from __future__ import annotations

import errno
import time
from contextlib import closing
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.file_names import file_name
from storj_monitor.exports.guard import guarded, is_guarded
from storj_monitor.logs import log
from storj_monitor.plugin import Document, OptionError, Table
from storj_monitor.plugin.batches import batches_of_rows
from storj_monitor.plugin.hooks import ExportOutcome

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from datetime import datetime

    import pyarrow as pa

    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.plugin import Query, Reader, Source
    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store


class Canceled(Exception):  # noqa: N818  what happened, and no error
    """The export was told to stop while it was at work."""


class SourceError(Exception):
    """A source failed while it gave its rows; `error` is what it raised."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class Export:
    """One export, run once: `begin()`, then the chunks.

        export = Export(request, store, host, clock.now())
        export.begin()                 # a failure is a Problem, and nothing was given yet
        for chunk in export.chunks():  # a failure from here on is a Problem too
            file.write(chunk)

    `rows` and `bytes` count what was given so far, `batches_read` what was read for it. Closing
    the chunks early ends the work, and counts as canceled. Not for two threads at once.
    """

    def __init__(
        self, request: ExportRequest, store: Store, host: PluginHost, now: datetime
    ) -> None:
        self.request = request
        self.rows = 0
        self.bytes = 0
        self.file_name = file_name(request)
        self._store = store
        self._host = host
        self._now = now
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
        batches = _selected(self.request, self._store)
        self._log("export.started")
        status: Literal["done", "failed", "canceled"] = "failed"
        failure: str | None = None
        try:
            yield from self._rendered(batches)
            status = "done"
        except (GeneratorExit, KeyboardInterrupt, Canceled):
            status = "canceled"
            raise
        except (Exception, SystemExit) as error:
            problem = self._problem(error)
            failure = problem.detail
            raise problem from error
        finally:
            batches.close()
            self._finish(status, failure, time.monotonic() - started)

    def _rendered(self, batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
        chunks = iter(self.request.format.render(self._document(batches)))
        try:
            for chunk in map(_checked, chunks):
                if chunk:
                    self.bytes += len(chunk)
                    yield chunk
        finally:
            if close := getattr(chunks, "close", None):
                close()

    def _document(self, batches: Iterator[pa.RecordBatch]) -> Document:
        request = self.request
        query = request.query
        source = request.source
        table = Table.stream(source.name, source.title, request.columns, batches)
        return Document(
            title=source.title,
            blocks=(table.through(self._prepared, query.timezone),),
            generated_at=self._now,
            span=query.span,
            timezone=query.timezone,
            nodes=query.nodes or tuple(node.name for node in self._store.nodes()),
            metadata=self._metadata(),
            options=request.options,
        )

    def _metadata(self) -> dict[str, str]:
        about = {"source": self.request.source.name, "storj-monitor": version("storj-monitor")}
        if self.request.clamped:
            about["clamped"] = "true"
        if self.request.format.spreadsheet:
            on = is_guarded(self.request.format, self.request.options)
            about["formula_guard"] = "on" if on else "off"
        return about

    def _prepared(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Make batches safe for the format, and count them."""
        if is_guarded(self.request.format, self.request.options):
            batches = guarded(self.request.columns, batches)
        for batch in batches:
            if self._canceled:
                raise Canceled
            self.rows += batch.num_rows
            self.batches_read += 1
            yield batch

    def _problem(self, error: BaseException) -> Problem:
        """Say for the person who asked what went wrong, and whose fault it is."""
        who, code = f"format {self.request.format.name!r}", "bad_option"
        if isinstance(error, SourceError):
            who, code, error = f"source {self.request.source.name!r}", "bad_filter", error.error
        if isinstance(error, OptionError):
            return Problem(code, str(error), "Change the request; /api/catalogue has the choices.")
        if isinstance(error, Problem):
            return error
        if isinstance(error, OperatorError):
            return Problem("export_failed", error.reason, error.hint)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return Problem("no_space", "there is no space left for the file", "Free some space.")
        log().error("export.error", subject=self.request.source.name, exc_info=error)
        detail = f"{who} failed: {type(error).__name__}: {error}"
        return Problem("export_failed", detail, "The log has the details; other formats may work.")

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
                subject=self.request.source.name,
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
            subject=self.request.source.name,
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


def _selected(request: ExportRequest, store: Store) -> Generator[pa.RecordBatch]:
    """Read the source, and keep the columns asked for."""
    source = request.source
    keys = [column.key for column in request.columns]
    try:
        with store.reader() as reader:
            given = _given(source, reader, request.query)
            for batch in Table.stream(source.name, source.title, source.columns, given).batches:
                yield batch.select(keys)
    except (Exception, SystemExit) as error:
        raise SourceError(error) from error


def _given(source: Source, reader: Reader, query: Query) -> Iterable[pa.RecordBatch]:
    if source.rows is not None:
        return batches_of_rows(source.columns, source.rows(reader, query))
    if source.batches is not None:
        return source.batches(reader, query)
    raise AssertionError(source.name)  # a Source has one of the two
