"""POST /api/reports/generate: a report, asked for in JSON and answered like an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.exports.request import parse_report
from storj_monitor.web.bodies import WantedReport, decoded
from storj_monitor.web.downloads import downloaded

if TYPE_CHECKING:
    from aiohttp import web


async def generate(request: web.Request) -> web.StreamResponse:
    """Answer the report that the body asks for."""
    wanted = decoded(await request.read(), WantedReport)
    return await downloaded(request, parse_report, wanted.report_type, wanted.words())
