"""What a node's API tells, and that it was asked."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.plugin.query import moment
from storj_monitor.store import FreeSpace, News, Poll, PolledApi, Scores, Store, UsedSpace
from tests.records import EU1, US1, at
from tests.store.databases import rows_of

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://127.0.0.1:14002"
HOUR = at("2026-03-04T10:00:00")
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


def tell(store: Store, *told: News) -> None:
    with store.writer() as writer:
        writer.write(told)


def answered(at_us: int, reason: str | None = None, version: str | None = None) -> Poll:
    return Poll(at_us, URL, is_answered=True, reason=reason, version=version)


def failed(at_us: int, reason: str) -> Poll:
    return Poll(at_us, URL, is_answered=False, reason=reason)


def hours_of(store: Store) -> list[tuple[Any, ...]]:
    found = rows_of(
        store.path,
        "SELECT n.name, hour_at, answered_at, failed_at, reason FROM api_hours"
        " JOIN nodes AS n ON n.id = node_id ORDER BY n.name, hour_at",
    )
    return [tuple(row.values()) for row in found]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_an_hour_keeps_its_last_answer_and_its_last_failure_in_whatever_order_they_come(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    store = Store.open(tmp_path / "some.db", create=True)
    polls = [
        answered(HOUR + 1),
        failed(HOUR + 2, "refused"),
        failed(HOUR + 4, "no answer"),
        answered(HOUR + 3),
    ]
    for number in (*order, order[0]):
        tell(store, News(node="n1", poll=polls[number]))
    assert hours_of(store) == [("n1", HOUR, HOUR + 3, HOUR + 4, "no answer")]


def test_hours_are_kept_apart_by_node_and_hour(store: Store) -> None:
    tell(store, News(node="n1", poll=answered(HOUR)), News(node="n2", poll=failed(HOUR, "down")))
    tell(store, News(node="n1", poll=failed(HOUR + HOUR_US, "down")))
    assert hours_of(store) == [
        ("n1", HOUR, HOUR, None, None),
        ("n1", HOUR + HOUR_US, None, HOUR + HOUR_US, "down"),
        ("n2", HOUR, None, HOUR, "down"),
    ]


def test_an_answer_in_part_is_an_answer_with_a_reason(store: Store) -> None:
    tell(store, News(node="n1", poll=answered(HOUR, reason="/api/sno/satellite: 500")))
    assert hours_of(store) == [("n1", HOUR, HOUR, HOUR, "/api/sno/satellite: 500")]
    [node] = store.nodes()
    assert node.api is not None
    assert (node.api.state, node.api.reason) == ("answering", "/api/sno/satellite: 500")


def test_a_node_shows_how_its_api_answered_the_last_time_and_what_it_said_before(
    store: Store,
) -> None:
    tell(store, News(node="n1", poll=answered(HOUR, version="1.137.5")), News(node="n2"))
    tell(store, News(node="n1", poll=failed(HOUR + 2, "refused")))
    tell(store, News(node="n1", poll=answered(HOUR + 1, version="1.130.0")))  # told late
    found, other = store.nodes()
    assert found.api == PolledApi(URL, "1.137.5", moment(HOUR), moment(HOUR + 2), "refused")
    assert found.api.state == "failing"
    assert other.api is None
    assert found.last_heard_at is None, "its log wasn't read"

    tell(store, News(node="n1", poll=answered(HOUR + 3)._replace(url="http://nas:14003")))
    found, _ = store.nodes()
    assert found.api == PolledApi(
        "http://nas:14003", "1.137.5", moment(HOUR + 3), moment(HOUR + 3), None
    )
    assert found.api.state == "answering"


SAID = Scores(HOUR, US1, 1.0, 0.75, 0.5, None, None, None, HOUR, HOUR - 5, origin="api")


def times_of(store: Store, node: str = "n1", origin: str = "api") -> list[int]:
    found = rows_of(
        store.path,
        "SELECT at FROM reputation JOIN nodes AS n ON n.id = node_id"
        f" WHERE n.name = '{node}' AND origin = '{origin}' ORDER BY at",
    )
    return [row["at"] for row in found]


def test_what_the_api_says_is_kept_whole(store: Store) -> None:
    tell(store, News(node="n1", scores=[SAID]))
    [row] = rows_of(store.path, "SELECT * FROM reputation")
    del row["node_id"], row["satellite_id"]
    assert tuple(row.values()) == (
        *(HOUR, "api", 1.0, 0.75, 0.5),
        *(None, None, None, HOUR, HOUR - 5),
    )


def test_what_the_api_says_again_is_kept_every_six_hours(store: Store) -> None:
    for poll in range(13 * 12 + 1):
        tell(store, News(node="n1", scores=[SAID._replace(at=HOUR + poll * 5 * MINUTE_US)]))
    assert times_of(store) == [HOUR, HOUR + 6 * HOUR_US, HOUR + 12 * HOUR_US]


@pytest.mark.parametrize(
    "change",
    [
        {"audit_score": 0.99},
        {"suspension_score": None},
        {"online_score": 0.51},
        {"audits_total": 5},
        {"audits_ok": 0},
        {"disqualified_at": HOUR},
        {"suspended_at": None},
        {"vetted_at": HOUR},
    ],
)
def test_whatever_differs_from_what_the_api_said_last_is_kept_at_once(
    store: Store, change: dict[str, Any]
) -> None:
    changed = SAID._replace(**change)
    for minute, scores in enumerate([SAID, SAID, changed, changed, SAID, SAID]):
        tell(store, News(node="n1", scores=[scores._replace(at=HOUR + minute * MINUTE_US)]))
    assert [(at_us - HOUR) // MINUTE_US for at_us in times_of(store)] == [0, 2, 4]


def test_each_node_and_satellite_and_the_log_have_opinions_of_their_own(store: Store) -> None:
    logged = SAID._replace(origin="log")
    tell(store, News(node="n1", scores=[SAID, SAID._replace(satellite=EU1), logged]))
    tell(store, News(node="n1", scores=[logged._replace(at=HOUR + 1)]))
    later = [one._replace(at=HOUR + 2) for one in (SAID, SAID._replace(satellite=EU1))]
    tell(store, News(node="n1", scores=later), News(node="n2", scores=later[:1]))
    assert times_of(store) == [HOUR, HOUR]
    assert times_of(store, origin="log") == [HOUR, HOUR + 1]
    assert times_of(store, node="n2") == [HOUR + 2]


def test_the_latest_space_of_five_minutes_stays_beside_what_the_log_said(store: Store) -> None:
    first = UsedSpace(HOUR + 1, 100, 60, 40, 5, 2, 0)
    last = UsedSpace(HOUR + 3, 100, 61, None, None, None, None)
    for used in (first, last, UsedSpace(HOUR + 2, 100, 62, 38, 5, 2, 0)):
        tell(store, News(node="n1", used_space=[used], free_space=[FreeSpace(HOUR + 9, 41)]))
    found = rows_of(
        store.path,
        "SELECT slot_at, origin, at, allocated_bytes, used_bytes, free_bytes, trash_bytes,"
        " reclaimable_bytes, overused_bytes FROM storage ORDER BY origin",
    )
    assert [tuple(row.values()) for row in found] == [
        (HOUR, "api", *last[:-1]),
        (HOUR, "log", HOUR + 9, None, None, 41, None, None, None),
    ]


def test_since_when_an_api_fails_is_known_as_long_as_it_is_watched(store: Store) -> None:
    def failing_since(at: int, *, is_answered: bool) -> int | None:
        tell(store, News(node="n1", poll=Poll(at, "http://nas:14002", is_answered)))
        [row] = rows_of(store.path, "SELECT failing_since FROM polled_apis")
        since: int | None = row["failing_since"]
        return since

    assert failing_since(HOUR, is_answered=True) is None
    assert failing_since(HOUR + 5, is_answered=False) == HOUR + 5
    assert failing_since(HOUR + 9, is_answered=False) == HOUR + 5
    assert failing_since(HOUR + 11, is_answered=True) is None
    assert failing_since(HOUR + 12, is_answered=False) == HOUR + 12
    asleep = HOUR + 12 + 3_600_000_000
    assert failing_since(asleep, is_answered=False) == asleep
