from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from storj_monitor.settings import Cost, MoneySettings
from storj_monitor.store import Joined, Prices, Store
from tests.builtin_reports.building import built, chart, figures, notes, rows
from tests.records import EU1, US1, at
from tests.sources.ledgers import ledgers, news_of
from tests.sources.statements import earned, estimate, statement, tell
from tests.store.databases import write

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.plugin import Document
    from tests.sources.ledgers import Membership

MONTH = ("2026-10-01", "2026-11-01")
SUMS = {"paid": "paid_usd", "held": "held_usd", "returned": "disposed_usd"}


def month(store: Store, **asked: Any) -> Document:
    return built(store, "monthly_financial", *MONTH, **asked)


def with_costs(tmp_path: Path, *costs: Cost) -> Store:
    return Store.open(tmp_path / "a.db", create=True, money=MoneySettings(costs=costs))


def usd(text: str) -> Decimal:
    return Decimal(text)


def test_figures_of_statements_are_the_sums_of_the_earnings_export(store: Store) -> None:
    tell(
        store,
        paystubs=[
            statement("2026-09", paid=300_000),
            statement("2026-09", EU1, paid=200_000),
            statement("2026-10", paid=400_001, held=30, disposed=7),
            statement("2026-10", EU1, paid=100_002, held=4),
        ],
    )
    found = figures(month(store))
    exported = earned(store, *MONTH)
    for key, column in SUMS.items():
        assert found[key].value == sum(row[column] for row in exported)
    assert found["paid"].value == usd("0.500003")
    assert found["paid"].change == pytest.approx(0.000006)
    assert "estimated" not in found


def test_estimates_are_never_part_of_what_is_paid(store: Store) -> None:
    tell(
        store,
        paystubs=[statement("2026-10", paid=400_000, held=10)],
        estimates=[estimate("2026-10", EU1, payout=300_000, held=20, gross=320_000)],
    )
    found = month(store)
    assert (figures(found)["paid"].value, figures(found)["held"].value) == (
        usd("0.4"),
        usd("0.00001"),
    )
    assert figures(found)["estimated"].value == usd("0.3")
    stated, estimated = rows(found, "earnings")[-2:]
    assert (stated["node"], stated["paid_usd"], stated["estimated_usd"]) == (
        "Total of statements",
        usd("0.4"),
        None,
    )
    assert (estimated["node"], estimated["state"]) == ("Total of estimates", "estimate")
    assert (estimated["paid_usd"], estimated["estimated_usd"]) == (None, usd("0.3"))
    [warning] = [text for text in notes(found, "warning") if "is open" in text]
    assert warning.startswith("2026-10 is open: 1 of 2 statements haven't come yet.")


def test_with_estimates_alone_every_figure_says_that_it_is_estimated(store: Store) -> None:
    tell(store, estimates=[estimate("2026-10", payout=300_000, held=20)])
    labels = {item.key: item.label for item in figures(month(store)).values()}
    assert labels == {
        "estimated": "Estimated, not paid",
        "held": "Held back, estimated",
        "returned": "Given back, estimated",
        "cost": "Costs",
        "profit": "Profit expected",
    }
    assert figures(month(store))["held"].value == usd("0.00002")
    assert chart(month(store), "by_satellite").y == ("open_usd",)


def test_costs_and_return_are_of_the_nodes_that_have_a_cost(tmp_path: Path) -> None:
    store = with_costs(tmp_path, Cost(node="n1", monthly=usd("0.1")))
    tell(store, paystubs=[statement("2026-10", paid=400_000)])
    tell(store, "n2", paystubs=[statement("2026-10", paid=900_000)])
    found = month(store)
    assert figures(found)["paid"].value == usd("1.3")
    assert figures(found)["cost"].value == usd("0.1")
    profit = figures(found)["profit"]
    assert (profit.label, profit.value) == ("Profit of 1 of 2 nodes", usd("0.3"))
    assert figures(found)["roi"].value == pytest.approx(3)
    assert rows(found, "profit")[-1]["roi_ratio"] == pytest.approx(3)
    assert any("no cost for n2" in text for text in notes(found, "info"))


def test_a_month_with_other_statements_than_the_one_before_is_not_compared(store: Store) -> None:
    tell(store, paystubs=[statement("2026-09"), statement("2026-10"), statement("2026-10", EU1)])
    found = month(store)
    assert {item.change for item in figures(found).values()} == {None}
    assert (
        "2 statements here and 1 of 2026-09 aren't of the same nodes and satellites: payments "
        "aren't compared."
    ) in notes(found, "info")
    tell(store, paystubs=[statement("2026-09", EU1)])
    assert figures(month(store))["paid"].change == 0
    assert figures(month(store))["held"].change == 0


def test_the_first_month_says_that_there_is_none_before(store: Store) -> None:
    tell(store, paystubs=[statement("2026-10")])
    said = "No statement is known of 2026-09: payments aren't compared."
    assert said in notes(month(store), "info")


