"""The only place that opens the database: a Store gives readers and writers of one file.

store = Store.open(Path("storj-monitor.db"))
with store.reader() as reader:
    for batch in reader.scan(select(...)):
        ...
"""

from __future__ import annotations

import os
import stat
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError
from storj_monitor.settings import MoneySettings
from storj_monitor.store.alerts import AlertChanges, AlertsWritten, Finding, Severity
from storj_monitor.store.connection import Connection
from storj_monitor.store.deliveries import (
    Delivery,
    DeliveryState,
    Made,
    Parcelled,
    fetch_dealt_with,
    fetch_delivered,
    fetch_deliveries,
    fetch_delivery,
    fetch_edition,
    fetch_editions,
    fetch_made,
)
from storj_monitor.store.exports import ExportEntry, ExportStatus, fetch_exports
from storj_monitor.store.migrations import LATEST, migrate, version
from storj_monitor.store.news import (
    TRANSFERS,
    Compaction,
    Estimate,
    Following,
    FreeSpace,
    HeardHour,
    Joined,
    News,
    PastAlert,
    Paystub,
    Poll,
    Prices,
    Scores,
    Seal,
    SummedHour,
    UsedSpace,
)
from storj_monitor.store.nodes import Node, PolledApi, fetch_following, fetch_nodes
from storj_monitor.store.reader import StoreReader
from storj_monitor.store.schedules import ScheduleEntry, fetch_schedules
from storj_monitor.store.terms import Terms
from storj_monitor.store.transfers import Written
from storj_monitor.store.writer import StoreWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "TRANSFERS",
    "AlertChanges",
    "AlertsWritten",
    "Compaction",
    "Delivery",
    "DeliveryState",
    "Estimate",
    "ExportEntry",
    "ExportStatus",
    "Finding",
    "Following",
    "FreeSpace",
    "HeardHour",
    "Joined",
    "Made",
    "News",
    "Node",
    "Parcelled",
    "PastAlert",
    "Paystub",
    "Poll",
    "PolledApi",
    "Prices",
    "ScheduleEntry",
    "Scores",
    "Seal",
    "Severity",
    "Store",
    "StoreReader",
    "StoreWriter",
    "SummedHour",
    "UsedSpace",
    "Written",
]


_NO_SETTINGS = MoneySettings()


