"""Their compactions, scores and disk space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.store import Compaction, News
from tests.records import US1, at
from tests.store.databases import rows_of

if TYPE_CHECKING:
    from storj_monitor.store import Store
    from tests.collect.imports.conftest import Add, TakeTable

TB = 10**12


def rows(store: Store, table: str, *names: str) -> list[tuple[Any, ...]]:
    found = rows_of(store.path, f"SELECT {', '.join(names)} FROM {table} ORDER BY at")
    return [tuple(row.values()) for row in found]


def space(store: Store) -> list[tuple[Any, ...]]:
    names = ("allocated_bytes", "used_bytes", "free_bytes", "trash_bytes", "origin")
    return rows(store, "storage", *names)


def time(minute: int) -> str:
    return f"2025-10-11T{minute // 60:02}:{minute % 60:02}:00.123456+00:00"


def test_a_compaction_comes_in_our_units(add: Add, take_table: TakeTable, store: Store) -> None:
    told = {"duration": 97.5, "data_reclaimed_bytes": 4_617_089_843, "data_rewritten_bytes": 0}
    add("hashstore_compaction_history", table_load=62.5, trash_percent=7.5, **told)
    add("hashstore_compaction_history", store="s1", duration=-1.0, table_load=250.0)
    account = take_table("hashstore_compaction_history")
    assert account.taken == 2
    assert account.repaired == {"with numbers that can't be: taken without these": 1}
    names = ("duration_ms", "reclaimed_bytes", "rewritten_bytes", "table_load", "trash_ratio")
    assert rows(store, "compactions", "store", *names) == [
        ("s0", 97_500, 4_617_089_843, 0, 0.625, 0.075),
        ("s1", None, None, None, None, None),
    ]


def test_a_compaction_that_our_log_told_stays_as_exact_as_it_was(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    told = Compaction(at("2025-10-11T05:03:27"), US1, "s0", 97_512, 1, 2, 0.5, 0.1, None)
    with store.writer() as writer:
        writer.write([News(node="attic", compactions=[told])])
    add("hashstore_compaction_history", duration=97.0)
    account = take_table("hashstore_compaction_history")
    assert (account.taken, account.known) == (0, 1)
    assert rows(store, "compactions", "duration_ms") == [(97_512,)]


def test_scores_come_as_ratios_and_flags_as_since_when_they_were_seen(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    for minute, (disqualified, suspended) in enumerate([(0, 1), (0, 1), (0, 0), (1, 1), (1, 0)]):
        told = {"audit_score": 99.5, "online_score": 100.0, "audit_total_count": 3_383}
        told |= {"audit_success_count": 3_380, "is_disqualified": disqualified}
        add("reputation_history", timestamp=time(minute), is_suspended=suspended, **told)
    assert take_table("reputation_history").taken == 5
    seen = [at(time(minute)) for minute in range(5)]
    names = ("audit_score", "suspension_score", "online_score", "audits_total", "audits_ok")
    assert rows(store, "reputation", *names, "origin")[0] == (
        *(0.995, None, 1.0, 3_383, 3_380),
        "import",
    )
    assert rows(store, "reputation", "disqualified_at", "suspended_at") == [
        (None, seen[0]),
        (None, seen[0]),
        (None, None),
        (seen[3], seen[3]),
        (seen[3], None),
    ]


def test_scores_that_can_not_be_are_left_out(add: Add, take_table: TakeTable) -> None:
    add("reputation_history", timestamp=time(1))
    add("reputation_history", timestamp=time(2), satellite="no id")
    add("reputation_history", timestamp=time(3), audit_score=120.0, online_score=50.0)
    account = take_table("reputation_history")
    assert account.left_out == {"without any score": 1, "without a usable id of a satellite": 1}
    assert account.repaired == {"with scores that can't be: taken without these": 1}


def snapshot(add: Add, minute: int, total: int, used: int, trash: int = 0, **cells: Any) -> None:
    sizes = {"total_bytes": total, "used_bytes": used, "available_bytes": total - used}
    add("storage_snapshots", **{"timestamp": time(minute), "trash_bytes": trash} | sizes | cells)


def test_before_v1_143_the_trash_is_added_to_what_is_used(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    snapshot(add, 0, 5 * TB, 3 * TB, TB // 2)
    snapshot(add, 5, 5 * TB, 3 * TB + 7, TB // 2)
    snapshot(add, 10, 5 * TB, 5 * TB - 1, TB)
    account = take_table("storage_snapshots")
    assert space(store) == [
        (5 * TB, 3 * TB + TB // 2, 2 * TB - TB // 2, TB // 2, "import"),
        (5 * TB, 3 * TB + TB // 2 + 7, 2 * TB - TB // 2 - 7, TB // 2, "import"),
        (5 * TB, 6 * TB - 1, 0, TB, "import"),
    ]
    repair = "with trash among the free space: added to what is used"
    assert account.repaired == {repair: 3}


def test_since_v1_143_the_total_is_what_was_free(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    for minute, used in enumerate((3 * TB, 3 * TB + 10**9, 3 * TB - 10**9)):
        snapshot(add, 5 * minute, 5 * TB - used, used, TB // 10)
    account = take_table("storage_snapshots")
    assert space(store)[0] == (5 * TB, 3 * TB, 2 * TB, TB // 10, "import")
    assert {row[0] for row in space(store)} == {5 * TB}
    assert account.repaired == {"with the free space told as the whole: added up": 3}


def test_the_update_of_a_node_in_between_is_found(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    """It has much free space, so that no single row is suspect."""
    used = [TB, TB + 10**9, TB + 10**9, TB + 3 * 10**9]
    for minute, pieces in enumerate(used):
        snapshot(add, 5 * minute, 8 * TB, pieces, 10**9)
    whole = [TB + 4 * 10**9, TB + 4 * 10**9, TB + 6 * 10**9, TB + 5 * 10**9]
    for minute, pieces in enumerate(whole, start=4):
        snapshot(add, 5 * minute, 8 * TB - pieces, pieces, 10**9)
    take_table("storage_snapshots")
    assert {row[0] for row in space(store)} == {8 * TB}
    assert [row[1] for row in space(store)] == [pieces + 10**9 for pieces in used] + whole
    assert all(allocated == used + free for allocated, used, free, *_ in space(store))


def test_more_allocated_space_is_no_update(add: Add, take_table: TakeTable, store: Store) -> None:
    for minute, total in enumerate((5 * TB, 5 * TB, 8 * TB, 8 * TB, 8 * TB)):
        snapshot(add, 5 * minute, total, TB + minute * 10**9)
    account = take_table("storage_snapshots")
    assert [row[0] for row in space(store)] == [5 * TB, 5 * TB, 8 * TB, 8 * TB, 8 * TB]
    assert account.repaired.total() == 0


def test_a_single_row_with_a_negative_rest_has_the_later_meaning(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    snapshot(add, 0, TB, 4 * TB)
    take_table("storage_snapshots")
    assert space(store) == [(5 * TB, 4 * TB, TB, 0, "import")]


def test_each_node_is_updated_by_itself(add: Add, take_table: TakeTable, store: Store) -> None:
    for minute in range(4):
        more = minute * 10**9
        snapshot(add, 10 * minute, 5 * TB, TB + more)
        snapshot(add, 10 * minute + 5, 2 * TB - more, TB + more, node_name="nas")
    take_table("storage_snapshots")
    assert [row[0] for row in space(store)] == [5 * TB, 3 * TB] * 4


def test_a_log_tells_free_space_alone(add: Add, take_table: TakeTable, store: Store) -> None:
    snapshot(add, 0, 5 * TB, TB)
    for minute, free in ((2, 3 * TB), (5, 3 * TB), (10, -7), (15, None)):
        add("storage_snapshots", timestamp=time(minute), available_bytes=free)
    account = take_table("storage_snapshots")
    assert space(store) == [
        (5 * TB, TB, 4 * TB, 0, "import"),
        (None, None, 3 * TB, None, "import"),
        (None, None, -7, None, "import"),
    ]
    assert account.left_out == {
        "of a log, within five minutes of what the API told": 1,
        "without any size": 1,
    }


def test_a_second_import_of_space_takes_nothing(add: Add, take_table: TakeTable) -> None:
    snapshot(add, 0, 5 * TB, TB)
    snapshot(add, 1, 5 * TB, TB + 1)
    add("storage_snapshots", timestamp=time(7), available_bytes=TB)
    first, second = take_table("storage_snapshots"), take_table("storage_snapshots")
    assert (first.taken, first.known, second.taken, second.known) == (2, 0, 0, 2)


@pytest.mark.parametrize("cells", [{"used_bytes": -1}, {"total_bytes": 2**62}, {"used_bytes": "x"}])
def test_sizes_that_can_not_be_are_left_out(
    cells: dict[str, Any], add: Add, take_table: TakeTable
) -> None:
    snapshot(add, 0, 5 * TB, TB, **cells)
    assert take_table("storage_snapshots").left_out == {"with sizes that can't be": 1}
