"""What a node expects to be paid, read through a fake node: every amount to the micro-USD."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from storj_monitor.collect.estimates import estimates_of
from storj_monitor.collect.node_api import ExpectedMonth, NodeApi
from storj_monitor.collect.price_list import PriceList
from storj_monitor.plugin.payouts import Price
from tests.collect.node_api import fake_node
from tests.collect.node_api.fake_money import (
    SMALL_MONTH,
    WORKED_DAYS,
    WORKED_MONTH,
    WORKED_PRICES,
    estimate,
    estimate_path,
)
from tests.collect.node_api.fake_node import (
    EU1,
    PRICE_MODEL,
    SALTLAKE,
    US1,
    FakeNode,
    Generation,
    path_of,
    says,
)

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from storj_monitor.collect.node_api import MoneyReading
    from storj_monitor.store import Estimate
    from tests.collect.node_api.fake_node import Fault

OCTOBER_20 = 1_792_454_400
SEPTEMBER_20 = 1_789_862_400
WORKED = ExpectedMonth(
    byte_hours=3_124_800_000_000_000,
    egress_bytes=310_000_000_000,
    joint_bytes=96_200_000_000,
    storage=5_859_000,
    egress=310_000,
    joint=96_200,
    held_percent=50,
    held=3_132_600,
    payout=3_132_600,
)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(OCTOBER_20))


async def money_of(session: ClientSession, node: FakeNode) -> MoneyReading:
    satellites = [one.satellite_id for one in node.trusted]
    return await NodeApi(session, node.url).read_money(satellites)


async def estimates(session: ClientSession, node: FakeNode) -> dict[str, Estimate]:
    """Return what is expected by US1, by month."""
    api = NodeApi(session, node.url)
    satellites = (await api.read()).satellites
    money = await api.read_money([US1.satellite_id])
    return {one.period: one for one in estimates_of(money, satellites, PriceList())}


@pytest.mark.parametrize("generation", Generation)
async def test_every_generation_tells_what_it_expects(
    session: ClientSession, generation: Generation
) -> None:
    async with FakeNode(generation) as node:
        money = await money_of(session, node)
        assert node.most_at_once <= 2
    us1, eu1 = money.expected
    assert money.failures == ()
    assert us1 == (US1.satellite_id, WORKED, WORKED, 9_040_000)
    # 26.810000000000002 cents are 0.2681 USD, and byte-months have 720 hours.
    assert eu1.this_month == ExpectedMonth(
        *(128_673_681_186_551, 4_900_241_920, 18_723_480_832),
        *(268_100, 97_900, 187_200),
        *(0, 0, 553_200),
    )
    assert eu1.at_the_end == 1_200_000


async def test_the_worked_example_is_exact(session: ClientSession, node: FakeNode) -> None:
    said = node.satellite(US1) | {"bandwidthDaily": WORKED_DAYS, "priceModel": WORKED_PRICES}
    node.faults[path_of(US1)] = says(said)
    told = (await estimates(session, node))["2026-10"]
    assert (told.byte_hours, told.egress_bytes) == (3_124_800_000_000_000, 310_000_000_000)
    assert (told.repair_bytes, told.audit_bytes) == (95_000_000_000, 1_200_000_000)
    assert (told.storage, told.egress, told.repair, told.audit) == (
        5_859_000,
        310_000,
        95_000,
        1_200,
    )
    assert (told.gross, told.held, told.payout, told.expected) == (
        *(6_265_200, 3_132_600, 3_132_600),
        9_040_000,
    )
    us1, *_ = (await NodeApi(session, node.url).read()).satellites
    assert us1.price == Price(1_350_000, 1_000_000, 1_000_000, 1_000_000)


async def test_last_month_is_counted_at_its_own_prices(
    session: ClientSession, node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The node counts August at the prices of September: 1.35, 1 and 1, and not 1.50, 2 and 2.
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(SEPTEMBER_20))
    found = await estimates(session, node)
    august = found["2026-08"]
    assert (august.storage, august.egress) == (6_510_000, 620_000)
    assert (august.repair, august.audit) == (192_400, None)
    assert (august.gross, august.held, august.payout) == (7_322_400, 3_661_200, 3_661_200)
    assert august.expected is None
    assert found["2026-09"].gross == 6_265_200


@pytest.mark.parametrize("missing", ["diskSpace", "egressRepairAudit", "heldRate"])
async def test_what_last_month_cost_is_not_known_where_its_usage_is_not(
    session: ClientSession, node: FakeNode, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(SEPTEMBER_20))
    node.estimates[US1.satellite_id] = estimate(last_month=WORKED_MONTH | {missing: None})
    august = (await estimates(session, node))["2026-08"]
    assert (august.storage, august.gross, august.held, august.payout) == (None,) * 4
    assert august.egress_bytes == 310_000_000_000


async def test_last_month_is_as_told_where_prices_are_the_same(
    session: ClientSession, node: FakeNode
) -> None:
    september = (await estimates(session, node))["2026-09"]
    assert (september.storage, september.repair, september.audit) == (5_859_000, 96_200, None)
    assert (september.repair_bytes, september.audit_bytes) == (96_200_000_000, None)


async def test_a_month_before_the_node_joined_is_left_out(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults[path_of(US1)] = says(node.satellite(US1) | {"nodeJoinedAt": "2026-10-01T00:00:00Z"})
    assert set(await estimates(session, node)) == {"2026-10"}


async def test_repair_and_audits_are_one_where_their_shares_are_not_known(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults[path_of(US1)] = fake_node.broken
    told = (await estimates(session, node))["2026-10"]
    assert (told.repair_bytes, told.audit_bytes) == (96_200_000_000, None)
    assert (told.repair, told.audit, told.gross) == (96_200, None, 6_265_200)


@pytest.mark.parametrize(
    ("joint", "shares"), [(0, (0, 0)), (96_200_000_000, (96_200_000_000, None))]
)
async def test_days_without_traffic_tell_no_shares_of_what_was_sent(
    session: ClientSession, node: FakeNode, joint: int, shares: tuple[int, int | None]
) -> None:
    month = WORKED_MONTH | {"egressRepairAudit": joint}
    node.estimates[US1.satellite_id] = estimate(month)
    told = (await estimates(session, node))["2026-10"]
    assert (told.repair_bytes, told.audit_bytes) == shares


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bandwidthDaily": 5}, "bandwidthDaily is 5, which can't be used"),
        (
            {"bandwidthDaily": [{"egress": {"repair": -1}}]},
            'bandwidthDaily is [{"egress": {"repair": -1}}], which can\'t be used',
        ),
        ({"priceModel": []}, "priceModel is [], which can't be used"),
        (
            {"priceModel": PRICE_MODEL | {"DiskSpace": "150"}},
            'the price of diskSpace is "150", which can\'t be used',
        ),
        ({"priceModel": dict.fromkeys(PRICE_MODEL, 0)}, None),
        ({"bandwidthDaily": None}, None),
        ({"bandwidthDaily": [{"egress": None}]}, None),
    ],
)
async def test_shares_and_prices_that_can_not_be_are_none(
    session: ClientSession, node: FakeNode, changes: dict[str, object], reason: str | None
) -> None:
    node.faults[path_of(US1)] = says(node.satellite(US1) | changes)
    reading = await NodeApi(session, node.url).read()
    us1 = reading.satellites[0]
    assert [failure.reason for failure in reading.failures] == ([reason] if reason else [])
    assert (us1.price is None) == ("priceModel" in changes)
    assert (us1.repair_bytes is None) == ("bandwidthDaily" in changes and reason is not None)
    assert us1.audit_score == 0.9995


async def test_prices_are_asked_for_where_they_are_not_told_with_the_rest(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults[path_of(US1)] = says(node.satellite(US1) | {"priceModel": None})
    path = f"/api/sno/satellites/{US1.satellite_id}/pricing"
    reading = await NodeApi(session, node.url).read()
    assert reading.failures == ()
    assert reading.satellites[0].price == reading.satellites[1].price is not None
    assert [asked for asked in node.asked if "pricing" in asked] == [f"GET {path}"]
    node.faults[path] = fake_node.web_page
    reading = await NodeApi(session, node.url).read()
    assert [failure.endpoint for failure in reading.failures] == [path]
    assert reading.satellites[0].price is None


async def test_a_satellite_that_disqualified_the_node_is_no_failure(
    session: ClientSession, node: FakeNode
) -> None:
    money = await money_of(session, node)
    assert f"GET {estimate_path(SALTLAKE.satellite_id)}" in node.asked
    assert [one.satellite_id for one in money.expected] == [US1.satellite_id, EU1.satellite_id]
    assert money.failures == ()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (fake_node.web_page, "{node} answers with a web page instead of JSON"),
        (fake_node.broken, "{node} answers with HTTP status 500: consoleapi storagenode: database"),
        (fake_node.empty, "the answer is empty"),
        (fake_node.half, "{node} broke the connection before it had answered"),
        (says([]), "the answer is JSON, but not that of a storagenode"),
        (says(None), "the answer is JSON, but not that of a storagenode"),
        (says({}), "there is no currentMonth"),
        (says({"currentMonth": 5}), "currentMonth is 5, which can't be used"),
    ],
)
async def test_a_satellite_of_which_nothing_is_told_is_a_failure_and_the_rest_is_kept(
    session: ClientSession, node: FakeNode, fault: Fault, reason: str
) -> None:
    node.faults[estimate_path(US1.satellite_id)] = fault
    money = await money_of(session, node)
    (failure,) = money.failures
    assert failure.endpoint == estimate_path(US1.satellite_id)
    assert failure.reason.startswith(reason.format(node=node.url.removeprefix("http://")))
    *others, eu1 = money.expected
    assert eu1.satellite_id == EU1.satellite_id
    assert all(one.this_month is None for one in others)


@pytest.mark.parametrize(
    "amount",
    [None, "313.26", True, 1e30, -1e30, 100_000_001, [], {}, "NaN", "1e999999"],
)
async def test_an_amount_that_can_not_be_is_none_and_the_others_are_kept(
    session: ClientSession, node: FakeNode, amount: object
) -> None:
    month = WORKED_MONTH | {"payout": amount}
    node.estimates = dict.fromkeys(node.estimates, estimate(month, SMALL_MONTH))
    money = await money_of(session, node)
    assert money.expected[0].this_month == WORKED._replace(payout=None)
    reasons = [failure.reason for failure in money.failures]
    assert len(reasons) == (0 if amount is None else 2)
    assert all(reason.startswith("payout of currentMonth is ") for reason in reasons)


@pytest.mark.parametrize("number", ["1e999999999", "-1e999999999", "9" * 5_000, "1" + "0" * 30])
async def test_a_number_without_end_is_refused(
    session: ClientSession, node: FakeNode, number: str
) -> None:
    body = f'{{"currentMonth": {{"payout": {number}, "held": 0.005}}}}'
    node.faults[estimate_path(US1.satellite_id)] = says(body.encode())
    us1 = (await money_of(session, node)).expected[0]
    assert us1.this_month is not None
    assert (us1.this_month.payout, us1.this_month.held) == (None, 50)


@pytest.mark.parametrize(
    ("at", "is_asked"),
    [
        ("2026-10-31T23:49:59", True),
        ("2026-10-31T23:50:01", False),
        ("2026-11-01T00:00:00", False),
        ("2026-11-01T00:09:59", False),
        ("2026-11-01T00:10:00", True),
    ],
)
async def test_nothing_is_expected_at_the_turn_of_a_month(
    session: ClientSession, node: FakeNode, at: str, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = int(datetime.fromisoformat(at + "+00:00").timestamp())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
    money = await money_of(session, node)
    assert (bool(money.expected), bool(node.asked)) == (is_asked, is_asked)
    assert money.failures == ()


async def test_a_node_that_hangs_is_given_up_and_what_it_said_is_kept(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults[estimate_path(US1.satellite_id)] = fake_node.hang
    api = NodeApi(session, node.url, reading_seconds=1)
    money = await api.read_money([one.satellite_id for one in node.trusted])
    (failure,) = money.failures
    assert failure.endpoint == estimate_path(US1.satellite_id)
    assert [one.satellite_id for one in money.expected] == [EU1.satellite_id]


async def test_a_capture_of_v1_55_is_read(session: ClientSession, node: FakeNode) -> None:
    month = {
        "egressBandwidth": 93_349_335_808,
        "egressBandwidthPayout": 186.70999999999998,
        "egressRepairAudit": 338_552_809_728,
        "egressRepairAuditPayout": 338.56000000000006,
        "diskSpace": 3_603_971_558_673.897,
        "diskSpacePayout": 540.5999999999999,
        "heldRate": 0,
        "payout": 1065.87,
        "held": 0,
    }
    node.estimates[US1.satellite_id] = estimate(last_month=month)
    last = (await money_of(session, node)).expected[0].last_month
    assert last is not None
    assert (last.storage, last.egress, last.joint) == (5_406_000, 1_867_100, 3_385_600)
    assert (last.payout, last.held) == (10_658_700, 0)
    assert last.byte_hours == 2_594_859_522_245_206
