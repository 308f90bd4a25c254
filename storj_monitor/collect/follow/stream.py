"""A log that comes as lines over TCP, such as from `nc -lk 9000` or a log forwarder.

A thread reads what comes, and connects again when the connection is lost. TCP has no word for
'this is kept': lines that were received and not yet written when the program is killed are lost,
as are those that the other side sent into a connection that broke.
"""

from __future__ import annotations

import queue
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.collect.follow.pauses import pauses
from storj_monitor.collect.follow.piece import FOLLOWING, NOTHING, WAITING, Piece, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK_BYTES = 64 * 1024
#: When so many blocks wait to be written, no more is read, and TCP holds the sender back.
_BLOCKS = 64
#: A longer line is cut.
_LONGEST_LINE = 1 << 20
_CONNECT_SECONDS = 10.0
#: How soon the thread sees that it should end.
_LOOK_UP_SECONDS = 0.5
#: A connection that is dead without a word is noticed after about two minutes.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


class _Block(NamedTuple):
    lines: list[bytes]
    is_another_log: bool


class LineStream:
    """Follows one host and port; `close` it in the end."""

    def __init__(self, host: str, port: int) -> None:
        self.state = WAITING
        #: Why it waits.
        self.reason: str | None = "not connected yet"
        self.behind_bytes = None
        #: There is none to go on from.
        self.position = None
        self._address = (host, port)
        self._blocks: queue.Queue[_Block] = queue.Queue(_BLOCKS)
        self._stop = threading.Event()
        self._pauses = pauses()
        self._thread = threading.Thread(target=self._run, name=f"stream {host}:{port}", daemon=True)
        self._thread.start()

    def poll(self) -> Piece:
        """Return a block of lines that came, or NOTHING."""
        try:
            block = self._blocks.get_nowait()
        except queue.Empty:
            return NOTHING
        return Piece(
            lines=block.lines,
            is_another_log=block.is_another_log,
            has_more=not self._blocks.empty(),
        )

    def stop(self) -> None:
        """Tell the thread to end, without waiting for it."""
        self._stop.set()

    def close(self) -> None:
        """End the connection and the thread, unless that hangs in a look-up of the name."""
        self.stop()
        self._thread.join(_CONNECT_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with socket.create_connection(self._address, _CONNECT_SECONDS) as connection:
                    self._read(connection)
                self._wait("the other side closed the connection")
            except OSError as error:  # a name that isn't known is one, too
                self._wait(error.strerror or str(error))

    def _read(self, connection: socket.socket) -> None:
        _keep_alive(connection)
        self.state, self.reason = FOLLOWING, None
        unfinished, is_another_log = b"", True
        for received in self._received(connection):
            lines, unfinished = split_lines(unfinished + received)
            unfinished = unfinished[:_LONGEST_LINE]
            self._pauses = pauses()
            if lines:
                self._put(_Block(lines, is_another_log))
                is_another_log = False

    def _received(self, connection: socket.socket) -> Iterator[bytes]:
        connection.settimeout(_LOOK_UP_SECONDS)
        while not self._stop.is_set():
            try:
                received = connection.recv(_BLOCK_BYTES)
            except TimeoutError:
                continue
            if not received:
                return
            yield received

    def _put(self, block: _Block) -> None:
        while not self._stop.is_set():
            with suppress(queue.Full):
                self._blocks.put(block, timeout=_LOOK_UP_SECONDS)
                return

    def _wait(self, why: str) -> None:
        host, port = self._address
        self.state, self.reason = WAITING, f"{host}:{port} can't be read: {why}"
        self._stop.wait(next(self._pauses))


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE.items():
        if (option := getattr(socket, name, None)) is not None:  # not every system has all
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
