"""Places that a channel can't deliver to, and sending there without being held up by it."""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.plugin import Channel, Parcel

_LOOK_UP_SECONDS = 0.05
#: Who has said nothing for so long waits for an answer.
_SILENCE_SECONDS = 1.0


class Place:
    """A port of this machine, as long as the `with` lasts; what listens there is the subclass's."""

    what: ClassVar[str]

    def __init__(self) -> None:
        self.was_reached = Event()
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._port = self._socket.getsockname()[1]

    def named(self, text: str) -> str:
        """Put the port in the place of `{port}`."""
        return text.replace("{port}", str(self._port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # On Linux a thread that waits in accept() isn't woken by close().
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Nobody(Place):
    """Nobody listens: a connection is refused."""

    what = "nobody listening"


class _Listening(Place):
    def __enter__(self) -> Self:
        self._socket.listen()
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._thread.join()

    def _listen(self) -> None:
        held = []
        with suppress(OSError):
            while True:
                connection = self._socket.accept()[0]
                self.was_reached.set()
                held.append(connection)
                self._meet(connection)
        for connection in held:
            connection.close()

    def _meet(self, connection: socket.socket) -> None:
        """Do with a connection whatever this place does."""


class HangsUp(_Listening):
    """Whoever calls is hung up on at once."""

    what = "a place that hangs up"

    def _meet(self, connection: socket.socket) -> None:
        connection.close()


class Deaf(_Listening):
    """Whoever calls gets a connection, and never a word."""

    what = "a place that never answers"


class TakesAll(_Listening):
    """Whoever posts the `mark` by HTTP is heard to the end, and hung up on without a word.

    So is whoever speaks otherwise, once nothing more is said; `had_all` tells the two apart.
    """

    what = "a place that takes everything and gives no answer"

    def __init__(self, mark: bytes) -> None:
        super().__init__()
        self._mark = mark
        self.had_all = False

    def _meet(self, connection: socket.socket) -> None:
        heard = b""
        connection.settimeout(_SILENCE_SECONDS)
        with suppress(OSError):
            while not self.had_all and (piece := connection.recv(65_536)):
                heard += piece
                self.had_all = self._mark in heard and _is_whole_request(heard)
        connection.close()


def _is_whole_request(heard: bytes) -> bool:
    """Whether a request of HTTP that has a body is there with all of it."""
    head, end, body = heard.partition(b"\r\n\r\n")
    if length := re.search(rb"(?im)^content-length: *(\d+)", head):
        return bool(end) and len(body) >= int(length[1]) > 0
    return b"chunked" in head.lower() and body.endswith(b"0\r\n\r\n")


@dataclass
class Sent:
    """What became of sending: the error if there was one, and how it waited for an answer."""

    error: BaseException | None = None
    #: It neither returned nor raised.
    is_endless: bool = False
    #: The event loop stood still while it waited.
    was_blocked: bool = False


class Sending:
    """A channel at work in an event loop of its own, in a thread that nobody has to wait for."""

    def __init__(self, channel: Channel, parcel: Parcel, settings: Mapping[str, str]) -> None:
        self._work = (channel, parcel, settings)
        self._error: BaseException | None = None
        self._is_begun, self._is_over = Event(), Event()
        Thread(target=lambda: asyncio.run(self._send()), daemon=True).start()
        self._is_begun.wait()

    def outcome(self, seconds: float) -> Sent:
        """Wait until it is over, but no longer than so many seconds."""
        is_over = self._is_over.wait(seconds)
        return Sent(self._error, is_endless=not is_over)

    def outcome_when_canceled(self, place: Place, seconds: float) -> Sent:
        """Cancel it once it waits at `place`; each step is granted so many seconds."""
        until = monotonic() + seconds
        while not place.was_reached.is_set() and monotonic() < until:
            if self._is_over.wait(_LOOK_UP_SECONDS):
                break
        is_alive = Event()
        with suppress(RuntimeError):  # the loop was closed: it is over
            self._loop.call_soon_threadsafe(is_alive.set)
            if not is_alive.wait(seconds) and not self._is_over.is_set():
                return Sent(was_blocked=True)
            self._loop.call_soon_threadsafe(self._task.cancel)
        return self.outcome(seconds)

    async def _send(self) -> None:
        channel, parcel, settings = self._work
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(_sent(channel, parcel, settings))
        self._is_begun.set()
        try:
            await self._task
        except BaseException as error:  # noqa: BLE001  whatever it is, it is looked at
            self._error = error
        finally:
            self._is_over.set()


async def _sent(channel: Channel, parcel: Parcel, settings: Mapping[str, str]) -> None:
    await channel.send(parcel, settings)
