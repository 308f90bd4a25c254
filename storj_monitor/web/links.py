"""Files that were too large to send: answered to whoever has the link, until it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import hdrs

from storj_monitor.errors import Problem
from storj_monitor.exports.file_names import content_disposition
from storj_monitor.web.files import answered, gone
from storj_monitor.web.keys import RUNNER, WORK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

_HINT = "Ask whoever sends the report for another link."
#: Seconds since 1970 of the year 5138: nothing longer is a time.
_MOST_DIGITS = 11


async def file(request: web.Request) -> web.StreamResponse:
    """Answer GET and HEAD of /api/files/{id}: no token is needed, since the link is signed."""
    id_ = request.match_info["id"]
    expires = await _checked(request, id_)
    work = request.app[WORK]
    if work.now().timestamp() >= expires:
        raise Problem("not_found", "the link has expired", _HINT)
    kept = await request.app[RUNNER].kept(id_)
    if kept is None:
        raise gone(id_)
    headers: Mapping[str, str] = {
        hdrs.CONTENT_TYPE: kept.about.media_type,
        hdrs.CONTENT_DISPOSITION: content_disposition(kept.about.file),
        hdrs.CACHE_CONTROL: "private, no-store",
        hdrs.ETAG: f'"{kept.id}"',
        hdrs.ACCEPT_RANGES: "bytes",
        "Referrer-Policy": "no-referrer",
    }
    return await answered(request, kept, headers)


async def _checked(request: web.Request, id_: str) -> int:
    """Return when a link expires; raise Problem forbidden for one that wasn't made here."""
    expires, signature = (request.query.get(name, "") for name in ("expires", "signature"))
    is_time = expires.isascii() and expires.isdigit() and len(expires) <= _MOST_DIGITS
    signer = request.app[WORK].signer
    if not is_time or not await asyncio.to_thread(signer.is_signed, id_, expires, signature):
        raise Problem("forbidden", "the link isn't whole, or wasn't made by this server", _HINT)
    return int(expires)
