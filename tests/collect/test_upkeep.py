"""Old transfers go while a server runs; their sums stay."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

import pytest

from storj_monitor.collect.ingest import describe, ingest
from storj_monitor.collect.upkeep import Upkeep, upkept
from storj_monitor.errors import OperatorError
from storj_monitor.plugin.query import microseconds
from storj_monitor.schema import event_hours
from storj_monitor.store import Following, News
from tests.collect.log_lines import transfer
from tests.store.test_exports import ASKED

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.store import Store

    Stored = Callable[[], list[dict[str, object]]]
    WriteLog = Callable[[bytes], str]

OLD, NEW, NOW = "2026-01-01T10:00:00Z", "2026-03-30T10:00:00Z", "2026-04-01T12:00:00Z"


@pytest.fixture(autouse=True)
def april(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1775044800")  # NOW


@pytest.fixture
def old_and_new(store: Store, log: WriteLog) -> str:
    path = log(b"".join(transfer(time=time) + b"\n" for time in (OLD, NEW)))
    ingest(store, "attic", path)
    return path


@pytest.fixture
def upkeep(store: Store) -> Upkeep:
    return Upkeep(store, 90)


@pytest.mark.usefixtures("old_and_new")
def test_transfers_go_when_they_were_kept_long_enough_and_their_sums_stay(
    store: Store, stored: Stored
) -> None:
    for days, left in ((91, 2), (90, 1)):
        upkeep = Upkeep(store, days)
        upkeep.once()
        upkeep.once()
        assert len(stored()) == left
    with store.reader() as reader:
        assert reader.fetch(event_hours.select())["count"].to_pylist() == [1, 1]


def test_the_same_log_again_says_which_transfers_are_summed_up_only(
    store: Store, old_and_new: str, upkeep: Upkeep
) -> None:
    upkeep.once()
    upkeep.once()
    summary = ingest(store, "attic", old_and_new)
    assert (summary.transfers, summary.new, summary.known, summary.sealed) == (2, 0, 1, 1)
    assert "2 transfers: 0 new, 1 known already, 1 of hours that were pruned" in describe(summary)


def test_no_hour_is_sealed_while_it_is_being_read(
    store: Store, stored: Stored, log: WriteLog, upkeep: Upkeep
) -> None:
    lines = [transfer(time=OLD, offset=number) + b"\n" for number in range(3)]
    upkeep.once()
    for count in (1, 2, 3):
        ingest(store, "attic", log(b"".join(lines[:count])))
        upkeep.once()
        assert len(stored()) == count
    upkeep.once()
    assert stored() == []


@pytest.mark.parametrize(("behind", "checked_at", "left"), [(1, NOW, 1), (0, NOW, 0), (1, OLD, 0)])
def test_nothing_is_sealed_while_a_log_is_behind_that_is_still_followed(  # noqa: PLR0913, PLR0917  fixtures
    store: Store,
    stored: Stored,
    log: WriteLog,
    upkeep: Upkeep,
    behind: int,
    checked_at: str,
    left: int,
) -> None:
    ingest(store, "attic", log(transfer(time=OLD) + b"\n"))
    at = microseconds(datetime.fromisoformat(checked_at))
    with store.writer() as writer:
        following = Following("node.log", "", "following", None, behind, at)
        writer.write([News(node="attic", following=following)])
    upkeep.once()
    upkeep.once()
    assert len(stored()) == left


@pytest.mark.usefixtures("old_and_new")
def test_it_is_done_beside_what_else_goes_on_and_ends_with_it(store: Store, stored: Stored) -> None:
    with upkept(store, 90, every_seconds=0.01):
        deadline = time.monotonic() + 30
        while len(stored()) == 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(stored()) == 1
    assert "upkeep" not in [thread.name for thread in threading.enumerate()]


def test_what_is_known_of_exports_goes_after_400_days_and_none_runs_for_ever(
    store: Store, upkeep: Upkeep
) -> None:
    day_us = 24 * 60 * 60 * 1_000_000
    now_us = microseconds(datetime.fromisoformat(NOW))
    ages = {"forgotten": 401, "lost": 399, "running": 0}
    with store.writer() as writer:
        for name, days in ages.items():
            writer.note_export_begun(ASKED._replace(id=name, asked_at=now_us - days * day_us))
    upkeep.once()
    found = {entry.id: (entry.status, entry.error) for entry in store.exports()}
    assert found == {"running": ("running", None), "lost": ("failed", "the server was stopped")}


@pytest.mark.usefixtures("old_and_new")
def test_what_cannot_be_removed_now_is_tried_again(
    store: Store, stored: Stored, upkeep: Upkeep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked() -> NoReturn:
        reason, hint = "it is locked", "wait"
        raise OperatorError(reason, hint)

    upkeep.once()
    with monkeypatch.context() as for_a_while:
        for_a_while.setattr(store, "writer", locked)
        upkeep.once()
    assert len(stored()) == 2
    upkeep.once()
    assert len(stored()) == 1


def half_logs(day: int) -> tuple[bytes, bytes]:
    """Return the two halves of an old log of one hour."""
    lines = [
        transfer(time=f"2025-01-{day:02}T10:00:00Z", offset=number) + b"\n" for number in range(20)
    ]
    return b"".join(lines[:10]), b"".join(lines)


def test_ids_that_are_given_again_hide_no_log_that_is_being_read(
    store: Store, stored: Stored, log: WriteLog, upkeep: Upkeep
) -> None:
    ingest(store, "attic", log(half_logs(1)[1]))
    upkeep.once()
    upkeep.once()
    assert stored() == []
    for part in half_logs(2):
        ingest(store, "attic", log(part))
        upkeep.once()
    assert len(stored()) == 20


def test_what_is_read_while_it_removes_is_not_removed(
    store: Store, stored: Stored, log: WriteLog, upkeep: Upkeep
) -> None:
    ingest(store, "attic", log(half_logs(9)[1]))
    upkeep.once()
    first, whole = half_logs(2)

    def stop() -> bool:
        ingest(store, "attic", log(first))
        return False

    upkeep.once(stop)
    assert len(stored()) == 10
    assert ingest(store, "attic", log(whole)).sealed == 0
    assert len(stored()) == 20
