"""What programs ask: the catalogue, the nodes, alerts, the description of it all, the health."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import TYPE_CHECKING

from aiohttp import web

from storj_monitor import clock
from storj_monitor.errors import Problem
from storj_monitor.logs import log
from storj_monitor.plugin import machine_text
from storj_monitor.plugin.query import microseconds, moment
from storj_monitor.web.catalogue import described
from storj_monitor.web.forwarded import public_path
from storj_monitor.web.keys import HOST, SETTINGS, STORE
from storj_monitor.web.openapi import openapi

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.store import Following, PolledApi, Store


async def catalogue(request: web.Request) -> web.Response:
    """Answer what is installed."""
    channels = request.app[SETTINGS].channels
    return web.json_response(described(request.app[HOST].catalogue, channels))


async def nodes(request: web.Request) -> web.Response:
    """Answer the nodes known: when each was heard, how its logs are followed, its API answers."""
    known = await asyncio.to_thread(request.app[STORE].nodes)
    rows = [
        {
            "name": node.name,
            "first_heard_at": _time(node.first_heard_at),
            "last_heard_at": _time(node.last_heard_at),
            "logs": [_log(following) for following in node.logs],
            "api": None if node.api is None else _api(node.api),
        }
        for node in known
    ]
    return web.json_response({"nodes": rows})


async def acknowledge(request: web.Request) -> web.Response:
    """Mark an alert as known, and answer since when it is; it stays as open as it was."""
    alert_id = int(request.match_info["id"])
    at_us = await asyncio.to_thread(_acknowledged, request.app[STORE], alert_id)
    if at_us is None:
        hint = "GET /api/export/alerts has the ids of alerts."
        raise Problem("not_found", f"there is no alert {alert_id}", hint)
    return web.json_response({"id": alert_id, "acknowledged_at": machine_text(moment(at_us))})


def _acknowledged(store: Store, alert_id: int) -> int | None:
    with store.writer() as writer:
        return writer.acknowledge(alert_id, microseconds(clock.now()))


async def description(request: web.Request) -> web.Response:
    """Answer the OpenAPI description."""
    needs_token = bool(request.app[SETTINGS].web.token)
    server = public_path(request, "") or "/"
    document = openapi(request.app[HOST].catalogue, needs_token=needs_token, server=server)
    return web.json_response(document)


async def health(request: web.Request) -> web.Response:
    """Answer ok while the store can be read, 503 otherwise; the log says why."""
    status = "ok"
    try:
        await asyncio.to_thread(request.app[STORE].nodes)
    except Exception as error:  # noqa: BLE001  whatever it is, the answer is the same
        log().warning("store.unreadable", error=str(error))
        status = "failing"
    answer = {"status": status, "version": version("storj-monitor")}
    return web.json_response(answer, status=200 if status == "ok" else 503)


def _log(following: Following) -> dict[str, str | int | None]:
    return {
        "log": following.log,
        "state": following.state,
        "reason": following.reason,
        "behind_bytes": following.behind_bytes,
        "checked_at": _time(moment(following.checked_at)),
    }


def _api(polled: PolledApi) -> dict[str, str | None]:
    return {
        "url": polled.url,
        "state": polled.state,
        "reason": polled.reason,
        "version": polled.version,
        "answered_at": _time(polled.answered_at),
        "checked_at": _time(polled.checked_at),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else machine_text(moment)
