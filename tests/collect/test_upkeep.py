"""Old transfers go while a server runs; their sums stay."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from storj_monitor.collect.ingest import ingest
from storj_monitor.collect.upkeep import prune, upkept
from storj_monitor.errors import OperatorError
from storj_monitor.schema import event_hours
from tests.collect.log_lines import transfer

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.store import Store

    Stored = Callable[[], list[dict[str, object]]]
    WriteLog = Callable[[bytes], str]

OLD, NEW = "2026-01-01T10:00:00Z", "2026-03-30T10:00:00Z"


@pytest.fixture(autouse=True)
def april(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1775044800")  # 2026-04-01T12:00:00Z


@pytest.fixture
def old_and_new(store: Store, log: WriteLog) -> str:
    path = log(b"".join(transfer(time=time) + b"\n" for time in (OLD, NEW)))
    ingest(store, "attic", path)
    return path


@pytest.mark.usefixtures("old_and_new")
def test_transfers_go_when_they_were_kept_long_enough_and_their_sums_stay(
    store: Store, stored: Stored
) -> None:
    prune(store, 91, threading.Event())
    assert len(stored()) == 2
    prune(store, 90, threading.Event())
    assert len(stored()) == 1
    with store.reader() as reader:
        assert reader.fetch(event_hours.select())["count"].to_pylist() == [1, 1]


def test_the_same_log_again_says_which_transfers_are_summed_up_only(
    store: Store, old_and_new: str
) -> None:
    prune(store, 90, threading.Event())
    summary = ingest(store, "attic", old_and_new)
    assert (summary.transfers, summary.new, summary.known, summary.sealed) == (2, 0, 1, 1)


@pytest.mark.usefixtures("old_and_new")
def test_it_is_done_beside_what_else_goes_on_and_ends_with_it(store: Store, stored: Stored) -> None:
    with upkept(store, 90):
        deadline = time.monotonic() + 30
        while len(stored()) == 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(stored()) == 1
    assert "upkeep" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.usefixtures("old_and_new")
def test_what_cannot_be_removed_now_is_tried_again(
    store: Store, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Semaphore(0)
    writer = store.writer

    def locked() -> object:
        tried.release()
        if len(attempts) < 2:
            attempts.append(1)
            reason, hint = "it is locked", "wait"
            raise OperatorError(reason, hint)
        return writer()

    attempts: list[int] = []
    monkeypatch.setattr(store, "writer", locked)
    with upkept(store, 90, every_seconds=0.01):
        for _ in range(4):  # the third has succeeded once the fourth begins
            assert tried.acquire(timeout=30)
    assert len(stored()) == 1
