"""The web application: routes built from the catalogue at start-up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from storj_monitor.exports.brand import brand_of
from storj_monitor.exports.outcomes import Outcomes
from storj_monitor.exports.runner import Runner
from storj_monitor.web import api, downloads, reports
from storj_monitor.web.access import Access, guard
from storj_monitor.web.headers import add_security_headers
from storj_monitor.web.keys import BRAND, HOST, OUTCOMES, RUNNER, SETTINGS, STORE
from storj_monitor.web.login import Login
from storj_monitor.web.markup import templates
from storj_monitor.web.page import Page
from storj_monitor.web.problems import problems

if TYPE_CHECKING:
    from storj_monitor.registry import PluginHost
    from storj_monitor.settings import Settings
    from storj_monitor.store import Store

#: What is asked of a report, and the token, are far smaller.
_BODY_BYTES = 64 * 1024
_STATIC = Path(__file__).with_name("static")


def create_app(settings: Settings, host: PluginHost, store: Store) -> web.Application:
    """Return the application for what `host` found and `store` holds; it shares nothing.

    `storj_monitor.web.server.serve` runs it. Raises OperatorError when the logo can't be used.
    """
    environment = templates()
    access = Access(settings.web)
    login = Login(access, environment)
    app = web.Application(
        middlewares=[problems, guard(access, login.refused)], client_max_size=_BODY_BYTES
    )
    app[SETTINGS], app[HOST], app[STORE] = settings, host, store
    app[BRAND] = brand_of(settings.brand)
    app[OUTCOMES] = Outcomes(store)
    app[RUNNER] = Runner(settings.exports, app[OUTCOMES].note)
    app.on_response_prepare.append(add_security_headers)
    app.on_cleanup.append(_close_exports)
    app.add_routes([*_pages(Page(environment)), *_api(host)])
    if access.needs_token:
        app.add_routes([web.get("/login", login.show), web.post("/login", login.enter)])
    return app


async def _close_exports(app: web.Application) -> None:
    await app[RUNNER].close()
    await asyncio.to_thread(app[OUTCOMES].close)


async def _asset(request: web.Request) -> web.FileResponse:
    """Answer a style sheet or picture of the page; any other name is an error like all others."""
    name = request.match_info["name"]
    if name not in {path.name for path in _STATIC.iterdir()}:
        raise web.HTTPNotFound
    return web.FileResponse(_STATIC / name)


def _pages(page: Page) -> list[web.AbstractRouteDef]:
    return [
        web.get("/", page.show),
        web.get("/download", page.download, allow_head=False),
        web.get("/static/{name}", _asset),
    ]


def _api(host: PluginHost) -> list[web.AbstractRouteDef]:
    """Return the routes of programs; HEAD of an export is refused, since it would make a file."""
    exports = [
        web.get(f"/api/export/{name}", downloads.export_of(name), allow_head=False)
        for name in host.catalogue.sources
    ]
    return [
        *exports,
        web.get("/api/export/{source}", downloads.export_of_unknown, allow_head=False),
        web.post("/api/reports/generate", reports.generate),
        web.get("/api/catalogue", api.catalogue),
        web.get("/api/nodes", api.nodes),
        web.post("/api/alerts/{id:[0-9]{1,18}}/acknowledge", api.acknowledge),
        web.get("/api/openapi.json", api.description),
        web.get("/healthz", api.health),
    ]
