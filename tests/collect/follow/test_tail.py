"""A file that grows: what of it is read, and what it waits for."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from storj_monitor.collect.follow.tail import Tail
from tests.collect.follow.conftest import Reader

if TYPE_CHECKING:
    import pytest

    from tests.collect.follow.node_log import NodeLogFile


def test_it_begins_at_the_beginning_and_goes_on_with_what_is_new(
    node: NodeLogFile, reader: Reader
) -> None:
    lines = node.write(3)
    assert reader.read() == lines
    assert reader.read() == []
    lines = node.write(2)
    assert reader.read() == lines
    assert (reader.tail.state, reader.tail.reason, reader.tail.behind_bytes) == (
        "following",
        None,
        0,
    )


def test_a_file_that_is_not_there_yet_is_waited_for(node: NodeLogFile, reader: Reader) -> None:
    assert reader.read() == []
    assert (reader.tail.state, reader.tail.reason) == ("waiting", f"{node.path} isn't there")
    lines = node.write()
    assert reader.read() == lines
    assert (reader.tail.state, reader.tail.reason) == ("following", None)


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    reader = Reader(folder / "node.log")
    assert reader.read() == []
    assert reader.tail.state == "waiting"
    folder.mkdir()
    reader.path.write_bytes(b"one\n")
    assert reader.read() == [b"one"]


def test_an_unfinished_line_is_read_when_it_ends(node: NodeLogFile, reader: Reader) -> None:
    line = node.next_line()
    node.put(line[:30])
    assert reader.read() == []
    reader.restart()
    node.put(line[30:])
    assert reader.read() == []
    node.put(b"\n")
    assert reader.read() == [line]


def test_windows_line_ends_are_no_part_of_the_line(node: NodeLogFile, reader: Reader) -> None:
    lines = node.write(3, end=b"\r\n")
    node.put(b"half\r")
    assert reader.read() == lines
    node.put(b"\n")
    assert reader.read() == [b"half"]


def test_after_a_restart_it_goes_on_where_it_was(node: NodeLogFile, reader: Reader) -> None:
    node.write(3)
    reader.read()
    reader.restart()
    assert reader.read() == []
    node.write(2)
    reader.restart()
    reader.read()
    assert reader.lines == node.written


def test_a_long_backlog_comes_in_pieces(node: NodeLogFile) -> None:
    node.write(50)
    tail = Tail(node.path, block_bytes=2000)
    piece = tail.poll()
    assert piece.lines == node.written[: len(piece.lines)]
    assert 0 < len(piece.lines) < 50
    assert piece.has_more
    assert tail.behind_bytes == node.path.stat().st_size - 2000
    reader = Reader(node.path, block_bytes=2000)
    assert reader.read() == node.written
    assert reader.tail.behind_bytes == 0


def test_a_line_longer_than_a_block_stops_nothing(node: NodeLogFile) -> None:
    reader = Reader(node.path, block_bytes=1000)
    node.put(b"x" * 2500 + b"\n")
    line = node.write()
    assert reader.read() == [b"x" * 1000, b"x" * 1000, b"x" * 500, *line]


def test_what_has_not_changed_is_not_opened(
    node: NodeLogFile, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.write()
    reader.read()
    with monkeypatch.context() as patched:
        patched.setattr("storj_monitor.collect.follow.tail.OpenLog", None)
        assert reader.read() == []
    lines = node.write()
    assert reader.read() == lines


def test_nothing_is_held_open_in_between(node: NodeLogFile, reader: Reader) -> None:
    node.write()
    reader.read()
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert node.path not in [link.readlink() for link in links]


def test_a_log_that_may_not_be_read_is_tried_again(
    node: NodeLogFile, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(path: Path) -> NoReturn:  # to root nothing is forbidden
        raise PermissionError(errno.EACCES, "Permission denied", path)

    lines = node.write()
    with monkeypatch.context() as patched:
        patched.setattr("storj_monitor.collect.follow.tail.OpenLog", forbid)
        for _ in range(2):
            assert reader.read() == []
            assert reader.tail.state == "failing"
            assert reader.tail.reason == f"{node.path} can't be read: Permission denied"
    assert reader.read() == lines
    assert (reader.tail.state, reader.tail.reason) == ("following", None)


def test_a_folder_or_a_pipe_is_no_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path, "a folder"), (tmp_path / "pipe", "no ordinary file")):
        reader = Reader(path)
        assert reader.read() == []
        assert reader.tail.state == "failing"
        assert reader.tail.reason == f"{path} can't be read: it is {kind}"


@settings(max_examples=50)
@given(
    content=st.lists(
        st.binary(max_size=12).map(lambda text: text.replace(b"\0", b"")), max_size=30
    ),
    ends=st.sampled_from([b"\n", b"\r\n"]),
    cuts=st.lists(st.integers(0, 400), max_size=8),
    block_bytes=st.integers(20, 100),
)
def test_in_whatever_parts_a_log_is_written_and_read_its_lines_are_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    content: list[bytes],
    ends: bytes,
    cuts: list[int],
    block_bytes: int,
) -> None:
    lines = [text.replace(b"\n", b"").rstrip(b"\r") for text in content]
    whole = b"".join(line + ends for line in lines)
    assume(not whole.startswith(b"\x1f\x8b"))  # it would be a .gz
    reader = Reader(tmp_path_factory.mktemp("log") / "node.log", block_bytes)
    before = 0
    for cut in [*sorted(cuts), len(whole)]:
        with reader.path.open("ab") as file:
            file.write(whole[before:cut])
        before = max(before, cut)
        reader.read()
        reader.restart()
    assert reader.lines == lines
