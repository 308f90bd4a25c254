"""Another program's SQLite file: read as it is, and left as it is.

with opened(Path("storj_stats.db")) as theirs:
    for page in theirs.pages("events", {"timestamp": pa.string(), "size": pa.int64()}):
        ...
"""

from __future__ import annotations

import shutil
import stat
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from adbc_driver_manager import Error

from storj_monitor.errors import OperatorError
from storj_monitor.store.connection import Connection, LockedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storj_monitor.store.connection import Mode, Value

#: Rows that are read at once: a page with long texts is still a few megabytes.
PAGE_ROWS = 10_000
#: Where a longer text is cut, so that one cell can't fill the memory.
LONGEST_TEXT = 4_000
_MAGIC = b"SQLite format 3\0"
#: The table that it has had from the beginning, and columns of it that no migration added.
_EVENTS = frozenset(("timestamp", "action", "status", "size", "piece_id", "satellite_id"))
#: A table that only our own database has.
_OURS = "sealed_hours"
_LOWEST_ID, _HIGHEST_ID = -(2**63), 2**63 - 1
_WHAT_WORKS = (
    "Give the storj_stats.db of the other monitor, as in: storj-monitor import storj_stats.db"
)
_WHOLE = "Check the disk and the file: a copy that was cut short has to be made again."

#: SQLite lets any value into any column: what is of another type is NULL, or cast where that is
#: exact enough. Texts come as bytes, since they need not be UTF-8.
_CELLS: dict[pa.DataType, str] = {
    pa.string(): f"CAST(substr(CAST({{0}} AS TEXT), 1, {LONGEST_TEXT}) AS BLOB)",
    pa.int64(): "CASE WHEN typeof({0}) IN ('integer', 'real') THEN CAST({0} AS INTEGER) END",
    pa.float64(): "CASE WHEN typeof({0}) IN ('integer', 'real') THEN CAST({0} AS REAL) END",
}


