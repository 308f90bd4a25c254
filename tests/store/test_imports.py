from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.store import (
    FreeSpace,
    News,
    PastAlert,
    Scores,
    Seal,
    SummedHour,
    UsedSpace,
    Written,
)
from tests.records import US1, transfers
from tests.store.databases import contents_of, rows_of

if TYPE_CHECKING:
    from storj_monitor.store import Store

HOUR = 3_600_000_000
AT = 492_000 * HOUR


def tell(store: Store, news: News) -> Written:
    with store.writer() as writer:
        return writer.write([news])


def seal(store: Store, *seals: Seal) -> None:
    tell(store, News(node="n1", seals=seals))


def told(store: Store, *ats: int) -> Written:
    rows = [{"at": at, "fingerprint": at} for at in ats]
    return tell(store, News(node="n1", transfers=transfers(rows)))


def test_a_line_of_a_sealed_hour_adds_nothing(store: Store) -> None:
    seal(store, Seal(AT, AT + HOUR - 1))
    assert told(store, AT - 1, AT, AT + HOUR - 1, AT + HOUR) == Written(new=2, known=0, sealed=2)


def test_an_hour_that_is_sealed_in_part_takes_what_is_later(store: Store) -> None:
    seal(store, Seal(AT, AT + 5))
    assert told(store, AT, AT + 5, AT + 6, AT + HOUR) == Written(new=2, known=0, sealed=2)


def test_what_is_imported_is_added_to_a_sealed_hour_but_not_to_a_pruned_one(store: Store) -> None:
    rows = transfers([{"at": AT, "fingerprint": 1}, {"at": AT + 1, "fingerprint": 2}])
    news = News(node="n1", transfers=rows, are_imported=True)
    seal(store, Seal(AT, AT + 5))
    assert tell(store, news) == Written(new=2, known=0, sealed=0)
    assert tell(store, news) == Written(new=0, known=2, sealed=0)
    with store.writer() as writer:
        assert writer.prune(AT + HOUR) == 2
    assert tell(store, news) == Written(new=0, known=0, sealed=2)


@pytest.mark.parametrize("order", [(3, 5), (5, 3)])
def test_of_two_seals_the_later_time_counts(store: Store, order: tuple[int, int]) -> None:
    for until in order:
        seal(store, Seal(AT, AT + until))
    [row] = rows_of(store.path, "SELECT hour_at, until_at FROM sealed_hours")
    assert row == {"hour_at": AT, "until_at": AT + 5}


def test_pruning_seals_all_of_an_hour_that_was_sealed_in_part(store: Store) -> None:
    told(store, AT)
    seal(store, Seal(AT, AT + 5))
    with store.writer() as writer:
        assert writer.prune(AT + HOUR) == 1
    seal(store, Seal(AT, AT + 5))
    assert told(store, AT + 6).sealed == 1


def test_sums_are_added_once_and_never_to_a_sealed_hour(store: Store) -> None:
    sums = [SummedHour(AT, "GET", "success", 7, 700), SummedHour(AT, "GET", "canceled", 2, None)]
    closing = News(node="n1", summed_hours=sums, seals=[Seal(AT, AT + HOUR - 1)])
    tell(store, closing)
    before = contents_of(store.path)
    tell(store, closing)
    tell(store, News(node="n1", summed_hours=[SummedHour(AT, "PUT", "success", 1, 1)]))
    assert contents_of(store.path) == before
    assert before["event_hours"] == [
        (AT, "n1", None, "GET", "canceled", 2, None),
        (AT, "n1", None, "GET", "success", 7, 700),
    ]


def test_past_alerts_are_taken_once_and_learn_that_they_were_resolved(store: Store) -> None:
    open_ = PastAlert(AT, US1, "audit_score_warning", "warning", "Low", "Audit 0.9", 90.0, 85.0)
    tell(store, News(node="n1", past_alerts=[open_]))
    tell(store, News(node="n1", past_alerts=[open_._replace(resolved_at=AT + 9)]))
    tell(store, News(node="n1", past_alerts=[open_]))
    [row] = contents_of(store.path)["alerts"]
    assert row[1:] == (AT, "n1", US1, *open_[2:8], AT + 9, None, "import")


def test_of_past_alerts_that_are_open_only_the_latest_of_a_kind_stays_so(store: Store) -> None:
    open_ = PastAlert(AT, US1, "audit_score_warning", "warning", "Low", "Audit 0.9")
    later = [open_._replace(at=AT + step, title=f"Low {step}") for step in (1, 2)]
    for alert in (open_, *later):
        tell(store, News(node="n1", past_alerts=[alert]))
    rows = rows_of(store.path, "SELECT at, resolved_at FROM alerts ORDER BY at")
    assert [tuple(row.values()) for row in rows] == [
        *((AT, AT + 1), (AT + 1, AT + 2), (AT + 2, None))
    ]


def test_what_was_imported_stands_beside_what_the_node_says(store: Store) -> None:
    used = (AT, 100, 60, 40, 5, 2, 0)
    tell(
        store,
        News(
            node="n1",
            scores=[
                Scores(AT, US1, 1.0, 1.0, 0.9, None, None, origin=origin)
                for origin in ("log", "api", "import")
            ],
            used_space=[UsedSpace(*used), UsedSpace(*used, origin="import")],
            free_space=[FreeSpace(AT, 40), FreeSpace(AT + HOUR, 41, "import")],
        ),
    )
    found = contents_of(store.path)
    assert [row[3] for row in found["reputation"]] == ["api", "import", "log"]
    assert sorted(row[2:4] for row in found["storage"]) == [
        *(("api", AT), ("import", AT), ("import", AT + HOUR), ("log", AT))
    ]
