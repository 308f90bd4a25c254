"""Their sums by the hour, where nothing better is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.collect.imports.test_events import HOURS, SEALS
from tests.records import at
from tests.store.databases import rows_of, write

if TYPE_CHECKING:
    from storj_monitor.store import Store
    from tests.collect.imports.conftest import Add, TakeTable

LIVE, BACKFILLED = "2025-10-09T05:00:00+00:00", "2025-10-09T05:00:00.000Z"
HOUR = at("2025-10-09T05:00:00")


def hours_of(store: Store) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows_of(store.path, HOURS)]


def test_an_hour_comes_as_sums_and_is_sealed(add: Add, take_table: TakeTable, store: Store) -> None:
    counts = {"dl_success": 50, "dl_fail": 4, "ul_success": 30, "ul_fail": 3}
    counts |= {"audit_success": 2, "audit_fail": 1}
    sizes = {"total_download_size": 128_000, "total_upload_size": 64_000}
    add("hourly_stats", hour_timestamp=LIVE, **counts, **sizes)
    assert take_table("hourly_stats").taken == 1
    assert hours_of(store) == [
        ("attic", HOUR, "GET", "canceled", 4, None),
        ("attic", HOUR, "GET", "success", 50, 128_000),
        ("attic", HOUR, "GET_AUDIT", "failed", 1, None),
        ("attic", HOUR, "GET_AUDIT", "success", 2, None),
        ("attic", HOUR, "PUT", "canceled", 3, None),
        ("attic", HOUR, "PUT", "success", 30, 64_000),
    ]
    assert [tuple(row.values()) for row in rows_of(store.path, SEALS)] == [
        ("attic", HOUR, HOUR + 3_600_000_000 - 1)
    ]
    assert write(store, {"at": HOUR + 1}, node="attic").sealed == 1


def test_of_two_spellings_of_an_hour_the_larger_counts(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    add("hourly_stats", hour_timestamp=LIVE, dl_success=5, dl_fail=5)
    add("hourly_stats", hour_timestamp=BACKFILLED, dl_success=9, dl_fail=2)
    add("hourly_stats", hour_timestamp=BACKFILLED, dl_success=3, node_name="nas")
    add("hourly_stats", hour_timestamp=LIVE, dl_success=2, node_name="nas")
    account = take_table("hourly_stats")
    assert (account.taken, account.left_out.total()) == (2, 2)
    assert account.left_out["of the same hour in another spelling"] == 2
    assert [row[2:] for row in hours_of(store)] == [
        ("GET", "canceled", 2, None),
        ("GET", "success", 9, 0),
        ("GET", "success", 3, 0),
    ]


def test_an_hour_whose_transfers_are_there_is_left_out(add: Add, take_table: TakeTable) -> None:
    add("events", timestamp="2025-10-09T05:59:59+00:00")
    add("hourly_stats", hour_timestamp=LIVE, dl_success=5)
    add("hourly_stats", hour_timestamp=BACKFILLED, dl_success=1, node_name="nas")
    account = take_table("hourly_stats")
    assert account.taken == 1
    assert account.left_out["of hours whose transfers stand in events"] == 1
    assert account.remarks[-1].startswith("1 hours count 4 transfers more than stand in events")


def test_an_hour_that_we_know_is_left_as_it_is(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    write(store, {"at": HOUR + 7}, node="attic")
    add("hourly_stats", hour_timestamp=LIVE, dl_success=5)
    account = take_table("hourly_stats")
    assert (account.taken, account.known) == (0, 1)
    assert hours_of(store) == [("attic", HOUR, "GET", "success", 1, 1_000)]


def test_an_hour_that_counts_nothing_is_not_sealed(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    add("hourly_stats", hour_timestamp=LIVE)
    add("hourly_stats", hour_timestamp="2025-10-09T05:17:00+00:00", dl_success=1)
    account = take_table("hourly_stats")
    assert account.left_out == {"that count nothing": 1, "of no whole hour": 1}
    assert rows_of(store.path, SEALS) == []


def test_a_second_import_takes_no_hour_again(add: Add, take_table: TakeTable, store: Store) -> None:
    add("hourly_stats", hour_timestamp=LIVE, dl_success=5)
    assert take_table("hourly_stats").taken == 1
    before = hours_of(store)
    again = take_table("hourly_stats")
    assert (again.taken, again.known) == (0, 1)
    assert hours_of(store) == before
