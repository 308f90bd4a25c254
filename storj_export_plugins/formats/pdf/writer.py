"""The objects of a PDF, written one after the other and kept nowhere."""

from __future__ import annotations

import hashlib
import zlib

_HEADER = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
#: Twice as fast as zlib's own choice, and a tenth larger.
_LEVEL = 3


class Writer:
    """Turns objects into the bytes of a file; what is written is taken away while it grows.

        writer = Writer()
        page = writer.reserve()                     # a number, to refer to what is written later
        writer.stream(b"BT ... ET")
        file.write(writer.taken())
        writer.finish(root, info)
        file.write(writer.taken())

    All that it keeps is where each object begins. Equal objects give equal bytes.
    """

    def __init__(self) -> None:
        self._offsets: list[int] = []
        self._waiting = [_HEADER]
        self._length = len(_HEADER)

    def reserve(self) -> int:
        """Return the number of an object that is put later."""
        self._offsets.append(0)
        return len(self._offsets)

    def put(self, body: bytes, number: int | None = None) -> int:
        """Write an object, under the number reserved for it if there is one; return the number."""
        number = number or self.reserve()
        self._offsets[number - 1] = self._length
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def stream(self, content: bytes, entries: bytes = b"", number: int | None = None) -> int:
        """Write an object with content, compressed; `entries` are those of its dictionary."""
        packed = zlib.compress(content, _LEVEL)
        head = b"<<%b/Filter/FlateDecode/Length %d>>" % (entries, len(packed))
        return self.put(b"%b\nstream\n%b\nendstream" % (head, packed), number)

    def taken(self) -> bytes:
        """Return what was written since it was last asked for."""
        chunk = b"".join(self._waiting)
        self._waiting = []
        return chunk

    def finish(self, root: int, info: int, *, identity: str) -> None:
        """Write the end of the file; the same `identity` gives the same id."""
        table = self._length
        entries = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets)
        count = len(self._offsets) + 1
        key = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:32].encode()
        self._write(b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, entries))
        self._write(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]>>\n"
            b"startxref\n%d\n%%%%EOF\n" % (count, root, info, key, key, table)
        )

    def _write(self, chunk: bytes) -> None:
        self._waiting.append(chunk)
        self._length += len(chunk)


def text_string(text: str) -> bytes:
    """Return `text` as the string object of a title or a name."""
    return b"<FEFF%b>" % text.encode("utf-16-be", "replace").hex().upper().encode()


def escaped(content: bytes) -> bytes:
    """Return bytes as they stand between the parentheses of a shown string."""
    return content.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def points(*values: float) -> bytes:
    """Spell places and lengths: finer than any printer."""
    return " ".join(f"{value:.2f}" for value in values).encode()


def numbers(*values: float) -> bytes:
    """Spell parts of a whole, such as the parts of a colour."""
    return " ".join(f"{value:g}" for value in values).encode()
