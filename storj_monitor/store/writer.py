"""Writing: all that was learned about some nodes in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from storj_monitor.store.alerts import acknowledge, write_alerts, write_outcome
from storj_monitor.store.delivering import DeliveryWriter
from storj_monitor.store.exports import (
    close_open_exports,
    forget_exports,
    write_export_begun,
    write_export_ended,
)
from storj_monitor.store.ids import Ids
from storj_monitor.store.imports import write_imports
from storj_monitor.store.money import write_money
from storj_monitor.store.observations import write_observations
from storj_monitor.store.polls import write_polls
from storj_monitor.store.problems import write_problems
from storj_monitor.store.prune import prune, settled_before
from storj_monitor.store.schedules import ScheduleWriter
from storj_monitor.store.statements import Statements
from storj_monitor.store.transfers import newest_id, write_transfers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from storj_monitor.store.alerts import AlertChanges, AlertsWritten
    from storj_monitor.store.connection import Connection
    from storj_monitor.store.exports import ExportEntry, ExportStatus
    from storj_monitor.store.news import News
    from storj_monitor.store.transfers import Written


class StoreWriter:
    """Writes to the database; one transaction a call, all of it or nothing.

    Any thread may use it, one at a time.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._statements = Statements(connection)
        self._ids = Ids()
        self.schedules = ScheduleWriter(connection, self._statements)
        self.deliveries = DeliveryWriter(connection, self._statements)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._connection.execute("PRAGMA optimize")
        finally:
            self._connection.close()

    def write(self, news: Sequence[News]) -> Written:
        """Store all of the news, and add the transfers that are new up.

        What is known already adds nothing: transfers by node, time, fingerprint and occurrence.
        Nor do transfers of an hour that was pruned.
        """
        ids = self._ids.copy()
        with self._connection.transaction():
            ids.learn(self._statements, news)
            written = write_transfers(self._statements, ids, news)
            write_observations(self._statements, ids, news)
            write_polls(self._statements, ids, news)
            write_money(self._statements, ids, news)
            write_imports(self._statements, ids, news)
        self._ids = ids  # what was rolled back was never learned
        return written

    def together(self) -> AbstractContextManager[None]:
        """Make one transaction of all that is said of deliveries and outcomes in the block."""
        return self._connection.transaction()

    def prune(self, before_us: int, stop: Callable[[], bool] = lambda: False) -> int:
        """Remove the events of the UTC hours that are over at `before_us`; return how many.

        Sums stay for ever, and an hour whose events are gone takes nothing more. It takes many
        short transactions, before each of which `stop` is asked; the next call goes on from there.
        """
        return prune(self._connection, self._statements, before_us, stop)

    def newest_id(self) -> int:
        """Return the highest id of an event, 0 if there is none: for `settled_before`, later."""
        return newest_id(self._statements)

    def settled_before(self, before_us: int, newest_id: int, behind_since_us: int) -> int:
        """Return the time, `before_us` at the latest, up to which it does no harm to prune.

        Of later times more is being read: an event came after the one with `newest_id`, or a log
        was behind, and looked at since `behind_since_us`.
        """
        return settled_before(self._statements, before_us, newest_id, behind_since_us)

    def update_alerts(self, changes: AlertChanges, at_us: int) -> AlertsWritten:
        """Raise, keep up and resolve alerts as of `at_us`; return what was not done already."""
        with self._connection.transaction():
            return write_alerts(self._statements, changes, at_us)

    def acknowledge(self, alert_id: int, at_us: int) -> int | None:
        """Mark an alert as known, the first time that this is said; it stays as open as it was.

        Returns since when it is known (microseconds), or None if there is no such alert.
        """
        with self._connection.transaction():
            return acknowledge(self._statements, alert_id, at_us)

    def note_outcome(
        self, kind: str, subject: str, at_us: int, error: str | None, counts: int = 1
    ) -> None:
        """Note how an export or a delivery (`kind`) of `subject` ended; without an error, well.

        A failure that nothing is tried after may count as several in a row.
        """
        with self._connection.transaction():
            write_outcome(self._statements, kind, subject, at_us, error, counts)

    def note_problems(self, problems: Mapping[str, str], at_us: int) -> list[str]:
        """Note which schedules can't be followed now, each with why, and that all others can.

        Returns the names of those of which that is new.
        """
        with self._connection.transaction():
            return write_problems(self._statements, problems, at_us)

    def note_export_begun(self, entry: ExportEntry) -> None:
        """Note that an export or report was asked for, by whom, and what it will be."""
        with self._connection.transaction():
            write_export_begun(self._statements, entry)

    def note_export_ended(  # noqa: PLR0913  what an export ends with
        self,
        id: str,  # noqa: A002  the name of the column
        *,
        ended_at: int,
        status: ExportStatus,
        rows: int | None,
        bytes: int | None,  # noqa: A002  the name of the column
        seconds: float | None,
        sha256: str | None,
        error: str | None,
    ) -> None:
        """Note how an export ended (microseconds); what isn't known is None."""
        with self._connection.transaction():
            write_export_ended(
                self._statements,
                id,
                ended_at=ended_at,
                status=status,
                rows=rows,
                bytes=bytes,
                seconds=seconds,
                sha256=sha256,
                error=error,
            )

    def close_open_exports(self, at_us: int, *, all_of_them: bool = False) -> int:
        """Call exports failed that a server left running when it ended; return how many.

        Several servers may share the database, so those are taken that were asked for more than a
        day ago: no export runs that long. If one does, how it really ended takes the place. Who
        knows that no server lives may take all of them.
        """
        with self._connection.transaction():
            return close_open_exports(self._statements, at_us, all_of_them=all_of_them)

    def forget_exports(self, before_us: int) -> int:
        """Remove what is known of exports that were asked for before then; return of how many."""
        with self._connection.transaction():
            return forget_exports(self._statements, before_us)
