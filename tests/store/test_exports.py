from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.store import ExportEntry, Store, migrations
from storj_monitor.store.exports import LOST_AFTER_US
from tests.store.databases import filled, number_of, rows_of

if TYPE_CHECKING:
    from pathlib import Path

ASKED = ExportEntry(
    id="a1",
    asked_at=5_000_000,
    who="token 192.0.2.7 for 2001:db8::7",
    kind="source",
    subject="events",
    format="csv",
    nodes=("attic", 'a "quoted", \N{SNOWMAN} name'),
    start_at=1,
    end_at=9,
    timezone="Europe/Berlin",
    columns=("timestamp", "node"),
    filters={"status": ("failed", "canceled")},
    options={"guard": "off"},
    personal=True,
    clamped=False,
    request_id="r-1",
    file_name="events_2-nodes.csv",
    media_type="text/csv",
)
DONE = ASKED._replace(
    status="done", ended_at=6_000_000, rows=7, bytes=800, seconds=0.25, sha256="ab" * 32
)
REPORT = ASKED._replace(
    id="b2", asked_at=6_000_000, kind="report", nodes=(), columns=(), filters={}, clamped=True
)


def begin(store: Store, *entries: ExportEntry) -> None:
    with store.writer() as writer:
        for entry in entries:
            writer.note_export_begun(entry)


def end(store: Store, how: ExportEntry) -> None:
    with store.writer() as writer:
        writer.note_export_ended(
            how.id,
            ended_at=how.ended_at or 0,
            status=how.status,
            rows=how.rows,
            bytes=how.bytes,
            seconds=how.seconds,
            sha256=how.sha256,
            error=how.error,
        )


def test_what_was_asked_for_is_found_again_newest_first(store: Store) -> None:
    assert store.exports() == ()
    begin(store, REPORT, ASKED)
    assert store.exports() == (REPORT, ASKED)
    assert store.exports(limit=1) == (REPORT,)


def test_those_that_sent_a_file_once_more_may_be_left_out(store: Store) -> None:
    again = ASKED._replace(id="a" * 32, asked_at=ASKED.asked_at + 9, again_of=ASKED.id)
    begin(store, ASKED, again)
    assert store.exports() == (again, ASKED)
    assert store.exports(limit=1, only_new=True) == (ASKED,)


@pytest.mark.parametrize(
    "how",
    [
        DONE,
        DONE._replace(status="canceled", rows=None, sha256=None),
        ASKED._replace(status="failed", ended_at=7, error="the worker's memory ran out"),
    ],
)
def test_how_it_ended_is_noted_with_it_and_with_no_other(store: Store, how: ExportEntry) -> None:
    begin(store, ASKED, REPORT)
    end(store, how)
    assert store.exports() == (REPORT, how)


def test_the_end_of_what_nobody_began_is_nothing(store: Store) -> None:
    end(store, DONE)
    assert store.exports() == ()


def test_what_a_server_left_running_a_day_ago_has_failed(store: Store) -> None:
    begin(store, ASKED, REPORT)
    later = ASKED.asked_at + LOST_AFTER_US
    with store.writer() as writer:
        assert writer.close_open_exports(later) == 0
        assert writer.close_open_exports(later + 1) == 1
        assert writer.close_open_exports(later + 1) == 0
    lost = ASKED._replace(status="failed", ended_at=later + 1, error="the server was stopped")
    assert store.exports() == (REPORT, lost)


def test_who_knows_that_no_server_lives_gives_up_all_that_runs(store: Store) -> None:
    begin(store, ASKED, REPORT)
    end(store, DONE)
    with store.writer() as writer:
        assert writer.close_open_exports(1, all_of_them=True) == 1
    lost = REPORT._replace(status="failed", ended_at=1, error="the server was stopped")
    assert store.exports() == (lost, DONE)


def test_one_that_ends_after_it_was_given_up_is_as_it_ended(store: Store) -> None:
    begin(store, ASKED)
    with store.writer() as writer:
        writer.close_open_exports(ASKED.asked_at + LOST_AFTER_US + 1)
    end(store, DONE)
    assert store.exports() == (DONE,)


def test_old_ones_are_forgotten(store: Store) -> None:
    begin(store, ASKED, REPORT)
    with store.writer() as writer:
        assert writer.forget_exports(ASKED.asked_at) == 0
        assert writer.forget_exports(REPORT.asked_at) == 1
    assert store.exports() == (REPORT,)


def test_the_newest_are_found_without_sorting_all_of_them(store: Store) -> None:
    plan = rows_of(
        store.path,
        "EXPLAIN QUERY PLAN SELECT * FROM exports ORDER BY asked_at DESC, id DESC LIMIT 100",
    )
    assert [row["detail"] for row in plan] == ["SCAN exports USING INDEX exports_asked"]


def test_a_filled_database_of_the_version_before_takes_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    with monkeypatch.context() as then:
        then.setattr(migrations, "VERSIONS", migrations.VERSIONS[:4])
        then.setattr(migrations, "LATEST", 4)
        Store.open(path, create=True)
    filled(path)
    store = Store.open(path)
    begin(store, ASKED)
    end(store, DONE)
    assert store.exports() == (DONE,)
    assert number_of(path, "SELECT count(*) FROM outcomes") == 1
    assert number_of(path.with_name("old.db.backup-4"), "PRAGMA user_version") == 4
