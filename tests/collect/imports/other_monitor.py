"""The database of the other monitor, written as it writes it: in its newest form, and an old one.

with other_monitor(path) as theirs:
    theirs.add("events", timestamp="2025-10-11T05:03:27+00:00", action="GET", status="success")
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from storj_monitor.collect.imports import import_database
from storj_monitor.store.connection import Connection
from storj_monitor.store.foreign import opened
from tests.records import PIECE, US1

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from storj_monitor.collect.imports import Account
    from storj_monitor.store import Store

#: What it creates today, and the indexes that matter to a reader: none.
NEWEST = """
CREATE TABLE events (id INTEGER PRIMARY KEY, timestamp DATETIME, action TEXT, status TEXT,
    size INTEGER, piece_id TEXT, satellite_id TEXT, remote_ip TEXT, country TEXT, latitude REAL,
    longitude REAL, error_reason TEXT, node_name TEXT, duration_ms INTEGER);
CREATE INDEX idx_events_timestamp ON events (timestamp);
CREATE INDEX idx_events_latency ON events (node_name, timestamp, duration_ms)
    WHERE duration_ms IS NOT NULL;
CREATE TABLE hourly_stats (hour_timestamp TEXT, node_name TEXT, dl_success INTEGER DEFAULT 0,
    dl_fail INTEGER DEFAULT 0, ul_success INTEGER DEFAULT 0, ul_fail INTEGER DEFAULT 0,
    audit_success INTEGER DEFAULT 0, audit_fail INTEGER DEFAULT 0,
    total_download_size INTEGER DEFAULT 0, total_upload_size INTEGER DEFAULT 0,
    PRIMARY KEY (hour_timestamp, node_name));
CREATE TABLE hashstore_compaction_history (node_name TEXT, satellite TEXT, store TEXT,
    last_run_iso TEXT NOT NULL, duration REAL, data_reclaimed_bytes INTEGER,
    data_rewritten_bytes INTEGER, table_load REAL, trash_percent REAL,
    PRIMARY KEY (node_name, satellite, store, last_run_iso));
CREATE TABLE reputation_history (id INTEGER PRIMARY KEY, timestamp DATETIME NOT NULL,
    node_name TEXT, satellite TEXT NOT NULL, audit_score REAL, suspension_score REAL,
    online_score REAL, audit_success_count INTEGER, audit_total_count INTEGER,
    is_disqualified INTEGER, is_suspended INTEGER);
CREATE TABLE storage_snapshots (id INTEGER PRIMARY KEY, timestamp DATETIME, node_name TEXT NOT NULL,
    total_bytes INTEGER, used_bytes INTEGER, available_bytes INTEGER, trash_bytes INTEGER,
    used_percent REAL, trash_percent REAL, available_percent REAL);
CREATE TABLE alerts (id INTEGER PRIMARY KEY, timestamp DATETIME NOT NULL, node_name TEXT,
    alert_type TEXT NOT NULL, severity TEXT NOT NULL, title TEXT NOT NULL, message TEXT NOT NULL,
    acknowledged INTEGER DEFAULT 0, acknowledged_at DATETIME, resolved INTEGER DEFAULT 0,
    resolved_at DATETIME, metadata TEXT);
CREATE TABLE insights (id INTEGER PRIMARY KEY, timestamp DATETIME, node_name TEXT,
    insight_type TEXT, severity TEXT, title TEXT, description TEXT NOT NULL, category TEXT,
    confidence REAL, acknowledged INTEGER DEFAULT 0, metadata TEXT);
CREATE TABLE analytics_baselines (id INTEGER PRIMARY KEY, node_name TEXT, metric_name TEXT,
    window_hours INTEGER, mean_value REAL, std_dev REAL, min_value REAL, max_value REAL,
    sample_count INTEGER, last_updated DATETIME, UNIQUE (node_name, metric_name, window_hours));
CREATE TABLE earnings_estimates (id INTEGER PRIMARY KEY, timestamp DATETIME, node_name TEXT,
    satellite TEXT, period TEXT NOT NULL, egress_bytes INTEGER, egress_earnings_gross REAL,
    egress_earnings_net REAL, storage_bytes_hour INTEGER, storage_earnings_gross REAL,
    storage_earnings_net REAL, repair_bytes INTEGER, repair_earnings_gross REAL,
    repair_earnings_net REAL, audit_bytes INTEGER, audit_earnings_gross REAL,
    audit_earnings_net REAL, total_earnings_gross REAL, total_earnings_net REAL, held_amount REAL,
    node_age_months INTEGER, held_percentage REAL, is_finalized INTEGER DEFAULT 0);
CREATE TABLE payout_history (id INTEGER PRIMARY KEY, timestamp DATETIME, node_name TEXT,
    satellite TEXT, period TEXT NOT NULL, actual_payout REAL NOT NULL, estimated_payout REAL,
    variance REAL, variance_percent REAL, payout_address TEXT, transaction_hash TEXT, notes TEXT);
