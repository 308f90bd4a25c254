from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.store import Estimate, Joined, News, Paystub, Prices
from tests.records import EU1, US1
from tests.store.databases import contents_of, rows_of

if TYPE_CHECKING:
    from storj_monitor.store import Store

MADE = 1_790_000_000_000_000


def stub(read_at: int = 1, satellite: str = US1, **said: Any) -> Paystub:
    values: dict[str, Any] = {
        "period": "2026-10",
        "origin": "api",
        "held": 5,
        "paid": 70,
        "distributed": 0,
    } | said
    return Paystub(satellite=satellite, read_at=read_at, **values)


def expected(at: int = 1, **said: Any) -> Estimate:
    values: dict[str, Any] = {"period": "2026-10", "origin": "api", "payout": 60} | said
    return Estimate(satellite=US1, at=at, **values)


def tell(store: Store, *news: News) -> None:
    with store.writer() as writer:
        writer.write(news)


def paystubs(store: Store, *of: Paystub) -> None:
    tell(store, News(node="n1", paystubs=of))


def found(store: Store, table: str, *columns: str) -> list[tuple[object, ...]]:
    rows = rows_of(store.path, f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1")
    return [tuple(row.values()) for row in rows]


def test_a_statement_is_stored_with_all_it_says(store: Store) -> None:
    whole = Paystub._make(["2026-10", US1, "api", 9, MADE, "E", *range(1, 18), "eth:0x1"])
    paystubs(store, whole)
    [row] = rows_of(store.path, "SELECT * FROM paystubs")
    assert [row["period"], *list(row.values())[3:]] == [whole.period, *whole[2:]]


def test_the_same_statement_read_again_changes_nothing(store: Store) -> None:
    paystubs(store, stub(read_at=1))
    before = contents_of(store.path)
    paystubs(store, stub(read_at=2), stub(read_at=3))
    assert contents_of(store.path) == before


def test_a_statement_that_changed_is_kept_in_both_versions(store: Store) -> None:
    paystubs(store, stub(read_at=1, paid=70))
    paystubs(store, stub(read_at=2, paid=65), stub(read_at=3, paid=64))
    assert found(store, "paystubs", "read_at", "paid") == [(3, 64)]
    assert found(store, "earlier_paystubs", "replaced_at", "read_at", "paid") == [
        (2, 1, 70),
        (3, 2, 65),
    ]


def test_what_is_not_told_again_stays_known(store: Store) -> None:
    paystubs(store, stub(read_at=1, receipt="eth:0x1", created_at=MADE))
    paystubs(store, stub(read_at=2, receipt=None, distributed=70))
    assert found(store, "paystubs", "receipt", "created_at", "distributed", "read_at") == [
        ("eth:0x1", MADE, 70, 2)
    ]


def test_what_the_node_says_itself_wins_over_what_was_imported(store: Store) -> None:
    paystubs(store, stub(read_at=1, origin="import", paid=69))
    paystubs(store, stub(read_at=2, paid=70))
    paystubs(store, stub(read_at=3, origin="import", paid=69))
    assert found(store, "paystubs", "origin", "paid") == [("api", 70)]
    assert found(store, "earlier_paystubs", "origin", "paid") == [("import", 69)]


def test_statements_of_other_months_nodes_and_satellites_stay_apart(store: Store) -> None:
    paystubs(store, stub(period="2026-09", paid=1), stub(satellite=EU1, paid=2))
    tell(store, News(node="n2", paystubs=[stub(paid=3)]))
    paystubs(store, stub(paid=4))
    assert found(store, "paystubs", "paid", "period") == [
        *((1, "2026-09"), (2, "2026-10"), (3, "2026-10"), (4, "2026-10"))
    ]
    assert found(store, "earlier_paystubs", "paid", "period") == []


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_the_latest_estimate_stays_whatever_comes_first(
    store: Store, order: tuple[int, ...]
) -> None:
    for at in order:
        tell(store, News(node="n1", estimates=[expected(at=at, payout=60 + at)]))
    assert found(store, "estimates", "at", "payout") == [(3, 63)]


def test_an_estimate_that_comes_after_the_statement_is_not_kept(store: Store) -> None:
    tell(store, News(node="n1", estimates=[expected(at=1, payout=61)]))
    tell(store, News(node="n1", paystubs=[stub()], estimates=[expected(at=2, payout=62)]))
    tell(store, News(node="n1", estimates=[expected(at=3, payout=63)]))
    tell(store, News(node="n1", estimates=[expected(at=3, period="2026-11", payout=64)]))
    assert found(store, "estimates", "period", "payout") == [("2026-10", 62), ("2026-11", 64)]


def test_what_is_for_repair_and_audits_stays_divided_when_only_the_sum_is_told(
    store: Store,
) -> None:
    divided = {"repair_bytes": 75, "audit_bytes": 25, "repair": 750, "audit": 250}
    tell(store, News(node="n1", estimates=[expected(at=1, **divided)]))
    tell(store, News(node="n1", estimates=[expected(at=2, repair_bytes=200, repair=2_001)]))
    columns = ("repair_bytes", "audit_bytes", "repair", "audit")
    assert found(store, "estimates", *columns) == [(150, 50, 1_501, 500)]


def test_an_imported_estimate_never_replaces_that_of_the_node(store: Store) -> None:
    imported = expected(at=9, origin="import", payout=99)
    tell(store, News(node="n1", estimates=[imported]))
    tell(store, News(node="n1", estimates=[expected(at=1, payout=61)]))
    tell(store, News(node="n1", estimates=[imported]))
    assert found(store, "estimates", "origin", "payout") == [("api", 61)]


def test_an_imported_estimate_is_kept_beside_the_statement_that_came_with_it(store: Store) -> None:
    imported = expected(at=9, origin="import", payout=99)
    paid = stub(origin="import")
    tell(store, News(node="n1", paystubs=[paid], estimates=[imported]))
    assert found(store, "estimates", "origin", "payout") == [("import", 99)]


def test_prices_are_kept_when_they_change(store: Store) -> None:
    old, new = (150, 200, 200, 200), (135, 100, 100, 100)
    for at, prices in ((1, old), (2, old), (3, new), (4, new), (5, old)):
        tell(store, News(node="n1", prices=[Prices(US1, at, *prices)]))
    assert found(store, "prices", "at", "storage") == [(1, 150), (3, 135), (5, 150)]


def test_since_when_a_node_stores_for_a_satellite_is_what_was_told_last(store: Store) -> None:
    tell(store, News(node="n1", joined=[Joined(US1, 5), Joined(EU1, 6)]))
    tell(store, News(node="n1", joined=[Joined(US1, 4)]))
    assert found(store, "memberships", "joined_at") == [(4,), (6,)]
