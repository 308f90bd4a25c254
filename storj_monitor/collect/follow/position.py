"""Where in a log to go on, and how to know the log again: by what it begins with, not by its name.

Names, inodes and times change when a log is rotated, copied, packed or restored; the bytes that
it begins with don't.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from storj_monitor.collect.entries import Entry
from storj_monitor.collect.lines import LineReader
from storj_monitor.collect.times import Times

if TYPE_CHECKING:
    from storj_monitor.collect.follow.open_log import OpenLog

#: So many bytes tell a log from any other: two or three lines.
_HEAD_BYTES = 1024
#: The first time stands somewhere in here.
_FIRST_LINES = 64 * 1024


class Position(Struct, frozen=True):
    """How far a log was read, and what it begins with. It survives a restart as JSON."""

    #: The next byte to read; a line begins there.
    offset: int = 0
    #: Where the log begins: after the hole that truncating it under a writing node leaves.
    start: int = 0
    #: A hash of the first bytes, and of how many; they grow to 1 KiB with the log.
    head: str = ""
    head_bytes: int = 0
    #: The first time in the log, in microseconds since 1970 UTC: rotated logs follow in its order.
    began_at: int | None = None

    def is_of(self, file: OpenLog) -> bool:
        """Whether this is a position in `file`: it begins the same way, and is long enough."""
        if not self.head_bytes:
            return True  # nothing was read yet
        head = file.at(self.start, self.head_bytes)
        return _hash(head) == self.head and file.reaches(self.offset)

    def moved(self, file: OpenLog, offset: int) -> Position:
        """Return the position `offset` in the same file, with what is now known of its head."""
        if self.head_bytes == _HEAD_BYTES and (self.began_at is not None or offset > _FIRST_LINES):
            return replace(self, offset=offset)
        return replace(head_of(file, self.start), offset=offset)


def head_of(file: OpenLog, start: int) -> Position:
    """Return the position at the start of a file whose content begins at `start`."""
    first = file.at(start, _FIRST_LINES)
    head = first[:_HEAD_BYTES]
    return Position(
        offset=start,
        start=start,
        head=_hash(head),
        head_bytes=len(head),
        began_at=_first_time(first),
    )


def _hash(head: bytes) -> str:
    return blake2b(head, digest_size=16).hexdigest() if head else ""


def _first_time(content: bytes) -> int | None:
    reader = LineReader(Times())
    entries = map(reader.read, content.split(b"\n"))
    return next((entry.at for entry in entries if isinstance(entry, Entry)), None)
