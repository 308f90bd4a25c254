"""What is to be written is written, however long the database is locked."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from storj_monitor.exports.jobs.notes import Notes
from storj_monitor.store.connection import Connection
from tests.store.test_exports import ASKED, REPORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.store import Store, StoreWriter

PATIENCE_SECONDS = 30


@pytest.fixture(autouse=True)
def _nobody_waits_for_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storj_monitor.store.connection.BUSY_MS", 1)


@pytest.fixture
def locked(store: Store) -> Iterator[Connection]:
    """Hold the lock that every writer needs."""
    with Connection(store.path, "rw") as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


class Log:
    """The notes of two exports, and one that tells when it was tried."""

    def __init__(self) -> None:
        self.tried = Event()

    def first(self, writer: StoreWriter) -> None:
        self.tried.set()
        writer.note_export_begun(ASKED)

    def second(self, writer: StoreWriter) -> None:
        writer.note_export_begun(REPORT)


def test_notes_wait_for_a_database_that_is_locked(store: Store, locked: Connection) -> None:
    log, notes = Log(), Notes(store, pause_seconds=0.01)
    with capture_logs() as logs:
        notes.write(log.first)
        notes.write(log.second)
        assert log.tried.wait(PATIENCE_SECONDS)
        log.tried.clear()
        assert log.tried.wait(PATIENCE_SECONDS)  # once more, since it could not be written
        assert store.exports() == ()
        locked.execute("ROLLBACK")
        notes.close()
    assert store.exports() == (REPORT, ASKED)
    assert [entry["event"] for entry in logs] == ["export.recorded_later"]


def test_a_reader_waits_for_what_was_told_before_it_asked(store: Store) -> None:
    notes = Notes(store)
    asked, go_on = Event(), Event()

    def slow(writer: StoreWriter) -> None:
        asked.set()
        assert go_on.wait(PATIENCE_SECONDS)
        writer.note_export_begun(ASKED)

    notes.write(slow)
    assert asked.wait(PATIENCE_SECONDS)
    assert not notes.written(0.01)
    go_on.set()
    assert notes.written(PATIENCE_SECONDS)
    assert store.exports() == (ASKED,)
    notes.close()
    assert notes.written(0)


def test_what_can_not_be_written_at_the_end_is_said(store: Store, locked: Connection) -> None:
    log, notes = Log(), Notes(store, pause_seconds=0.01)
    with capture_logs() as logs:
        notes.write(log.first)
        notes.write(log.second)
        notes.close()
        notes.write(log.second)
    locked.execute("ROLLBACK")
    assert store.exports() == ()
    first, second = (entry for entry in logs if entry["event"] == "export.not_recorded")
    assert (first["notes"], second["notes"]) == (2, 1)
    assert "is locked by another program" in first["error"]


def test_a_note_that_can_never_be_written_holds_up_no_other(store: Store) -> None:
    def broken(_: StoreWriter) -> None:
        message = "no such thing"
        raise LookupError(message)

    notes = Notes(store)
    with capture_logs() as logs:
        notes.write(broken)
        notes.write(Log().first)
        notes.close()
    assert store.exports() == (ASKED,)
    assert [(entry["event"], entry["error"]) for entry in logs] == [
        ("export.not_recorded", "no such thing")
    ]


def test_no_more_notes_wait_than_there_is_room_for(store: Store) -> None:
    notes = Notes(store, most=1)
    reached, go_on = Event(), Event()

    def slow(writer: StoreWriter) -> None:
        reached.set()
        assert go_on.wait(PATIENCE_SECONDS)
        writer.note_export_begun(ASKED)

    with capture_logs() as logs:
        notes.write(slow)
        assert reached.wait(PATIENCE_SECONDS)
        notes.write(Log().second)
        go_on.set()
        notes.close()
    assert store.exports() == (ASKED,)
    assert [entry["error"] for entry in logs] == ["too many wait"]
