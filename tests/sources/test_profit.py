from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from storj_export_plugins.sources.profit import storj_sources
from storj_monitor.settings import Cost, MoneySettings
from storj_monitor.store import Store
from tests.records import EU1, at
from tests.sources.asking import ask
from tests.sources.statements import estimate, statement, tell
from tests.store.databases import write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

[PROFIT] = storj_sources()
KEYS = ("paid_usd", "estimated_usd", "cost_usd", "profit_usd", "expected_profit_usd")


def store_with(tmp_path: Path, *costs: Cost) -> Store:
    return Store.open(tmp_path / "a.db", create=True, money=MoneySettings(costs=costs))


def rows(store: Store, **query: Any) -> list[dict[str, Any]]:
    return ask(store, PROFIT, "2026-01-01", "2027-01-01", **query)


def figures(row: dict[str, Any]) -> list[str | None]:
    return [None if row[key] is None else f"{row[key]:.2f}" for key in KEYS]


def months(found: Sequence[dict[str, Any]]) -> list[str]:
    return [row["period"] for row in found]


def test_paid_less_cost_is_profit_and_an_estimate_never_is(tmp_path: Path) -> None:
    store = store_with(tmp_path, Cost(node="n1", monthly=Decimal("0.25")))
    tell(
        store,
        paystubs=[
            statement("2026-01", paid=400_000),
            statement("2026-01", EU1, paid=100_000),
            statement("2026-02", paid=300_000),
        ],
        estimates=[
            estimate("2026-01", payout=9_000_000),
            estimate("2026-02", EU1, payout=50_000),
            estimate("2026-03", payout=200_000),
        ],
    )
    january, february, march = rows(store)
    assert figures(january) == ["0.50", None, "0.25", "0.25", None]
    assert january["roi_percent"] == 100
    assert figures(february) == ["0.30", "0.05", "0.25", None, "0.10"]
    assert figures(march) == [None, "0.20", "0.25", None, "-0.05"]
    assert march["roi_percent"] is None


def test_the_latest_cost_counts_and_what_is_spent_once_in_its_month(tmp_path: Path) -> None:
    store = store_with(
        tmp_path,
        Cost(node="n1", from_="2026-02", monthly=Decimal(3), once=Decimal(100)),
        Cost(node="n1", from_="2026-03", once=Decimal(7)),
        Cost(node="n1", from_="2026-05", monthly=Decimal(4)),
        Cost(node="other", from_="2026-01", monthly=Decimal(50)),
    )
    tell(store, paystubs=[statement(f"2026-0{month}") for month in range(1, 7)])
    costs = [row["cost_usd"] for row in rows(store)]
    assert costs == [None, 103, 10, 3, 4, 4]


def test_without_a_cost_there_is_no_profit_and_without_any_no_return(tmp_path: Path) -> None:
    store = store_with(tmp_path, Cost(node="n1", from_="2026-02", monthly=Decimal(0)))
    tell(store, paystubs=[statement("2026-01"), statement("2026-02")])
    unknown, free = rows(store)
    assert figures(unknown) == ["0.40", None, None, None, None]
    assert figures(free) == ["0.40", None, "0.00", "0.40", None]
    assert (unknown["roi_percent"], free["roi_percent"]) == (None, None)


def test_costs_have_rows_while_the_node_is_known(tmp_path: Path) -> None:
    store = store_with(
        tmp_path,
        *(Cost(node=node, monthly=Decimal(1)) for node in ("n1", "n2", "n3")),
        Cost(node="nobody", monthly=Decimal(1)),
    )
    tell(store, paystubs=[statement("2026-03"), statement("2026-05", paid=None)])
    tell(store, "n3")
    write(store, {"at": at("2026-02-03"), "satellite": None, "action": None}, node="n2")
    write(store, {"at": at("2026-04-03"), "satellite": None, "action": None}, node="n2")
    found = rows(store)
    assert months([row for row in found if row["node"] == "n1"]) == [
        "2026-03",
        "2026-04",
        "2026-05",
    ]
    assert months([row for row in found if row["node"] == "n2"]) == [
        "2026-02",
        "2026-03",
        "2026-04",
    ]
    assert {row["node"] for row in found} == {"n1", "n2"}
    assert [(row["period"], row["node"]) for row in found] == sorted(
        (row["period"], row["node"]) for row in found
    )
    assert figures(found[-1]) == [None, None, "1.00", None, None]
    assert {row["node"] for row in rows(store, nodes=("n2",))} == {"n2"}


def test_what_is_expected_at_the_end_of_the_month_is_in_the_expected_profit(
    tmp_path: Path,
) -> None:
    store = store_with(tmp_path, Cost(node="n1", monthly=Decimal("0.25")))
    expected = estimate("2026-02", payout=100_000, expected=400_000)
    tell(store, estimates=[expected, estimate("2026-02", EU1, payout=50_000)])
    [row] = rows(store)
    assert figures(row) == [None, "0.15", "0.25", None, "0.20"]


def test_estimates_of_our_own_count_as_estimates(tmp_path: Path) -> None:
    store = store_with(tmp_path, Cost(node="n1", monthly=Decimal(1)))
    write(store, {"at": at("2026-02-03"), "size": 10**12})
    [row] = rows(store)
    assert figures(row) == [None, "2.00", "1.00", None, "1.00"]
