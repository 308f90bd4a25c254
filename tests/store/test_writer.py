from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.errors import OperatorError
from storj_monitor.schema import metadata
from storj_monitor.store import (
    Compaction,
    Estimate,
    Following,
    FreeSpace,
    HeardHour,
    Joined,
    News,
    PastAlert,
    Paystub,
    Poll,
    Prices,
    Scores,
    Store,
    StoreWriter,
    UsedSpace,
    Written,
)
from storj_monitor.store.connection import Connection
from tests.records import EU1, US1, at, transfers
from tests.store.databases import Breaking, contents_of, number_of, rows_of, write

HOUR_US = 3_600_000_000
TABLES = [table.name for table in metadata.sorted_tables]


def counts(store: Store) -> dict[str, int]:
    return {name: number_of(store.path, f"SELECT count(*) FROM {name}") for name in TABLES}


EVERYTHING = News(
    node="n1",
    transfers=transfers([{"duration_ms": 5}, {}]),
    hours=[HeardHour(0, 5, 9)],
    scores=[Scores(1, EU1, 1.0, 1.0, None, None, None)],
    free_space=[FreeSpace(1, 100)],
    compactions=[Compaction(1, US1, "s0", 7, None, None, None, None, None)],
    following=Following("a.log", "{}", "following", None, 0, 1),
    poll=Poll(1, "http://127.0.0.1:14002", is_answered=True),
    paystubs=[Paystub("2026-10", EU1, "api", at, paid=at) for at in (1, 2)],
    estimates=[Estimate("2026-11", EU1, "api", 1)],
    joined=[Joined(EU1, 1)],
    prices=[Prices(EU1, 1, 1, 1, 1, 1)],
    past_alerts=[PastAlert(1, None, "disk", "info", "Full", "It is.")],
)
#: Sealed hours stay as they are; of exports, schedules and deliveries nodes tell no news.
_LEFT_OUT = {"sealed_hours", "outcomes", "alerts", "exports", "schedules", "deliveries"}


@pytest.mark.parametrize(
    "words",
    [
        *(f"INSERT INTO {table} " for table in TABLES if table not in _LEFT_OUT),
        *("INSERT OR IGNORE INTO alerts", "SELECT nodes", "SELECT satellites", "COMMIT"),
    ],
)
def test_a_failure_in_the_middle_leaves_nothing_of_the_news(store: Store, words: str) -> None:
    connection = Breaking(store.path, "rw")
    with StoreWriter(connection) as writer:
        connection.words = words
        with pytest.raises(RuntimeError, match=words):
            writer.write([EVERYTHING])
        assert counts(store) == dict.fromkeys(TABLES, 0)
        connection.words = "\0"
        # Another takes the ids that the failed one had been given, and that nobody may remember.
        write(store, {"satellite": "1Unknown" + "x" * 42}, node="quicker")
        assert writer.write([EVERYTHING]) == Written(new=2, known=0)
    [event] = rows_of(
        store.path,
        "SELECT count(*) AS events, n.name, s.name AS satellite FROM events AS e"
        " JOIN nodes AS n ON n.id = e.node_id JOIN satellites AS s ON s.id = e.satellite_id"
        " WHERE n.name = 'n1' GROUP BY 2, 3",
    )
    assert event == {"events": 2, "name": "n1", "satellite": "us1"}


def test_rows_that_are_known_add_nothing(store: Store) -> None:
    rows: list[dict[str, Any]] = [
        {"fingerprint": 1, "size": 10, "duration_ms": 3},
        {"fingerprint": 1, "size": 10, "duration_ms": 3},
        {"fingerprint": 1, "size": 10, "duration_ms": 3, "occurrence": 1},
    ]
    assert write(store, *rows) == Written(new=2, known=1)
    assert write(store, *rows) == Written(new=0, known=3)
    assert write(store, *rows, {"fingerprint": 2, "size": 1}) == Written(new=1, known=3)
    assert rows_of(store.path, "SELECT count, bytes FROM event_hours") == [
        {"count": 3, "bytes": 21}
    ]
    assert rows_of(store.path, "SELECT bucket, count FROM event_hour_durations") == [
        {"bucket": 3, "count": 2}
    ]


def test_the_same_transfer_of_another_node_is_another(store: Store) -> None:
    row = {"fingerprint": 1}
    assert write(store, row, node="n1") == Written(new=1, known=0)
    assert write(store, row, node="n2") == Written(new=1, known=0)
    assert number_of(store.path, "SELECT sum(count) FROM event_hours") == 2


def test_the_short_names_of_satellites_are_kept_beside_their_ids(store: Store) -> None:
    write(store, {}, {"satellite": EU1}, {"satellite": "1Unknown" + "x" * 42})
    found = rows_of(store.path, "SELECT satellite_id, name FROM satellites")
    names = {row["satellite_id"]: row["name"] for row in found}
    assert names == {US1: "us1", EU1: "eu1", "1Unknown" + "x" * 42: "1Unknownxxxx"}


