from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from storj_monitor.schema import node_costs, price_list
from storj_monitor.settings import KNOWN_PRICES, Cost, MoneySettings, Price
from storj_monitor.store import Store
from tests.store.databases import rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table

DAY_US = 86_400_000_000


def told(store: Store, table: Table) -> list[dict[str, object]]:
    with store.reader() as reader:
        return reader.fetch(select(table).order_by(*table.primary_key)).to_pylist()


def test_a_reader_finds_the_known_prices_in_micro_usd_and_no_costs(store: Store) -> None:
    found = {(row["from_at"], row["satellite"]): row for row in told(store, price_list)}
    assert len(found) == len(KNOWN_PRICES)
    september = (date(2026, 9, 1) - date(1970, 1, 1)).days * DAY_US
    assert found[september, ""] == {
        "from_at": september,
        "satellite": "",
        "storage": 1_350_000,
        "egress": 1_000_000,
        "repair": 1_000_000,
        "audit": 1_000_000,
    }
    july = (date(2023, 7, 1) - date(1970, 1, 1)).days * DAY_US
    assert (found[july, "saltlake"]["egress"], found[july, "us1"]["egress"]) == (
        2_500_000,
        6_000_000,
    )
    assert told(store, node_costs) == []


def test_a_price_of_the_operator_wins_over_the_known_one_of_the_same_day(tmp_path: Path) -> None:
    low = Price(
        from_=date(2026, 9, 1),
        storage=Decimal("1.2"),
        egress=Decimal("0.000001"),
        repair=Decimal(0),
        audit=Decimal(1),
    )
    store = Store.open(tmp_path / "a.db", create=True, money=MoneySettings(prices=(low,)))
    newest = told(store, price_list)[-1]
    assert len(told(store, price_list)) == len(KNOWN_PRICES)
    assert [newest[name] for name in ("storage", "egress", "repair", "audit")] == [
        *(1_200_000, 1, 0, 1_000_000)
    ]


def test_the_costs_of_a_node_and_month_are_one_row(tmp_path: Path) -> None:
    costs = (
        Cost(node="attic", monthly=Decimal("4.50")),
        Cost(node="attic", from_="2026-05", once=Decimal(90)),
        Cost(node="attic", from_="2026-05", once=Decimal(30)),
        Cost(node="attic", from_="2026-05", monthly=Decimal(5)),
    )
    store = Store.open(tmp_path / "a.db", create=True, money=MoneySettings(costs=costs))
    assert [tuple(row.values()) for row in told(store, node_costs)] == [
        ("attic", "1970-01", 4_500_000, None),
        ("attic", "2026-05", 5_000_000, 120_000_000),
    ]


def test_the_tables_are_the_readers_own_and_the_file_has_none_of_them(store: Store) -> None:
    with store.reader() as one, store.reader() as other:
        assert one.fetch(select(price_list)).equals(other.fetch(select(price_list)))
    names = {row["name"] for row in rows_of(store.path, "SELECT name FROM sqlite_schema")}
    assert not names & {"price_list", "node_costs"}
