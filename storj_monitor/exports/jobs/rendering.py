"""Writing an export into a file, in a worker, while somebody else reads it."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import IO, TYPE_CHECKING, Literal

from storj_monitor.errors import Problem
from storj_monitor.exports.documents import Canceled
from storj_monitor.exports.jobs.messages import Ending, Progress, failed
from storj_monitor.exports.jobs.spool import create, lock, manifest_path
from storj_monitor.exports.manifest import manifest_of
from storj_monitor.logs import log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storj_monitor.exports.jobs.messages import Hear
    from storj_monitor.exports.pipeline import Export

#: How often progress is told.
_TICK_SECONDS = 0.2
#: Small chunks are gathered until there are so many bytes, or so much time has passed.
_BUFFER_BYTES, _BUFFER_SECONDS = 256 * 1024, 0.1
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Rendering:
    """The work on one file: `run()` writes it whole and returns how that ended; it never raises.

    `part` must not be there yet. A manifest is written beside it once it is whole. `tell` is
    called from this and from another thread, a few times a second while anything goes on.
    """

    def __init__(self, export: Export, part: Path, tell: Hear) -> None:
        self._export = export
        self._part = part
        self._tell = tell
        self._process = os.getpid()
        self._digest = hashlib.sha256()
        self._written = 0
        self._has_begun = False
        self._is_canceled = False

    def cancel(self) -> None:
        """Let the work stop at the next batch of rows; may be called from another thread."""
        self._is_canceled = True
        self._export.cancel()

    def run(self) -> Ending:
        """Write the file; only in the process that was asked for it does this return."""
        ending = self._run()
        self._end_a_copy()
        return ending

    def _run(self) -> Ending:
        started = time.monotonic()
        try:
            with self._ticking():
                self._write()
                self._write_manifest()
        except Problem as problem:
            return self._failed(problem, time.monotonic() - started)
        except OSError as error:
            return self._failed(_unwritable(error), time.monotonic() - started)
        except BaseException as error:  # noqa: BLE001  it is told, and the worker goes on
            if self._is_canceled:
                return self._ended("canceled", time.monotonic() - started)
            return self._failed(_unexpected(error), time.monotonic() - started)
        return self._ended("done", time.monotonic() - started)

    def _write(self) -> None:
        chunks = self._export.chunks()
        with closing(chunks), create(self._part) as file:
            lock(file)
            self._export.begin()
            buffer = bytearray()
            written_at = 0.0
            for chunk in chunks:
                if self._is_canceled:
                    raise Canceled
                buffer += chunk
                now = time.monotonic()
                if len(buffer) >= _BUFFER_BYTES or now - written_at >= _BUFFER_SECONDS:
                    self._put(file, buffer)
                    written_at = now
            self._put(file, buffer)
        self._check_size()

    def _put(self, file: IO[bytes], buffer: bytearray) -> None:
        """Write what was gathered, and say so the first time: somebody waits for it."""
        self._end_a_copy()
        self._check_size()
        file.write(buffer)
        file.flush()
        self._written += len(buffer)
        self._digest.update(buffer)
        buffer.clear()
        if not self._has_begun:
            self._has_begun = True
            self._tell(self._progress())

    def _check_size(self) -> None:
        """Refuse to go on with a file that isn't only ours."""
        if self._part.stat().st_size != self._written:
            detail = "the file on disk isn't what was written"
            raise Problem("export_failed", detail, "A plugin, or another program, has changed it.")

    def _end_a_copy(self) -> None:
        """End a process that a plugin forked, and that has come back here as if it were us."""
        if os.getpid() != self._process:
            os._exit(1)

    def _write_manifest(self) -> None:
        manifest = manifest_of(self._export, self._digest.hexdigest(), self._export.file_name)
        with create(manifest_path(self._part)) as file:
            file.write(manifest)

    @contextmanager
    def _ticking(self) -> Iterator[None]:
        """Tell of progress while the block runs."""
        done = Event()
        thread = Thread(target=self._tick, args=(done,), name="export-progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _tick(self, done: Event) -> None:
        seen = None
        while not done.wait(_TICK_SECONDS):
            now = self._progress()
            if now != seen:
                self._tell(now)
                seen = now

    def _progress(self) -> Progress:
        export = self._export
        return Progress(
            part=str(self._part),
            rows=export.rows,
            bytes=export.bytes,
            steps=export.bytes + export.batches_read,
            has_begun=self._has_begun,
        )

    def _failed(self, problem: Problem, seconds: float) -> Ending:
        rows, size = self._export.rows, self._export.bytes
        return failed(problem, rows, size, seconds, part=str(self._part))

    def _ended(self, status: Literal["done", "canceled"], seconds: float) -> Ending:
        return Ending(
            part=str(self._part),
            status=status,
            rows=self._export.rows,
            bytes=self._export.bytes,
            seconds=seconds,
            sha256=self._digest.hexdigest() if status == "done" else None,
        )


def _unwritable(error: OSError) -> Problem:
    if error.errno in _FULL:
        detail = "there is no space left for the file"
        return Problem("no_space", detail, "Free some space, or ask for a shorter span.")
    detail = f"the file can't be written: {error.strerror}"
    return Problem("export_failed", detail, "Look at spool under [exports] in the settings.")


def _unexpected(error: BaseException) -> Problem:
    log().error("export.error", exc_info=error)
    detail = f"the export ended with {type(error).__name__}"
    return Problem("export_failed", detail, "The log has the details.")
