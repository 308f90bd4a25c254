"""A log that a node writes into, and what a tail of it has read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.collect.follow.tail import BLOCK_BYTES, Tail
from tests.collect.follow.node_log import NodeLogFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def node(tmp_path: Path) -> NodeLogFile:
    return NodeLogFile(tmp_path / "node.log")


class Reader:
    """Reads a log through a tail; `restart` goes on from its position with a new one."""

    def __init__(self, path: Path, block_bytes: int = BLOCK_BYTES) -> None:
        self.path = path
        self.block_bytes = block_bytes
        self.lines: list[bytes] = []
        self.turns: list[tuple[str, bool]] = []
        self.tail = self._tail()

    def _tail(self) -> Tail:
        return Tail(self.path, block_bytes=self.block_bytes)

    def restart(self) -> None:
        position = self.tail.position
        self.tail.close()
        self.tail = Tail(self.path, position, self.block_bytes)

    def read(self) -> list[bytes]:
        """Return the lines that are new, of as many pieces as there are."""
        new: list[bytes] = []
        while True:
            piece = self.tail.poll()
            new += piece.lines
            if piece.turned_to is not None:
                self.turns.append((piece.turned_to, piece.is_another_log))
            if not piece.has_more:
                self.lines += new
                return new


@pytest.fixture
def reader(node: NodeLogFile) -> Reader:
    return Reader(node.path)
