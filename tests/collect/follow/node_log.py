"""A log on disk as a node writes it: one line a second of its own time, none like another."""

from __future__ import annotations

import gzip
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.collect.log_lines import transfer

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 4, 10, tzinfo=UTC)


class NodeLogFile:
    """Writes into a file, and does to it what logrotate does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: list[bytes] = []
        #: Where the node really writes: it doesn't notice that its file was renamed.
        self._file = path

    def next_line(self) -> bytes:
        at = START + timedelta(seconds=len(self.written))
        self.written.append(
            transfer(time=at.strftime("%Y-%m-%dT%H:%M:%SZ"), offset=len(self.written))
        )
        return self.written[-1]

    def write(self, count: int = 1, end: bytes = b"\n") -> list[bytes]:
        lines = [self.next_line() for _ in range(count)]
        self.put(b"".join(line + end for line in lines))
        return lines

    def put(self, content: bytes) -> None:
        with self._file.open("ab") as file:
            file.write(content)

    def reopen(self) -> None:
        """Restart the node: it writes to the log's own name again."""
        self._file = self.path

    def writes_to(self, path: Path) -> bool:
        return path == self._file

    def beside(self, name: str) -> Path:
        return self.path.with_name(name)

    def rename(self, name: str = "node.log.1") -> Path:
        """Rename the log; the node still writes to it, until it is restarted."""
        self._file = self.path.rename(self.beside(name))
        return self._file

    def copytruncate(self, name: str = "node.log.1") -> Path:
        copy = self.beside(name)
        shutil.copyfile(self.path, copy)
        self.path.write_bytes(b"")
        return copy


def pack(path: Path) -> Path:
    """Replace a file by its .gz."""
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    shutil.copystat(path, packed)
    path.unlink()
    return packed
