from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from storj_export_plugins.sources.earnings.columns import COLUMNS, Earning
from storj_export_plugins.sources.earnings.spelling import codes_meaning, receipt_url
from storj_monitor.plugin import OptionError
from storj_monitor.store import Joined
from tests.records import EU1, US1, at
from tests.sources.statements import EARNINGS, JOINED, earned, estimate, statement, tell

if TYPE_CHECKING:
    from storj_monitor.store import Store

#: A satellite that was retired in 2023.
US2 = "12tRQrMTWUWwzwGh18i7Fqs67kmdhH9t6aToeiwbo5mfS2rUmo"
#: The month of DOMAIN's worked example.
USAGE: dict[str, Any] = {
    "byte_hours": 4_200_000_000_000 * 744,
    "get_bytes": 310_000_000_000,
    "get_repair_bytes": 95_000_000_000,
    "get_audit_bytes": 1_200_000_000,
}
COMPONENTS: dict[str, Any] = {
    "comp_at_rest": 5_859_000,
    "comp_get": 310_000,
    "comp_get_repair": 95_000,
    "comp_get_audit": 1_200,
}
HASH = "0x" + "2a" * 32


def usd(amount: str | int) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.000001"))


def test_columns_are_those_of_the_interface_and_what_follows() -> None:
    fixed = (
        "period node satellite satellite_id state storage_byte_hours egress_bytes repair_bytes "
        "audit_bytes storage_usd egress_usd repair_usd audit_usd gross_usd surge_percent held_usd "
        "disposed_usd paid_usd distributed_usd estimated_usd receipt receipt_url codes joined_at"
    )
    keys = [column.key for column in COLUMNS]
    assert " ".join(keys[:24]) == fixed
    assert keys == list(Earning._fields)
    assert (EARNINGS.period, EARNINGS.max_days) == ("month", 3660)


# The worked example


def test_a_statement_is_exact_to_the_micro_dollar(store: Store) -> None:
    stub = statement(
        "2026-10",
        created_at=at("2026-11-08"),
        codes="E",
        **USAGE,
        **COMPONENTS,
        earned=6_265_200,
        held=3_132_600,
        owed=3_132_600,
        paid=3_132_600,
    )
    tell(store, paystubs=[stub], joined=[JOINED], estimates=[estimate("2026-09", payout=1)])
    [_, row] = earned(store)
    assert row == {
        "period": "2026-10",
        "node": "n1",
        "satellite": "us1",
        "satellite_id": US1,
        "state": "paystub",
        "storage_byte_hours": 3_124_800_000_000_000,
        "egress_bytes": 310_000_000_000,
        "repair_bytes": 95_000_000_000,
        "audit_bytes": 1_200_000_000,
        "storage_usd": usd("5.859"),
        "egress_usd": usd("0.31"),
        "repair_usd": usd("0.095"),
        "audit_usd": usd("0.0012"),
        "gross_usd": usd("6.2652"),
        "surge_percent": 100,
        "held_usd": usd("3.1326"),
        "disposed_usd": 0,
        "paid_usd": usd("3.1326"),
        "distributed_usd": 0,
        "estimated_usd": None,
        "receipt": None,
        "receipt_url": None,
        "codes": "E",
        "joined_at": datetime(2026, 6, 10, tzinfo=UTC),
        "origin": "api",
        "codes_meaning": "part is held back",
        "held_balance_usd": usd("3.1326"),
        "undistributed_usd": usd("3.1326"),
        "expected_usd": None,
    }


def test_an_estimate_is_exact_and_nothing_of_it_is_paid(store: Store) -> None:
    expected = estimate(
        "2026-10",
        byte_hours=USAGE["byte_hours"],
        egress_bytes=USAGE["get_bytes"],
        repair_bytes=USAGE["get_repair_bytes"],
        audit_bytes=USAGE["get_audit_bytes"],
        storage=5_859_000,
        egress=310_000,
        repair=95_000,
        audit=1_200,
        gross=6_265_200,
        held=3_132_600,
        payout=3_132_600,
        expected=4_000_000,
    )
    tell(store, estimates=[expected], joined=[JOINED])
    [row] = earned(store)
    assert (row["state"], row["gross_usd"], row["held_usd"]) == (
        *("estimate", usd("6.2652")),
        usd("3.1326"),
    )
    assert (row["estimated_usd"], row["expected_usd"]) == (usd("3.1326"), usd(4))
    assert (row["paid_usd"], row["distributed_usd"], row["receipt"]) == (None, None, None)
    assert (row["disposed_usd"], row["surge_percent"]) == (0, 100)
    assert (row["held_balance_usd"], row["undistributed_usd"]) == (None, None)
    assert (row["repair_usd"], row["audit_usd"]) == (usd("0.095"), usd("0.0012"))


