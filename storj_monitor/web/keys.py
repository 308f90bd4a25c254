"""What the application carries for its handlers."""

from __future__ import annotations

from aiohttp import web

from storj_monitor.exports.brand import Brand
from storj_monitor.exports.outcomes import Outcomes
from storj_monitor.exports.runner import Runner
from storj_monitor.registry import PluginHost
from storj_monitor.settings import Settings
from storj_monitor.store import Store

SETTINGS = web.AppKey("settings", Settings)
HOST = web.AppKey("host", PluginHost)
STORE = web.AppKey("store", Store)
BRAND = web.AppKey("brand", Brand)
RUNNER = web.AppKey("runner", Runner)
OUTCOMES = web.AppKey("outcomes", Outcomes)
