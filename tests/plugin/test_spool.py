"""A temporary file that is gone whatever happens."""

from __future__ import annotations

import gc
from contextlib import closing
from typing import IO, TYPE_CHECKING, cast

import pytest

from storj_monitor.plugin import spooled
from storj_monitor.plugin.spool import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Generator


class Writer:
    """Writes some bytes, out of order, and remembers the file it was given."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.file: IO[bytes] | None = None

    def __call__(self, file: IO[bytes]) -> None:
        self.file = file
        file.seek(self.size - 1)
        file.write(b"z")
        file.seek(0)
        file.write(b"a")

    @property
    def closed(self) -> bool:
        assert self.file is not None
        return self.file.closed


def test_what_was_written_is_yielded_in_chunks_and_the_file_is_closed() -> None:
    writer = Writer(CHUNK_BYTES + 10)
    chunks = list(spooled(writer))
    assert [len(chunk) for chunk in chunks] == [CHUNK_BYTES, 10]
    assert b"".join(chunks)[:1] + b"".join(chunks)[-1:] == b"az"
    assert writer.closed


def test_an_empty_file_gives_no_chunk() -> None:
    assert list(spooled(lambda _file: None)) == []


def test_one_that_is_closed_half_way_leaves_no_file() -> None:
    writer = Writer(CHUNK_BYTES * 2)
    with closing(cast("Generator[bytes]", spooled(writer))) as chunks:
        next(chunks)
        assert not writer.closed
    assert writer.closed


def test_one_that_is_abandoned_half_way_leaves_no_file() -> None:
    writer = Writer(CHUNK_BYTES * 2)
    chunks = spooled(writer)
    next(chunks)
    del chunks
    gc.collect()
    assert writer.closed


def test_an_error_while_writing_comes_before_the_first_chunk_and_leaves_no_file() -> None:
    files: list[IO[bytes]] = []

    def write(file: IO[bytes]) -> None:
        files.append(file)
        message = "out of ink"
        raise OSError(message)

    with pytest.raises(OSError, match="out of ink"):
        next(spooled(write))
    assert [file.closed for file in files] == [True]
