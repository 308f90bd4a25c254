"""The routes of the overview: its JSON, its part of the page, and acknowledging without script."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import hdrs, web

from storj_monitor import clock
from storj_monitor.errors import Problem
from storj_monitor.plugin import machine_text
from storj_monitor.plugin.query import microseconds
from storj_monitor.web.forwarded import public_path
from storj_monitor.web.keys import STORE
from storj_monitor.web.overview.current import Current
from storj_monitor.web.overview.members import members

if TYPE_CHECKING:
    from jinja2 import Environment

    from storj_monitor.store import Store

CURRENT = web.AppKey("overview", Current)


class Routes:
    """Answers what is asked about the overview."""

    def __init__(self, environment: Environment) -> None:
        self._template = environment.get_template("overview.html")

    async def answer(self, request: web.Request) -> web.Response:
        """Answer how the nodes are, or those that `node` names."""
        overview = (await request.app[CURRENT].now()).of(_asked(request))
        if overview.unknown and not overview.trouble:
            named = ", ".join(map(repr, overview.unknown))
            raise Problem("unknown_node", f"unknown node {named}", "GET /api/nodes lists them.")
        made_at = machine_text(overview.made_at)
        body = {"version": overview.version, "made_at": made_at, **members(overview)}
        return web.json_response(body)

    async def fragment(self, request: web.Request) -> web.Response:
        """Answer the part of the page that shows it."""
        overview = (await request.app[CURRENT].now()).of(_asked(request))
        # Of many nodes it takes a while, in which others are answered.
        text = await asyncio.to_thread(
            self._template.render,
            overview=overview,
            now=clock.now(),
            root=public_path(request, ""),
        )
        response = web.Response(text=text, content_type="text/html")
        response.enable_compression()
        return response

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Mark an alert as known and go back to the page; one that isn't there any more is well."""
        alert_id = int(request.match_info["id"])
        await asyncio.to_thread(_acknowledge, request.app[STORE], alert_id)
        form = await request.post()
        names = [("node", str(name)) for name in form.getall("node", ())]
        query = f"?{urlencode(names)}" if names else ""
        page = public_path(request, f"/{query}#overview")
        return web.Response(status=303, headers={hdrs.LOCATION: page})


def _asked(request: web.Request) -> tuple[str, ...]:
    return tuple(filter(None, request.query.getall("node", ())))


def _acknowledge(store: Store, alert_id: int) -> None:
    with store.writer() as writer:
        writer.acknowledge(alert_id, microseconds(clock.now()))
