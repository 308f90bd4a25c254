"""What carries lines may wrap each of them: Docker, journald and Kubernetes."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from storj_monitor.collect.entries import Outcome

#: Docker and containerd cut what is longer, and only the last part ends the line.
_PART = 16 * 1024
#: No line that a node writes is longer; the rest of one that is gets lost.
_LONGEST_LINE = 1024 * 1024
#: `2025-10-06T07:00:14.123456789Z stderr F `; a P stands before a part of a line.
_KUBERNETES = re.compile(rb"(?:\S{20,40} (std(?:out|err)) ([FP])(?::\S{1,20})? )+")

_Byte = Annotated[int, Meta(ge=0, le=255)]


class _Docker(Struct, gc=False):
    """A line of the files of Docker's json-file driver."""

    log: str
    stream: str = ""


class _Journal(Struct, gc=False):
    """A line of `journalctl -o json`, which writes what isn't printable UTF-8 as numbers."""

    message: str | list[_Byte] = msgspec.field(name="MESSAGE")


class Wrapping:
    """Takes the lines of one log out of their wrappers, and puts together what was cut."""

    def __init__(self) -> None:
        self._docker = msgspec.json.Decoder(_Docker).decode
        self._journal = msgspec.json.Decoder(_Journal).decode
        #: The first parts of lines whose end hasn't come yet, by stream.
        self._parts: dict[str, bytes] = {}

    def unwrap(self, line: bytes) -> bytes | Outcome | None:
        """Return the line that a JSON object wraps; never raises.

        None means that it wraps none, and an outcome that there is nothing to read yet: it was a
        part of a line, which the last part will bring.
        """
        try:
            wrapper = self._docker(line)
        except UnicodeDecodeError:
            return self.unwrap(line.decode(errors="replace").encode())
        except (msgspec.DecodeError, RecursionError):
            return self._from_journal(line)
        text = wrapper.log.encode()
        is_part = len(text) >= _PART and not text.endswith(b"\n")
        return self._joined(text, wrapper.stream, is_part=is_part)

    def without_tag(self, line: bytes) -> bytes | Outcome | None:
        """Return the line that follows a tag of Kubernetes; as `unwrap` does."""
        tag = _KUBERNETES.match(line)
        if tag is None:
            return None
        return self._joined(line[tag.end() :], tag[1].decode(), is_part=tag[2] == b"P")

    def _from_journal(self, line: bytes) -> bytes | None:
        try:
            message = self._journal(line).message
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return _first_line(message.encode() if isinstance(message, str) else bytes(message))

    def _joined(self, text: bytes, stream: str, *, is_part: bool) -> bytes | Outcome:
        if is_part:
            # There are two streams; whoever makes up more of them gets no more memory.
            key = "stdout" if stream == "stdout" else "stderr"
            self._parts[key] = (self._parts.get(key, b"") + text)[:_LONGEST_LINE]
            return Outcome.OTHER
        if self._parts:
            key = "stdout" if stream == "stdout" else "stderr"
            text = self._parts.pop(key, b"") + text
        return _first_line(text)


def _first_line(text: bytes) -> bytes:
    """Drop the end of the line, and what a collector appended to it: a stack trace."""
    return text.partition(b"\n")[0].removesuffix(b"\r")
