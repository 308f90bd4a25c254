"""What a satellite paid in a month: the latest price by its first day, its own before all's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from storj_monitor.collect.price_list import PriceList
from storj_monitor.plugin.payouts import Price
from storj_monitor.settings import Price as ListedPrice
from tests.records import US1

SALTLAKE = "1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE"


def listed(day: str, storage: str, satellite: str = "") -> ListedPrice:
    first = date.fromisoformat(day)
    rest = dict.fromkeys(("egress", "repair", "audit"), Decimal("1.25"))
    return ListedPrice(from_=first, storage=Decimal(storage), satellite=satellite, **rest)


@pytest.mark.parametrize(
    ("satellite", "period", "price"),
    [
        (US1, "2017-12", None),
        (US1, "2023-06", Price(1_500_000, 20_000_000, 10_000_000, 10_000_000)),
        (US1, "2023-07", Price(1_500_000, 6_000_000, 6_000_000, 6_000_000)),
        (SALTLAKE, "2023-07", Price(1_500_000, 2_500_000, 2_500_000, 2_500_000)),
        (SALTLAKE, "2023-12", Price(1_500_000, 2_000_000, 2_000_000, 2_000_000)),
        (US1, "2026-08", Price(1_500_000, 2_000_000, 2_000_000, 2_000_000)),
        (US1, "2026-09", Price(1_350_000, 1_000_000, 1_000_000, 1_000_000)),
    ],
)
def test_known_prices(satellite: str, period: str, price: Price | None) -> None:
    assert PriceList().of(satellite, None, period) == price


@pytest.mark.parametrize(
    ("own", "storage"),
    [
        ([listed("2026-09-01", "9")], 9_000_000),
        ([listed("2026-10-01", "9")], 9_000_000),
        ([listed("2026-11-01", "9")], 1_350_000),
        ([listed("2026-08-01", "9")], 1_350_000),
        ([listed("2026-08-01", "9", "us1")], 1_350_000),
        ([listed("2026-09-01", "9", "us1"), listed("2026-09-01", "8")], 9_000_000),
        ([listed("2026-09-01", "9", US1)], 9_000_000),
        ([listed("2026-09-01", "9", "eu1")], 1_350_000),
        ([listed("2026-09-01", "9"), listed("2026-09-01", "0.000001")], 1),
    ],
)
def test_the_operators_prices_win_of_the_same_day(own: list[ListedPrice], storage: int) -> None:
    price = PriceList(own).of(US1, "us1.storj.io:7777", "2026-10")
    assert price is not None
    assert price.storage == storage


def test_a_satellite_that_is_not_known_has_the_name_of_its_host() -> None:
    own = [listed("2026-09-01", "9", "mine")]
    found = PriceList(own).of("1Mine", "mine.example.org:7777", "2026-10")
    assert found is not None
    assert found.storage == 9_000_000
