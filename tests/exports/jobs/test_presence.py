"""What a killed server left running is called failed, but not what another one is working on."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from storj_monitor.exports.jobs.presence import present
from storj_monitor.store.connection import Connection
from tests.store.test_exports import ASKED, DONE, REPORT, begin, end

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from storj_monitor.store import Store

#: A server that is there until it is killed.
SERVER = """
import sys, time
from pathlib import Path
from storj_monitor.exports.jobs.presence import present
from storj_monitor.store import Store
with present(Store.open(Path(sys.argv[1]))):
    print("present", flush=True)
    time.sleep(600)
"""


def server(path: Path) -> subprocess.Popen[bytes]:
    """Start one, and return when it is there."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"present\n"
    return process


def running(store: Store) -> list[str]:
    return [entry.id for entry in store.exports() if entry.status == "running"]


def test_what_a_killed_server_left_running_has_failed(store: Store) -> None:
    begin(store, ASKED, REPORT)
    end(store, DONE)
    with capture_logs() as logs, present(store):
        newest, oldest = store.exports()
        assert (newest.status, newest.error) == ("failed", "the server was stopped")
        assert newest.ended_at is not None
        assert oldest == DONE
    assert [entry["event"] for entry in logs] == ["exports.lost"]


def test_what_another_server_works_on_is_left_to_it_until_it_is_killed(store: Store) -> None:
    with server(store.path) as other:
        begin(store, ASKED)
        with present(store):
            assert running(store) == [ASKED.id]
        other.kill()
    with present(store):
        assert running(store) == []


def test_a_server_that_begins_later_leaves_what_the_first_works_on(store: Store) -> None:
    with present(store):
        begin(store, ASKED)
        with present(store):
            assert running(store) == [ASKED.id]


def test_a_database_that_is_locked_holds_up_no_server_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(store, ASKED)
    monkeypatch.setattr("storj_monitor.store.connection.BUSY_MS", 1)
    with Connection(store.path, "rw") as other:
        other.execute("BEGIN IMMEDIATE")
        with capture_logs() as logs, present(store):
            pass
        other.execute("ROLLBACK")
    assert [entry["event"] for entry in logs] == ["exports.left_running"]
    assert running(store) == [ASKED.id]
