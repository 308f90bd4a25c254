"""One connection to the database file, through ADBC's copy of SQLite and no other.

Two copies of SQLite in one process drop each other's locks on a file, so Python's sqlite3 module
is never used. ADBC's low-level objects are enough: its DB-API layer would triple the start-up.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self
from urllib.parse import quote

import adbc_driver_sqlite
import pyarrow as pa
from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement, Error

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Mode = Literal["ro", "rw", "rwc", "immutable"]
Value = int | float | str | bool | None

#: How long a statement waits for another process's lock.
BUSY_MS = 10_000
_BATCH_ROWS = "adbc.sqlite.query.batch_rows"

#: What SQLite says -> what that means to the operator, and what would work.
_MEANINGS = (
    (
        ("file is not a database", "disk image is malformed", "malformed database schema"),
        "is no SQLite database, or a damaged one",
        "Name another file with --database, or restore a backup.",
    ),
    (
        ("disk is full", "disk I/O error"),
        "can't be written: the disk is full or failing",
        "Free some space and run the command again: nothing was half-written.",
    ),
    (
        ("readonly", "read-only"),
        "can't be written: it is read-only",
        "Give this user the right to write to the file and its folder.",
    ),
    (
        ("is locked", "database is busy"),
        "is locked by another program",
        "Wait until that program is done, or stop it.",
    ),
    (
        ("unable to open", "failed to open"),
        "can't be opened",
        "Check the path, and that this user may read the file and write to its folder.",
    ),
)


class LockedError(OperatorError):
    """Another program holds the file's lock, and held it for as long as was waited."""


class Connection:
    """Runs statements one at a time, each on its own; close it, or use it in a `with`."""

    def __init__(self, path: Path, mode: Mode) -> None:
        self._path = path
        self._is_in_transaction = False
        flag = "mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}"
        uri = f"file://{quote(os.fsencode(path.absolute()))}?{flag}"
        try:
            self._database = AdbcDatabase(driver=adbc_driver_sqlite._driver_path(), uri=uri)  # noqa: SLF001  the package offers no other way
        except Error as error:
            self._explain(error)
        try:
            self._connection = AdbcConnection(self._database)
        except Error as error:
            self._database.close()
            self._explain(error)
        self.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
        self._database.close()

    def query(self, sql: str, values: Sequence[Value] = (), rows: int = 100_000) -> pa.Table:
        """Return all rows of a statement, read at once, so that no lock or snapshot is left.

        Types are inferred from the first `rows` rows: cast them to what was declared.
        """
        try:
            with AdbcStatement(self._connection) as statement:
                statement.set_options(**{_BATCH_ROWS: str(rows)})
                statement.set_sql_query(sql)
                if values:
                    statement.prepare()
                    statement.bind(_parameters(values))
                handle, _ = statement.execute_query()
                return pa.RecordBatchReader.from_stream(handle).read_all()
        except (Error, pa.ArrowException, OSError) as error:
            self._explain(error)

    def execute(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Run a statement for its effect."""
        self.query(sql, values)

    def executemany(self, sql: str, batch: pa.RecordBatch) -> None:
        """Run a statement once for each row of `batch`; wrap it in a transaction."""
        try:
            with AdbcStatement(self._connection) as statement:
                statement.set_sql_query(sql)
                statement.prepare()
                statement.bind(batch)
                statement.execute_update()
        except Error as error:
            self._explain(error)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run what is in the block as one: all of it, or nothing if it fails.

        Inside another it is a part of that one.
        """
        if self._is_in_transaction:
            yield
            return
        self.execute("BEGIN IMMEDIATE")
        self._is_in_transaction = True
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            # SQLite ends the transaction by itself when the disk is full.
            with suppress(Error, OperatorError):
                self.execute("ROLLBACK")
            raise
        finally:
            self._is_in_transaction = False

    def _explain(self, error: Exception) -> NoReturn:
        said = str(error)
        for words, meaning, hint in _MEANINGS:
            if any(word in said for word in words):
                kind = LockedError if "locked" in meaning else OperatorError
                reason = f"the database {self._path} {meaning}"
                raise kind(reason, hint) from error
        raise error


def _parameters(values: Sequence[Value]) -> pa.RecordBatch:
    return pa.record_batch(
        [_parameter(value) for value in values], names=[str(index) for index in range(len(values))]
    )


def _parameter(value: Value) -> pa.Array[Any]:
    """Type a value for binding; to let Arrow guess the type would cost more than the query."""
    match value:
        case bool() | int():
            return pa.array([int(value)], pa.int64())
        case float():
            return pa.array([value], pa.float64())
        case _:
            return pa.array([value], pa.string())
