"""The ZIP archive that a workbook is: written to a stream, its bytes taken out while it grows."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

#: Level 1 takes half the time of zlib's usual level 6, for a fifth more bytes.
DEFLATE_LEVEL = 1
#: Past this, fields of 32 bits need ZIP64, which Excel is reported to refuse in a stream.
MOST_BYTES = 2**32 - 2
#: The earliest time that a ZIP archive can state.
_EARLIEST = datetime(1980, 1, 1)  # noqa: DTZ001  neither ZIP nor openpyxl knows zones
_LOCAL, _DESCRIPTOR, _CENTRAL, _END = b"PK\3\4", b"PK\7\x08", b"PK\1\2", b"PK\5\6"
_VERSION = 20
#: Made on Unix, so that the permissions below are read as such.
_MADE_BY = 3 << 8 | _VERSION
_READABLE = 0o100644 << 16
#: Sizes follow the content, and names are UTF-8.
_FLAGS = 0x0808
_DEFLATED = 8


def file_time(moment: datetime | None) -> datetime:
    """Return a time as the file states it: in UTC, without a zone, not before 1980."""
    if moment is None:
        return _EARLIEST
    return max(moment.astimezone(UTC).replace(tzinfo=None, microsecond=0), _EARLIEST)


@dataclass
class _Member:
    name: bytes
    offset: int
    crc: int = 0
    packed: int = 0
    size: int = 0

    def sums(self) -> bytes:
        return struct.pack("<3L", self.crc, self.packed, self.size)


class Archive:
    """Members one after the other, all of one time: the same content gives the same bytes.

        archive.begin("xl/worksheets/sheet1.xml")
        archive.write(b"...")
        archive.end()
        yield archive.drain()
        archive.finish()
        yield archive.drain()

    zipfile would do but for a level and a time for a member that is streamed. Raises ValueError
    where the archive grows past 4 GiB.
    """

    def __init__(self, made_at: datetime) -> None:
        day = (made_at.year - 1980) << 9 | made_at.month << 5 | made_at.day
        time = made_at.hour << 11 | made_at.minute << 5 | made_at.second // 2
        self._header = struct.pack("<HHHHH", _VERSION, _FLAGS, _DEFLATED, time, day)
        self._pending: list[bytes] = []
        self._size = 0
        self._members: list[_Member] = []

    def begin(self, name: str) -> None:
        """Begin a member."""
        member = _Member(name.encode(), self._size)
        self._members.append(member)
        self._deflate = zlib.compressobj(DEFLATE_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        lengths = struct.pack("<HH", len(member.name), 0)
        self._put(_LOCAL + self._header + member.sums() + lengths + member.name)

    def write(self, data: bytes) -> None:
        """Add to the member that was begun."""
        member = self._members[-1]
        member.crc = zlib.crc32(data, member.crc)
        member.size += len(data)
        self._put_packed(self._deflate.compress(data))

    def end(self) -> None:
        """End the member that was begun."""
        self._put_packed(self._deflate.flush())
        self._put(_DESCRIPTOR + self._members[-1].sums())

    def add(self, name: str, content: bytes) -> None:
        """Add a whole member."""
        self.begin(name)
        self.write(content)
        self.end()

    def finish(self) -> None:
        """Write the directory, after the last member."""
        start = self._size
        for member in self._members:
            lengths = struct.pack("<5H2L", len(member.name), 0, 0, 0, 0, _READABLE, member.offset)
            made_by = struct.pack("<H", _MADE_BY)
            self._put(_CENTRAL + made_by + self._header + member.sums() + lengths + member.name)
        count = len(self._members)
        self._put(_END + struct.pack("<4H2LH", 0, 0, count, count, self._size - start, start, 0))

    def drain(self) -> bytes:
        """Take out the bytes that were made since the last time."""
        drained = b"".join(self._pending)
        self._pending.clear()
        return drained

    def _put_packed(self, packed: bytes) -> None:
        self._members[-1].packed += len(packed)
        self._put(packed)

    def _put(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > MOST_BYTES:
            message = "a workbook ends at 4 GiB: ask for a shorter span, or for csv or parquet"
            raise ValueError(message)
        self._pending.append(data)
