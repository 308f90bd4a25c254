"""What a log tells beside its transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.store import Compaction, Following, FreeSpace, HeardHour, News, Scores
from tests.records import EU1, US1, at, transfers
from tests.store.databases import rows_of

if TYPE_CHECKING:
    from storj_monitor.store import Store

HOUR = at("2026-03-04T10:00:00")
SLOT_US = 300_000_000


def tell(store: Store, *told: News) -> None:
    with store.writer() as writer:
        writer.write(told)


def hours_of(store: Store) -> list[dict[str, Any]]:
    return rows_of(
        store.path,
        "SELECT hour_at, first_at, last_at, started_at, stopped_at, traffic_at FROM log_hours"
        " ORDER BY hour_at",
    )


def test_an_hour_that_is_told_in_parts_spans_them_all(store: Store) -> None:
    tell(store, News(node="n1", hours=[HeardHour(HOUR, 50, 60), HeardHour(HOUR + 1, 1, 2)]))
    tell(store, News(node="n1", hours=[HeardHour(HOUR, 55, 90)]))
    tell(store, News(node="n1", hours=[HeardHour(HOUR, 40, 45)]))
    nothing = {"started_at": None, "stopped_at": None, "traffic_at": None}
    assert hours_of(store) == [
        {"hour_at": HOUR, "first_at": 40, "last_at": 90} | nothing,
        {"hour_at": HOUR + 1, "first_at": 1, "last_at": 2} | nothing,
    ]


def test_of_starts_stops_and_traffic_the_latest_stays_whatever_a_part_does_not_know(
    store: Store,
) -> None:
    for part in [
        HeardHour(HOUR, 1, 9, started_at=3),
        HeardHour(HOUR, 1, 9, stopped_at=5, traffic_at=8),
        HeardHour(HOUR, 1, 9),
        HeardHour(HOUR, 1, 9, started_at=6, stopped_at=4, traffic_at=7),
    ]:
        tell(store, News(node="n1", hours=[part]))
    [hour] = hours_of(store)
    assert (hour["started_at"], hour["stopped_at"], hour["traffic_at"]) == (6, 5, 8)


def test_the_same_hour_of_another_node_is_another(store: Store) -> None:
    tell(store, *(News(node=node, hours=[HeardHour(HOUR, 1, 2)]) for node in ("n1", "n2")))
    assert len(hours_of(store)) == 2


def test_a_node_is_heard_by_its_lines_and_by_its_transfers(store: Store) -> None:
    def heard() -> list[tuple[int | None, int | None]]:
        found = rows_of(store.path, "SELECT first_heard_at, last_heard_at FROM nodes ORDER BY name")
        return [(row["first_heard_at"], row["last_heard_at"]) for row in found]

    tell(store, News(node="n1", hours=[HeardHour(0, 5, 9), HeardHour(0, 7, 8)]), News(node="n2"))
    assert heard() == [(5, 9), (None, None)]
    tell(store, News(node="n1", transfers=transfers([{"at": 4}, {"at": 8}])))
    tell(store, News(node="n2", hours=[HeardHour(0, 3, 3)]))
    assert heard() == [(4, 9), (3, 3)]
    tell(store, News(node="n1", transfers=transfers([{"at": 99}]), hours=[HeardHour(0, 2, 6)]))
    assert heard() == [(2, 99), (3, 3)]


def test_scores_are_kept_once_with_what_is_unknown_left_out(store: Store) -> None:
    known = Scores(HOUR, US1, 1.0, 0.75, 0.5, 100, 99)
    other = Scores(HOUR, EU1, None, None, 0.25, None, None)
    for _ in range(2):
        tell(store, News(node="n1", scores=[known, other, known]))
    found = rows_of(
        store.path,
        "SELECT r.at, s.satellite_id, r.origin, audit_score, suspension_score, online_score,"
        " audits_total, audits_ok, disqualified_at, suspended_at, vetted_at"
        " FROM reputation AS r JOIN satellites AS s ON s.id = r.satellite_id ORDER BY s.name DESC",
    )
    assert [tuple(row.values()) for row in found] == [
        (HOUR, US1, "log", 1.0, 0.75, 0.5, 100, 99, None, None, None),
        (HOUR, EU1, "log", None, None, 0.25, None, None, None, None, None),
    ]


def test_the_latest_free_space_of_five_minutes_stays_in_whatever_order_they_come(
    store: Store,
) -> None:
    samples = [FreeSpace(HOUR + by, free) for by, free in [(2, 20), (9, 90), (4, 40)]]
    tell(store, News(node="n1", free_space=samples))
    tell(store, News(node="n1", free_space=[FreeSpace(HOUR + 8, 80)]))
    tell(store, News(node="n1", free_space=[FreeSpace(HOUR + SLOT_US, 1), FreeSpace(-1, 7)]))
    tell(store, News(node="n2", free_space=[FreeSpace(HOUR + 8, 80)]))
    found = rows_of(
        store.path,
        "SELECT slot_at, n.name, origin, at, free_bytes, used_bytes FROM storage"
        " JOIN nodes AS n ON n.id = node_id ORDER BY n.name, at",
    )
    assert [tuple(row.values()) for row in found] == [
        (-SLOT_US, "n1", "log", -1, 7, None),
        (HOUR, "n1", "log", HOUR + 9, 90, None),
        (HOUR + SLOT_US, "n1", "log", HOUR + SLOT_US, 1, None),
        (HOUR, "n2", "log", HOUR + 8, 80, None),
    ]


def test_compactions_are_kept_once(store: Store) -> None:
    done = Compaction(HOUR, US1, "s0", 1_500, 2**40, 2**30, 0.5, 0.25, None)
    failed = Compaction(HOUR, US1, "s1", None, None, None, None, None, "no space left")
    for _ in range(2):
        tell(store, News(node="n1", compactions=[done, failed]))
    found = rows_of(
        store.path,
        "SELECT at, s.name, store, duration_ms, reclaimed_bytes, rewritten_bytes, table_load,"
        " trash_ratio, error FROM compactions AS c JOIN satellites AS s ON s.id = c.satellite_id",
    )
    assert [tuple(row.values()) for row in found] == [
        (HOUR, "us1", "s0", 1_500, 2**40, 2**30, 0.5, 0.25, None),
        (HOUR, "us1", "s1", None, None, None, None, None, "no space left"),
    ]


def test_how_a_log_is_followed_is_replaced_by_what_comes_later(store: Store) -> None:
    first = Following("a.log", '{"offset": 1}', "failing", "no permission", None, 1)
    second = Following("a.log", '{"offset": 2}', "following", None, 300, 2)
    tell(store, News(node="n1", following=first))
    tell(store, News(node="n1", following=second))
    [row] = rows_of(store.path, "SELECT * FROM followed_logs")
    del row["node_id"]
    assert Following(**row) == second
