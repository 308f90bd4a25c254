"""Exports that go on by themselves: started, asked about while they are made, and canceled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web

from storj_monitor import clock
from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.job import Asked
from storj_monitor.web.access import who
from storj_monitor.web.bodies import Wanted, decoded
from storj_monitor.web.downloads import parsed
from storj_monitor.web.forwarded import public_path
from storj_monitor.web.keys import RUNNER, STARTED
from storj_monitor.web.problems import problem_json
from storj_monitor.web.request_ids import request_id
from storj_monitor.web.wanted import parser_of

if TYPE_CHECKING:
    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.spool import Kept

    Json = dict[str, Any]

_GONE_HINT = "Start it once more; a file that was made is kept for a while, not for ever."


async def start(request: web.Request) -> web.Response:
    """Start the export or report that the body asks for, and answer where it stands."""
    body = decoded(await request.read(), Wanted)
    parse, subject = parser_of(body.source, body.report_type)
    now = clock.now()
    wanted = await asyncio.to_thread(parsed, request.app, parse, subject, body.words(), now)
    asked = Asked(who(request), request_id(request))
    job = await request.app[STARTED].start(wanted, now, asked)
    place = public_path(request, f"/api/reports/{job.id}/progress")
    headers = {hdrs.LOCATION: place}
    return web.json_response(await _job(request, job), status=202, headers=headers)


async def progress(request: web.Request) -> web.Response:
    """Answer how far an export is, or how it ended; who asks wants it to go on."""
    id_, runner = request.match_info["id"], request.app[RUNNER]
    if (job := request.app[STARTED].asked_about(id_) or runner.job(id_)) is not None:
        return web.json_response(await _job(request, job))
    if (kept := await runner.kept(id_)) is not None:
        return web.json_response(_kept(kept))
    raise Problem("not_found", f"there is no export {id_!r}, or no longer", _GONE_HINT)


async def discard(request: web.Request) -> web.Response:
    """Cancel an export that runs, or remove a file that is kept."""
    id_ = request.match_info["id"]
    if not await request.app[RUNNER].discard(id_):
        detail = f"no export {id_!r} runs, and no such file is kept"
        raise Problem("not_found", detail, "There is nothing to remove any more.")
    return web.Response(status=204)


async def _job(request: web.Request, job: Job) -> Json:
    ending, state = job.ending, "running" if job.is_at_work else "waiting"
    is_done = ending is not None and ending.status == "done"
    is_kept = is_done and await request.app[RUNNER].kept(job.id) is not None
    return {
        "id": job.id,
        "state": state if ending is None else ending.status,
        "rows": job.rows,
        "bytes": job.bytes,
        "seconds": round(job.seconds, 3),
        "file_name": job.file_name,
        "sha256": None if ending is None else ending.sha256,
        "problem": _problem(request, job),
        "is_kept": is_kept,
    }


def _problem(request: web.Request, job: Job) -> Json | None:
    """Return why it failed, as the request that started it is called in the log."""
    if job.ending is None or job.ending.status != "failed" or job.ending.problem is None:
        return None
    return problem_json(request, job.ending.problem) | {"request_id": job.asked.request_id}


def _kept(kept: Kept) -> Json:
    """Describe the file of an export that nobody remembers any more."""
    return {
        "id": kept.id,
        "state": "done",
        "rows": kept.about.rows,
        "bytes": kept.about.bytes,
        "seconds": None,
        "file_name": kept.about.file,
        "sha256": kept.about.sha256,
        "problem": None,
        "is_kept": True,
    }