def held_until_the_fifteenth_month(store: Store, **more: Any) -> None:
    tell(
        store,
        joined=[JOINED],
        paystubs=[
            statement("2026-06", held=21_000_000),
            statement("2027-02", held=400_000),
            statement("2027-08"),
        ],
        **more,
    )


def test_in_the_sixteenth_month_half_of_what_was_held_is_given_back(store: Store) -> None:
    held_until_the_fifteenth_month(store)
    stub = statement(
        "2027-09", earned=6_300_000, owed=17_000_000, disposed=10_700_000, paid=17_000_000
    )
    tell(store, paystubs=[stub])
    row = earned(store)[-1]
    assert (row["held_usd"], row["disposed_usd"]) == (0, usd("10.7"))
    assert (row["paid_usd"], row["held_balance_usd"]) == (usd(17), usd("10.7"))


def test_an_estimate_of_that_month_expects_it_and_no_other_does(store: Store) -> None:
    held_until_the_fifteenth_month(
        store,
        estimates=[
            estimate("2027-07", payout=6_300_000),
            estimate("2027-09", payout=6_300_000, expected=6_400_000),
            estimate("2027-10", payout=5_000_000),
        ],
    )
    rows = earned(store)
    assert [row["period"] for row in rows][2:] == ["2027-07", "2027-08", "2027-09", "2027-10"]
    estimates = [row for row in rows if row["state"] == "estimate"]
    assert [row["disposed_usd"] for row in estimates] == [0, usd("10.7"), 0]
    assert [row["estimated_usd"] for row in estimates] == [usd("6.3"), usd(17), usd(5)]
    assert estimates[1]["expected_usd"] == usd("17.1")
    assert {row["held_balance_usd"] for row in estimates[1:]} == {usd("21.4")}
    assert earned(store, "2027-10-01")[0]["disposed_usd"] == 0


def test_the_estimate_stays_as_it_was_when_the_statement_comes(store: Store) -> None:
    held_until_the_fifteenth_month(store, estimates=[estimate("2027-09", payout=6_300_000)])
    before = earned(store)[-1]["estimated_usd"]
    tell(store, paystubs=[statement("2027-09", disposed=10_700_000, paid=16_999_000)])
    row = earned(store)[-1]
    assert (row["state"], row["paid_usd"]) == ("paystub", usd("16.999"))
    assert row["estimated_usd"] == before == usd(17)


def test_what_is_given_back_is_unknown_where_the_day_of_joining_is(store: Store) -> None:
    tell(store, estimates=[estimate("2027-09", payout=5)])
    [row] = earned(store)
    assert (row["disposed_usd"], row["joined_at"]) == (None, None)
    assert row["estimated_usd"] == usd("0.000005")


# What was told


def test_a_statement_is_distributed_once_something_was_sent(store: Store) -> None:
    tell(
        store,
        paystubs=[
            statement("2026-01", paid=100, distributed=None),
            statement("2026-02", paid=200, distributed=0),
            statement("2026-03", paid=300, distributed=600, receipt=f"eth:{HASH}"),
        ],
    )
    rows = earned(store)
    assert [row["state"] for row in rows] == ["paystub", "paystub", "distributed"]
    assert [row["distributed_usd"] for row in rows] == [0, 0, usd("0.0006")]
    assert [row["undistributed_usd"] for row in rows] == [usd("0.0001"), usd("0.0003"), 0]
    assert rows[2]["receipt"] == f"eth:{HASH}"
    assert rows[2]["receipt_url"] == f"https://etherscan.io/tx/{HASH}"


