from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.plugin.payouts import month_start, next_month
from storj_monitor.plugin.query import microseconds
from storj_monitor.settings import AlertSettings
from tests.alerts.world import ATTIC, EU1, US1, ago

if TYPE_CHECKING:
    from tests.alerts.world import World

HOUR_US = 3_600_000_000
KEY = {"period": "2026-02", "node_id": ATTIC, "satellite_id": US1}


def state(world: World, **said: Any) -> None:
    """Put a statement of February: $3.00 are paid."""
    row = KEY | {"origin": "api", "read_at": ago(days=2), "paid": 3_000_000} | said
    world.put("paystubs", **row)


def expect(world: World, payout: int | None, **said: Any) -> None:
    row: dict[str, Any] = KEY | {"origin": "api", "payout": payout} | said
    end = microseconds(month_start(next_month(row["period"])))
    world.put("estimates", **{"at": end} | row)


def replace(world: World, at: int, **said: Any) -> None:
    """Put what the statement said until then."""
    row = KEY | {"origin": "api", "read_at": ago(days=15), "paid": 3_000_000} | said
    world.put("earlier_paystubs", replaced_at=at, **row)


@pytest.mark.parametrize(
    ("paid", "expected", "severity"),
    [
        (12_000_000, 10_000_000, None),
        (12_000_001, 10_000_000, "info"),
        (8_000_000, 10_000_000, None),
        (7_999_999, 10_000_000, "info"),
        (500_000, 1_000_000, None),
        (499_999, 1_000_000, "info"),
        (500_001, 0, "info"),
        (0, 0, None),
    ],
)
def test_a_payout_far_from_its_estimate_is_an_alert(
    world: World, paid: int, expected: int, severity: str | None
) -> None:
    state(world, paid=paid)
    expect(world, expected)
    assert world.severity("payout_differs") == severity


def test_what_is_given_back_of_the_held_amount_was_not_estimated(world: World) -> None:
    state(world, paid=17_000_000, disposed=10_700_000)
    expect(world, 6_300_000)
    assert world.look() == []


def test_the_message_says_what_was_paid_and_why(world: World) -> None:
    state(world, paid=0, codes="E:T")
    expect(world, 3_132_612)
    [alert] = world.look()
    assert (alert["value"], alert["threshold"]) == (-1.0, 0.2)
    assert alert["message"] == (
        "us1 pays attic 0.00 USD for 2026-02, and 3.132612 USD was expected (what is given back of "
        "the held amount aside). The statement gives a reason: a tax form is missing. A few "
        "percent are normal: compare the usage in both."
    )


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"origin": "import"}, {}),
        ({}, {"origin": "import"}),
        ({"paid": None}, {}),
        ({}, {"payout": None}),
        ({}, {"period": "2026-01"}),
        ({"read_at": ago(days=46)}, {}),
    ],
)
def test_only_what_the_api_said_of_the_same_month_of_late_is_compared(
    world: World, stated: dict[str, Any], expected: dict[str, Any]
) -> None:
    state(world, **stated)
    expect(world, **{"payout": 9_000_000} | expected)
    assert world.look() == []


def test_only_the_latest_statement_is_compared(world: World) -> None:
    state(world)
    expect(world, 9_000_000)
    assert world.severity("payout_differs") == "info"
    state(world, period="2026-03")
    assert world.severity("payout_differs") == "info"  # nobody knows what was expected
    expect(world, 3_000_000, period="2026-03")
    assert world.look() == []


def test_an_estimate_of_a_part_of_the_month_is_not_compared(world: World) -> None:
    state(world)
    end = microseconds(month_start("2026-03"))
    expect(world, 9_000_000, at=end - 13 * HOUR_US)
    assert world.look() == []


def test_an_old_difference_is_no_longer_an_alert(world: World) -> None:
    state(world)
    expect(world, 9_000_000)
    assert world.severity("payout_differs") == "info"
    assert world.severity("payout_differs", days=43) == "info"
    assert world.severity("payout_differs", days=44) is None