class ForeignDatabase:
    """The database of the other monitor, of whatever age: recognised by its tables and columns.

    What it has no table or column for is simply not there. Its views and triggers are never run.
    """

    def __init__(self, connection: Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        connection.execute("PRAGMA trusted_schema = OFF")
        found = self._query("PRAGMA table_list").to_pylist()
        self._tables = {
            row["name"]
            for row in found
            if (row["schema"], row["type"], row["wr"]) == ("main", "table", 0)
        }
        if any(row["name"] == _OURS for row in found):
            reason = f"{path} is a database of storj-monitor itself, which needs no import"
            raise OperatorError(reason, "Use it with --database.")
        if not self.columns("events") >= _EVENTS:
            reason = f"{path} is no database of the other monitor: it has no such table of events"
            raise OperatorError(reason, _WHAT_WORKS)

    def columns(self, table: str) -> frozenset[str]:
        """Return the names of a table's columns; none if there is no such table."""
        if table not in self._tables:
            return frozenset()
        found = self._query(f"PRAGMA table_info({_quoted(table)})")
        return frozenset(str(name).lower() for name in found["name"].to_pylist())

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        if table not in self._tables:
            return 0
        return int(self._query(f"SELECT count(*) FROM {_quoted(table)}")[0][0].as_py())

    def pages(
        self, table: str, columns: Mapping[str, pa.DataType], rows: int = PAGE_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield the table in the order of its row ids, in pages of `rows`.

        Each has the column `rowid`, then those asked for (string, int64 or float64): null is what
        is absent, or of a type that can't be cast. Texts are valid, and cut at LONGEST_TEXT.
        """
        there = self.columns(table)
        cells = [
            f"{_CELLS[kind].format(_quoted(name)) if name in there else 'NULL'} AS {_quoted(name)}"
            for name, kind in columns.items()
        ]
        sql = (
            f"SELECT {', '.join(['_rowid_ AS rowid', *cells])} FROM {_quoted(table)}"
            " WHERE _rowid_ >= ? ORDER BY _rowid_ LIMIT ?"
        )
        schema = pa.schema([("rowid", pa.int64()), *columns.items()])
        first, more = _LOWEST_ID, table in self._tables
        while more:
            page = _typed(self._query(sql, (first, rows), rows), schema)
            if page.num_rows:
                yield page
                last = page["rowid"][page.num_rows - 1].as_py()
                first = min(last + 1, _HIGHEST_ID)
            more = page.num_rows == rows and last < _HIGHEST_ID

    def _query(self, sql: str, values: tuple[Value, ...] = (), rows: int = PAGE_ROWS) -> pa.Table:
        try:
            return self._connection.query(sql, values, rows)
        except LockedError:
            raise
        except (OperatorError, Error, pa.ArrowException, OSError) as error:
            reason = f"{self._path} can't be read: it is damaged, or cut short"
            raise OperatorError(reason, _WHOLE) from error


@contextmanager
def opened(path: Path) -> Iterator[ForeignDatabase]:
    """Open the database of the other monitor for reading; neither it nor its folder changes.

    - Usually all is in the file itself: it is read as one that nobody writes to (`immutable`), and
      in the end it is looked whether that was so.
    - A -wal with a -shm beside it: the monitor may be running. They are read together, as one
      snapshot; SQLite's locks for that are in the -shm, which is there already.
    - A -wal alone (a copy, or what a crash left), or a journal that was not rolled back: SQLite
      would make a -shm, and leave it behind, or write to the file. A temporary copy is read.

    Raises OperatorError for what is no such database, is damaged, or was written to meanwhile.
    """
    file = _checked(path)
    wal, shm, journal = (
        file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm", "-journal")
    )
    left = [side for side in (wal, journal) if side.exists() and side.stat().st_size]
    with ExitStack() as stack:
        if left == [wal] and shm.exists():
            connection = stack.enter_context(_connected(file, path, "ro"))
            connection.execute("BEGIN")
            yield ForeignDatabase(connection, path)
        elif left:
            copy = stack.enter_context(_copied(path, [file, *left]))
            yield ForeignDatabase(stack.enter_context(_connected(copy, path, "rw")), path)
        else:
            stack.enter_context(_unchanged(path, [file]))
            yield ForeignDatabase(stack.enter_context(_connected(file, path, "immutable")), path)


def _checked(path: Path) -> Path:
    """Return the file that is meant; raise OperatorError where it can't be a database."""
    try:
        file = path.resolve(strict=True)
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "a device or pipe"
            reason = f"{path} is {what}, not a database"
            raise OperatorError(reason, _WHAT_WORKS)
        with file.open("rb") as opened_file:
            magic = opened_file.read(len(_MAGIC))
    except OSError as error:
        reason = f"{path} can't be read: {error.strerror or error}"
        raise OperatorError(reason, _WHAT_WORKS) from error
    if magic != _MAGIC:
        reason = f"{path} is no SQLite database"
        raise OperatorError(reason, _WHAT_WORKS)
    return file


@contextmanager
def _connected(file: Path, path: Path, mode: Mode) -> Iterator[Connection]:
    try:
        connection = Connection(file, mode)
    except OperatorError as error:
        reason = f"{path} can't be opened"
        raise OperatorError(reason, "Check that this user may read it.") from error
    with connection:
        yield connection


@contextmanager
def _copied(path: Path, files: list[Path]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="storj-monitor-import-") as folder:
        with _unchanged(path, files):
            for file in files:
                shutil.copyfile(file, Path(folder, file.name))
        yield Path(folder, files[0].name)


@contextmanager
def _unchanged(path: Path, files: list[Path]) -> Iterator[None]:
    """Raise OperatorError if a file changed while the block ran, whatever else went wrong in it."""
    before = _states(files)
    try:
        yield
    except OperatorError as error:
        if _states(files) != before:
            raise _written_to(path) from error
        raise
    if _states(files) != before:
        raise _written_to(path)


def _states(files: list[Path]) -> list[tuple[int, int] | None]:
    return [
        (file.stat().st_size, file.stat().st_mtime_ns) if file.exists() else None for file in files
    ]


def _written_to(path: Path) -> OperatorError:
    reason = f"{path} was written to meanwhile"
    return OperatorError(reason, "Run it again: what was taken is not taken twice.")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _typed(page: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    columns = page.combine_chunks().columns
    arrays = [_cast(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast(column: pa.ChunkedArray[Any], wanted: pa.DataType) -> pa.Array[Any]:
    """Give a column its type: without a value in it, it came without one."""
    if column.null_count == len(column):
        return pa.array([None] * len(column), wanted)
    array = column.combine_chunks()
    try:
        return array.cast(wanted)
    except pa.ArrowInvalid:  # a text that is no UTF-8
        texts = [
            None if cell is None else cell.decode(errors="replace") for cell in array.to_pylist()
        ]
        return pa.array(texts, pa.string())
