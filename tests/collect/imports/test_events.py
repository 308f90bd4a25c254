"""Their transfers, with every quirk, as our `events` and `event_hours` have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.collect.ingest import ingest
from storj_monitor.store import HeardHour, News
from storj_monitor.store.transfers import write_transfers
from tests.collect.imports.other_monitor import OLDEST, other_monitor, take_over
from tests.records import EU1, PIECE, US1, at
from tests.store.databases import number_of, rows_of, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storj_monitor.store import Store, Written
    from storj_monitor.store.ids import Ids
    from storj_monitor.store.statements import Statements
    from tests.collect.imports.conftest import Add, TakeTable

EVENTS = """
SELECT n.name AS node, s.satellite_id AS satellite, e.* FROM events AS e
JOIN nodes AS n ON n.id = node_id JOIN satellites AS s ON s.id = e.satellite_id ORDER BY e.id
"""
HOURS = """
SELECT n.name AS node, hour_at, action, status, count, bytes
FROM event_hours JOIN nodes AS n ON n.id = node_id ORDER BY 1, 2, 3, 4
"""
SEALS = """
SELECT n.name AS node, hour_at, until_at FROM sealed_hours JOIN nodes AS n ON n.id = node_id
ORDER BY 1, 2
"""


def events_of(store: Store) -> list[dict[str, Any]]:
    return rows_of(store.path, EVENTS)


def line(time: str, piece: str = PIECE) -> str:
    return (
        f"{time}\tINFO\tpiecestore\tdownloaded\t"
        f'{{"Process": "storagenode", "Piece ID": "{piece}", "Satellite ID": "{US1}", '
        f'"Action": "GET", "Offset": 0, "Size": 2560, "Remote Address": "203.0.113.7:4000"}}\n'
    )


def test_a_transfer_comes_with_all_that_is_told_of_it(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    add("events", satellite_id=EU1, action="GET_REPAIR", duration_ms=77)
    add("events", timestamp="2025-10-11T05:03:28.123456+00:00", status="canceled", error_reason="x")
    assert take_table("events").taken == 2

    first, second = events_of(store)
    assert (first["at"], second["at"]) == (
        at("2025-10-11T05:03:27"),
        at("2025-10-11T05:03:28.123456"),
    )
    told = {
        "node": "attic",
        "satellite": EU1,
        "action": "GET_REPAIR",
        "status": "success",
        "size": 2_560,
        "duration_ms": 77,
        "piece_id": PIECE,
        "error": None,
        "remote_ip": "203.0.113.7",
        "country": "Germany",
        "occurrence": 0,
    }
    assert {name: first[name] for name in told} == told
    assert (second["status"], second["error"], second["duration_ms"]) == ("canceled", "x", None)


def test_what_is_broken_or_unknown_is_none(add: Add, take_table: TakeTable, store: Store) -> None:
    add("events", remote_ip="[2a01", country="Unknown", size=-1, duration_ms=2**62)
    add("events", remote_ip=None, country=None, size=None, timestamp="2025-10-11T05:03:28+00:00")
    account = take_table("events")
    for event in events_of(store):
        names = ("remote_ip", "country", "size", "duration_ms")
        assert [event[name] for name in names] == [None] * 4
    assert account.repaired == {
        "with an address that was cut short: taken without it": 1,
        "with an unknown country: taken without it": 1,
        "with a size that can't be: taken without it": 1,
        "with a duration that can't be: taken without it": 1,
    }


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (("PUT", "unexpected EOF"), "canceled"),
        (("PUT", "manager closed: context canceled"), "canceled"),
        (("PUT_REPAIR", "unexpected EOF"), "canceled"),
        (("PUT", "write: no space left on device"), "failed"),
        (("PUT", None), "failed"),
        (("GET", "unexpected EOF"), "failed"),
    ],
)
def test_a_failed_upload_whose_client_went_was_canceled(
    told: tuple[str, str | None], status: str, add: Add, take_table: TakeTable, store: Store
) -> None:
    action, reason = told
    add("events", action=action, status="failed", error_reason=reason)
    account = take_table("events")
    assert [event["status"] for event in events_of(store)] == [status]
    assert account.repaired.total() == (status == "canceled")


def test_uploads_that_may_have_been_canceled_are_said(add: Add, take_table: TakeTable) -> None:
    add("events", action="PUT")
    [remark] = take_table("events").remarks
    assert remark.startswith("1 uploads stand there as successes: those that were canceled are")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"timestamp": "yesterday"}, "whose time can't be read"),
        ({"timestamp": None}, "whose time can't be read"),
        ({"action": None}, "without an action"),
        ({"action": "get it"}, "without an action"),
        ({"status": "lost"}, "of an unknown status"),
        ({"status": None}, "of an unknown status"),
        ({"satellite_id": "us 1"}, "without a usable id of a satellite"),
        ({"satellite_id": None}, "without a usable id of a satellite"),
        ({"piece_id": "a\nb"}, "with a piece's id that can't be"),
        ({"node_name": "a\x1b[2J"}, "without a usable name of a node"),
        ({"node_name": "n" * 201}, "without a usable name of a node"),
    ],
)
def test_what_tells_no_transfer_is_left_out_with_the_reason(
    cells: dict[str, object], reason: str, add: Add, take_table: TakeTable
) -> None:
    add("events", **cells)
    account = take_table("events")
    assert account.left_out == {reason: 1}


def test_a_row_without_a_node_is_of_the_node_default(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    add("events", node_name=None)
    account = take_table("events")
    assert account.repaired == {"without a name of a node: taken as 'default'": 1}
    assert [event["node"] for event in events_of(store)] == ["default"]


def test_an_old_database_has_fewer_columns_and_tables(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "old.db"
    with other_monitor(path, OLDEST) as old:
        old.add("events")
        old.add("hourly_stats", hour_timestamp="2025-10-10T05:00:00+00:00", dl_success=9)
    account = take_over(store, path)
    assert account.taken == 2
    assert account.nodes == {"default"}
    [event] = events_of(store)
    assert (event["node"], event["duration_ms"]) == ("default", None)
    summed = [(row["count"], row["bytes"]) for row in rows_of(store.path, HOURS)]
    assert summed == [(9, None), (1, 2_560)]


def test_twins_are_two_transfers_but_a_log_read_twice_adds_nothing(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    for _ in range(2):  # `--ingest-log` twice
        for minute in ("03", "03", "05"):
            add("events", timestamp=f"2025-10-11T05:{minute}:27+00:00")
    account = take_table("events")
    assert (account.taken, account.known) == (3, 3)
    assert [event["occurrence"] for event in events_of(store)] == [0, 1, 0]


def test_each_node_s_readings_are_counted_by_themselves(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    for node, minute in (("attic", "00"), ("nas", "30"), ("attic", "00"), ("nas", "30")):
        add("events", node_name=node, timestamp=f"2025-10-11T05:{minute}:00+00:00")
    assert take_table("events").taken == 4
    assert {(event["node"], event["occurrence"]) for event in events_of(store)} == {
        *(("attic", 0), ("attic", 1)),
        *(("nas", 0), ("nas", 1)),
    }


def test_a_second_import_adds_what_is_new_alone(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    for minute in ("03", "59"):
        add("events", timestamp=f"2025-10-11T05:{minute}:00+00:00")
    assert take_table("events").taken == 2
    again = take_table("events")
    assert (again.taken, again.known) == (0, 2)
    add("events", timestamp="2025-10-11T05:59:59+00:00")
    add("events", timestamp="2025-10-11T06:00:00+00:00")
    later = take_table("events")
    assert (later.taken, later.known) == (2, 2)
    assert number_of(store.path, "SELECT count(*) FROM events") == 4


def test_the_hours_taken_are_sealed_the_newest_up_to_its_last_transfer(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    for time in ("04:59:59", "05:00:00", "06:10:00", "06:20:00"):
        add("events", timestamp=f"2025-10-11T{time}+00:00")
    add("events", node_name="nas", timestamp="2025-10-11T04:00:00+00:00")
    take_table("events")
    assert [tuple(row.values()) for row in rows_of(store.path, SEALS)] == [
        ("attic", at("2025-10-11T04:00:00"), at("2025-10-11T05:00:00") - 1),
        ("attic", at("2025-10-11T05:00:00"), at("2025-10-11T06:00:00") - 1),
        ("attic", at("2025-10-11T06:00:00"), at("2025-10-11T06:20:00")),
        ("nas", at("2025-10-11T04:00:00"), at("2025-10-11T04:00:00")),
    ]


def test_a_log_that_is_read_later_does_not_count_again_what_was_taken(
    add: Add, take_table: TakeTable, store: Store, tmp_path: Path
) -> None:
    for time in ("05:50:00", "06:10:00"):
        add("events", timestamp=f"2025-10-11T{time}+00:00")
    take_table("events")
    log = tmp_path / "node.log"
    times = ("05:40:00", "05:50:00", "06:10:00", "06:10:01", "07:00:00")
    log.write_text("".join(line(f"2025-10-11T{time}Z") for time in times), encoding="utf-8")
    summary = ingest(store, "attic", str(log))
    assert (summary.new, summary.sealed) == (2, 3)


def test_an_import_that_is_cut_off_while_the_log_is_read_counts_nothing_twice(
    add: Add, take_table: TakeTable, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = [f"2025-10-11T05:{minute:02}:00" for minute in range(60)]
    for time in times:
        add("events", timestamp=f"{time}+00:00")
    log = tmp_path / "node.log"
    log.write_text("".join(line(f"{time}Z") for time in times), encoding="utf-8")
    with monkeypatch.context() as then:
        then.setattr("storj_monitor.store.writer.write_transfers", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            take_table("events")
    assert ingest(store, "attic", str(log)).sealed == 60
    assert take_table("events").taken == 60
    assert ingest(store, "attic", str(log)).sealed == 60
    assert number_of(store.path, "SELECT sum(count) FROM event_hours") == 60


def _cut_off(statements: Statements, ids: Ids, news: Sequence[News]) -> Written:
    if any(one.transfers for one in news):
        raise KeyboardInterrupt
    return write_transfers(statements, ids, news)


def test_what_our_own_log_reading_knows_is_not_taken(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    start = at("2025-10-11T05:10:00")
    heard = HeardHour(at("2025-10-11T05:00:00"), start, at("2025-10-11T05:50:00"))
    with store.writer() as writer:
        writer.write([News(node="attic", hours=[heard])])
    write(store, {"at": start}, node="attic")
    for time in ("05:09:59", "05:10:00", "05:50:00", "05:50:01", "06:00:00"):
        add("events", timestamp=f"2025-10-11T{time}+00:00")
    add("events", node_name="nas", timestamp="2025-10-11T05:20:00+00:00")
    account = take_table("events")
    assert account.left_out == {"of times of which the log itself was read": 3}
    assert account.taken == 3
    [until] = rows_of(store.path, f"{SEALS} LIMIT 1")
    assert list(until.values()) == ["attic", at("2025-10-11T05:00:00"), start - 1_000_000]