def test_how_far_is_far_are_settings(world: World) -> None:
    world.settings = AlertSettings(payout_ratio=1.0)
    state(world)
    expect(world, 1_500_000)
    assert world.look() == []


def test_a_final_month_that_changed_is_an_alert_with_both_amounts(world: World) -> None:
    state(world, paid=2_900_000, held=0, get_bytes=2 * 10**12, codes="")
    replace(world, ago(days=1), held=100, get_bytes=10**12, codes="E")
    [alert] = world.look()
    assert (alert["type"], alert["severity"]) == ("statement_changed", "info")
    assert (alert["value"], alert["threshold"]) == (None, None)
    assert alert["message"] == (
        "us1 changed what it had stated for attic: 2026-02 on 2026-03-19 12:30 UTC: held from "
        "0.0001 USD to 0.00 USD, paid from 3.00 USD to 2.90 USD, codes from E to none, get bytes "
        "from 1.00 TB to 2.00 TB. Both versions are kept; correct what you passed on."
    )


@pytest.mark.parametrize(
    ("before", "after", "is_changed"),
    [
        ({"distributed": 0}, {"distributed": 3_000_000}, False),
        ({"distributed": None}, {"distributed": 3_000_000}, False),
        ({"distributed": 1}, {"distributed": 3_000_000}, True),
        ({"distributed": 1}, {"distributed": 0}, True),
        ({"receipt": None}, {"receipt": "eth:0x1"}, False),
        ({"receipt": ""}, {"receipt": "eth:0x1"}, False),
        ({"receipt": "eth:0x2"}, {"receipt": "eth:0x1"}, True),
        ({"owed": None}, {"owed": 1}, False),
        ({"owed": 1}, {"owed": None}, False),
        ({"owed": 0}, {"owed": 1}, True),
        ({"created_at": 1}, {"created_at": 2}, False),
        ({"origin": "import", "owed": 0}, {"owed": 1}, False),
        ({"owed": 0}, {"owed": 1, "origin": "import"}, False),
    ],
)
def test_what_is_told_for_the_first_time_is_no_change(
    world: World, before: dict[str, Any], after: dict[str, Any], is_changed: bool
) -> None:
    state(world, **after)
    replace(world, ago(days=1), **before)
    assert [row["type"] for row in world.look()] == ["statement_changed"] * is_changed


def test_each_version_is_compared_with_the_next_one(world: World) -> None:
    replace(world, ago(days=3), paid=1_000_000)
    replace(world, ago(days=2), paid=2_000_000)
    state(world, paid=1_000_000)
    [alert] = world.look()
    assert "12:30 UTC: paid from 2.00 USD to 1.00 USD; 2026-02 on" in alert["message"]
    assert "2026-02 on 2026-03-17 12:30 UTC: paid from 1.00 USD to 2.00 USD." in alert["message"]


def test_a_change_is_news_for_a_month(world: World) -> None:
    replace(world, ago(days=1), paid=1)
    state(world)
    assert world.severity("statement_changed") == "info"
    assert world.severity("statement_changed", days=28) == "info"
    assert world.severity("statement_changed", days=30) is None


def test_a_change_is_that_of_its_satellite(world: World) -> None:
    replace(world, ago(days=1), paid=1, satellite_id=EU1)
    state(world)
    state(world, satellite_id=EU1)
    assert [row["satellite_id"] for row in world.look()] == [EU1]


def test_many_differences_are_counted_not_listed(world: World) -> None:
    names = ("earned", "held", "owed", "comp_get", "comp_at_rest", "disposed")
    replace(world, ago(days=1), **dict.fromkeys(names, 1))
    state(world, **dict.fromkeys(names, 2))
    [alert] = world.look()
    assert "0.000002 USD and 2 more. Both versions" in alert["message"]
