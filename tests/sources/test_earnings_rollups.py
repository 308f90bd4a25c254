from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.settings import MoneySettings, Price
from storj_monitor.store import Joined, Prices, Seal, Store, SummedHour, UsedSpace
from tests.records import EU1, US1, at
from tests.sources.statements import JOINED, earned, estimate, statement, tell
from tests.store.databases import write

if TYPE_CHECKING:
    from pathlib import Path

TB = 10**12


def sent(when: str, size: int, satellite: str | None = US1, **fields: Any) -> dict[str, Any]:
    return {"at": at(when), "size": size, "satellite": satellite} | fields


def used(when: str, used_bytes: int | None, **more: Any) -> UsedSpace:
    values: dict[str, Any] = dict.fromkeys(UsedSpace._fields) | {"origin": "api"} | more
    return UsedSpace(**values | {"at": at(when), "used_bytes": used_bytes})


def october(store: Store, **query: Any) -> list[dict[str, Any]]:
    return earned(store, "2026-10-01", "2026-11-01", **query)


def test_successes_are_estimated_by_satellite_with_the_prices_of_the_month(store: Store) -> None:
    write(
        store,
        sent("2026-10-01T00:00", TB),
        sent("2026-10-31T23:59", TB, action="GET_REPAIR"),
        sent("2026-10-02", TB, action="GET_AUDIT"),
        sent("2026-10-02", 7 * TB, status="canceled"),
        sent("2026-10-02", 7 * TB, status="failed"),
        sent("2026-10-02", 7 * TB, action="PUT"),
        sent("2026-10-02", 7 * TB, None, status="rejected", action=None),
        sent("2026-11-01T00:00", 7 * TB),
        sent("2026-10-03", 3 * TB, EU1),
    )
    tell(store, joined=[JOINED])
    eu1, us1 = october(store)
    assert (us1["state"], us1["origin"]) == ("estimate", "rollups")
    sizes = [us1[f"{part}_bytes"] for part in ("egress", "repair", "audit")]
    assert sizes == [TB, TB, TB]
    assert [us1[f"{part}_usd"] for part in ("egress", "repair", "audit")] == [1, 1, 1]
    assert (us1["gross_usd"], us1["held_usd"]) == (3, Decimal("1.5"))
    assert (us1["estimated_usd"], us1["paid_usd"]) == (Decimal("1.5"), None)
    assert (us1["storage_byte_hours"], us1["storage_usd"]) == (None, None)
    assert (eu1["egress_bytes"], eu1["repair_bytes"], eu1["estimated_usd"]) == (3 * TB, 0, 3)


def test_what_is_held_back_is_unknown_for_a_satellite_that_may_be_new(store: Store) -> None:
    write(store, sent("2026-10-02", TB), sent("2026-10-02", TB, EU1))
    write(store, sent("2026-01-31", TB), sent("2026-02-01", TB, EU1))
    eu1, us1 = october(store)
    assert (eu1["held_usd"], eu1["estimated_usd"]) == (None, 1)
    assert (us1["held_usd"], us1["estimated_usd"]) == (0, 1)


def test_only_months_of_which_the_api_said_nothing_are_estimated(store: Store) -> None:
    for month in (8, 9, 10):
        write(store, sent(f"2026-{month:02}-02", TB), sent(f"2026-{month:02}-02", TB, EU1))
        write(store, sent(f"2026-{month:02}-02", TB), node="n2")
    tell(store, paystubs=[statement("2026-08")], estimates=[estimate("2026-09")])
    rows = [
        (row["period"], row["node"], row["satellite"], row["origin"])
        for row in earned(store)
        if row["node"] == "n1" or row["period"] == "2026-09"
    ]
    assert rows == [
        ("2026-08", "n1", "us1", "api"),
        ("2026-09", "n1", "us1", "api"),
        ("2026-09", "n2", "us1", "rollups"),
        ("2026-10", "n1", "eu1", "rollups"),
        ("2026-10", "n1", "us1", "rollups"),
    ]
    assert [row["node"] for row in october(store, nodes=("n2",))] == ["n2"]


# Prices


def price(day: str, usd: int, satellite: str = "") -> Price:
    amounts = dict.fromkeys(("storage", "egress", "repair", "audit"), Decimal(usd))
    return Price(from_=date.fromisoformat(day), satellite=satellite, **amounts)


@pytest.mark.parametrize(
    ("prices", "said", "usd"),
    [
        ((), (), 1),
        ((price("2026-10-01", 7),), (), 7),
        ((price("2026-11-01", 7),), (), 1),
        ((price("2026-09-01", 7, "us1"), price("2026-09-01", 8)), (), 7),
        ((price("2026-09-01", 7, US1),), (), 7),
        ((price("2026-09-01", 7, "eu1"),), (), 1),
        ((price("2026-09-01", 7, "us1"), price("2026-10-01", 8)), (), 8),
        ((), (("2026-10-31T23:59", US1, 9),), 9),
        ((), (("2026-09-15", US1, 8), ("2026-10-15", US1, 9)), 9),
        ((), (("2026-11-01", US1, 9),), 1),
        ((), (("2026-10-15", EU1, 9),), 1),
        ((), (("2026-08-31", US1, 9),), 1),
    ],
)
def test_the_later_of_what_the_api_said_and_what_is_listed_counts(
    tmp_path: Path,
    prices: tuple[Price, ...],
    said: tuple[tuple[str, str, int], ...],
    usd: int,
) -> None:
    store = Store.open(tmp_path / "a.db", create=True, money=MoneySettings(prices=prices))
    told = [Prices(satellite, at(when), *[each * 1_000_000] * 4) for when, satellite, each in said]
    tell(store, prices=told)
    tell(store, "n2", prices=[Prices(US1, at("2026-10-15"), 5, 5, 5, 5)])
    write(store, sent("2026-10-02", TB))
    [row] = october(store, nodes=("n1",))
    assert row["egress_usd"] == usd


