"""A log that is rotated: nothing is lost, nothing is read twice, nobody else's log is read."""

from __future__ import annotations

import gzip
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from storj_monitor.collect.follow import rotation
from storj_monitor.collect.follow.open_log import OpenLog
from tests.collect.follow.conftest import Reader
from tests.collect.follow.node_log import NodeLogFile, pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of what is opened in search of a rotated log, as it is."""
    names: list[str] = []

    class Watched(OpenLog):
        def __init__(self, path: Path) -> None:
            names.append(path.name)
            super().__init__(path)

    monkeypatch.setattr(rotation, "OpenLog", Watched)
    return names


def test_a_copied_and_truncated_log_is_read_to_its_end_and_on(
    node: NodeLogFile, reader: Reader
) -> None:
    node.write(3)
    reader.read()
    node.write(2)
    node.copytruncate()
    assert reader.read() == node.written[3:]
    assert reader.tail.state == "following"
    node.write(2)
    reader.read()
    assert reader.lines == node.written
    assert reader.turns == [("node.log", False)]


def test_a_log_that_grew_beyond_its_place_after_it_was_truncated_is_known_as_another(
    node: NodeLogFile, reader: Reader
) -> None:
    node.write(3)
    reader.read()
    node.write(2)
    node.copytruncate()
    node.write(40)
    reader.read()
    assert reader.lines == node.written


def test_without_a_copy_it_goes_on_with_what_there_is(node: NodeLogFile, reader: Reader) -> None:
    node.write(3)
    reader.read()
    node.path.write_bytes(b"")
    assert reader.read() == []
    lines = node.write(2)
    assert reader.read() == lines
    assert reader.turns == [("node.log", True)]


@pytest.mark.parametrize("name", ["node.log.1", "node.log-20260304", "node-20260304.log"])
def test_a_renamed_log_is_read_on_until_the_new_one_has_a_line(
    name: str, node: NodeLogFile, reader: Reader
) -> None:
    node.write(3)
    reader.read()
    node.rename(name)
    node.write(2)
    assert reader.read() == node.written[3:]
    node.path.touch()
    node.write(1)
    assert reader.read() == node.written[5:]
    reader.restart()
    node.write(1)
    node.reopen()
    node.write(4)
    reader.read()
    assert reader.lines == node.written
    assert reader.turns == [("node.log", False)]


def test_a_line_without_an_end_counts_when_the_next_log_begins(
    node: NodeLogFile, reader: Reader
) -> None:
    node.write(2)
    node.put(node.next_line())
    assert reader.read() == node.written[:2]
    node.rename()
    node.reopen()
    assert reader.read() == []
    node.put(node.next_line())
    assert reader.read() == []
    node.put(b"\n")
    assert reader.read() == node.written[2:]


def test_a_line_that_copytruncate_cut_in_two_is_joined(node: NodeLogFile, reader: Reader) -> None:
    node.write(2)
    line = node.next_line()
    node.put(line[:100])
    reader.read()
    node.copytruncate()
    node.put(line[100:] + b"\n")
    node.write(2)
    reader.read()
    assert reader.lines == node.written


def rotate_once(node: NodeLogFile) -> None:
    node.rename()
    node.reopen()


def rotate_twice(node: NodeLogFile) -> None:
    node.rename()
    node.reopen()
    node.write(5)
    node.beside("node.log.1").rename(node.beside("node.log.2"))
    node.rename()
    node.reopen()


def rotate_twice_and_pack(node: NodeLogFile) -> None:
    rotate_twice(node)
    pack(node.beside("node.log.1"))
    pack(node.beside("node.log.2"))


def rotate_by_date_and_pack_the_older(node: NodeLogFile) -> None:
    for date in ("20260305", "20260306", "20260307"):
        node.rename(f"node.log-{date}")
        node.reopen()
        node.write(5)
    pack(node.beside("node.log-20260305"))
    pack(node.beside("node.log-20260306"))


def copy_and_pack(node: NodeLogFile) -> None:
    pack(node.copytruncate())


@pytest.mark.parametrize(
    "rotate",
    [
        rotate_once,
        rotate_twice,
        rotate_twice_and_pack,
        rotate_by_date_and_pack_the_older,
        copy_and_pack,
    ],
)
@pytest.mark.parametrize("block_bytes", [1500, 1 << 20])
def test_what_was_rotated_while_nobody_looked_is_read_in_its_order(
    rotate: Callable[[NodeLogFile], None], block_bytes: int, node: NodeLogFile
) -> None:
    reader = Reader(node.path, block_bytes)
    node.write(20)
    reader.read()
    node.write(20)
    rotate(node)
    node.write(20)
    reader.restart()
    reader.read()
    assert reader.lines == node.written
    assert not any(is_gap for _, is_gap in reader.turns)


def test_the_order_is_that_of_the_content_not_of_the_files(
    node: NodeLogFile, reader: Reader
) -> None:
    node.write(5)
    reader.read()
    rotate_twice(node)
    node.write(5)
    for name in ("node.log.1", "node.log.2", "node.log"):
        os.utime(node.beside(name), (0, 0))
    os.utime(node.beside("node.log.2"))
    reader.read()
    assert reader.lines == node.written


def test_when_the_log_that_was_read_is_gone_the_later_ones_are_read(
    node: NodeLogFile, reader: Reader
) -> None:
    node.write(5)
    reader.read()
    rotate_twice(node)
    node.write(5)
    node.beside("node.log.2").unlink()
    reader.read()
    assert reader.lines == node.written
    assert reader.turns == [("node.log.1", True), ("node.log", False)]


def test_a_log_that_is_being_packed_is_read_once(node: NodeLogFile, reader: Reader) -> None:
    node.write(5)
    reader.read()
    node.write(50)
    rotate_once(node)
    plain = node.beside("node.log.1")
    node.beside("node.log.1.gz").write_bytes(gzip.compress(plain.read_bytes())[:-20])
    node.write(5)
    reader.read()
    assert reader.lines == node.written


def test_a_packed_log_that_is_cut_short_is_read_as_far_as_it_goes(
    node: NodeLogFile, reader: Reader
) -> None:
    node.write(5)
    reader.read()
    node.write(5)
    rotate_once(node)
    packed = pack(node.beside("node.log.1"))
    packed.write_bytes(packed.read_bytes()[:-40])
    lines = node.write(5)
    reader.read()
    assert reader.lines[:5] == node.written[:5]
    assert reader.lines[-5:] == lines


@pytest.mark.parametrize(
    "name", ["node2.log", "node2.log.1", "node-2.log", "node.log.other", "nodes.log.1"]
)
def test_the_log_of_another_node_is_never_read(
    name: str, node: NodeLogFile, reader: Reader
) -> None:
    other = NodeLogFile(node.beside(name))
    other.written = [b""] * 1000  # so that its lines are later than ours
    other.write(5)
    node.write(5)
    reader.read()
    rotate_once(node)
    other.write(5)
    node.write(5)
    reader.read()
    assert reader.lines == node.written


def test_what_was_rotated_before_is_not_read_again(node: NodeLogFile, reader: Reader) -> None:
    node.write(5)
    shutil.copyfile(node.path, node.beside("node.log.1"))
    node.path.write_bytes(b"")
    lines = node.write(5)
    assert reader.read() == lines
    node.beside("node.log.1").rename(node.beside("node.log.2"))
    rotate_once(node)
    node.write(5)
    reader.read()
    assert reader.lines == node.written[5:]


def test_the_hole_that_truncating_leaves_is_skipped(node: NodeLogFile, reader: Reader) -> None:
    node.write(5)
    reader.read()
    for _ in range(3):
        size = node.path.stat().st_size
        node.copytruncate()
        reader.read()
        with node.path.open("r+b") as file:
            file.seek(size)
            file.write(node.next_line() + b"\n")
        node.write(4)
        reader.read()
        reader.restart()
    assert reader.lines == node.written


def test_a_log_that_vanishes_is_waited_for(node: NodeLogFile, reader: Reader) -> None:
    node.write(2)
    reader.read()
    node.path.unlink()
    assert reader.read() == []
    assert reader.tail.state == "waiting"
    lines = node.write(2)
    assert reader.read() == lines
    assert reader.tail.state == "following"


def test_as_long_as_the_node_writes_to_a_renamed_log_the_older_ones_are_not_opened_again(
    node: NodeLogFile, reader: Reader, opened: list[str]
) -> None:
    node.write(2)
    rotate_once(node)
    pack(node.beside("node.log.1")).rename(node.beside("node.log.2.gz"))
    node.write(2)
    reader.read()
    node.rename()
    for _ in range(5):
        node.write(2)
        reader.read()
    assert reader.lines == node.written[2:]
    assert opened.count("node.log.2.gz") == 1


def in_seconds(number: int) -> bytes:
    """Write a line whose time is a number, as gcloudlogging does."""
    fields = f'"piece_id":"P{number}","satellite_id":"S","action":"GET","size":1'
    time = f'"timestamp":{{"seconds":{1772619072 + number},"nanos":0}}'
    head = '"severity":"INFO","logger":"piecestore","message":"downloaded"'
    return f"{{{head},{time},{fields}}}\n".encode()


def test_logs_whose_times_are_numbers_are_read_in_their_order_too(
    node: NodeLogFile, reader: Reader
) -> None:
    lines = [in_seconds(number) for number in range(8)]
    node.put(b"".join(lines[:2]))
    reader.read()
    node.put(b"".join(lines[2:4]))
    node.rename("node.log.2")
    node.beside("node.log.1").write_bytes(b"".join(lines[4:6]))
    node.reopen()
    node.put(b"".join(lines[6:]))
    reader.read()
    assert reader.lines == [line.rstrip() for line in lines]


def test_what_lies_beside_a_log_that_is_gone_is_looked_into_once(
    node: NodeLogFile, reader: Reader, opened: list[str]
) -> None:
    node.write(2)
    reader.read()
    moved = node.path.rename(node.beside("elsewhere"))
    content = moved.read_bytes()
    moved.write_bytes(b"of somebody else")
    for _ in range(5):
        reader.read()
    assert opened.count("elsewhere") == 1
    moved.write_bytes(content + node.next_line() + b"\n")
    reader.read()
    assert reader.lines == node.written
