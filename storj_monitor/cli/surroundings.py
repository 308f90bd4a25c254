"""What importing a stranger's code may change for everybody in the process."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from io import BufferedReader, BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("stdin", "stdout", "stderr")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Be in the same folder after the block as before, with the same standard streams, open."""
    from storj_monitor.exports.jobs.standard import StandardStreams

    descriptors = StandardStreams()
    streams = [getattr(sys, name) for name in _NAMES]
    folder = _folder()
    try:
        yield
    finally:
        descriptors.put_back()
        for number, (name, stream) in enumerate(zip(_NAMES, streams, strict=True)):
            setattr(sys, name, _opened(number, stream))
        if folder is not None:
            with suppress(OSError):
                os.chdir(folder)


def _folder() -> Path | None:
    """Return where we are; None if that was removed."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _opened(number: int, stream: TextIO | None) -> TextIO | None:
    """Return a stream, or another of the same descriptor in place of one that was closed."""
    if stream is None or not stream.closed:
        return stream
    raw = FileIO(number, "w" if number else "r", closefd=False)
    buffer = BufferedWriter(raw) if number else BufferedReader(raw)
    return TextIOWrapper(buffer, "utf-8", "backslashreplace", line_buffering=True)