def test_a_satellite_without_a_name_gets_one_when_it_is_told_where_it_is(store: Store) -> None:
    def names() -> dict[str, str]:
        found = rows_of(store.path, "SELECT satellite_id, name FROM satellites")
        return {row["satellite_id"]: row["name"] for row in found}

    known, unknown, later = US1, "1Unknown" + "x" * 42, "1Later" + "x" * 44
    write(store, {"satellite": known}, {"satellite": unknown})
    urls = {known: "evil.org:7777", unknown: "Mine.home.org:7777", later: "theirs.home.org:7777"}
    with store.writer() as writer:
        writer.write([News(node="n1", satellite_urls={unknown: "no url"})])
        assert names() == {US1: "us1", unknown: "1Unknownxxxx"}
        writer.write([News(node="n1", satellite_urls=urls)])
        expected = {US1: "us1", unknown: "mine", later: "theirs"}
        assert names() == expected
        writer.write([News(node="n1", satellite_urls={unknown: "other.home.org:7777"})])
        assert names() == expected
    write(store, {"satellite": later})
    assert names() == expected


def test_news_of_several_nodes_are_written_together(store: Store) -> None:
    rows = transfers([{"satellite": US1}, {"satellite": None}, {"satellite": EU1}])
    with store.writer() as writer:
        assert writer.write([]) == Written(new=0, known=0)
        written = writer.write(
            [
                News(node="n1", transfers=rows),
                News(node="n2"),
                News(node="n3", transfers=rows.slice(1)),
                News(node="n1", transfers=rows.slice(0, 1)),
                News(node="n4", transfers=rows.slice(0, 0)),
            ]
        )
    assert written == Written(new=5, known=1)
    found = rows_of(
        store.path,
        "SELECT n.name, group_concat(coalesce(s.name, '-')) AS satellites FROM nodes AS n"
        " JOIN events AS e ON n.id = e.node_id LEFT JOIN satellites AS s ON s.id = e.satellite_id"
        " GROUP BY n.name",
    )
    assert found == [
        {"name": "n1", "satellites": "us1,-,eu1"},
        {"name": "n3", "satellites": "-,eu1"},
    ]
    assert [node.name for node in store.nodes()] == ["n1", "n2", "n3", "n4"]


def test_a_batch_of_another_schema_is_refused_whole(store: Store) -> None:
    other = transfers([{}]).drop_columns(["occurrence"])
    with store.writer() as writer, pytest.raises(pa.ArrowInvalid, match="occurrence"):
        writer.write([News(node="n1", transfers=transfers([{}])), News(node="n2", transfers=other)])
    assert counts(store) == dict.fromkeys(TABLES, 0)


def test_another_thread_than_the_one_that_opened_it_may_use_a_writer(store: Store) -> None:
    with ThreadPoolExecutor(1) as other, store.writer() as writer:
        for number in range(3):
            told = [News(node="n1", transfers=transfers([{"fingerprint": number}]))]
            assert other.submit(writer.write, told).result() == Written(new=1, known=0)
            assert writer.write(told) == Written(new=0, known=1)


def test_two_writers_at_once_wait_for_one_another(store: Store) -> None:
    def fill(node: str) -> int:
        with store.writer() as writer:
            return sum(
                writer.write(
                    [
                        News(
                            node=node,
                            transfers=transfers(
                                {"at": i, "fingerprint": 100 * batch + i} for i in range(100)
                            ),
                        )
                    ]
                ).new
                for batch in range(15)
            )

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(fill, ["n1", "n2"])) == [1500, 1500]
    assert number_of(store.path, "SELECT sum(count) FROM event_hours") == 3000


def test_writers_that_meet_the_same_new_names_give_them_the_same_ids(store: Store) -> None:
    with store.writer() as one, store.writer() as two:
        one.write([News(node="n1", transfers=transfers([{"satellite": EU1}]))])
        two.write([News(node="n2", transfers=transfers([{"satellite": US1}]))])
        one.write([News(node="n2", transfers=transfers([{"satellite": US1, "fingerprint": 9}]))])
    [event] = rows_of(
        store.path,
        "SELECT n.name, s.name AS satellite FROM events AS e JOIN nodes AS n ON n.id = e.node_id"
        " JOIN satellites AS s ON s.id = e.satellite_id WHERE fingerprint = 9",
    )
    assert event == {"name": "n2", "satellite": "us1"}


