from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_mock_engine
from sqlalchemy.dialects import sqlite

from storj_monitor.errors import OperatorError
from storj_monitor.schema import metadata
from storj_monitor.store import Following, News, Store, Written, migrations
from storj_monitor.store.connection import Connection
from tests.records import US1, transfers
from tests.store.databases import filled, number_of, rows_of, run

if TYPE_CHECKING:
    from pathlib import Path


def described(path: Path) -> dict[str, object]:
    """Return what SQLite says of every table: columns, keys and indexes."""
    found: dict[str, object] = {}
    for table in rows_of(path, "SELECT name, wr FROM pragma_table_list WHERE schema = 'main'"):
        name = table["name"]
        if name.startswith("sqlite_"):
            continue
        columns = rows_of(path, f"PRAGMA table_info({name})")
        indexes = rows_of(path, f"PRAGMA index_list({name})")
        found[name] = (
            table["wr"],
            [(c["name"], c["type"], bool(c["pk"]) or c["notnull"], c["pk"]) for c in columns],
            sorted(
                (
                    index["unique"],
                    index["origin"],
                    index["name"] if index["origin"] == "c" else "",
                    [part["name"] for part in rows_of(path, f"PRAGMA index_info({index['name']})")],
                )
                for index in indexes
            ),
        )
    return found


def test_migrations_make_exactly_the_tables_that_the_schema_documents(
    store: Store, tmp_path: Path
) -> None:
    statements: list[str] = []

    def note(ddl: Any, *_: object, **__: object) -> None:
        statements.append(str(ddl.compile(dialect=sqlite.dialect())))

    engine = create_mock_engine("sqlite://", note)
    metadata.create_all(engine, checkfirst=False)
    run(tmp_path / "documented.db", *statements)

    documented = described(tmp_path / "documented.db")
    assert set(documented) == {
        *("nodes", "satellites", "events", "event_hours", "event_hour_durations", "sealed_hours"),
        *("log_hours", "reputation", "storage", "compactions", "followed_logs"),
        *("api_hours", "polled_apis", "memberships", "paystubs", "earlier_paystubs"),
        *("estimates", "prices", "alerts", "outcomes", "exports"),
        *("schedules", "deliveries"),
    }
    assert described(store.path) == documented


def test_a_new_database_is_marked_as_ours_and_uses_wal(store: Store) -> None:
    assert number_of(store.path, "PRAGMA application_id") == migrations.APPLICATION_ID
    assert number_of(store.path, "PRAGMA user_version") == migrations.LATEST
    assert rows_of(store.path, "PRAGMA journal_mode") == [{"journal_mode": "wal"}]


def test_a_newer_database_is_refused_and_left_alone(store: Store) -> None:
    run(store.path, "PRAGMA user_version = 99")
    with pytest.raises(OperatorError) as refusal:
        Store.open(store.path, create=True)
    assert refusal.value.reason == (
        f"{store.path} was written by a newer storj-monitor (version 99 of the database)"
    )
    assert refusal.value.hint == (
        f"This one knows up to {migrations.LATEST}: upgrade it with pip install -U storj-monitor."
    )
    assert number_of(store.path, "PRAGMA user_version") == 99


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE photos (id INTEGER)",),
        ("CREATE TABLE photos (id INTEGER)", "PRAGMA user_version = 1"),
        ("PRAGMA application_id = 7",),
        ("PRAGMA application_id = 7", "PRAGMA user_version = 99"),
    ],
)
def test_a_database_of_another_program_is_refused_and_left_alone(
    tmp_path: Path, statements: tuple[str, ...]
) -> None:
    path = tmp_path / "photos.db"
    run(path, *statements)
    before = path.read_bytes()
    with pytest.raises(OperatorError) as refusal:
        Store.open(path, create=True)
    assert refusal.value.reason == f"{path} is a database of another program"
    assert refusal.value.hint == "Name another file with --database."
    assert path.read_bytes() == before


