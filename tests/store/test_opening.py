from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from adbc_driver_manager import OperationalError

from storj_monitor.errors import OperatorError
from storj_monitor.plugin.query import moment
from storj_monitor.store import Following, News, Node, Store
from storj_monitor.store.connection import Connection, LockedError
from tests.records import at, transfers
from tests.store.databases import ordinary_user

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def shelf() -> Iterator[Path]:
    """Give a folder that every user may reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def refusal_of(path: Path, *, create: bool = False) -> OperatorError:
    with pytest.raises(OperatorError) as refusal:
        Store.open(path, create=create)
    return refusal.value


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40, b"hello"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path, content: bytes, create: bool
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    refusal = refusal_of(path, create=create)
    assert refusal.reason == f"the database {path} is no SQLite database, or a damaged one"
    assert refusal.hint == "Name another file with --database, or restore a backup."
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("create", [False, True])
def test_a_folder_is_refused(tmp_path: Path, create: bool) -> None:
    refusal = refusal_of(tmp_path, create=create)
    assert refusal.reason == f"{tmp_path} is a folder, not a database"
    assert refusal.hint == "Name a file with --database."


def test_a_device_is_refused() -> None:
    refusal = refusal_of(Path("/dev/null"), create=True)
    assert refusal.reason == "/dev/null is a device or pipe, not a database"


@pytest.mark.parametrize("is_there", [False, True])
def test_where_there_is_none_yet_the_ways_to_one_are_named(tmp_path: Path, is_there: bool) -> None:
    path = tmp_path / "none.db"
    if is_there:
        path.touch()
    refusal = refusal_of(path)
    assert refusal.reason == f"there is no database at {path}"
    demo = f"storj-monitor demo --database {path}"
    assert refusal.hint == f"Make one: storj-monitor ingest NAME:PATH, or {demo}."
    assert path.exists() is is_there


def test_an_empty_file_becomes_a_database_where_one_may_be_made(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    assert Store.open(path, create=True).nodes() == ()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    refusal = refusal_of(tmp_path / "a" / "b.db", create=True)
    assert refusal.reason == f"there is no folder {tmp_path / 'a'} to put a database in"
    assert refusal.hint == "Make the folder, or name another file with --database."


def test_a_path_that_the_system_refuses_is_one_line(tmp_path: Path) -> None:
    refusal = refusal_of(tmp_path / ("x" * 300), create=True)
    assert refusal.reason.endswith("can't be opened: File name too long")
    (tmp_path / "file").write_bytes(b"x")
    refusal = refusal_of(tmp_path / "file" / "b.db")
    assert refusal.reason.endswith("can't be opened: Not a directory")


@pytest.mark.parametrize(
    "name", ["a b.db", "50%.db", "what?.db", "#1.db", "ä;&=.db", "file:x.db", b"\xff.db"]
)
def test_any_file_name_will_do(tmp_path: Path, name: str | bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    Store.open(path, create=True)
    assert path.stat().st_size > 0
    assert Store.open(path).nodes() == ()


def test_two_slashes_at_the_beginning_are_one(store: Store) -> None:
    assert Store.open(Path(f"/{store.path}")).nodes() == ()


def test_a_database_in_a_folder_without_rights_is_one_line(shelf: Path) -> None:
    Store.open(shelf / "some.db", create=True)
    shelf.chmod(0o700)
    with ordinary_user():
        if os.access(shelf, os.X_OK):
            pytest.skip("this user owns the folder")
        refusal = refusal_of(shelf / "some.db")
    assert refusal.reason == f"the database {shelf / 'some.db'} can't be opened: Permission denied"


def test_a_file_that_may_not_be_read_says_so(shelf: Path) -> None:
    path = shelf / "some.db"
    Store.open(path, create=True)
    path.chmod(0)
    with ordinary_user():
        refusal = refusal_of(path)
    assert refusal.reason == f"the database {path} can't be opened"
    assert refusal.hint == (
        "Check the path, and that this user may read the file and write to its folder."
    )


def test_a_file_and_folder_that_are_read_only_can_be_read_but_not_written(shelf: Path) -> None:
    path = shelf / "some.db"
    with Store.open(path, create=True).writer() as writer:
        writer.write([News(node="n1", transfers=transfers([{}]))])
    path.chmod(0o444)
    shelf.chmod(0o555)
    try:
        with ordinary_user():
            store = Store.open(path)
            assert [node.name for node in store.nodes()] == ["n1"]
            with pytest.raises(OperatorError) as refusal, store.writer() as writer:
                writer.write([News(node="n1", transfers=transfers([{}]))])
    finally:
        shelf.chmod(0o777)
    assert refusal.value.reason == f"the database {path} can't be written: it is read-only"
    assert refusal.value.hint == "Give this user the right to write to the file and its folder."


def test_what_a_writer_has_not_yet_moved_into_a_read_only_file_is_never_passed_over(
    shelf: Path,
) -> None:
    path = shelf / "some.db"
    store = Store.open(path, create=True)
    with store.writer() as writer:
        writer.write([News(node="n1", transfers=transfers([{}]))])
        shelf.chmod(0o555)
        try:
            with ordinary_user():
                names = [node.name for node in Store.open(path).nodes()]
        finally:
            shelf.chmod(0o777)
    assert names == ["n1"]


def test_a_lock_that_stays_is_named_and_never_read_around(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storj_monitor.store.connection.BUSY_MS", 10)
    with Connection(store.path, "rw") as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("INSERT INTO nodes (name) VALUES ('n1')")
        with pytest.raises(LockedError) as refusal:
            store.nodes()
    assert refusal.value.reason == f"the database {store.path} is locked by another program"
    assert refusal.value.hint == "Wait until that program is done, or stop it."


@pytest.mark.parametrize("innocent", ["malformed JSON", "no such column: busy", "no such table: x"])
def test_an_error_of_a_statement_is_not_taken_for_one_of_the_file(
    store: Store, innocent: str
) -> None:
    wrong = {
        "malformed JSON": "SELECT json('{')",
        "no such column: busy": "SELECT busy",
        "no such table: x": "SELECT * FROM x",
    }[innocent]
    with Connection(store.path, "ro") as connection, pytest.raises(Exception, match=innocent) as it:
        connection.query(wrong)
    assert not isinstance(it.value, OperatorError)


def test_a_failing_disk_is_one_line(store: Store) -> None:
    with Connection(store.path, "ro") as connection, pytest.raises(OperatorError) as refusal:
        connection._explain(OperationalError("disk I/O error", status_code=10))  # noqa: SLF001  no disk fails on demand
    assert refusal.value.reason == (
        f"the database {store.path} can't be written: the disk is full or failing"
    )


def test_nodes_come_by_name_with_when_they_were_heard(store: Store) -> None:
    first, last = at("2026-03-01T00:00:00"), at("2026-03-02T00:00:00.5")
    with store.writer() as writer:
        writer.write([News(node="b", transfers=transfers([{"at": last}]))])
        writer.write([News(node="b", transfers=transfers([{"at": first}]))])
        writer.write([News(node="a", transfers=transfers([]))])
    assert store.nodes() == (Node("a", None, None), Node("b", moment(first), moment(last)))


def test_how_the_logs_of_a_node_are_followed_is_told(store: Store) -> None:
    log = Following("/logs/a.log", '{"offset": 7}', "following", None, 12, 1_000)
    stream = Following("pi:9000", "{}", "failing", "connection refused", None, 2_000)
    with store.writer() as writer:
        writer.write([News(node=node, following=log) for node in ("b", "a", "c")])
        writer.write([News(node="b", following=stream)])
        moved_on = log._replace(position='{"offset": 19}', behind_bytes=0, checked_at=1_500)
        writer.write([News(node="a", following=moved_on), News(node="idle")])
    assert store.nodes() == (
        Node("a", None, None, (moved_on,)),
        Node("b", None, None, (log, stream)),
        Node("c", None, None, (log,)),
        Node("idle", None, None),
    )
    assert store.followed("a", "/logs/a.log") == moved_on
    assert store.followed("b", "pi:9000") == stream


@pytest.mark.parametrize(("node", "log"), [("a", "other.log"), ("b", "a.log"), ("none", "a.log")])
def test_a_log_that_was_never_followed_has_no_position(store: Store, node: str, log: str) -> None:
    with store.writer() as writer:
        following = Following("a.log", "{}", "waiting", "no such file", None, 1)
        writer.write([News(node="a", following=following), News(node="b")])
    assert store.followed("a", "a.log") == following
    assert store.followed(node, log) is None
