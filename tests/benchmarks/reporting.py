"""Reports over a fleet: the week of 50,000,000 events, and the month of 50 nodes."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from storj_monitor.report_generator import ReportParams, generate_pdf
from storj_monitor.store import Store
from storj_monitor.store.connection import Connection
from tests.benchmarks.findings import Finding
from tests.builtin_reports.building import built

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.benchmarks.data import Data

_HOUR = 3_600_000_000
#: 2026-01-01 UTC, and so many hours from then on.
_START, _HOURS = 1_767_225_600_000_000, 90 * 24
#: Ten nodes' events of 90 days: about 190 an hour of each satellite and action.
_EVENTS, _BUSY_NODES, _NODES = 50_000_000, 10, 50
_ACTIONS = ("GET", "GET_REPAIR", "GET_AUDIT", "PUT", "PUT_REPAIR")
_STATUSES = ("success", "canceled", "failed")
_SATELLITES, _MONTHS = 4, 14
_NUMBERS = "WITH RECURSIVE h (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM h WHERE n + 1 < {count})"


def reporting(_data: Data, repeat: int, folder: Path) -> list[Finding]:
    """Build weekly_performance in a second, and monthly_financial as a PDF in three."""
    store = _fleet(folder / "fleet.db")

    def week() -> None:
        nodes = tuple(f"n{number}" for number in range(_BUSY_NODES))
        built(store, "weekly_performance", "2026-03-16", "2026-03-23", nodes=nodes)

    def month() -> None:
        params = ReportParams("monthly_financial", start="2026-02-01", end="2026-02-28")
        generate_pdf(params, store.path)

    return [
        _finding(f"weekly_performance of {_EVENTS:,} events", week, repeat, limit=1),
        _finding(f"monthly_financial of {_NODES} nodes as PDF", month, repeat, limit=3),
    ]


def _finding(what: str, work: Callable[[], None], repeat: int, limit: float) -> Finding:
    work()  # what is imported once
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    took = median(seconds)
    return Finding(what=what, ours=f"{took:.2f} s", peer="", measured=took, limit=limit, unit="s")


def _fleet(path: Path) -> Store:
    store = Store.open(path, create=True)
    with Connection(path, "rw") as connection, connection.transaction():
        for statement in _statements():
            connection.execute(statement)
    return store


def _statements() -> list[str]:
    """Return what fills the database: hours as roll-ups have them, and months of statements."""
    numbers = _NUMBERS.format(count=_HOURS)
    nodes = ", ".join(
        f"({node + 1}, 'n{node}', {_START}, {_START + _HOURS * _HOUR})" for node in range(_NODES)
    )
    satellites = ", ".join(
        f"({one + 1}, '1Satellite{one}', 's{one}')" for one in range(_SATELLITES)
    )
    kinds = [
        (node + 1, satellite + 1, action, status)
        for node in range(_BUSY_NODES)
        for satellite in range(_SATELLITES)
        for action in _ACTIONS
        for status in _STATUSES
    ]
    count = _EVENTS // (len(kinds) * _HOURS)
    of_kind = ", ".join(map(str, kinds))
    at = f"{_START} + n * {_HOUR}"
    busy = f"nodes.id <= {_BUSY_NODES}"
    months = ", ".join(f"('20{25 + month // 12}-{month % 12 + 1:02}')" for month in range(_MONTHS))
    stated = (
        "'api', 1, 1, '', 1000000000000000, 5000000000, 1000000000, 1000000, 0, 0, "
        "2000000, 5000, 1000, 1, 2006001, 100, 0, 2006001, 0, 2006001, 2006001, 'eth:0x12ab'"
    )
    return [
        f"INSERT INTO nodes VALUES {nodes}",
        f"INSERT INTO satellites VALUES {satellites}",
        (
            f"{numbers} INSERT INTO event_hours SELECT {at}, k.column1, k.column2, k.column3, "
            f"k.column4, {count}, {count} * 500000 FROM h, (VALUES {of_kind}) AS k"
        ),
        (
            f"{numbers} INSERT INTO log_hours SELECT {at}, id, {at}, {at} + {_HOUR} - 1, NULL, "
            f"NULL, NULL FROM h, nodes WHERE {busy}"
        ),
        (
            f"{numbers} INSERT INTO api_hours SELECT {at}, id, {at}, NULL, NULL FROM h, nodes "
            f"WHERE {busy}"
        ),
        (
            f"{numbers} INSERT INTO storage SELECT {at} + slot.column1 * 300000000, id, 'api', "
            f"{at} + slot.column1 * 300000000, 10000000000000, 5000000000000 + n * 1000000000, "
            f"5000000000000 - n * 1000000000, 1000000000, 0, 0 FROM h, nodes, "
            f"(VALUES {', '.join(f'({slot})' for slot in range(12))}) AS slot WHERE {busy}"
        ),
        (
            f"{numbers} INSERT INTO reputation SELECT {at}, nodes.id, satellites.id, 'api', 1, 1, "
            f"0.99, NULL, NULL, NULL, NULL, NULL FROM h, nodes, satellites "
            f"WHERE {busy} AND n % 6 = 0"
        ),
        (
            f"INSERT INTO paystubs SELECT m.column1, nodes.id, satellites.id, {stated} "
            f"FROM nodes, satellites, (VALUES {months}) AS m"
        ),
    ]
