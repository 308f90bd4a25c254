"""How the nodes are: what the page shows of them, what programs ask, and word of every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from storj_monitor.web.keys import HOST, SETTINGS, STORE
from storj_monitor.web.overview.current import Current
from storj_monitor.web.overview.figures import Overview
from storj_monitor.web.overview.routes import CURRENT, Routes
from storj_monitor.web.overview.watch import Watch
from storj_monitor.web.overview.words import FILTERS

if TYPE_CHECKING:
    from jinja2 import Environment

#: What draws the charts, by name.
_REPORT, _FORMAT = "custom_range", "svg"

__all__ = ["Overview", "add_overview", "facts"]


def add_overview(app: web.Application, environment: Environment) -> None:
    """Add its routes to the application, and its words to the templates."""
    environment.filters.update(FILTERS)
    catalogue = app[HOST].catalogue
    has_charts = _REPORT in catalogue.reports and _FORMAT in catalogue.formats
    current = app[CURRENT] = Current(app[STORE], app[SETTINGS].alerts, has_charts=has_charts)
    watch, routes = Watch(current), Routes(environment)
    app.on_shutdown.append(watch.end)
    app.add_routes(
        [
            web.get("/overview", routes.fragment),
            web.post("/overview/alerts/{id:[0-9]{1,18}}/acknowledge", routes.acknowledge),
            web.get("/api/overview", routes.answer),
            web.get("/api/overview/events", watch.events, allow_head=False),
        ]
    )


async def facts(app: web.Application, nodes: tuple[str, ...] = ()) -> Overview:
    """Return how these nodes are, or all if none of them is known; it never raises.

    Where the database can't be read, `trouble` says why and what to do.
    """
    overview = await app[CURRENT].now()
    return overview.of(nodes)