def test_a_cost_without_any_income_is_in_no_profit_and_no_return(tmp_path: Path) -> None:
    costs = (Cost(node=node, monthly=usd("0.1")) for node in ("n1", "n2"))
    store = with_costs(tmp_path, *costs)
    tell(store, paystubs=[statement("2026-10", paid=400_000)])
    tell(store, "n2", paystubs=[statement("2026-10", paid=None), statement("2026-11")])
    found = month(store)
    assert figures(found)["cost"].value == usd("0.2")
    profit = figures(found)["profit"]
    assert (profit.label, profit.value) == ("Profit of 1 of 2 nodes", usd("0.3"))
    whole = rows(found, "profit")[-1]
    assert figures(found)["roi"].value == whole["roi_ratio"] == pytest.approx(3)
    assert (whole["cost_usd"], whole["profit_usd"]) == (usd("0.2"), usd("0.3"))
    assert (
        "What n2 earned isn't known everywhere: costs of $0.10 are in no profit and in no return."
    ) in notes(found, "warning")


def test_expected_profit_is_one_number_in_the_figures_and_in_the_table(tmp_path: Path) -> None:
    costs = (Cost(node=node, monthly=usd("0.1")) for node in ("n1", "n2"))
    store = with_costs(tmp_path, *costs)
    tell(store, paystubs=[statement("2026-10", paid=400_000)])
    tell(store, "n2", estimates=[estimate("2026-10", payout=200_000)])
    found = month(store)
    whole = rows(found, "profit")[-1]
    assert figures(found)["profit"].label == "Profit expected"
    assert figures(found)["profit"].value == whole["expected_profit_usd"] == usd("0.4")
    assert whole["profit_usd"] == usd("0.3")


def test_of_a_month_that_goes_on_what_is_expected_at_its_end_counts(tmp_path: Path) -> None:
    costs = (Cost(node=node, monthly=usd("0.1")) for node in ("n1", "n2"))
    store = with_costs(tmp_path, *costs)
    tell(store, estimates=[estimate("2026-10", payout=100_000, expected=250_000)])
    tell(store, "n2", estimates=[estimate("2026-10", payout=50_000)])
    found = month(store, now="2026-10-12T12:00")
    labels = {item.key: (item.label, item.value) for item in figures(found).values()}
    assert labels["estimated"] == ("Estimated so far, not paid", usd("0.15"))
    assert labels["held"][0] == "Held back, estimated so far"
    assert labels["profit"] == ("Profit expected", usd("0.1"))
    assert rows(found, "profit")[-1]["expected_profit_usd"] == usd("0.1")
    [vague] = [text for text in notes(found, "info") if "will have earned" in text]
    assert vague.startswith("What n2 will have earned")


def test_estimates_stand_beside_payments_where_both_are_known(store: Store) -> None:
    tell(store, estimates=[estimate("2026-10", payout=500_000)])
    stated = [statement("2026-10", paid=400_000), statement("2026-10", EU1, paid=100_000)]
    tell(store, paystubs=stated)
    eu1, us1 = rows(month(store), "by_satellite")
    assert (us1["estimated_usd"], us1["paid_usd"]) == (usd("0.5"), usd("0.4"))
    assert (us1["difference_usd"], us1["difference_ratio"]) == (usd("-0.1"), pytest.approx(-0.2))
    assert (eu1["estimated_usd"], eu1["difference_usd"]) == (None, None)
    title = chart(month(store), "by_satellite").title
    assert title == "Estimate against payment: $0.10 less than estimated was paid"


def test_what_was_held_and_not_sent_before_is_in_the_balances(store: Store) -> None:
    tell(
        store,
        paystubs=[
            statement("2026-08", held=50, paid=10, distributed=0),
            statement("2026-10", held=5, paid=20, distributed=25),
            statement("2026-07", EU1, held=7, paid=0, distributed=0),
            statement("2026-10", EU1, held=0, paid=0, distributed=0),
        ],
    )
    eu1, us1 = rows(month(store), "by_satellite")
    assert (us1["held_balance_usd"], us1["undistributed_usd"]) == (usd("0.000055"), usd("0.000005"))
    assert eu1["held_balance_usd"] == usd("0.000007")
    [first, second, whole] = rows(month(store), "earnings")
    assert [row["difference_usd"] for row in (first, second)] == [usd("0"), usd("-0.000005")]
    assert whole["difference_usd"] == usd("-0.000005")


def test_the_twelve_months_before_are_shown_and_what_is_unknown_is_empty(store: Store) -> None:
    tell(
        store,
        paystubs=[statement("2025-09"), statement("2025-10", paid=1), statement("2026-10", paid=2)],
        estimates=[estimate("2026-03", payout=3)],
    )
    shown = rows(month(store), "earnings_by_month")
    assert len(shown) == 13
    assert shown[0]["period"] == "2025-10"
    known = {row["period"]: row["paid_usd"] for row in shown if row["paid_usd"] is not None}
    assert known == {"2025-10": usd("0.000001"), "2026-10": usd("0.000002")}
    [march] = [row for row in shown if row["period"] == "2026-03"]
    assert (march["paid_usd"], march["estimated_forecast"]) == (None, usd("0.000003"))


