from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from storj_export_plugins.sources.prices import storj_sources
from storj_monitor.plugin import OptionError
from storj_monitor.settings import MoneySettings, Price
from storj_monitor.store import Prices, Store
from tests.records import EU1, US1, at
from tests.sources.asking import ask
from tests.sources.statements import tell

if TYPE_CHECKING:
    from pathlib import Path

[PRICES] = storj_sources()


def said(when: str, storage: int, satellite: str = US1) -> Prices:
    return Prices(satellite, at(when), storage, 1_000_000, 1_000_000, 1_000_000)


def listed(first: str, storage: str, satellite: str = "") -> Price:
    rest = dict.fromkeys(("egress", "repair", "audit"), Decimal(1))
    day = date.fromisoformat(first)
    return Price(from_=day, storage=Decimal(storage), satellite=satellite, **rest)


def store_with(tmp_path: Path, *prices: Price) -> Store:
    return Store.open(tmp_path / "a.db", create=True, money=MoneySettings(prices=prices))


def rows(
    store: Store, origin: str, start: str = "2030-03-01", **query: Any
) -> list[tuple[str, str | None, Decimal]]:
    found = ask(store, PRICES, start, "2030-04-01", **query)
    return [
        (f"{row['from_at']:%Y-%m-%d}", row["satellite"], row["storage_usd"])
        for row in found
        if row["origin"] == origin
    ]


def test_of_a_node_the_latest_before_the_span_and_those_in_it_hold(store: Store) -> None:
    days = ("2029-01-01", "2030-03-01", "2030-03-05", "2030-04-01")
    tell(store, prices=[said(day, number) for number, day in enumerate(days)])
    tell(store, prices=[said("2029-06-01", 9, EU1)])
    assert rows(store, "api") == [
        ("2029-06-01", "eu1", Decimal("0.000009")),
        ("2030-03-01", "us1", Decimal("0.000001")),
        ("2030-03-05", "us1", Decimal("0.000002")),
    ]


def test_settings_hold_until_later_ones_of_all_satellites_begin(tmp_path: Path) -> None:
    store = store_with(
        tmp_path,
        listed("2029-01-01", "1.1", "us1"),
        listed("2029-06-01", "1.2"),
        listed("2029-06-01", "1.3", EU1),
        listed("2029-07-01", "1.4", "gone"),
        listed("2030-03-01", "1.5"),
        listed("2030-03-01", "1.6", "us1"),
        listed("2030-04-01", "1.7"),
    )
    tell(store, prices=[said("2029-01-01", 1), said("2029-01-01", 1, EU1)])
    assert rows(store, "settings", "2030-02-15") == [
        ("2029-06-01", None, Decimal("1.2")),
        ("2029-06-01", "eu1", Decimal("1.3")),
        ("2029-07-01", "gone", Decimal("1.4")),
        ("2030-03-01", None, Decimal("1.5")),
        ("2030-03-01", "us1", Decimal("1.6")),
    ]
    assert rows(store, "settings", "2030-02-15", filters={"satellite": ["us1"]}) == [
        ("2029-06-01", None, Decimal("1.2")),
        ("2030-03-01", None, Decimal("1.5")),
        ("2030-03-01", "us1", Decimal("1.6")),
    ]


def test_the_known_prices_are_there_without_any_settings(store: Store) -> None:
    [known] = ask(store, PRICES, "2026-10-01", "2026-11-01")
    assert (known["node"], known["satellite"], known["satellite_id"]) == (None, None, None)
    assert [known[f"{part}_usd"] for part in ("storage", "egress", "repair", "audit")] == [
        Decimal("1.35"),
        1,
        1,
        1,
    ]


def test_nodes_and_satellites_can_be_chosen(store: Store) -> None:
    tell(store, prices=[said("2029-01-01", 1), said("2029-01-01", 2, EU1)])
    tell(store, "n2", prices=[said("2029-01-01", 3)])
    assert rows(store, "api", nodes=("n2",)) == [("2029-01-01", "us1", Decimal("0.000003"))]
    chosen = rows(store, "api", filters={"satellite": [EU1]})
    assert chosen == [("2029-01-01", "eu1", Decimal("0.000002"))]
    with pytest.raises(OptionError, match="there is no satellite 'mars1'; known: eu1, us1"):
        rows(store, "api", filters={"satellite": ["mars1"]})
