"""A stream of lines from a real socket that is lost and comes back."""

from __future__ import annotations

import itertools
import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storj_monitor.collect.follow import stream
from storj_monitor.collect.follow.stream import LineStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storj_monitor.collect.follow.piece import Piece

_PATIENCE_SECONDS = 20
LINE = b"x" * 9_999 + b"\n"


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def short() -> Iterator[float]:
        while True:
            yield 0.02

    monkeypatch.setattr(stream, "pauses", short)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(_PATIENCE_SECONDS)
        yield listening


@pytest.fixture
def followed(server: socket.socket) -> Iterator[LineStream]:
    with closing(LineStream(*server.getsockname())) as made:
        yield made


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def pieces(followed: LineStream, lines: int) -> list[Piece]:
    """Return pieces until so many lines have come."""
    found: list[Piece] = []

    def is_enough() -> bool:
        if (piece := followed.poll()).lines:
            found.append(piece)
        return sum(len(piece.lines) for piece in found) >= lines

    until(is_enough)
    return found


def send_until_held_back(sender: socket.socket) -> int:
    """Send lines until nothing more is taken; return how many bytes were."""
    sender.settimeout(0.3)
    sent = 0
    try:
        while True:
            sent += sender.send(LINE[sent % len(LINE) :])
    except TimeoutError:
        return sent


def lines_of(found: list[Piece]) -> list[bytes]:
    return [line for piece in found for line in piece.lines]


def test_lines_come_whole_in_whatever_parts_they_are_sent(
    server: socket.socket, followed: LineStream
) -> None:
    sender, _ = server.accept()
    with sender:
        for part in (b"on", b"e\ntwo\r", b"\n\nth", b"ree\nfo"):
            sender.sendall(part)
            time.sleep(0.02)
        found = pieces(followed, 4)
        assert lines_of(found) == [b"one", b"two", b"", b"three"]
        assert [piece.is_another_log for piece in found] == [True] + [False] * (len(found) - 1)
        assert (followed.state, followed.reason) == ("following", None)


def test_a_lost_connection_is_made_again_and_its_unfinished_line_is_dropped(
    server: socket.socket, followed: LineStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (b"1", b"2", b"3"):
        sender, _ = server.accept()
        if number == b"3":  # it is looked at while it waits
            monkeypatch.setattr(stream, "pauses", lambda: itertools.repeat(60.0))
        with sender:
            sender.sendall(b"whole " + number + b"\nunfinished")
        found = pieces(followed, 1)
        assert lines_of(found) == [b"whole " + number]
        assert found[0].is_another_log
    until(lambda: followed.state == "waiting")
    host, port = server.getsockname()
    assert followed.reason == f"{host}:{port} can't be read: the other side closed the connection"


def test_a_reset_connection_is_made_again(server: socket.socket, followed: LineStream) -> None:
    sender, _ = server.accept()
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sender.close()
    sender, _ = server.accept()
    with sender:
        sender.sendall(b"one\n")
        assert lines_of(pieces(followed, 1)) == [b"one"]


def test_nobody_there_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        host, port = taken.getsockname()
    with closing(LineStream(host, port)) as followed:
        until(lambda: followed.reason != "not connected yet")
        assert followed.state == "waiting"
        assert followed.reason == f"{host}:{port} can't be read: Connection refused"
        with socket.create_server((host, port)) as server:
            server.settimeout(_PATIENCE_SECONDS)
            sender, _ = server.accept()
            with sender:
                sender.sendall(b"one\n")
                assert lines_of(pieces(followed, 1)) == [b"one"]


def test_whoever_sends_faster_than_is_read_is_held_back(
    server: socket.socket, followed: LineStream
) -> None:
    sender, _ = server.accept()
    with sender:
        sent = send_until_held_back(sender)
        whole = sent // len(LINE)
        assert lines_of(pieces(followed, whole)) == [LINE[:-1]] * whole


def test_closing_ends_a_thread_that_nobody_reads_from(server: socket.socket) -> None:
    followed = LineStream(*server.getsockname())
    sender, _ = server.accept()
    with sender:
        send_until_held_back(sender)
        followed.close()
    assert followed.poll().lines


def test_a_line_without_an_end_takes_bounded_memory(
    server: socket.socket, followed: LineStream
) -> None:
    sender, _ = server.accept()
    with sender:
        sender.sendall(b"x" * 3_000_000 + b"\nnext\n")
        first, second = lines_of(pieces(followed, 2))
    assert 1 << 20 <= len(first) <= (1 << 20) + 64 * 1024
    assert second == b"next"
