"""Whatever is done to a log, in whatever order: each of its lines is read once, in its order."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collect.follow.conftest import Reader
from tests.collect.follow.node_log import NodeLogFile, pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


class Story:
    """What may happen to a log and to its reader."""

    def __init__(self, folder: Path, block_bytes: int) -> None:
        self.node = NodeLogFile(folder / "node.log")
        self.reader = Reader(self.node.path, block_bytes)
        self._numbers = count(1)
        self.node.write()
        self.reader.read()

    def write(self) -> None:
        self.node.write(3)

    def read(self) -> None:
        self.reader.read()

    def look_once(self) -> None:
        self.reader.lines += self.reader.tail.poll().lines

    def restart_reader(self) -> None:
        self.reader.restart()

    def copytruncate(self) -> None:
        if self.node.path.exists():
            self.node.copytruncate(self._name())

    def copytruncate_within_a_line(self) -> None:
        self.node.reopen()
        line = self.node.next_line()
        self.node.put(line[:80])
        self.copytruncate()
        self.node.put(line[80:] + b"\n")
        self.node.write(2)

    def rename(self) -> None:
        if self.node.path.exists():
            self.node.rename(self._name())

    def create(self) -> None:
        self.node.path.touch()

    def restart_node(self) -> None:
        self.node.reopen()

    def pack(self) -> None:
        for path in self.node.path.parent.glob("node.log.*[0-9]"):
            if not self.node.writes_to(path):
                pack(path)

    def _name(self) -> str:
        return f"node.log.{next(self._numbers)}"


_HAPPENINGS: list[Callable[[Story], None]] = [
    *[Story.write] * 4,
    *[Story.read, Story.look_once] * 2,
    Story.restart_reader,
    Story.copytruncate,
    Story.copytruncate_within_a_line,
    Story.rename,
    Story.create,
    Story.restart_node,
    Story.pack,
]


@settings(max_examples=150)
@given(
    happenings=st.lists(st.sampled_from(_HAPPENINGS), max_size=30),
    block_bytes=st.sampled_from([700, 1500, 1 << 20]),
)
def test_each_line_is_read_once_and_in_its_order(
    happenings: list[Callable[[Story], None]],
    block_bytes: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    story = Story(tmp_path_factory.mktemp("log"), block_bytes)
    for happen in happenings:
        happen(story)
    story.node.reopen()
    story.write()
    story.read()
    assert story.reader.lines == story.node.written
