"""Their earnings: statements, and two kinds of estimates, out of floats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.imports.cells import micro_of
from storj_monitor.store import News, Paystub
from tests.records import EU1, US1, at
from tests.store.databases import rows_of

if TYPE_CHECKING:
    from storj_monitor.store import Store
    from tests.collect.imports.conftest import Add, TakeTable

HASH = "0x" + "1f" * 32


def rows(store: Store, table: str, *names: str) -> list[tuple[Any, ...]]:
    found = rows_of(store.path, f"SELECT {', '.join(names)} FROM {table} ORDER BY period")
    return [tuple(row.values()) for row in found]


def statement(add: Add, paid: float, held: float, **cells: Any) -> None:
    """Add a row as its import of paystubs makes it."""
    told = {"period": "2025-09", "node_age_months": 0, "held_percentage": 0.0}
    money = {"total_earnings_net": paid, "held_amount": held, "total_earnings_gross": paid + held}
    parts = dict.fromkeys(("egress_bytes", "storage_bytes_hour", "repair_bytes", "audit_bytes"), 0)
    add("earnings_estimates", **{**told, **money, **parts, **cells})


def estimate(add: Add, gross: float, net: float, held: float, **cells: Any) -> None:
    told = {"node_age_months": 4, "held_percentage": 0.5, "egress_bytes": 10**9}
    money = {"total_earnings_gross": gross, "total_earnings_net": net, "held_amount": held}
    add("earnings_estimates", **{**told, **money, **cells})


def test_a_statement_is_a_paystub_exact_to_the_micro_dollar(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    statement(add, 3.132601, 0.1 + 0.2)
    statement(add, 17.0, 0.0, period="2025-10", is_finalized=1)
    assert take_table("earnings_estimates").taken == 2
    names = ("period", "origin", "earned", "held", "paid", "distributed", "read_at")
    read_at = at("2025-10-11T05:03:27.123456")
    assert rows(store, "paystubs", *names) == [
        ("2025-09", "import", 3_432_601, 300_000, 3_132_601, None, read_at),
        ("2025-10", "import", None, 0, 17_000_000, None, read_at),
    ]


def test_what_the_api_said_of_a_month_stays(add: Add, take_table: TakeTable, store: Store) -> None:
    known = Paystub("2025-09", US1, "api", 5, held=1, paid=2, distributed=3)
    with store.writer() as writer:
        writer.write([News(node="attic", paystubs=[known])])
    statement(add, 9.0, 9.0)
    account = take_table("earnings_estimates")
    assert (account.taken, account.known) == (0, 1)
    assert rows(store, "paystubs", "held", "paid", "distributed") == [(1, 2, 3)]


def test_two_kinds_of_estimates_are_told_apart(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    estimate(add, 5.0, 5.0, 1.5)  # by the API: what is left, and the held amount beside it
    estimate(add, 6.0, 6.0, 3.0, period="2025-11")  # from the database: before the held amount
    estimate(add, 2.0, 2.0, 0.0, period="2025-12", held_percentage=0.0)
    account = take_table("earnings_estimates")
    names = ("period", "origin", "gross", "held", "payout", "expected", "egress_bytes")
    assert rows(store, "estimates", *names) == [
        ("2025-10", "import", 6_500_000, 1_500_000, 5_000_000, None, None),
        ("2025-11", "import", 6_000_000, 3_000_000, 3_000_000, None, None),
        ("2025-12", "import", 2_000_000, 0, 2_000_000, None, None),
    ]
    [remark] = account.remarks
    assert remark.startswith("of estimates the sums are taken")


def test_the_latest_row_of_a_month_counts(add: Add, take_table: TakeTable, store: Store) -> None:
    times = ("12:00:00.5", "12:00:00", "12:00:00.500000")
    for number, time in enumerate(times):
        estimate(add, 1.0 + number, 1.0 + number, 0.0, timestamp=f"2025-10-11T{time}+00:00")
    estimate(add, 7.0, 7.0, 0.0, satellite=EU1, timestamp="2025-10-01T00:00:00+00:00")
    account = take_table("earnings_estimates")
    assert account.left_out == {"older than another of the same month": 2}
    assert {payout for (payout,) in rows(store, "estimates", "payout")} == {3_000_000, 7_000_000}


def test_rows_of_all_satellites_together_are_left_out(add: Add, take_table: TakeTable) -> None:
    estimate(add, 1.0, 1.0, 0.0)
    estimate(add, 3.0, 3.0, 0.0, satellite="aggregate")
    estimate(add, 3.0, 3.0, 0.0, satellite="aggregate", period="2025-08")
    assert take_table("earnings_estimates").left_out == {
        "of all satellites together, which stand there one by one": 1,
        "of all satellites together, which it doesn't tell apart": 1,
    }


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"total_earnings_net": float("inf")}, "with an amount that can't be"),
        ({"total_earnings_net": None}, "with an amount that can't be"),
        ({"held_amount": -1.0}, "with an amount that can't be"),
        ({"held_amount": "a dollar"}, "with an amount that can't be"),
        ({"period": "2025-13"}, "without a usable month"),
        ({"satellite": ""}, "without a usable id of a satellite"),
        ({"node_age_months": None}, "of no kind that is known"),
        ({"node_age_months": 0}, "of no kind that is known"),
    ],
)
def test_what_can_not_be_money_is_left_out(
    cells: dict[str, Any], reason: str, add: Add, take_table: TakeTable
) -> None:
    estimate(add, **{"gross": 1.0, "net": 1.0, "held": 0.0} | cells)
    assert take_table("earnings_estimates").left_out == {reason: 1}


def test_payouts_are_taken_where_there_is_no_statement(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    statement(add, 3.0, 1.0)
    add("payout_history", actual_payout=3.5, transaction_hash=HASH)
    add("payout_history", actual_payout=2.5, transaction_hash=HASH, period="2025-10")
    add("payout_history", actual_payout=1.5, transaction_hash="zksync:0x12", period="2025-11")
    add("payout_history", actual_payout=0.5, transaction_hash="not known", period="2025-12")
    account = take_table("payout_history")
    assert account.taken == 3
    assert account.left_out == {"of a month whose statement stands in earnings_estimates": 1}
    assert rows(store, "paystubs", "paid", "distributed", "receipt") == [
        (3_000_000, None, None),
        (2_500_000, 2_500_000, f"eth:{HASH}"),
        (1_500_000, 1_500_000, "zksync:0x12"),
        (500_000, 500_000, None),
    ]


def test_a_second_import_of_money_takes_nothing(add: Add, take_table: TakeTable) -> None:
    statement(add, 3.0, 1.0)
    estimate(add, 5.0, 5.0, 1.5)
    assert take_table("earnings_estimates").taken == 2
    again = take_table("earnings_estimates")
    assert (again.taken, again.known) == (0, 2)


@given(st.integers(0, 10**12))
def test_a_float_of_dollars_gives_its_micro_dollars_back(amount: int) -> None:
    assert micro_of(amount / 1_000_000) == amount
