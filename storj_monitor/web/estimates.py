"""GET /api/estimate: what a file will be, before anybody makes it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from storj_monitor import clock
from storj_monitor.errors import Problem
from storj_monitor.exports.estimate import Counted, estimate_of, expected
from storj_monitor.exports.file_names import file_name
from storj_monitor.exports.jobs.job import Asked
from storj_monitor.plugin.query import UTC_ZONE
from storj_monitor.reports.calendar import first_and_last_day
from storj_monitor.web.keys import RUNNER
from storj_monitor.web.request_ids import request_id
from storj_monitor.web.wanted import wanted_by_query

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.exports.estimate import Expected
    from storj_monitor.exports.request import ExportRequest

#: Counting takes a quarter of a second. A worker that has to begin first may take longer than is
#: waited for; it goes on, so that it is there the next time.
_SECONDS = 0.9
_MOST_SECONDS = 10.0


async def estimate(request: web.Request) -> web.Response:
    """Answer name, span and rows of the file that the query asks for."""
    now = clock.now()
    wanted = await wanted_by_query(request, now)
    rows = await _rows(request, wanted, now)
    span = wanted.query.span
    zone = UTC_ZONE if wanted.subject.period == "month" else wanted.query.timezone
    first, last = first_and_last_day(span, zone)
    answer: dict[str, Any] = {
        "file_name": file_name(wanted),
        "span": {"start": span.start.isoformat(), "end": span.end.isoformat()},
        "timezone": zone.key,
        "days": (last - first).days + 1,
        "clamped": wanted.clamped,
        "nodes": list(wanted.query.nodes) or None,
        "media_type": wanted.format.media_type,
        "rows": None if rows is None else msgspec.to_builtins(rows),
    }
    return web.json_response(answer)


async def _rows(request: web.Request, wanted: ExportRequest, now: datetime) -> Expected | None:
    """Return how many rows there will be; None where nobody knows so soon."""
    counting = estimate_of(wanted)
    if counting is None:
        return None
    task = asyncio.create_task(_counted(request, counting, now))
    task.add_done_callback(_end)
    try:
        async with asyncio.timeout(_SECONDS):
            counted = await asyncio.shield(task)
    except TimeoutError:
        return None
    except Problem as problem:
        if problem.is_the_callers:
            raise
        return None
    return expected(counted, wanted.query.span, now)


async def _counted(request: web.Request, counting: ExportRequest, now: datetime) -> Counted:
    asked = Asked(request_id=request_id(request))
    async with request.app[RUNNER].asides.made(counting, now, _MOST_SECONDS, asked) as job:
        return msgspec.json.decode(await asyncio.to_thread(job.read), type=Counted)


def _end(task: asyncio.Task[Counted]) -> None:
    """Take notice of how it ended, though nobody may wait for that any more."""
    if not task.cancelled():
        task.exception()
