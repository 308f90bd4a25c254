"""The overview of a fleet: 50 nodes with 90 days of readings, asked as a browser does."""

from __future__ import annotations

import asyncio
import http.client
import time
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from storj_monitor.alerts.situation import DAY_US, HOUR_US
from storj_monitor.settings import AlertSettings
from storj_monitor.store import Store
from storj_monitor.store.connection import Connection
from storj_monitor.web.overview.current import Current
from tests.benchmarks.data import Data
from tests.benchmarks.findings import Finding
from tests.benchmarks.servers import serving
from tests.benchmarks.timing import FailedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.benchmarks.servers import Server

_NODES, _SATELLITES, _DAYS = 50, 4, 90
_SLOT_US = 300_000_000
_NUMBERS = "WITH RECURSIVE h (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM h WHERE n + 1 < {count})"
_ACTIONS = ("GET", "GET_REPAIR", "GET_AUDIT", "PUT", "PUT_REPAIR")
_STATUSES = ("success", "canceled", "failed")


def overview(_data: Data, repeat: int, folder: Path) -> list[Finding]:
    """Read how 50 nodes are in 300 ms, when something was written and nothing is known."""
    path = folder / "overview.db"
    store = _fleet(path)
    findings = [_finding("overview", partial(_read, store), repeat)]
    with serving(Data(path, 0)) as server:
        for address in ("/api/overview", "/"):
            asked = partial(_ask, server, address, path)
            findings.append(_finding(f"GET {address}", asked, repeat))
    return findings


def _finding(what: str, ask: Callable[[], float], repeat: int) -> Finding:
    ask()  # what is imported once
    took = median(ask() for _ in range(repeat)) * 1000
    return Finding(
        what=f"{what} of {_NODES} nodes and {_DAYS} days",
        ours=f"{took:.0f} ms",
        peer="",
        measured=took,
        limit=300,
        unit="ms",
    )


def _ask(server: Server, address: str, database: Path) -> float:
    """Ask for something after a write, and return the seconds that it took."""
    database.touch()
    connection = http.client.HTTPConnection(*server.address)
    started = time.perf_counter()
    connection.request("GET", address)
    answer = connection.getresponse()
    text = answer.read()
    seconds = time.perf_counter() - started
    connection.close()
    if answer.status != http.client.OK or any(b"n%d" % n not in text for n in range(_NODES)):
        message = f"GET {address}: {answer.status} without all nodes"
        raise FailedError(message)
    return seconds


def _read(store: Store) -> float:
    current = Current(store, AlertSettings(), has_charts=True)
    started = time.perf_counter()
    overview = asyncio.run(current.now())
    seconds = time.perf_counter() - started
    assert len(overview.nodes) == _NODES, overview.trouble
    return seconds


def _fleet(path: Path) -> Store:
    store = Store.open(path, create=True)
    end = time.time_ns() // 1000 // HOUR_US * HOUR_US + HOUR_US
    with Connection(path, "rw") as connection, connection.transaction():
        for statement in _statements(end - _DAYS * DAY_US, end):
            connection.execute(statement)
    return store


def _statements(start: int, end: int) -> list[str]:
    """Return what fills the database up to now: every five minutes, six hours and hour."""
    nodes = ", ".join(f"({node + 1}, 'n{node}', {start}, {end})" for node in range(_NODES))
    satellites = ", ".join(f"({one + 1}, '1Sat{one}', 's{one}')" for one in range(_SATELLITES))
    kinds = ", ".join(
        f"({satellite + 1}, '{action}', '{status}')"
        for satellite in range(_SATELLITES)
        for action in _ACTIONS
        for status in _STATUSES
    )
    return [
        f"INSERT INTO nodes VALUES {nodes}",
        f"INSERT INTO satellites VALUES {satellites}",
        (
            f"{_every(HOUR_US)} INSERT INTO event_hours SELECT {start} + n * {HOUR_US}, nodes.id, "
            f"k.column1, k.column2, k.column3, 190, 95000000 FROM h, nodes, (VALUES {kinds}) AS k"
        ),
        (
            f"{_every(_SLOT_US)} INSERT INTO storage SELECT {start} + n * {_SLOT_US}, id, 'api', "
            f"{start} + n * {_SLOT_US}, 10000000000000, 5000000000000 + n * 100000000, "
            "5000000000000 - n * 100000000, 1000000000, 0, 0 FROM h, nodes"
        ),
        (
            f"{_every(6 * HOUR_US)} INSERT INTO reputation SELECT {start} + n * {6 * HOUR_US}, "
            "nodes.id, satellites.id, 'api', 1, 1, 0.99, 1000, 999, NULL, NULL, NULL "
            "FROM h, nodes, satellites"
        ),
        (
            "INSERT INTO alerts SELECT id, at, id, 0, 'type', 'warning', 'title', 'message', "
            f"NULL, NULL, NULL, NULL, 'monitor' FROM (SELECT id, {end} AS at FROM nodes)"
        ),
    ]


def _every(step_us: int) -> str:
    return _NUMBERS.format(count=_DAYS * DAY_US // step_us)