CREATE TABLE app_persistent_state (key TEXT PRIMARY KEY, value TEXT);
"""
#: What it created in the beginning.
OLDEST = """
CREATE TABLE events (id INTEGER PRIMARY KEY, timestamp DATETIME, action TEXT, status TEXT,
    size INTEGER, piece_id TEXT, satellite_id TEXT, remote_ip TEXT, country TEXT, latitude REAL,
    longitude REAL, error_reason TEXT);
CREATE TABLE hourly_stats (hour_timestamp TEXT PRIMARY KEY, dl_success INTEGER DEFAULT 0,
    dl_fail INTEGER DEFAULT 0, ul_success INTEGER DEFAULT 0, ul_fail INTEGER DEFAULT 0,
    audit_success INTEGER DEFAULT 0, audit_fail INTEGER DEFAULT 0);
CREATE TABLE hashstore_compaction_history (node_name TEXT, satellite TEXT, store TEXT,
    last_run_iso TEXT NOT NULL, duration REAL, data_reclaimed_bytes INTEGER,
    data_rewritten_bytes INTEGER, table_load REAL, trash_percent REAL,
    PRIMARY KEY (node_name, satellite, store, last_run_iso));
CREATE TABLE app_persistent_state (key TEXT PRIMARY KEY, value TEXT);
"""
TABLES = tuple(re.findall(r"CREATE TABLE (\w+)", NEWEST))

#: What a row of each table has, unless another value is given.
_USUAL: Mapping[str, Mapping[str, Any]] = {
    "events": {
        "timestamp": "2025-10-11T05:03:27+00:00",
        "action": "GET",
        "status": "success",
        "size": 2_560,
        "piece_id": PIECE,
        "satellite_id": US1,
        "remote_ip": "203.0.113.7",
        "country": "Germany",
        "node_name": "attic",
    },
    "hourly_stats": {"node_name": "attic"},
    "hashstore_compaction_history": {
        "node_name": "attic",
        "satellite": US1,
        "store": "s0",
        "last_run_iso": "2025-10-11T05:03:27+00:00",
    },
    "reputation_history": {
        "timestamp": "2025-10-11T05:03:27.123456+00:00",
        "node_name": "attic",
        "satellite": US1,
        "is_disqualified": 0,
        "is_suspended": 0,
    },
    "storage_snapshots": {"node_name": "attic"},
    "alerts": {
        "timestamp": "2025-10-11T05:03:27.123456+00:00",
        "node_name": "attic",
        "alert_type": "storage_warning",
        "severity": "warning",
        "title": "Storage",
        "message": "Storage is at 81 %",
        "acknowledged": 0,
        "resolved": 0,
        "metadata": "{}",
    },
    "earnings_estimates": {
        "timestamp": "2025-10-11T05:03:27.123456+00:00",
        "node_name": "attic",
        "satellite": US1,
        "period": "2025-10",
        "is_finalized": 0,
    },
    "payout_history": {
        "timestamp": "2025-10-11T05:03:27.123456+00:00",
        "node_name": "attic",
        "satellite": US1,
        "period": "2025-09",
        "actual_payout": 1.0,
    },
}


class OtherMonitor:
    """Writes to its database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, statements: str) -> None:
        """Run statements, each ended by a semicolon."""
        for statement in filter(str.strip, statements.split(";")):
            self._connection.execute(statement)

    def add(self, table: str, **cells: Any) -> None:
        """Add a row; what isn't given is as usual, and what is no column there is left out."""
        found = self._connection.query(f"PRAGMA table_info({table})")["name"].to_pylist()
        row = {k: v for k, v in {**_USUAL.get(table, {}), **cells}.items() if k in found}
        self.add_as_sql(table, {name: literal(cell) for name, cell in row.items()})

    def add_as_sql(self, table: str, cells: Mapping[str, str]) -> None:
        """Add a row of cells that are written in SQL."""
        names = ", ".join(cells)
        self._connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join(cells.values())})"
        )


@contextmanager
def other_monitor(path: Path, schema: str = NEWEST, journal: str = "WAL") -> Iterator[OtherMonitor]:
    """Make its database, or go on with it, and have it in one file in the end."""
    is_new = not path.exists()
    with Connection(path, "rwc") as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        theirs = OtherMonitor(connection)
        if is_new:
            theirs.create(schema)
        yield theirs


def take_over(
    store: Store, path: Path, progress: Callable[[int, int | None], None] = lambda *_: None
) -> Account:
    """Import its database into ours."""
    with opened(path) as theirs:
        return import_database(store, theirs, progress)


def literal(cell: object) -> str:
    """Write a value in SQL."""
    match cell:
        case None:
            return "NULL"
        case bytes():
            return f"x'{cell.hex()}'"
        case str():
            return f"CAST(x'{cell.encode(errors='surrogatepass').hex()}' AS TEXT)"
        case float() if abs(cell) == float("inf"):
            return "9e999" if cell > 0 else "-9e999"
        case _:
            return repr(cell)
