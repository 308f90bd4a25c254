"""A log on disk, plain or packed as .gz, open for one look."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_GZIP_MAGIC = b"\x1f\x8b"
_STEP = 1 << 20


class OpenLog:
    """Gives the bytes at any place of the log, unpacked; close it, or use it in a `with`.

    Raises OSError where the file can't be opened or isn't an ordinary one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe could wait for ever
            kind = "a folder" if path.is_dir() else "no ordinary file"
            raise OSError(0, f"it is {kind}", str(path))
        self._raw = path.open("rb", buffering=0)
        try:
            self.is_packed = self._raw.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
            self._raw.seek(0)
            self._bytes = gzip.GzipFile(fileobj=self._raw) if self.is_packed else self._raw
        except BaseException:
            self._raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back, so that it can be renamed on Windows too."""
        self._raw.close()

    def at(self, offset: int, length: int) -> bytes:
        """Return so many bytes from `offset` on, or those that there are."""
        found = io.BytesIO()
        # A .gz that is cut short or damaged ends for us where it can't be read on.
        with suppress(EOFError, gzip.BadGzipFile, zlib.error):
            self._bytes.seek(offset)
            while length > 0 and (block := self._next(min(length, _STEP))):
                found.write(block)
                length -= len(block)
        return found.getvalue()

    def _next(self, length: int) -> bytes:
        # read1 hands on what came before the damage; read would lose it.
        if isinstance(self._bytes, gzip.GzipFile):
            return self._bytes.read1(length)
        return self._bytes.read(length) or b""

    def reaches(self, offset: int) -> bool:
        """Whether the log is at least so long."""
        return offset == 0 or bool(self.at(offset - 1, 1))

    def left(self, offset: int) -> int:
        """Return how many bytes come after `offset`; of a .gz, those that are still packed."""
        size = os.fstat(self._raw.fileno()).st_size
        return max(0, size - (self._raw.tell() if self.is_packed else offset))

    def content_start(self) -> int:
        """Return where the first byte is that isn't NUL, or where the file ends.

        A node that doesn't append writes on at its old place after its log was truncated; what
        is before that place is a hole.
        """
        start = self._after_hole()
        while block := self.at(start, _STEP):
            content = block.lstrip(b"\0")
            start += len(block) - len(content)
            if content:
                break
        return start

    def _after_hole(self) -> int:
        seek_data: int | None = getattr(os, "SEEK_DATA", None)  # where the system knows of holes
        if self.is_packed or seek_data is None:
            return 0
        with suppress(OSError):
            return os.lseek(self._raw.fileno(), 0, seek_data)
        return 0