ROWS_OF_VERSION_1 = (
    "INSERT INTO nodes VALUES (4, 'old', 5, 5)",
    f"INSERT INTO satellites VALUES (2, '{US1}', 'us1')",
    """INSERT INTO events VALUES
        (9, 5, 4, 2, 'GET', 'success', 100, 33, 'PIECE', NULL, NULL, NULL, 77, 0)""",
    "INSERT INTO event_hours VALUES (0, 4, 2, 'GET', 'success', 1, 100)",
    "INSERT INTO event_hour_durations VALUES (0, 4, 2, 'GET', 'success', 32, 1)",
)


def with_another_version(monkeypatch: pytest.MonkeyPatch, *statements: str) -> int:
    """Let the program know one version more than it does, and return its number."""
    latest = migrations.LATEST + 1
    monkeypatch.setattr(migrations, "VERSIONS", (*migrations.VERSIONS, statements))
    monkeypatch.setattr(migrations, "LATEST", latest)
    monkeypatch.setattr("storj_monitor.store.LATEST", latest)
    return latest


def test_an_older_database_is_upgraded_after_a_backup_copy(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writer() as writer:
        writer.write([News(node="n1", transfers=transfers([{}, {}]))])
    old = migrations.LATEST
    new = with_another_version(monkeypatch, "ALTER TABLE nodes ADD COLUMN colour TEXT")

    upgraded = Store.open(store.path)

    assert number_of(store.path, "PRAGMA user_version") == new
    assert rows_of(store.path, "SELECT name, colour FROM nodes") == [{"name": "n1", "colour": None}]
    backup = store.path.with_name(f"{store.path.name}.backup-{old}")
    assert number_of(backup, "PRAGMA user_version") == old
    assert number_of(backup, "SELECT count(*) FROM events") == 2
    assert [node.name for node in upgraded.nodes()] == ["n1"]
    assert list(store.path.parent.glob("*.part")) == []


def test_a_database_of_the_first_version_keeps_its_rows_and_takes_news_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "first.db"
    with monkeypatch.context() as then:
        then.setattr(migrations, "VERSIONS", migrations.VERSIONS[:1])
        then.setattr(migrations, "LATEST", 1)
        Store.open(path, create=True)
    run(path, *ROWS_OF_VERSION_1)
    tables = ("nodes", "satellites", "events", "event_hours", "event_hour_durations")
    before = {table: rows_of(path, f"SELECT * FROM {table}") for table in tables}

    store = Store.open(path)

    assert number_of(path, "PRAGMA user_version") == migrations.LATEST
    backup = path.with_name("first.db.backup-1")
    assert number_of(backup, "PRAGMA user_version") == 1
    for database in (path, backup):
        assert {table: rows_of(database, f"SELECT * FROM {table}") for table in tables} == before
    hours = {(row["hour_at"], row["node_id"]) for row in before["event_hours"]}
    heard = rows_of(path, "SELECT * FROM log_hours")
    assert {(row["hour_at"], row["node_id"]) for row in heard} == hours
    assert all(row["last_at"] - row["first_at"] == 3_600_000_000 - 1 for row in heard)
    known = {"at": 5, "fingerprint": 77, "occurrence": 0}
    following = Following("a.log", "{}", "following", None, 0, 9)
    with store.writer() as writer:
        written = writer.write(
            [News(node="old", transfers=transfers([known, {}]), following=following)]
        )
    assert written == Written(new=1, known=0, sealed=1)
    assert store.followed("old", "a.log") == following


@pytest.mark.parametrize("old", range(1, migrations.LATEST))
def test_a_filled_database_of_any_older_version_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: int
) -> None:
    path = tmp_path / "old.db"
    with monkeypatch.context() as then:
        then.setattr(migrations, "VERSIONS", migrations.VERSIONS[:old])
        then.setattr(migrations, "LATEST", old)
        Store.open(path, create=True)
    before = filled(path)

    Store.open(path)

    assert number_of(path, "PRAGMA user_version") == migrations.LATEST
    for table, row in before.items():
        rows = rows_of(path, f"SELECT * FROM {table}")
        assert [{name: one[name] for name in row} for one in rows] == [row]


