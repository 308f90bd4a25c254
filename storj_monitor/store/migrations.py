"""The versions of the database, each made from the one before by statements that never change.

A new version is a new entry at the end. `tests/store` holds that their sum is `schema.py`.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError
from storj_monitor.store.connection import BUSY_MS, LockedError

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.store.connection import Connection

#: Marks a file as a database of storj-monitor ("STJM").
APPLICATION_ID = 0x53544A4D

VERSIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE nodes (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
            first_heard_at BIGINT, last_heard_at BIGINT)""",
        """CREATE TABLE satellites (
            id INTEGER PRIMARY KEY, satellite_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL)""",
        """CREATE TABLE events (
            id INTEGER PRIMARY KEY, at BIGINT NOT NULL, node_id INTEGER NOT NULL,
            satellite_id INTEGER, action TEXT, status TEXT NOT NULL, size BIGINT,
            duration_ms BIGINT, piece_id TEXT, error TEXT, remote_ip TEXT, country TEXT,
            fingerprint BIGINT NOT NULL, occurrence INTEGER NOT NULL,
            CONSTRAINT events_once UNIQUE (node_id, at, fingerprint, occurrence))""",
        "CREATE INDEX events_at ON events (at)",
        """CREATE TABLE event_hours (
            hour_at BIGINT NOT NULL, node_id INTEGER NOT NULL, satellite_id INTEGER NOT NULL,
            action TEXT NOT NULL, status TEXT NOT NULL,
            count BIGINT NOT NULL, bytes BIGINT,
            PRIMARY KEY (hour_at, node_id, satellite_id, action, status)) WITHOUT ROWID""",
        """CREATE TABLE event_hour_durations (
            hour_at BIGINT NOT NULL, node_id INTEGER NOT NULL, satellite_id INTEGER NOT NULL,
            action TEXT NOT NULL, status TEXT NOT NULL, bucket INTEGER NOT NULL,
            count BIGINT NOT NULL,
            PRIMARY KEY (hour_at, node_id, satellite_id, action, status, bucket))
            WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE sealed_hours (
            node_id INTEGER NOT NULL, hour_at BIGINT NOT NULL,
            PRIMARY KEY (node_id, hour_at)) WITHOUT ROWID""",
        """CREATE TABLE log_hours (
            hour_at BIGINT NOT NULL, node_id INTEGER NOT NULL,
            first_at BIGINT NOT NULL, last_at BIGINT NOT NULL,
            started_at BIGINT, stopped_at BIGINT, traffic_at BIGINT,
            PRIMARY KEY (hour_at, node_id)) WITHOUT ROWID""",
        """CREATE TABLE reputation (
            at BIGINT NOT NULL, node_id INTEGER NOT NULL, satellite_id INTEGER NOT NULL,
            origin TEXT NOT NULL,
            audit_score FLOAT, suspension_score FLOAT, online_score FLOAT,
            audits_total BIGINT, audits_ok BIGINT,
            disqualified_at BIGINT, suspended_at BIGINT, vetted_at BIGINT,
            PRIMARY KEY (at, node_id, satellite_id, origin)) WITHOUT ROWID""",
        """CREATE TABLE storage (
            slot_at BIGINT NOT NULL, node_id INTEGER NOT NULL, origin TEXT NOT NULL,
            at BIGINT NOT NULL, allocated_bytes BIGINT, used_bytes BIGINT, free_bytes BIGINT,
            trash_bytes BIGINT, reclaimable_bytes BIGINT, overused_bytes BIGINT,
            PRIMARY KEY (slot_at, node_id, origin)) WITHOUT ROWID""",
        """CREATE TABLE compactions (
            at BIGINT NOT NULL, node_id INTEGER NOT NULL, satellite_id INTEGER NOT NULL,
            store TEXT NOT NULL,
            duration_ms BIGINT, reclaimed_bytes BIGINT, rewritten_bytes BIGINT,
            table_load FLOAT, trash_ratio FLOAT, error TEXT,
            PRIMARY KEY (at, node_id, satellite_id, store)) WITHOUT ROWID""",
        """CREATE TABLE followed_logs (
            node_id INTEGER NOT NULL, log TEXT NOT NULL, position TEXT NOT NULL,
            state TEXT NOT NULL, reason TEXT, behind_bytes BIGINT, checked_at BIGINT NOT NULL,
            PRIMARY KEY (node_id, log)) WITHOUT ROWID""",
        # Of what was read before, the hours with transfers are known to have had lines.
        """INSERT INTO log_hours (hour_at, node_id, first_at, last_at)
            SELECT hour_at, node_id, hour_at, hour_at + 3599999999
            FROM event_hours GROUP BY hour_at, node_id""",
        "CREATE INDEX log_hours_of_node ON log_hours (node_id, hour_at)",
        # The fingerprints are others now: what was read before wouldn't be known again.
        """INSERT INTO sealed_hours (node_id, hour_at)
            SELECT DISTINCT node_id, hour_at FROM event_hours""",
    ),
    (
        """CREATE TABLE api_hours (
            hour_at BIGINT NOT NULL, node_id INTEGER NOT NULL,
            answered_at BIGINT, failed_at BIGINT, reason TEXT,
            PRIMARY KEY (hour_at, node_id)) WITHOUT ROWID""",
        "CREATE INDEX api_hours_of_node ON api_hours (node_id, hour_at)",
        """CREATE TABLE polled_apis (
            node_id INTEGER NOT NULL, url TEXT NOT NULL, version TEXT,
            answered_at BIGINT, checked_at BIGINT NOT NULL, reason TEXT,
            PRIMARY KEY (node_id)) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE sealed_hours ADD COLUMN until_at BIGINT",
        "ALTER TABLE polled_apis ADD COLUMN allowed_version TEXT",
        "ALTER TABLE polled_apis ADD COLUMN is_allowed INTEGER",
        "ALTER TABLE polled_apis ADD COLUMN failing_since BIGINT",
        """CREATE TABLE memberships (
            node_id INTEGER NOT NULL, satellite_id INTEGER NOT NULL, joined_at BIGINT NOT NULL,
            PRIMARY KEY (node_id, satellite_id)) WITHOUT ROWID""",
        """CREATE TABLE paystubs (
            period TEXT NOT NULL, node_id INTEGER NOT NULL, satellite_id INTEGER NOT NULL,
            origin TEXT NOT NULL, read_at BIGINT NOT NULL, created_at BIGINT, codes TEXT,
            byte_hours BIGINT, get_bytes BIGINT, get_repair_bytes BIGINT, get_audit_bytes BIGINT,
            put_bytes BIGINT, put_repair_bytes BIGINT,
            comp_at_rest BIGINT, comp_get BIGINT, comp_get_repair BIGINT, comp_get_audit BIGINT,
            earned BIGINT, surge_percent BIGINT, held BIGINT, owed BIGINT, disposed BIGINT,
            paid BIGINT, distributed BIGINT, receipt TEXT,
            PRIMARY KEY (period, node_id, satellite_id)) WITHOUT ROWID""",
        "CREATE INDEX paystubs_of_node ON paystubs (node_id, satellite_id, period)",
        """CREATE TABLE earlier_paystubs (
            period TEXT NOT NULL, node_id INTEGER NOT NULL, satellite_id INTEGER NOT NULL,
            replaced_at BIGINT NOT NULL,
            origin TEXT NOT NULL, read_at BIGINT NOT NULL, created_at BIGINT, codes TEXT,
            byte_hours BIGINT, get_bytes BIGINT, get_repair_bytes BIGINT, get_audit_bytes BIGINT,
            put_bytes BIGINT, put_repair_bytes BIGINT,
            comp_at_rest BIGINT, comp_get BIGINT, comp_get_repair BIGINT, comp_get_audit BIGINT,
            earned BIGINT, surge_percent BIGINT, held BIGINT, owed BIGINT, disposed BIGINT,
            paid BIGINT, distributed BIGINT, receipt TEXT,
            PRIMARY KEY (period, node_id, satellite_id, replaced_at)) WITHOUT ROWID""",
        """CREATE TABLE estimates (
            period TEXT NOT NULL, node_id INTEGER NOT NULL, satellite_id INTEGER NOT NULL,
            origin TEXT NOT NULL, at BIGINT NOT NULL,
            byte_hours BIGINT, egress_bytes BIGINT, repair_bytes BIGINT, audit_bytes BIGINT,
            storage BIGINT, egress BIGINT, repair BIGINT, audit BIGINT,
            gross BIGINT, held BIGINT, payout BIGINT, expected BIGINT,
            PRIMARY KEY (period, node_id, satellite_id)) WITHOUT ROWID""",
        """CREATE TABLE prices (
            node_id INTEGER NOT NULL, satellite_id INTEGER NOT NULL, at BIGINT NOT NULL,
            storage BIGINT NOT NULL, egress BIGINT NOT NULL, repair BIGINT NOT NULL,
            audit BIGINT NOT NULL,
            PRIMARY KEY (node_id, satellite_id, at)) WITHOUT ROWID""",
        """CREATE TABLE alerts (
            id INTEGER PRIMARY KEY, at BIGINT NOT NULL, node_id INTEGER NOT NULL,
            satellite_id INTEGER NOT NULL, type TEXT NOT NULL, severity TEXT NOT NULL,
            title TEXT NOT NULL, message TEXT NOT NULL, value FLOAT, threshold FLOAT,
            resolved_at BIGINT, acknowledged_at BIGINT, origin TEXT NOT NULL,
            CONSTRAINT alerts_once UNIQUE (node_id, satellite_id, type, at, title))""",
        "CREATE INDEX alerts_at ON alerts (at, id)",
        """CREATE UNIQUE INDEX alerts_open ON alerts (node_id, satellite_id, type)
            WHERE resolved_at IS NULL""",
        """CREATE TABLE outcomes (
            kind TEXT NOT NULL, subject TEXT NOT NULL, at BIGINT NOT NULL,
            failures INTEGER NOT NULL, error TEXT,
            PRIMARY KEY (kind, subject)) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE exports (
            id TEXT NOT NULL, asked_at BIGINT NOT NULL, who TEXT NOT NULL,
            kind TEXT NOT NULL, subject TEXT NOT NULL, format TEXT NOT NULL, nodes TEXT NOT NULL,
            start_at BIGINT NOT NULL, end_at BIGINT NOT NULL, timezone TEXT NOT NULL,
            columns TEXT NOT NULL, filters TEXT NOT NULL, options TEXT NOT NULL,
            personal INTEGER NOT NULL, clamped INTEGER NOT NULL, request_id TEXT NOT NULL,
            file_name TEXT NOT NULL, media_type TEXT NOT NULL, status TEXT NOT NULL,
            ended_at BIGINT, rows BIGINT, bytes BIGINT, seconds FLOAT, sha256 TEXT, error TEXT,
            again_of TEXT, part TEXT,
            PRIMARY KEY (id)) WITHOUT ROWID""",
        "CREATE INDEX exports_asked ON exports (asked_at, id)",
    ),
    (
        # AUTOINCREMENT: an id that is used again would join a stranger's deliveries.
        """CREATE TABLE schedules (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL, subject TEXT NOT NULL, format TEXT NOT NULL,
            nodes TEXT NOT NULL, words TEXT NOT NULL, rule TEXT NOT NULL, timezone TEXT NOT NULL,
            period TEXT NOT NULL, channel TEXT NOT NULL, recipients TEXT NOT NULL,
            skip_empty INTEGER NOT NULL, enabled INTEGER NOT NULL,
            created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, since_at BIGINT NOT NULL,
            followed_at BIGINT)""",
        """CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY AUTOINCREMENT, schedule_id INTEGER NOT NULL,
            start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,
            recipient TEXT NOT NULL, edition TEXT NOT NULL,
            due_at BIGINT NOT NULL, late INTEGER NOT NULL, state TEXT NOT NULL,
            attempts INTEGER NOT NULL, next_attempt_at BIGINT NOT NULL,
            owner TEXT, lease_until BIGINT, sending_at BIGINT, sent_at BIGINT, error TEXT,
            subject_line TEXT, file_id TEXT, file_name TEXT, rows BIGINT, bytes BIGINT,
            link_until BIGINT, name TEXT NOT NULL, channel TEXT NOT NULL,
            CONSTRAINT deliveries_once
                UNIQUE (schedule_id, start_at, end_at, recipient, edition))""",
        "CREATE INDEX deliveries_open ON deliveries (state, next_attempt_at)",
        "CREATE INDEX deliveries_due ON deliveries (due_at, id)",
    ),
)
LATEST = len(VERSIONS)
_PAUSE_SECONDS = 0.05

#: One statement, so that it can't see half of what another process is doing.
_STATE = """
    SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
    FROM pragma_application_id, pragma_user_version"""


def version(connection: Connection, path: Path) -> int:
    """Return the database's version: 0 for an empty file.

    Raises OperatorError for a database of another program, or of a newer storj-monitor.
    """
    state = connection.query(_STATE)
    application, found, tables = (int(column[0].as_py()) for column in state.columns)
    if application == 0 and not tables:
        return 0
    if application != APPLICATION_ID:
        reason = f"{path} is a database of another program"
        raise OperatorError(reason, "Name another file with --database.")
    if found > LATEST:
        reason = f"{path} was written by a newer storj-monitor (version {found} of the database)"
        hint = f"This one knows up to {LATEST}: upgrade it with pip install -U storj-monitor."
        raise OperatorError(reason, hint)
    return found


def migrate(connection: Connection, path: Path) -> None:
    """Bring the database to the latest version, after a backup copy if it holds anything.

    Two processes may try at once: the steps run in one transaction that checks again.
    """
    found = version(connection, path)
    if found == LATEST:
        return
    _use_wal(connection)
    if found:
        _back_up(connection, path, found)
    with connection.transaction():
        for number in range(version(connection, path), LATEST):
            for statement in VERSIONS[number]:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {LATEST}")


def _use_wal(connection: Connection) -> None:
    """Let readers and a writer work at once; another process may be about to do the same.

    SQLite may give up at once where it would have to wait for this, so it is tried again.
    """
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except LockedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _back_up(connection: Connection, path: Path, found: int) -> None:
    """Copy the database; the copy gets its name only when it is whole, and of the old version."""
    part = path.with_name(f"{path.name}.backup-{found}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", [str(part)])
        if version(connection, path) == found:
            part.replace(path.with_name(f"{path.name}.backup-{found}"))
    finally:
        part.unlink(missing_ok=True)