def test_a_statement_from_elsewhere_says_no_more_than_it_knows(store: Store) -> None:
    foreign = statement(
        "2026-01",
        origin="import",
        earned=None,
        surge_percent=None,
        disposed=None,
        distributed=None,
        held=50,
        paid=700,
    )
    tell(store, paystubs=[foreign])
    tell(store, paystubs=[statement("2026-02", held=0, paid=100, distributed=40)])
    first, second = earned(store)
    unknown = ("gross_usd", "surge_percent", "disposed_usd", "distributed_usd", "storage_usd")
    assert {first[key] for key in unknown} == {None}
    assert (first["state"], first["origin"], first["paid_usd"]) == (
        *("paystub", "import"),
        usd("0.0007"),
    )
    assert (first["undistributed_usd"], second["undistributed_usd"]) == (None, usd("0.00006"))
    assert second["held_balance_usd"] == usd("0.00005")


def test_what_the_components_come_to_is_told_where_they_are_unknown(store: Store) -> None:
    tell(store, paystubs=[statement("2026-01", earned=9, **COMPONENTS | {"comp_get": None})])
    assert earned(store)[0]["gross_usd"] == usd("0.000009")


def test_rows_come_by_month_node_and_satellite_and_retired_ones_stay(store: Store) -> None:
    for node in ("zeta", "alpha"):
        stubs = [statement(period, of) for period in ("2023-05", "2023-04") for of in (US1, US2)]
        tell(store, node, paystubs=stubs, estimates=[estimate("2023-06", EU1)])
    rows = earned(store, "2023-01-01")
    by_name = [(row["period"], row["node"], row["satellite"]) for row in rows]
    assert by_name == sorted(by_name)
    assert len(rows) == 10
    assert by_name[:2] == [("2023-04", "alpha", "us1"), ("2023-04", "alpha", "us2")]
    assert by_name[-1] == ("2023-06", "zeta", "eu1")


def test_balances_go_on_from_before_the_span(store: Store) -> None:
    stubs = [statement(f"2026-0{month}", held=month, paid=10) for month in range(1, 7)]
    tell(store, paystubs=stubs)
    tell(store, "other", paystubs=stubs)
    whole = earned(store, nodes=("n1",))
    assert earned(store, "2026-05-01", nodes=("n1",)) == whole[4:]
    assert whole[5]["held_balance_usd"] == usd("0.000021")


def test_filters_choose_rows_and_change_nothing_in_them(store: Store) -> None:
    tell(
        store,
        paystubs=[statement("2026-01"), statement("2026-01", EU1, distributed=5)],
        estimates=[estimate("2026-02")],
    )
    everything = earned(store)
    for satellite in ("us1", US1):
        chosen = earned(store, filters={"satellite": (satellite,)})
        assert chosen == [row for row in everything if row["satellite"] == "us1"]
    for states in (("estimate",), ("paystub", "distributed")):
        chosen = earned(store, filters={"state": states})
        assert chosen == [row for row in everything if row["state"] in states]
        assert chosen
    with pytest.raises(OptionError, match="there is no satellite 'mars'; known: eu1, us1"):
        earned(store, filters={"satellite": ("mars",)})


def test_a_database_without_money_has_no_rows(store: Store) -> None:
    assert earned(store) == []
    tell(store, joined=[Joined(US1, at("2020-01-01"))])
    assert earned(store) == []


# Spelling


@pytest.mark.parametrize(
    ("receipt", "url"),
    [
        (f"eth:{HASH}", f"https://etherscan.io/tx/{HASH}"),
        (f"eth:{HASH[2:]}", f"https://etherscan.io/tx/{HASH}"),
        (f"zksync-era:{HASH}", f"https://explorer.zksync.io/tx/{HASH}"),
        (f"polygon:{HASH}", f"https://polygonscan.com/tx/{HASH}"),
        (f"zksync:{HASH}", None),
        (f"zkwithdraw:{HASH}", None),
        (f"mars:{HASH}", None),
        (HASH, None),
        ("eth:", None),
        ("eth:0x", None),
        ("eth:0x12/../../phishing", None),
        (f"eth:{HASH}\n", None),
        (f"eth:{'a' * 129}", None),
        ("", None),
        (None, None),
    ],
)
def test_a_receipt_is_a_link_where_it_is_known_to_lead_somewhere(
    receipt: str | None, url: str | None
) -> None:
    assert receipt_url(receipt) == url


@pytest.mark.parametrize(
    ("codes", "meaning"),
    [
        ("D", "disqualified"),
        ("E:T", "part is held back; no tax form on file"),
        ("O:Z:", "offline; Z"),
        ("", None),
        (None, None),
    ],
)
def test_codes_are_said_in_words(codes: str | None, meaning: str | None) -> None:
    assert codes_meaning(codes) == meaning
