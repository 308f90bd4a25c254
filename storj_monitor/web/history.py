"""GET /api/reports/list: who had which exports and reports, where they went, and what is kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from storj_monitor.errors import Problem
from storj_monitor.plugin import machine_text
from storj_monitor.plugin.query import moment
from storj_monitor.web.keys import HOST, RECORDED, RUNNER, STORE

if TYPE_CHECKING:
    from storj_monitor.exports.jobs.runner import Runner
    from storj_monitor.registry import Catalogue
    from storj_monitor.store import ExportEntry

    Json = dict[str, Any]

DEFAULT_LIMIT, MOST = 20, 200
_DONE = "done"


async def reports(request: web.Request) -> web.Response:
    """Answer the last exports and reports, newest first, those sent once more too."""
    limit = _limit(request.query.getall("limit", [str(DEFAULT_LIMIT)]))
    return web.json_response({"reports": await entries(request.app, limit)})


async def entries(app: web.Application, limit: int, *, only_new: bool = False) -> list[Json]:
    """Return the last exports and reports, newest first, ready for JSON; see Store.exports."""
    return await asyncio.to_thread(_entries, app, limit, only_new=only_new)


def _entries(app: web.Application, limit: int, *, only_new: bool) -> list[Json]:
    runner, catalogue = app[RUNNER], app[HOST].catalogue
    app[RECORDED].written()  # who just saw an export end finds it here
    found = app[STORE].exports(limit, only_new=only_new)
    delivered = app[STORE].delivered([entry.id for entry in found])
    return [
        _entry(entry, runner, catalogue) | {"deliveries": dict(delivered.get(entry.id, {}))}
        for entry in found
    ]


def _entry(entry: ExportEntry, runner: Runner, catalogue: Catalogue) -> Json:
    is_kept = entry.status == _DONE and runner.spool.kept(entry.again_of or entry.id) is not None
    return {
        "id": entry.id,
        "again_of": entry.again_of,
        "part": entry.part,
        "asked_at": machine_text(moment(entry.asked_at)),
        "who": entry.who,
        "kind": entry.kind,
        "subject": entry.subject,
        "title": _title(entry, catalogue),
        "format": entry.format,
        "nodes": list(entry.nodes) or None,
        "span": {
            "start": moment(entry.start_at).isoformat(),
            "end": moment(entry.end_at).isoformat(),
        },
        "timezone": entry.timezone,
        "personal": entry.personal,
        "status": entry.status,
        "rows": entry.rows,
        "bytes": entry.bytes,
        "seconds": entry.seconds,
        "sha256": entry.sha256,
        "error": entry.error,
        "file_name": entry.file_name,
        "is_kept": is_kept,
    }


def _title(entry: ExportEntry, catalogue: Catalogue) -> str:
    """Return what it is called for people; its name where it isn't installed any more."""
    offered = catalogue.reports if entry.kind == "report" else catalogue.sources
    found = offered.get(entry.subject)
    return entry.subject if found is None else found.title


def _limit(given: list[str]) -> int:
    text = given[0] if len(given) == 1 else ",".join(given)
    limit = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) else 0
    if not 1 <= limit <= MOST:
        hint = f"Give a whole number from 1 to {MOST}."
        raise Problem("bad_request", f"limit={text!r} is no number of entries", hint)
    return limit
