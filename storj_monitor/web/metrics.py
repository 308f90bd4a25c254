"""GET /metrics: what the program counts of its own work, as Prometheus reads it."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, get_args

from aiohttp import hdrs, web
from sqlalchemy import func, select

from storj_monitor.logs import log
from storj_monitor.meters import Facts
from storj_monitor.schema import alerts
from storj_monitor.store import Severity
from storj_monitor.web.keys import HOST, METERS, STORE

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.meters import Meters
    from storj_monitor.registry import Catalogue
    from storj_monitor.store import Store

_STATES = ("loaded", "refused", "blocked")


async def metrics(request: web.Request) -> web.Response:
    """Answer all metrics; where the database can't be read, those that don't need it."""
    meters, accept = request.app[METERS], request.headers.get(hdrs.ACCEPT, "")
    _note_plugins(meters, request.app[HOST].catalogue)
    facts = await asyncio.to_thread(_facts, request.app[STORE])
    page, content_type = await asyncio.to_thread(meters.exposition, facts, accept)
    headers = {hdrs.CONTENT_TYPE: content_type, hdrs.CACHE_CONTROL: "no-store"}
    return web.Response(body=page, headers=headers)


def _note_plugins(meters: Meters, catalogue: Catalogue) -> None:
    """Tell the meters what became of the plugins."""
    states = dict.fromkeys(_STATES, 0) | Counter(one.state for one in catalogue.plugins)
    meters.note_plugins(
        states, Counter((failure.distribution, failure.stage) for failure in catalogue.failures)
    )


def _facts(store: Store) -> Facts | None:
    """Ask the database; None where it can't be asked, which is logged."""
    try:
        return Facts(
            heard={
                node.name: node.last_heard_at.timestamp()
                for node in store.nodes()
                if node.last_heard_at is not None
            },
            alerts=_open_alerts(store),
            database_bytes=_size(store.path),
            wal_bytes=_size(store.path.with_name(f"{store.path.name}-wal")),
        )
    except Exception as error:  # noqa: BLE001  whatever it is, the rest is still told
        log().warning("store.unreadable", error=str(error))
        return None


def _open_alerts(store: Store) -> dict[str, int]:
    counted = select(alerts.c.severity, func.count().label("count"))
    is_open = alerts.c.resolved_at.is_(None)
    with store.reader() as reader:
        found = reader.fetch(counted.where(is_open).group_by(alerts.c.severity)).to_pylist()
    return dict.fromkeys(get_args(Severity), 0) | {row["severity"]: row["count"] for row in found}


def _size(path: Path) -> int:
    """Return the size of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
