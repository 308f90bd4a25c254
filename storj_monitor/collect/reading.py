"""Where a log is read from: a file, a .gz or standard input, as blocks of whole lines."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDARD_INPUT = "-"
WHAT_WORKS = (
    "Give the log of a storagenode: a file, a .gz, or - for standard input,"
    " as in: docker logs storagenode 2>&1 | storj-monitor ingest NAME:-"
)
_BLOCK = 1 << 20
#: No line of a node is that long; a longer one is cut, so that memory stays flat.
_LONGEST_LINE = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"


class LogCutShort(Exception):  # noqa: N818  what was read before is good
    """A log could not be read to its end: `reason` says why, `hint` what to do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class LogFile:
    """A log open for reading: its lines come in blocks, without their line ends."""

    def __init__(self, name: str, file: io.BufferedReader) -> None:
        self.name = name
        #: The last line as long as it has no line end; it is not among the lines.
        self.unfinished = b""
        self._file = file
        is_packed = file.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
        #: read1 hands on what came before the end of a .gz that is cut short; read would lose it.
        self._read1 = gzip.GzipFile(fileobj=file).read1 if is_packed else file.read1
        self.total = _size(file)
        #: How many bytes of `total` were read; of a .gz these are the packed ones.
        self.done = 0

    def blocks(self) -> Iterator[list[bytes]]:
        """Yield the lines, block by block. Raises LogCutShort where it can't be read on."""
        is_start = True
        while block := self._read():
            # A file that was truncated while the node wrote on begins with a hole.
            block = block.lstrip(b"\0") if is_start else block
            is_start = is_start and not block
            lines = (self.unfinished + block).split(b"\n")
            self.unfinished = lines.pop()[:_LONGEST_LINE]
            yield [line.removesuffix(b"\r") for line in lines] if b"\r" in block else lines

    def _read(self) -> bytes:
        try:
            block = self._read1(_BLOCK)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            reason = f"{self.name} is a .gz that is cut short or damaged"
            raise LogCutShort(reason, "Ingest it again once it is whole.") from error
        except OSError as error:
            reason = f"{self.name} can't be read to its end: {error.strerror}"
            raise LogCutShort(reason, "Check the disk, then ingest it again.") from error
        if self.total is None:
            self.done += len(block)
        else:  # a log may grow while it is read
            self.done = min(self._file.tell(), self.total)
        return block


@contextmanager
def open_log(path: str) -> Iterator[LogFile]:
    """Open a log; `-` is standard input. Raises OperatorError that says what would work."""
    if path == STANDARD_INPUT:
        yield LogFile("standard input", _standard_input())
        return
    with _opened(path) as file:
        yield LogFile(path, file)


def _standard_input() -> io.BufferedReader:
    given = sys.stdin.buffer
    return (
        given
        if isinstance(given, io.BufferedReader)
        else io.BufferedReader(io.BytesIO(given.read()))
    )


def _opened(path: str) -> io.BufferedReader:
    if os.path.isdir(path):  # noqa: PTH112  the path stays the text that the operator gave
        reason = f"{path} is a folder, not a log"
        raise OperatorError(reason, WHAT_WORKS)
    try:
        return open(path, "rb")  # noqa: PTH123  as above; the caller closes it
    except OSError as error:
        reason = f"{path} can't be read: {error.strerror}"
        raise OperatorError(reason, WHAT_WORKS) from error


def _size(file: io.BufferedReader) -> int | None:
    try:
        status = os.fstat(file.fileno())
    except OSError:  # standard input that is no file, as in tests
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