class Store:
    """One database file, checked and of the latest version."""

    def __init__(self, path: Path, money: MoneySettings = _NO_SETTINGS) -> None:
        self.path = path
        self._terms = Terms(money)

    @classmethod
    def open(
        cls, path: Path, *, create: bool = False, money: MoneySettings = _NO_SETTINGS
    ) -> Store:
        """Return the store in `path`; make it if it isn't there and `create` says so.

        An older database is brought up to date, after a backup copy beside it. Readers find the
        prices and costs of `money` as tables. Raises OperatorError when there is no database, or
        when it can't be used.
        """
        empty = _is_empty(path)
        if empty and not create:
            reason = f"there is no database at {path}"
            ways = f"storj-monitor ingest NAME:PATH, or storj-monitor demo --database {path}"
            raise OperatorError(reason, f"Make one: {ways}.")
        if empty and not path.absolute().parent.is_dir():
            reason = f"there is no folder {path.absolute().parent} to put a database in"
            raise OperatorError(reason, "Make the folder, or name another file with --database.")
        store = cls(path, money)
        if empty or store._version() < LATEST:
            with Connection(path, "rwc") as connection:
                migrate(connection, path)
        return store

    def _version(self) -> int:
        with self._read() as connection:
            return version(connection, self.path)

    @contextmanager
    def reader(self) -> Iterator[StoreReader]:
        """Open the file for reading; a reader never holds up a writer."""
        with self._read() as connection, closing(StoreReader(connection)) as reader:
            self._terms.put_into(connection)
            yield reader

    def writer(self) -> StoreWriter:
        """Open the file for writing; use it in a `with`."""
        return StoreWriter(Connection(self.path, "rw"))

    def nodes(self) -> tuple[Node, ...]:
        """Return the nodes known, in the order of their names."""
        with self.reader() as reader:
            return fetch_nodes(reader)

    def exports(self, limit: int = 100, *, only_new: bool = False) -> tuple[ExportEntry, ...]:
        """Return the exports and reports that were asked for over HTTP, newest first.

        With `only_new` those are left out that sent a finished file once more.
        """
        with self.reader() as reader:
            return fetch_exports(reader, limit, only_new=only_new)

    def schedules(self) -> tuple[ScheduleEntry, ...]:
        """Return the schedules, in the order of their names."""
        with self.reader() as reader:
            return fetch_schedules(reader)

    def schedule(self, schedule_id: int) -> ScheduleEntry | None:
        """Return a schedule; None if there is none with that id."""
        with self.reader() as reader:
            found = fetch_schedules(reader, schedule_id)
        return found[0] if found else None

    def made(self, schedule_id: int) -> tuple[Made, ...]:
        """Return the periods that a schedule has dealt with, in whatever way."""
        with self.reader() as reader:
            return fetch_made(reader, schedule_id)

    def deliveries(self, limit: int = 100, schedule_id: int | None = None) -> tuple[Delivery, ...]:
        """Return deliveries, of all or of one schedule, what was due last first."""
        with self.reader() as reader:
            return fetch_deliveries(reader, limit, schedule_id)

    def delivery(self, delivery_id: int) -> Delivery | None:
        """Return a delivery; None if there is none with that id."""
        with self.reader() as reader:
            return fetch_delivery(reader, delivery_id)

    def delivered(self, file_ids: Sequence[str]) -> Mapping[str, Mapping[DeliveryState, int]]:
        """Return by the id of a file how many deliveries of it are in each state, if any is."""
        with self.reader() as reader:
            return fetch_delivered(reader, file_ids)

    def editions(self, schedule_id: int, start_at: int, end_at: int) -> frozenset[str]:
        """Return the editions that there are of a schedule's period: '' is its own."""
        with self.reader() as reader:
            return fetch_editions(reader, schedule_id, start_at, end_at)

    def dealt_with(self, schedule_id: int, start_at: int, end_at: int) -> frozenset[str]:
        """Return for whom a schedule has dealt with a period by itself, set aside or not."""
        with self.reader() as reader:
            return fetch_dealt_with(reader, schedule_id, start_at, end_at)

    def edition(
        self, schedule_id: int, start_at: int, end_at: int, edition: str
    ) -> tuple[Delivery, ...]:
        """Return the deliveries of one edition of a schedule's period, in the order of writing."""
        with self.reader() as reader:
            return fetch_edition(reader, schedule_id, start_at, end_at, edition)

    def followed(self, node: str, log: str) -> Following | None:
        """Return how far a node's log was read; None if it never was."""
        with self.reader() as reader:
            return fetch_following(reader, node, log)

    def _read(self) -> Connection:
        """Open for reading, also where a folder can't be written to and nobody else writes."""
        connection = Connection(self.path, "ro")
        try:
            connection.query("SELECT count(*) FROM sqlite_schema")
        except BaseException as error:
            connection.close()
            if isinstance(error, OperatorError) and self._is_out_of_reach():
                return Connection(self.path, "immutable")
            raise
        return connection

    def _is_out_of_reach(self) -> bool:
        """Whether nobody writes to the file, and SQLite can't put a -wal and -shm beside it."""
        has_wal = self.path.with_name(f"{self.path.name}-wal").exists()
        return not has_wal and not os.access(self.path.absolute().parent, os.W_OK)


def _is_empty(path: Path) -> bool:
    """Say whether there is nothing in the file, or no file; raise where it can't be one."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return True
    except OSError as error:
        reason = f"the database {path} can't be opened: {error.strerror}"
        raise OperatorError(reason, "Check the path given as --database.") from error
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "a device or pipe"
        reason = f"{path} is {what}, not a database"
        raise OperatorError(reason, "Name a file with --database.")
    return status.st_size == 0