def test_the_months_are_in_utc_whatever_the_zone_and_a_note_says_so(store: Store) -> None:
    tell(store, paystubs=[statement("2026-09", paid=1), statement("2026-10", paid=2)])
    found = month(store, timezone="Pacific/Kiritimati")
    assert figures(found)["paid"].value == usd("0.000002")
    assert found.span == month(store).span
    assert any(
        text.startswith("Earnings are those of whole months") for text in notes(found, "info")
    )
    assert not any(text.startswith("Earnings are") for text in notes(month(store), "info"))


def test_several_months_are_told_apart(store: Store) -> None:
    tell(store, paystubs=[statement("2026-09"), statement("2026-10")])
    found = built(store, "monthly_financial", "2026-09-01", "2026-11-01")
    assert [row["period"] for row in rows(found, "earnings")] == ["2026-09", "2026-10", None]
    assert "period" not in rows(month(store), "earnings")[0]


def test_prices_that_nodes_share_are_one_row(store: Store) -> None:
    for node in ("n1", "n2"):
        price = Prices(US1, at("2026-10-02"), 1_350_000, 1_000_000, 1_000_000, 1_000_000)
        tell(store, node, prices=[price])
    said = [row for row in rows(month(store), "prices") if row["origin"] == "api"]
    assert [(row["satellite"], row["nodes"]) for row in said] == [("us1", 2)]
    assert said[0]["storage_usd"] == usd("1.35")


def test_estimates_of_our_own_are_said_to_be_so_and_their_missing_storage(store: Store) -> None:
    write(store, {"at": at("2026-10-03"), "size": 10**12})
    found = month(store)
    assert any("worked out from the log" in text for text in notes(found, "info"))
    assert any("What storage earned isn't known" in text for text in notes(found, "warning"))


def test_an_empty_database_gives_a_report_that_says_so(store: Store) -> None:
    found = month(store)
    assert {item.value for item in figures(found).values()} == {None}
    full = {table.name for table in found.tables() if any(table.batches)}
    assert full == {"figures", "note", "prices"}
    assert notes(found, "warning")[0].startswith("Nothing is known of earnings in this span")


@settings(max_examples=25)
@given(ledgers)
def test_figures_and_totals_are_the_sums_of_the_export_whatever_the_ledger(
    tmp_path_factory: pytest.TempPathFactory, ledger: dict[tuple[str, str], Membership]
) -> None:
    store = Store.open(tmp_path_factory.mktemp("ledger") / "a.db", create=True)
    with store.writer() as writer:
        writer.write(news_of(ledger))
    span = ("2020-01-01", "2026-01-01")
    found = built(store, "monthly_financial", *span)
    exported = earned(store, *span)
    stated = [row for row in exported if row["state"] != "estimate"]
    if stated:
        for key, column in SUMS.items():
            expected = sum(row[column] for row in stated if row[column] is not None)
            assert (figures(found)[key].value or 0) == expected
    totals = [row for row in rows(found, "earnings") if row["node"].startswith("Total")]
    assert len(totals) == len({row["state"] == "estimate" for row in exported})
    for total in totals:
        of_kind = [
            row
            for row in exported
            if (row["state"] == "estimate") is (total["state"] == "estimate")
        ]
        for column in ("storage_usd", "held_usd", "estimated_usd", "paid_usd", "distributed_usd"):
            expected = sum(row[column] for row in of_kind if row[column] is not None)
            assert (total[column] or 0) == expected


def test_one_transaction_pays_many_statements_and_is_told_once_in_full(store: Store) -> None:
    receipt = f"eth:0x{'ab' * 32}"
    sent: dict[str, Any] = {"distributed": 400_000, "receipt": receipt}
    tell(store, paystubs=[statement("2026-10", **sent), statement("2026-10", EU1, **sent)])
    [transaction] = rows(month(store), "transactions")
    assert (transaction["receipt"], transaction["statements"]) == (receipt, 2)
    assert transaction["distributed_usd"] == usd("0.8")
    assert transaction["receipt_url"] == f"https://etherscan.io/tx/0x{'ab' * 32}"
    assert rows(month(store), "earnings")[0]["receipt"] == "eth:0xababab…abab"


def test_a_hostile_name_stays_text(store: Store) -> None:
    hostile = '=1+1<img src="http://127.0.0.1:9/x">'
    tell(store, hostile, paystubs=[statement("2026-10")], joined=[Joined(US1, at("2026-01-01"))])
    assert rows(month(store), "earnings")[0]["node"] == hostile
