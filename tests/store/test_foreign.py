"""Another program's SQLite file is read as it is, and left as it is."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from storj_monitor.errors import OperatorError
from storj_monitor.store import Store
from storj_monitor.store.connection import Connection
from storj_monitor.store.foreign import LONGEST_TEXT, opened
from tests.store.databases import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CREATE = (
    "CREATE TABLE events (id INTEGER PRIMARY KEY, timestamp, action, status, size, piece_id,"
    " satellite_id)"
)
VIEW = (
    "CREATE VIEW events AS SELECT 1 AS timestamp, 2 AS action, 3 AS status, 4 AS size,"
    " 5 AS piece_id, 6 AS satellite_id"
)
TEXT, INTEGER, REAL = pa.string(), pa.int64(), pa.float64()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    run(folder / "theirs.db", CREATE)
    return folder / "theirs.db"


def add(path: Path, *values: str) -> None:
    run(path, *(f"INSERT INTO events (timestamp, size) VALUES ({value})" for value in values))


def cells(path: Path, name: str, kind: pa.DataType, rows: int = 10) -> list[object]:
    with opened(path) as theirs:
        pages = list(theirs.pages("events", {name: kind}, rows))
    assert all(page.schema.types == [INTEGER, kind] for page in pages)
    return [cell for page in pages for cell in page[name].to_pylist()]


def state(path: Path) -> dict[str, tuple[bytes, int]]:
    return {
        file.name: (file.read_bytes(), file.stat().st_mtime_ns)
        for file in path.parent.iterdir()
        if not file.name.endswith("-shm")
    }


def test_any_type_in_any_column_becomes_the_one_asked_for(path: Path) -> None:
    add(path, "NULL, 1", "7, 2", "1.5, 3", "'text', 4", "x'ff41', 5", "9e999, 6", "'', 7")
    assert cells(path, "timestamp", TEXT) == [None, "7", "1.5", "text", "\ufffdA", "Inf", ""]
    assert cells(path, "timestamp", INTEGER) == [None, 7, 1, None, None, 2**63 - 1, None]
    assert cells(path, "timestamp", REAL) == [
        *(None, 7.0, 1.5, None, None, float("inf"), None),
    ]


def test_a_long_text_is_cut(path: Path) -> None:
    add(path, "hex(zeroblob(1000000)), 1")
    assert cells(path, "timestamp", TEXT) == ["0" * LONGEST_TEXT]


def test_absent_columns_are_null_and_absent_tables_empty(path: Path) -> None:
    add(path, "1, 1", "2, 2")
    assert cells(path, "node_name", TEXT) == [None, None]
    with opened(path) as theirs:
        assert list(theirs.pages("alerts", {"title": TEXT})) == []
        assert (theirs.count("alerts"), theirs.count("events")) == (0, 2)
        assert theirs.columns("alerts") == frozenset()


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5])
def test_pages_of_any_size_have_each_row_once_in_the_order_of_ids(path: Path, rows: int) -> None:
    run(
        path,
        *(
            f"INSERT INTO events (id, size) VALUES ({number}, {size})"
            for size, number in enumerate((2**63 - 1, 5, -(2**63), 4))
        ),
    )
    assert cells(path, "size", INTEGER, rows) == [2, 3, 1, 0]


@contextmanager
def running_monitor(path: Path) -> Iterator[Connection]:
    """Hold the file open as the monitor does, with a row that is in the -wal alone."""
    with Connection(path, "rw") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO events (timestamp) VALUES ('in the file')")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("INSERT INTO events (timestamp) VALUES ('in the wal')")
        yield connection


BOTH = ["in the file", "in the wal"]


def test_what_is_in_the_wal_of_a_running_monitor_is_read_and_nothing_changes(path: Path) -> None:
    with running_monitor(path) as connection:
        names, before = {file.name for file in path.parent.iterdir()}, state(path)
        assert cells(path, "timestamp", TEXT) == BOTH
        assert state(path) == before
        assert {file.name for file in path.parent.iterdir()} == names
        connection.execute("INSERT INTO events (timestamp) VALUES ('later')")
    assert cells(path, "timestamp", TEXT) == [*BOTH, "later"]


def test_what_a_running_monitor_writes_meanwhile_is_not_seen(path: Path) -> None:
    with running_monitor(path) as connection, opened(path) as theirs:
        connection.execute("INSERT INTO events (timestamp) VALUES ('later')")
        assert theirs.count("events") == 2


def test_a_wal_that_was_left_alone_is_read_and_no_shm_stays(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    with running_monitor(path):
        for name in ("theirs.db", "theirs.db-wal"):
            shutil.copy2(path.with_name(name), copy / name)
    before = state(copy / "theirs.db")
    assert cells(copy / "theirs.db", "timestamp", TEXT) == BOTH
    assert state(copy / "theirs.db") == before
    assert {file.name for file in copy.iterdir()} == {"theirs.db", "theirs.db-wal"}


def test_a_transaction_that_a_crash_left_half_written_is_not_read(
    path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    add(path, *(f"'before', {number}" for number in range(3)))
    with Connection(path, "rw") as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.execute("UPDATE events SET timestamp = hex(zeroblob(3000))")
        for file in path.parent.iterdir():
            shutil.copy2(file, copy / file.name)
        connection.execute("ROLLBACK")
    assert (copy / "theirs.db-journal").stat().st_size
    before = state(copy / "theirs.db")
    assert cells(copy / "theirs.db", "timestamp", TEXT) == ["before"] * 3
    assert state(copy / "theirs.db") == before


def test_a_link_is_followed_to_the_file_and_its_wal(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(path)
    with running_monitor(path):
        assert cells(link, "timestamp", TEXT) == BOTH


def test_a_file_that_is_written_to_meanwhile_is_to_be_read_again(path: Path) -> None:
    with pytest.raises(OperatorError, match="was written to meanwhile") as refused, opened(path):
        add(path, "1, 1")
    assert refused.value.hint.startswith("Run it again")


def test_what_else_goes_wrong_with_a_file_that_is_written_to_has_that_reason(path: Path) -> None:
    def go_wrong() -> None:
        add(path, "1, 1")
        raise OperatorError("damaged")

    with pytest.raises(OperatorError, match="was written to meanwhile"), opened(path):
        go_wrong()


def test_our_own_database_is_refused(tmp_path: Path) -> None:
    own = Store.open(tmp_path / "own.db", create=True).path
    with pytest.raises(OperatorError, match="storj-monitor itself") as refused, opened(own):
        pass
    assert refused.value.hint == "Use it with --database."


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE other (id INTEGER)",
        "CREATE TABLE events (at INTEGER, action, status, size, piece_id, satellite_id)",
        VIEW,
        f"{CREATE.replace('INTEGER', 'TEXT')} WITHOUT ROWID",
    ],
)
def test_any_other_sqlite_file_is_refused(statement: str, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    run(other, statement)
    with (
        pytest.raises(OperatorError, match="no database of the other monitor") as refused,
        opened(other),
    ):
        pass
    assert "storj_stats.db" in refused.value.hint


def test_what_is_no_sqlite_file_is_refused(tmp_path: Path) -> None:
    log, empty = tmp_path / "node.log", tmp_path / "empty.db"
    log.write_text("2025-10-11T05:03:27Z\tINFO\n", encoding="utf-8")
    empty.touch()
    for path, said in (
        (log, "is no SQLite database"),
        (empty, "is no SQLite database"),
        (tmp_path, "is a folder, not a database"),
        (tmp_path / "none.db", "can't be read: No such file"),
    ):
        with pytest.raises(OperatorError, match=said), opened(path):
            pass


def test_a_header_without_a_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 200)
    with pytest.raises(OperatorError, match="damaged, or cut short"), opened(path):
        pass


def test_an_unreadable_page_gives_one_clear_error(path: Path) -> None:
    add(path, *(f"hex(zeroblob(2000)), {number}" for number in range(20)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with (
        pytest.raises(OperatorError, match="damaged, or cut short"),
        opened(path) as theirs,
    ):
        list(theirs.pages("events", {"timestamp": TEXT}))
