"""A file that is opened beside the loop is closed, whatever becomes of who wanted it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import IO, TYPE_CHECKING

import pytest

from storj_monitor.exports.jobs.opening import opened
from tests.exports.jobs.test_workers import until
from tests.web.rooms import Gate

if TYPE_CHECKING:
    from pathlib import Path


class Slow:
    """A file that is opened when a gate is."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(b"content")
        self.gate = Gate()
        self.file: IO[bytes] | None = None
        self._path = path

    def open(self) -> IO[bytes]:
        self.gate.wait()
        self.file = self._path.open("rb")
        return self.file

    async def read(self) -> bytes:
        async with opened(self.open) as file:
            return file.read()


async def test_it_is_given_and_closed(tmp_path: Path) -> None:
    slow = Slow(tmp_path / "file")
    slow.gate.open()
    assert await slow.read() == b"content"
    assert slow.file is not None
    assert slow.file.closed


async def test_it_is_closed_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    slow = Slow(tmp_path / "file")
    reading = asyncio.create_task(slow.read())
    assert await asyncio.to_thread(slow.gate.reached.wait, 30)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading
    assert slow.file is None
    slow.gate.open()
    await until(lambda: slow.file is not None and slow.file.closed)


async def test_one_that_is_not_there_is_an_error_for_who_waits_alone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        async with opened(lambda: (tmp_path / "none").open("rb")):
            pytest.fail("there is no such file")
