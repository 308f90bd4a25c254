"""The web application: routes built from the catalogue at start-up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from storj_monitor.delivery.channels import outlet_of
from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.brand import brand_of
from storj_monitor.exports.jobs.messages import Start, search_path
from storj_monitor.exports.jobs.recorded import Recorded
from storj_monitor.exports.jobs.runner import Runner
from storj_monitor.exports.jobs.spool import Spool
from storj_monitor.exports.jobs.started import Started
from storj_monitor.exports.jobs.threads import Threads
from storj_monitor.exports.jobs.tidying import tidied
from storj_monitor.exports.jobs.witnesses import Metered, Told
from storj_monitor.exports.jobs.workers import Workers
from storj_monitor.logs import log
from storj_monitor.meters import Meters
from storj_monitor.schedules.errands import Errands
from storj_monitor.schedules.watching import followed
from storj_monitor.schedules.work import Work
from storj_monitor.web import (
    api,
    downloads,
    estimates,
    files,
    history,
    jobs,
    links,
    reports,
    schedules,
)
from storj_monitor.web.access import Access, guard
from storj_monitor.web.headers import add_security_headers
from storj_monitor.web.keys import (
    ERRANDS,
    FOLLOWS,
    HOST,
    METERS,
    RECORDED,
    RUNNER,
    SETTINGS,
    STARTED,
    STORE,
    WORK,
)
from storj_monitor.web.login import Login
from storj_monitor.web.markup import templates
from storj_monitor.web.metrics import metrics
from storj_monitor.web.overview import add_overview
from storj_monitor.web.page import Page
from storj_monitor.web.previews import Previews
from storj_monitor.web.problems import problems
from storj_monitor.web.request_ids import add_request_id, request_ids
from storj_monitor.web.schedules_page import SchedulesPage
from storj_monitor.web.sending import note_begun

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storj_monitor.exports.jobs.turns import Place
    from storj_monitor.registry import PluginHost
    from storj_monitor.settings import Settings
    from storj_monitor.store import Store

#: What is asked of a report, and the token, are far smaller.
_BODY_BYTES = 64 * 1024
_STATIC = Path(__file__).with_name("static")


def create_app(
    settings: Settings, host: PluginHost, store: Store, meters: Meters | None = None
) -> web.Application:
    """Return the application for what `host` found and `store` holds; it shares nothing.

    `meters` counts for /metrics; whoever counts besides brings its own.
    `storj_monitor.web.server.serve` runs the application. Raises OperatorError when the logo
    can't be used.
    """
    environment = templates()
    access = Access(settings.web)
    login = Login(access, environment)
    app = web.Application(
        middlewares=[request_ids, problems, guard(access, login.refused)],
        client_max_size=_BODY_BYTES,
    )
    app[SETTINGS], app[HOST], app[STORE] = settings, host, store
    app[METERS] = meters or Meters()
    app[FOLLOWS] = False
    _add_exports(app)
    app.on_response_prepare.append(add_security_headers)
    app.on_response_prepare.append(add_request_id)
    app.on_response_prepare.append(note_begun)
    add_overview(app, environment)
    app.add_routes([*_pages(Page(environment)), *_api(host)])
    app.add_routes(SchedulesPage(environment).routes())
    if access.needs_token:
        app.add_routes(
            [
                web.get("/login", login.show),
                web.post("/login", login.enter),
                web.post("/logout", login.leave),
            ]
        )
    return app


def follow_schedules(app: web.Application) -> None:
    """Let the application send what its schedules ask for while it runs, and the alerts.

    Where the settings name a channel for alerts that can't be used, that is logged at once.
    """

    async def following(_: web.Application) -> AsyncIterator[None]:
        async with followed(app[WORK]):
            yield

    app[FOLLOWS] = app[SETTINGS].scheduling.enabled
    app.cleanup_ctx.append(following)
    _warn_of_alerts(app)


def _warn_of_alerts(app: web.Application) -> None:
    channel = app[SETTINGS].alerts.send.channel
    try:
        if channel:
            outlet_of(channel, app[HOST].catalogue, app[SETTINGS])
    except Problem as problem:
        log().warning("alerts.not_sent", error=problem.detail, hint=problem.hint)
    except OperatorError as error:
        log().warning("alerts.not_sent", error=error.reason, hint=error.hint)


def _add_exports(app: web.Application) -> None:
    """Let the application run exports, tell of them, and end with them."""
    settings, host, store = app[SETTINGS], app[HOST], app[STORE]
    told = Told(host)
    app[RECORDED] = Recorded(store)
    witnesses = (told, app[RECORDED], Metered(app[METERS]))
    spool = Spool.of(store.path, settings.exports)
    meters = app[METERS]
    runner = app[RUNNER] = Runner(
        _place(app), spool, settings.exports, witnesses, meters.note_refused
    )
    app[STARTED] = Started(runner)
    app[WORK] = Work(settings=settings, host=host, store=store, runner=runner, meters=meters)
    app[ERRANDS] = Errands(app[WORK])
    meters.watch_exports(
        running=lambda: runner.running,
        waiting=lambda: runner.waiting,
        workers=lambda: runner.workers,
        spool_bytes=spool.bytes,
    )

    async def tidying(_: web.Application) -> AsyncIterator[None]:
        async with tidied(spool):
            yield

    async def close(_: web.Application) -> None:
        await app[ERRANDS].end()
        await runner.close()
        await asyncio.to_thread(app[RECORDED].close)
        told.close()

    app.cleanup_ctx.append(tidying)
    app.on_cleanup.append(close)


def _place(app: web.Application) -> Place:
    """Return where exports are rendered."""
    settings, host, store = app[SETTINGS], app[HOST], app[STORE]
    brand = brand_of(settings.brand)
    if not settings.exports.processes:
        return Threads(store, host, brand, settings.exports)
    start = Start(
        path=search_path(),
        database=str(store.path.absolute()),
        plugins=settings.plugins,
        money=settings.money,
        brand=settings.brand,
        memory_bytes=settings.exports.worker_memory_bytes,
    )
    return Workers(start, host.catalogue, settings.exports)


async def _asset(request: web.Request) -> web.FileResponse:
    """Answer a style sheet, script or picture of the page; no other name leads anywhere."""
    name = request.match_info["name"]
    if name not in {path.relative_to(_STATIC).as_posix() for path in _STATIC.rglob("*.*")}:
        raise web.HTTPNotFound
    return web.FileResponse(_STATIC / name)


def _pages(page: Page) -> list[web.AbstractRouteDef]:
    return [
        web.get("/", page.show),
        web.get("/download", page.download, allow_head=False),
        web.get("/history", page.history),
        web.get("/static/{name:.+}", _asset),
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
        web.post("/api/reports/start", jobs.start),
        web.get("/api/reports/list", history.reports),
        web.get("/api/reports/{id:[0-9a-f]{32}}", files.again),
        web.delete("/api/reports/{id:[0-9a-f]{32}}", jobs.discard),
        web.get("/api/reports/{id:[0-9a-f]{32}}/progress", jobs.progress),
        web.get("/api/reports/{id:[0-9a-f]{32}}/manifest", files.manifest),
        web.get("/api/estimate", estimates.estimate, allow_head=False),
        web.get("/api/preview", Previews().show, allow_head=False),
        web.get("/api/files/{id:[0-9a-f]{32}}", links.file),
        *schedules.routes(),
        web.get("/api/catalogue", api.catalogue),
        web.get("/api/nodes", api.nodes),
        web.post("/api/alerts/{id:[0-9]{1,18}}/acknowledge", api.acknowledge),
        web.get("/api/openapi.json", api.description),
        web.get("/metrics", metrics),
        web.get("/healthz", api.health),
    ]
