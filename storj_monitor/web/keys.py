"""What the application carries for its handlers."""

from __future__ import annotations

from aiohttp import web

from storj_monitor.exports.jobs.recorded import Recorded
from storj_monitor.exports.jobs.runner import Runner
from storj_monitor.exports.jobs.started import Started
from storj_monitor.meters import Meters
from storj_monitor.registry import PluginHost
from storj_monitor.schedules.errands import Errands
from storj_monitor.schedules.work import Work
from storj_monitor.settings import Settings
from storj_monitor.store import Store

SETTINGS = web.AppKey("settings", Settings)
HOST = web.AppKey("host", PluginHost)
STORE = web.AppKey("store", Store)
RUNNER = web.AppKey("runner", Runner)
STARTED = web.AppKey("started", Started)
RECORDED = web.AppKey("recorded", Recorded)
METERS = web.AppKey("meters", Meters)
WORK = web.AppKey("work", Work)
ERRANDS = web.AppKey("errands", Errands)
#: Whether what is due is sent by itself: a demo leaves that.
FOLLOWS = web.AppKey("follows", bool)
