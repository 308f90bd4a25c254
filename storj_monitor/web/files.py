"""Finished files, answered once more: whole, or a part."""

from __future__ import annotations

import asyncio
import re
from typing import IO, TYPE_CHECKING

from aiohttp import hdrs, web

from storj_monitor.errors import Problem
from storj_monitor.exports.file_names import content_disposition
from storj_monitor.exports.jobs.job import CHUNK_BYTES, Asked
from storj_monitor.exports.jobs.opening import opened
from storj_monitor.web.access import who
from storj_monitor.web.forwarded import public_path
from storj_monitor.web.keys import RECORDED, RUNNER
from storj_monitor.web.problems import answer
from storj_monitor.web.request_ids import request_id
from storj_monitor.web.sending import send

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from storj_monitor.exports.jobs.spool import Kept

_GONE_HINT = "Ask for the export once more; [exports] spool_hours says how long files are kept."
_NOTHING = re.compile(r"bytes=-0+")


async def again(request: web.Request) -> web.StreamResponse:
    """Answer GET and HEAD of /api/reports/{id}: a finished file once more, or a part of it."""
    kept = await _kept(request)
    headers: dict[str, str] = {
        hdrs.CONTENT_TYPE: kept.about.media_type,
        hdrs.CONTENT_DISPOSITION: content_disposition(kept.about.file),
        hdrs.CACHE_CONTROL: "no-store",
        hdrs.ETAG: f'"{kept.id}"',
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.LINK: f'<{public_path(request, request.path)}/manifest>; rel="describedby"',
    }
    return await answered(request, kept, headers)


async def manifest(request: web.Request) -> web.StreamResponse:
    """Answer GET /api/reports/{id}/manifest: what is in that file."""
    kept = await _kept(request)
    try:
        content = await asyncio.to_thread(kept.manifest.read_bytes)
    except OSError as error:
        raise gone(kept.id) from error
    return web.Response(
        body=content, content_type="application/json", headers={hdrs.CACHE_CONTROL: "no-store"}
    )


async def _kept(request: web.Request) -> Kept:
    id_ = request.match_info["id"]
    kept = await request.app[RUNNER].kept(id_)
    if kept is None:
        raise gone(id_)
    return kept


def asked(request: web.Request) -> Asked:
    """Return who asks, as the audit is to say it."""
    return Asked(who(request), request_id(request))


def gone(id_: str) -> Problem:
    """Return the problem of a file that isn't kept."""
    return Problem("not_found", f"there is no finished file {id_!r}, or no longer", _GONE_HINT)


async def answered(
    request: web.Request, kept: Kept, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Answer a finished file, or the part of it that is asked for; raise Problem if it is gone."""
    size = kept.about.bytes
    part = _part(request, kept)
    if part is not None and not part:
        return _beyond(request, size)
    response = web.StreamResponse(status=206 if part else 200, headers=headers)
    if part:
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {part.start}-{part.stop - 1}/{size}"
    wanted = part or range(size)
    response.content_length = len(wanted)
    if request.method == hdrs.METH_HEAD:
        await response.prepare(request)
        return response
    try:
        async with opened(lambda: kept.data.open("rb")) as file:
            # Only now is it sure that there is something to answer with.
            with request.app[RECORDED].again(
                kept, asked(request), response.headers.get(hdrs.CONTENT_RANGE)
            ) as sending:
                await send(request, response, _read(file, wanted), sending)
    except OSError as error:
        raise gone(kept.id) from error
    return response


def _beyond(request: web.Request, size: int) -> web.Response:
    """Answer who asks for a part that isn't there; who has it all is told so by its length."""
    problem = Problem("bad_range", f"the file ends after {size} bytes", "Leave the Range out.")
    response = answer(request, problem)
    response.headers[hdrs.CONTENT_RANGE] = f"bytes */{size}"
    return response


def _part(request: web.Request, kept: Kept) -> range | None:
    """Return which bytes are asked for: None for all of them, an empty range for none there are.

    What isn't understood means all, as does a part of another file than this (If-Range).
    """
    named = request.headers.get(hdrs.IF_RANGE)
    if request.method != hdrs.METH_GET or (named is not None and named != f'"{kept.id}"'):
        return None
    if _NOTHING.fullmatch(request.headers.get(hdrs.RANGE, "")):
        return range(0)  # aiohttp takes the last 0 bytes for all of them
    try:
        wanted = request.http_range
    except ValueError:
        return None
    if wanted.start is None and wanted.stop is None:
        return None
    return range(kept.about.bytes)[wanted.start : wanted.stop]


async def _read(file: IO[bytes], wanted: range) -> AsyncGenerator[bytes]:
    left = len(wanted)
    await asyncio.to_thread(file.seek, wanted.start)
    while left:
        chunk = await asyncio.to_thread(file.read, min(left, CHUNK_BYTES))
        if not chunk:
            message = f"the file ends {left} bytes too early"
            raise EOFError(message)
        left -= len(chunk)
        yield chunk
