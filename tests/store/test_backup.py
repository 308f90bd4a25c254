from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, NoReturn

import pytest

from storj_monitor.errors import OperatorError
from storj_monitor.store import Store, migrations
from storj_monitor.store.backup import back_up
from storj_monitor.store.connection import Connection
from tests.store.databases import contents_of, number_of, rows_of, run, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "storj 50%.db"


def refusal_of(database: Path, target: Path) -> str:
    with pytest.raises(OperatorError) as refused:
        back_up(database, target)
    assert refused.value.hint
    return refused.value.reason


def test_a_copy_is_a_database_like_the_one_it_was_made_of(store: Store, target: Path) -> None:
    write(store, {}, {"duration_ms": 5})
    store.path.chmod(0o640)

    size = back_up(store.path, target)

    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert (target.stat().st_size, target.stat().st_mode & 0o777) == (size, 0o640)
    assert contents_of(target) == contents_of(store.path)
    assert rows_of(target, "PRAGMA journal_mode") == [{"journal_mode": "wal"}]
    assert number_of(target, "PRAGMA user_version") == migrations.LATEST
    # What was known is known in the copy too, by the same ids.
    assert write(Store.open(target), {}, {"duration_ms": 5}).new == 0


def test_a_copy_takes_the_place_of_an_earlier_one(store: Store, target: Path) -> None:
    for count in (1, 2):
        write(store, *[{"at": number} for number in range(count)])
        back_up(store.path, target)
        assert number_of(target, "SELECT count(*) FROM events") == count


def test_what_is_written_meanwhile_goes_on_and_half_of_nothing_is_copied(
    store: Store, target: Path
) -> None:
    stop = threading.Event()
    counts: list[int] = []

    def go_on_writing() -> None:
        number = 0
        while not stop.is_set():
            write(store, *[{"at": number + more} for more in range(10)])
            number += 10

    thread = threading.Thread(target=go_on_writing)
    thread.start()
    try:
        while len(counts) < 5 or counts[0] == counts[-1]:
            back_up(store.path, target)
            counts.append(number_of(target, "SELECT count(*) FROM events"))
            assert (
                number_of(target, "SELECT coalesce(sum(count), 0) FROM event_hours") == counts[-1]
            )
            assert counts[-1] % 10 == 0
    finally:
        stop.set()
        thread.join()


def test_an_old_database_is_copied_as_it_is(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    with monkeypatch.context() as then:
        then.setattr(migrations, "VERSIONS", migrations.VERSIONS[:2])
        then.setattr(migrations, "LATEST", 2)
        Store.open(path, create=True)
    back_up(path, target)
    assert [number_of(one, "PRAGMA user_version") for one in (path, target)] == [2, 2]


def test_what_is_no_database_is_not_copied(tmp_path: Path, target: Path) -> None:
    missing, empty, photos = (tmp_path / name for name in ("missing.db", "empty.db", "photos.db"))
    assert refusal_of(missing, target) == f"there is no database at {missing}"
    assert not missing.exists()
    empty.touch()
    assert refusal_of(empty, target) == f"{empty} is empty"
    run(photos, "CREATE TABLE photos (id INTEGER)")
    assert refusal_of(photos, target) == f"{photos} is a database of another program"
    assert list(target.parent.iterdir()) == []


def test_nothing_but_a_copy_is_written_over(store: Store, tmp_path: Path, target: Path) -> None:
    write(store, {})
    assert refusal_of(store.path, store.path) == f"{store.path} is a database in use"
    target.symlink_to(store.path)
    assert refusal_of(store.path, target) == f"{target} is a database in use"
    target.unlink()
    other = Store.open(target, create=True)
    with Connection(other.path, "rw") as used:
        used.execute("INSERT INTO nodes (name) VALUES ('mine')")
        assert refusal_of(store.path, target) == f"{target} is a database in use"
    assert refusal_of(store.path, tmp_path) == f"{tmp_path} is a folder"
    photos, letter = tmp_path / "photos.db", tmp_path / "letter.txt"
    run(photos, "CREATE TABLE photos (id INTEGER)")
    letter.write_text("Dear reader", encoding="utf-8")
    for mine in (photos, letter):
        before = mine.read_bytes()
        said = refusal_of(store.path, mine)
        assert said == f"{mine} is there already, and is no copy of a database"
        assert mine.read_bytes() == before
    os.mkfifo(pipe := tmp_path / "pipe")
    assert "is no copy of a database" in refusal_of(store.path, pipe)
    assert number_of(store.path, "SELECT count(*) FROM events") == 1


def test_a_copy_that_fails_leaves_the_earlier_one(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(store.path, target)
    write(store, {})

    def full(_: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storj_monitor.store.backup.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        back_up(store.path, target)
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert number_of(target, "SELECT count(*) FROM events") == 0
