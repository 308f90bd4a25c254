"""GET /api/export/{source} and every other download: a file, whole or not at all."""

from __future__ import annotations

import asyncio
import errno
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from aiohttp import HttpVersion11, hdrs, web

from storj_monitor import clock
from storj_monitor.errors import Problem
from storj_monitor.exports.file_names import content_disposition
from storj_monitor.exports.pipeline import Export
from storj_monitor.exports.request import Limits, parse_export
from storj_monitor.logs import log
from storj_monitor.web.keys import BRAND, HOST, RUNNER, SETTINGS, STORE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from storj_monitor.exports.request import ExportRequest, Parse, Words

CHUNK_BYTES = 256 * 1024


def export_of(source: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the handler for one source's route."""

    async def export(request: web.Request) -> web.StreamResponse:
        return await _exported(request, source)

    return export


async def export_of_unknown(request: web.Request) -> web.StreamResponse:
    """Say which sources there are."""
    return await _exported(request, request.match_info["source"])


async def _exported(request: web.Request, source: str) -> web.StreamResponse:
    words = {name: request.query.getall(name) for name in request.query}
    return await downloaded(request, parse_export, source, words)


async def downloaded(
    request: web.Request, parse: Parse, subject: str, words: Words
) -> web.StreamResponse:
    """Answer the file that `parse` makes of the words; raise the Problem with them."""
    export = await asyncio.to_thread(_made, request.app, parse, subject, words)
    if request.version < HttpVersion11:
        return await _whole(request, export)
    async with request.app[RUNNER].run(export) as chunks:
        return await _streamed(request, export, chunks)


def parsed(
    app: web.Application, parse: Parse, subject: str, words: Words, now: datetime
) -> ExportRequest:
    """Return what is asked for, or raise the Problem with it; reads the store, so not in the loop.

    `words` has each parameter's values in order.
    """
    limits = Limits(
        now=now,
        nodes=[node.name for node in app[STORE].nodes()],
        max_days=app[SETTINGS].exports.max_days,
    )
    return parse(subject, words, app[HOST].catalogue, limits)


def _made(app: web.Application, parse: Parse, subject: str, words: Words) -> Export:
    now = clock.now()
    request = parsed(app, parse, subject, words, now)
    return Export(request, app[STORE], app[HOST], now, app[BRAND])


def _response(export: Export) -> web.StreamResponse:
    asked = export.request
    span = asked.query.span
    headers = {
        hdrs.CONTENT_TYPE: asked.format.media_type,
        hdrs.CONTENT_DISPOSITION: content_disposition(export.file_name),
        hdrs.CACHE_CONTROL: "no-store",
        "Export-Span": f"{span.start.isoformat()}/{span.end.isoformat()}",
    }
    if asked.clamped:
        headers["Export-Clamped"] = "true"
    return web.StreamResponse(headers=headers)


async def _streamed(
    request: web.Request, export: Export, chunks: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Send chunks as they are made; the last chunk of HTTP/1.1 says that the file is whole."""
    response = _response(export)
    try:
        await response.prepare(request)
        async for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
    except ConnectionError:
        pass  # the client went away; leaving ends the export, which logs that it was canceled
    except Exception as error:  # noqa: BLE001  it is logged
        if not isinstance(error, Problem):  # that was logged where it arose
            log().exception("export.unsent", subject=export.request.subject.name)
        _abort(request)  # no other answer can be given any more
    return response


def _abort(request: web.Request) -> None:
    """Break the connection, so that the client can't take what it has for the whole file."""
    if request.transport is not None:
        request.transport.abort()


async def _whole(request: web.Request, export: Export) -> web.StreamResponse:
    """Finish the file first and send it with its length: HTTP/1.0 has no other mark of its end."""
    try:
        with TemporaryFile() as file:
            async with request.app[RUNNER].run(export) as chunks:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
            return await _sent(request, _response(export), file)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        detail = "there is no space left for the file"
        raise Problem("no_space", detail, "Free some space in the temporary folder.") from error


async def _sent(
    request: web.Request, response: web.StreamResponse, file: IO[bytes]
) -> web.StreamResponse:
    response.content_length = file.tell()
    file.seek(0)
    try:
        await response.prepare(request)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            await response.write(chunk)
        await response.write_eof()
    except ConnectionError:
        pass  # the client went away, and the file goes with it
    return response