def test_a_backup_of_an_earlier_upgrade_is_replaced_by_that_of_this_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = store.path.with_name(f"{store.path.name}.backup-{migrations.LATEST}")
    backup.write_bytes(b"cut short")
    with_another_version(monkeypatch, "ALTER TABLE nodes ADD COLUMN colour TEXT")
    Store.open(store.path)
    assert number_of(backup, "SELECT count(*) FROM nodes") == 0


def test_an_upgrade_that_fails_leaves_the_old_version_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = migrations.LATEST
    with_another_version(
        monkeypatch, "ALTER TABLE nodes ADD COLUMN colour TEXT", "CREATE TABLE nodes (id INTEGER)"
    )
    with pytest.raises(Exception, match="table nodes already exists"):
        Store.open(store.path)
    assert number_of(store.path, "PRAGMA user_version") == old
    columns = [row["name"] for row in rows_of(store.path, "PRAGMA table_info(nodes)")]
    assert "colour" not in columns


def test_threads_that_make_the_same_database_at_once_all_get_it(tmp_path: Path) -> None:
    for attempt in range(10):
        path = tmp_path / f"{attempt}.db"
        together = Barrier(4)

        def make(path: Path = path, together: Barrier = together) -> Store:
            together.wait()
            return Store.open(path, create=True)

        with ThreadPoolExecutor(4) as pool:
            made = [future.result() for future in [pool.submit(make) for _ in range(4)]]
        assert [store.nodes() for store in made] == [()] * 4


def test_processes_that_make_the_same_database_at_once_all_get_it(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    code = (
        "import sys; from pathlib import Path; from storj_monitor.store import Store\n"
        "sys.stdin.readline(); Store.open(Path(sys.argv[1]), create=True)"
    )
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for maker in makers:
        assert maker.stdin
        maker.stdin.write(b"now\n")
        maker.stdin.flush()
    assert [maker.communicate()[1] for maker in makers] == [b""] * 3
    assert number_of(path, "PRAGMA user_version") == migrations.LATEST


def test_a_backup_made_after_another_process_upgraded_never_replaces_its_backup(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = migrations.LATEST
    new = with_another_version(monkeypatch, "ALTER TABLE nodes ADD COLUMN colour TEXT")
    attempts = count()

    def other_process_is_faster() -> int:
        if next(attempts) == 0:
            Store.open(store.path)
        return 1

    monkeypatch.setattr("storj_monitor.store.migrations.os.getpid", other_process_is_faster)
    Store.open(store.path)
    backup = store.path.with_name(f"{store.path.name}.backup-{old}")
    assert number_of(backup, "PRAGMA user_version") == old
    assert number_of(store.path, "PRAGMA user_version") == new
    assert list(store.path.parent.glob("*.part")) == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for other programs as good as not at all."""
    monkeypatch.setattr("storj_monitor.store.connection.BUSY_MS", 1)
    monkeypatch.setattr("storj_monitor.store.migrations.BUSY_MS", 1)


@pytest.mark.usefixtures("impatient")
def test_a_lock_that_is_given_back_soon_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "some.db"
    monkeypatch.setattr("storj_monitor.store.migrations.BUSY_MS", 60_000)
    with Connection(path, "rwc") as other:
        other.execute("BEGIN")
        other.query("SELECT count(*) FROM sqlite_schema")

        def sleep(_: float) -> None:
            other.execute("ROLLBACK")

        monkeypatch.setattr("storj_monitor.store.migrations.time.sleep", sleep)
        assert Store.open(path, create=True).nodes() == ()


@pytest.mark.usefixtures("impatient")
def test_a_lock_that_is_never_given_back_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with Connection(path, "rwc") as other:
        other.execute("BEGIN")
        other.query("SELECT count(*) FROM sqlite_schema")
        with pytest.raises(OperatorError, match="is locked by another program"):
            Store.open(path, create=True)
