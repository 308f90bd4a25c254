"""GET /api/export/{source} and every other download: a file, whole or not at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import HttpVersion11, hdrs, web

from storj_monitor import clock
from storj_monitor.errors import Problem
from storj_monitor.exports.file_names import content_disposition
from storj_monitor.exports.request import Limits, parse_export
from storj_monitor.web.files import answered, asked
from storj_monitor.web.forwarded import public_path
from storj_monitor.web.keys import HOST, RUNNER, SETTINGS, STORE
from storj_monitor.web.sending import send

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.request import ExportRequest, Parse, Words


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
    now = clock.now()
    wanted = await asyncio.to_thread(parsed, request.app, parse, subject, words, now)
    # RFC 9110: of other methods than GET a range means nothing.
    is_part = request.method == hdrs.METH_GET and hdrs.RANGE in request.headers
    if is_part and (again := await _again(request, wanted)):
        return again
    async with request.app[RUNNER].run(wanted, now, asked(request)) as job:
        if request.version < HttpVersion11:
            return await _whole(request, job)
        await job.begun()
        return await _followed(request, job)


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


async def _again(request: web.Request, wanted: ExportRequest) -> web.StreamResponse | None:
    """Answer a part of the file that was made for the same request; None if there is none.

    Who names no file by If-Range gets a part of the last one.
    """
    runner = request.app[RUNNER]
    named = request.headers.get(hdrs.IF_RANGE, "").strip('"')
    id_ = named or runner.same_as(wanted)
    kept = await runner.kept(id_) if id_ else None
    if kept is None or (named and not runner.is_same(named, wanted)):
        return None
    try:
        return await answered(request, kept, _headers(request, wanted, kept.id, kept.about.file))
    except Problem:  # it has just gone, and is made anew
        return None


async def _followed(request: web.Request, job: Job) -> web.StreamResponse:
    """Send the file as it is made; the last chunk of HTTP/1.1 says that it is whole."""
    response = web.StreamResponse(headers=_headers(request, job.request, job.id, job.file_name))
    if job.ending is not None:
        response.content_length = (await job.ended()).bytes
    await send(request, response, job.follow())
    return response


async def _whole(request: web.Request, job: Job) -> web.StreamResponse:
    """Finish the file first and send it with its length: HTTP/1.0 has no other mark of its end."""
    await job.ended()
    return await _followed(request, job)


def _headers(
    request: web.Request, wanted: ExportRequest, id_: str, file_name: str
) -> Mapping[str, str]:
    span = wanted.query.span
    place = public_path(request, f"/api/reports/{id_}")
    headers = {
        hdrs.CONTENT_TYPE: wanted.format.media_type,
        hdrs.CONTENT_DISPOSITION: content_disposition(file_name),
        hdrs.CACHE_CONTROL: "no-store",
        hdrs.CONTENT_LOCATION: place,
        hdrs.ETAG: f'"{id_}"',
        hdrs.ACCEPT_RANGES: "bytes",
        "Export-Span": f"{span.start.isoformat()}/{span.end.isoformat()}",
    }
    if wanted.clamped:
        headers["Export-Clamped"] = "true"
    if wanted.manifest:
        headers[hdrs.LINK] = f'<{place}/manifest>; rel="describedby"; type="application/json"'
    return headers
