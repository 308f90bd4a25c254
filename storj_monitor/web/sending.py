"""Sending files: whole, or the connection breaks, so that nobody takes a part for the whole."""

from __future__ import annotations

import asyncio
import socket
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from aiohttp import web

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.recorded import Sending
from storj_monitor.logs import log
from storj_monitor.web.keys import SETTINGS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_PIECE_BYTES = 16 * 1024
#: What waits here, and what the system has of it that isn't under way: a client that takes about so
#: much in its time is slow, and no more than that.
_WAITING_BYTES, _UNSENT_BYTES = 32 * 1024, 64 * 1024
_BEGUN = web.RequestKey("begun", web.StreamResponse)


async def send(
    request: web.Request,
    response: web.StreamResponse,
    chunks: AsyncGenerator[bytes],
    sending: Sending | None = None,
) -> None:
    """Send the chunks; a client that goes away, or takes nothing for too long, is let go.

    It never raises: no other answer can be given any more. `sending` is told how far it got.
    """
    sending = sending or Sending()
    try:
        await _send(request, response, chunks, sending)
    except ConnectionError:
        abort(request)  # the client went away, which is logged with the export
    except TimeoutError:
        log().info("client.dropped", path=request.path, bytes=sending.bytes)
        abort(request)
    except Problem as problem:
        sending.error = problem.detail
        abort(request)
    except Exception as error:  # noqa: BLE001  it is logged
        sending.error = f"{type(error).__name__}: {error}"
        log().exception("export.unsent", path=request.path)
        abort(request)


async def _send(
    request: web.Request,
    response: web.StreamResponse,
    chunks: AsyncGenerator[bytes],
    sending: Sending,
) -> None:
    seconds = request.app[SETTINGS].exports.client_seconds
    await response.prepare(request)
    _keep_little_unsent(request)
    async with aclosing(chunks):
        async for chunk in chunks:
            for start in range(0, len(chunk), _PIECE_BYTES):
                piece = chunk[start : start + _PIECE_BYTES]
                async with asyncio.timeout(seconds):
                    await response.write(piece)
                sending.bytes += len(piece)
    async with asyncio.timeout(seconds):
        await response.write_eof()
    sending.is_whole = True


def abort(request: web.BaseRequest) -> None:
    """Break the connection, so that the client can't take what it has for the whole answer."""
    if request.transport is not None:
        request.transport.abort()


async def note_begun(request: web.Request, response: web.StreamResponse) -> None:
    """Remember, as an answer is about to be sent, that no other can be given any more."""
    request[_BEGUN] = response


def begun(request: web.Request) -> web.StreamResponse | None:
    """Return the answer that has been begun, if one has."""
    return request.get(_BEGUN)


def _keep_little_unsent(request: web.Request) -> None:
    """Take no more off the file than a client is about to read.

    The system would take megabytes at once, and then nothing until a third of them is read: a
    client that reads slowly would look like one that doesn't read.
    """
    if request.transport is not None:
        request.transport.set_write_buffer_limits(high=_WAITING_BYTES)
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    connection = request.get_extra_info("socket")
    if option is not None and connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, option, _UNSENT_BYTES)