def test_a_disk_that_is_full_loses_one_batch_and_says_so_in_one_line(store: Store) -> None:
    def batch(first: int, rows: int) -> list[News]:
        told = ({"fingerprint": first + i, "error": "e" * 200} for i in range(rows))
        return [News(node="n1", transfers=transfers(told))]

    connection = Connection(store.path, "rw")
    connection.execute("PRAGMA max_page_count = 40")  # as small a disk
    writer = StoreWriter(connection)
    assert writer.write(batch(0, 10)).new == 10
    with pytest.raises(OperatorError) as refusal, writer:
        writer.write(batch(10, 5_000))
    assert refusal.value.reason == (
        f"the database {store.path} can't be written: the disk is full or failing"
    )
    assert refusal.value.hint == (
        "Free some space and run the command again: nothing was half-written."
    )
    expected = {"nodes": 1, "satellites": 1, "events": 10, "event_hours": 1}
    assert counts(store) == dict.fromkeys(TABLES, 0) | expected
    assert rows_of(store.path, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert write(store, {"fingerprint": 9}, {"fingerprint": 10}) == Written(new=1, known=1)


def test_a_writer_is_closed_whatever_happened(store: Store) -> None:
    connection = Breaking(store.path, "rw")
    with pytest.raises(RuntimeError, match="optimize"), StoreWriter(connection):
        connection.words = "PRAGMA optimize"
    connection.words = "\0"
    with pytest.raises(Exception, match="must call AdbcConnectionInit first"):
        connection.query("SELECT 1")


def test_an_empty_batch_only_makes_the_node_known(store: Store) -> None:
    assert write(store) == Written(new=0, known=0)
    assert [(node.name, node.first_heard_at) for node in store.nodes()] == [("n1", None)]


# What may be told, each key with one content, and hours and free space in several pieces.
_FIRST = at("2026-03-04T10:00:00")
FACTS = [
    *(
        News(
            node=node,
            transfers=transfers(
                {
                    "at": _FIRST + i * HOUR_US // 3,
                    "fingerprint": i % 5,
                    "size": None if i % 4 == 0 else i,
                    "duration_ms": None if i % 3 == 0 else 100 * i,
                    "satellite": (US1, EU1, None)[i % 3],
                }
                for i in numbers
            ),
        )
        for node in ("n1", "n2")
        for numbers in (range(4), range(3, 7), range(7, 8), [2, 2, 9])
    ),
    *(
        News(node="n1", hours=[HeardHour(_FIRST, *times)])
        for times in [
            (_FIRST + 5, _FIRST + 9, None, 7, None),
            (_FIRST + 1, _FIRST + 3, 6, None, None),
            (_FIRST + 8, _FIRST + 8, 2, 9, 8),
        ]
    ),
    *(
        News(node=node, free_space=[FreeSpace(_FIRST + by, free)])
        for node in ("n1", "n2")
        for by, free in [(0, 70), (299_999_999, 50), (299_999_999, 60), (300_000_000, 10)]
    ),
    News(node="n1", scores=[Scores(_FIRST, US1, 1.0, 0.9, None, 5, None)]),
    News(node="n1", scores=[Scores(_FIRST, EU1, 0.5, None, 1.0, None, 7)]),
    News(node="n2", scores=[Scores(_FIRST, US1, None, None, None, None, None)]),
    News(node="n1", compactions=[Compaction(_FIRST, US1, "s0", 9, 1, None, 0.5, None, None)]),
    News(node="n1", compactions=[Compaction(_FIRST, US1, "s1", None, None, 2, None, 0.1, "x")]),
    News(node="n3", following=Following("a.log", "{}", "following", None, 0, 1)),
    *(
        News(node="n1", used_space=[UsedSpace(_FIRST + by, 100, used, 100 - used, 1, None, 0)])
        for by, used in [(0, 70), (299_999_999, 50), (300_000_000, 10)]
    ),
    News(node="n3", poll=Poll(_FIRST, "http://nas:14002", is_answered=True, version="1.137.5")),
    News(node="n4", poll=Poll(_FIRST, "http://nas:14003", is_answered=False, reason="refused")),
    News(node="n1", scores=[Scores(_FIRST, US1, 1.0, 1.0, 1.0, None, None, origin="api")]),
    News(node="n1", satellite_urls={EU1: "eu1.storj.io:7777", "1Mine" * 10: "my.home.org:7777"}),
]


@given(st.lists(st.lists(st.integers(0, len(FACTS) - 1), max_size=8), max_size=8))
@settings(max_examples=25)
def test_in_any_order_and_split_and_however_often_the_same_news_give_the_same_contents(
    calls: list[list[int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        told, once = (Store.open(Path(folder) / name, create=True) for name in ("a.db", "b.db"))
        with told.writer() as writer:
            new = sum(writer.write([FACTS[number] for number in call]).new for call in calls)
        with once.writer() as writer:
            distinct = sorted({number for call in calls for number in call})
            assert writer.write([FACTS[number] for number in distinct]).new == new
        assert contents_of(told.path) == contents_of(once.path)
