"""GET /api/preview: the first rows of an export, or a report as a page to look at."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
from aiohttp import hdrs, web

from storj_monitor import clock
from storj_monitor.exports.jobs.job import Asked
from storj_monitor.exports.jobs.orders import order_of
from storj_monitor.exports.preview import preview_of
from storj_monitor.plugin import Report
from storj_monitor.web.headers import OF_PREVIEWS
from storj_monitor.web.keys import HOST, RUNNER
from storj_monitor.web.request_ids import request_id
from storj_monitor.web.wanted import wanted_by_query

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storj_monitor.exports.request import ExportRequest

#: Whoever shows an image says something else here when it is to be fetched anew: browsers keep it.
AS_OF = "as_of"
#: Nobody waits for longer to look at something.
_SECONDS = 30.0
#: A report of many nodes takes seconds, and every page asks for the same charts: one that was made
#: so recently is as good as a new one.
_FRESH_SECONDS = 60.0
_MOST_KEPT = 32
_MOST_BYTES = 512 * 1024


class Previews:
    """Answers what can be looked at, and keeps the last reports for a minute."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        #: What a report was like, by what was asked for, and until when it is.
        self._kept: dict[bytes, tuple[float, bytes]] = {}

    async def show(self, request: web.Request) -> web.Response:
        """Answer a look at what the query asks for: JSON of a source, a page or image of a report.

        It may be shown in a frame of our own page, where it is in an origin of its own.
        """
        now = clock.now()
        wanted = await wanted_by_query(request, now, aside=(AS_OF,))
        shown = preview_of(wanted, request.app[HOST].catalogue.formats)
        headers = {hdrs.CONTENT_TYPE: shown.format.media_type, **OF_PREVIEWS}
        key = msgspec.json.encode(order_of(shown))
        until, content = self._kept.get(key, (0.0, b""))
        if until <= self._monotonic():
            content = await _made(request, shown, now)
            if isinstance(shown.subject, Report) and len(content) <= _MOST_BYTES:
                self._keep(key, content)
        return web.Response(body=content, headers=headers)

    def _keep(self, key: bytes, content: bytes) -> None:
        """Keep a report, and forget the oldest."""
        self._kept.pop(key, None)
        self._kept[key] = (self._monotonic() + _FRESH_SECONDS, content)
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]


async def _made(request: web.Request, shown: ExportRequest, now: datetime) -> bytes:
    asked = Asked(request_id=request_id(request))
    async with request.app[RUNNER].asides.made(shown, now, _SECONDS, asked) as job:
        return await asyncio.to_thread(job.read)