def test_without_a_price_there_is_no_money(store: Store) -> None:
    write(store, sent("2017-10-02", TB))
    [row] = earned(store, "2017-10-01", "2017-11-01")
    assert (row["egress_bytes"], row["gross_usd"], row["estimated_usd"]) == (TB, None, None)


# Storage


def test_the_storage_of_a_node_with_one_satellite_is_that_satellites(store: Store) -> None:
    write(store, sent("2026-09-30T23:00", 1), sent("2026-10-21T06:10", TB))
    space = [
        used("2026-10-01T06:00", 3 * TB, trash_bytes=TB, reclaimable_bytes=TB),
        used("2026-10-11T06:00", 3 * TB),
        used("2026-10-11T06:05", None),
    ]
    tell(store, used_space=space, joined=[JOINED])
    [row] = october(store)
    # Ten days of 1 TB and ten of 3, and the six hours before that as much on average.
    assert row["storage_byte_hours"] == 2 * TB * (20 * 24 + 6)
    assert row["storage_usd"] == Decimal("1.35") * 2 * 486 / 720
    assert row["gross_usd"] == row["storage_usd"] + 1
    assert row["estimated_usd"] == row["held_usd"] == row["gross_usd"] / 2


def test_a_node_that_is_new_stored_nothing_before_it_was_heard(store: Store) -> None:
    write(store, sent("2026-10-11T06:30", 1), sent("2026-10-12T06:30", 1))
    tell(store, used_space=[used("2026-10-11T06:40", TB)])
    [row] = october(store)
    assert row["storage_byte_hours"] == 24 * TB


def test_a_month_ends_even_if_the_node_goes_on(store: Store) -> None:
    write(store, sent("2026-09-30", 1), sent("2026-10-30", 1), sent("2026-12-01", 1))
    tell(store, used_space=[used("2026-10-31T23:00", TB)])
    assert october(store)[0]["storage_byte_hours"] == 744 * TB


def test_the_hour_that_goes_on_is_not_over(store: Store) -> None:
    write(store, sent("2026-10-11T06:30", 1))
    tell(store, used_space=[used("2026-10-11T06:40", TB)])
    [row] = october(store)
    assert (row["storage_byte_hours"], row["storage_usd"]) == (0, 0)
    write(store, sent("2026-09-30", 1))
    assert october(store)[0]["storage_byte_hours"] == (10 * 24 + 6) * TB


@pytest.mark.parametrize(
    ("eu1_joined", "held"), [("2026-06-01", "0.5"), ("2026-05-01", "0.5"), ("2025-01-01", None)]
)
def test_the_storage_of_several_satellites_is_a_row_of_its_own(
    store: Store, eu1_joined: str, held: str | None
) -> None:
    write(store, sent("2026-10-01", TB), sent("2026-10-01", TB, EU1), sent("2026-10-31", 1))
    tell(
        store,
        joined=[JOINED, Joined(EU1, at(eu1_joined))],
        used_space=[used("2026-10-01", TB)],
    )
    eu1, us1, rest = october(store)
    assert {eu1["storage_usd"], us1["storage_usd"], rest["egress_usd"]} == {None}
    assert (rest["satellite"], rest["satellite_id"], rest["egress_bytes"]) == (None, None, None)
    assert rest["storage_byte_hours"] == 720 * TB
    assert rest["gross_usd"] == Decimal("1.35")
    share = None if held is None else rest["gross_usd"] * Decimal(held)
    assert rest["held_usd"] == share
    assert rest["estimated_usd"] == rest["gross_usd"] - (share or 0)
    assert october(store, filters={"satellite": ("us1",)}) == [us1]


# Imports


def test_sums_without_satellites_are_estimated_together_with_the_disk(store: Store) -> None:
    hour = at("2026-10-05T07:00")
    tell(
        store,
        summed_hours=[
            SummedHour(hour, "GET", "success", 5, 2 * TB),
            SummedHour(hour, "GET_AUDIT", "success", 1, None),
            SummedHour(hour, "PUT", "success", 5, 2 * TB),
        ],
        seals=[Seal(hour, hour + 1)],
        used_space=[
            used("2026-10-05T07:00", TB, origin="import"),
            used("2026-10-05T17:00", TB, origin="import"),
        ],
    )
    [row] = october(store)
    assert (row["satellite"], row["origin"], row["held_usd"]) == (None, "rollups", None)
    assert (row["egress_bytes"], row["repair_bytes"], row["audit_bytes"]) == (2 * TB, 0, None)
    assert (row["storage_byte_hours"], row["audit_usd"]) == (10 * TB, None)
    assert row["estimated_usd"] == row["gross_usd"] == row["egress_usd"] + row["storage_usd"]
    assert october(store, filters={"state": ("paystub",)}) == []
