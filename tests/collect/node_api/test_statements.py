"""What satellites stated, read through a fake node: joined from all that it tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from storj_monitor.collect.node_api import NodeApi
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import Paystub
from tests.collect.node_api import fake_node
from tests.collect.node_api.fake_money import (
    HELD_HISTORY,
    PERIODS,
    RECEIPT,
    US2,
    US2_URL,
    held,
    history_path,
    payout,
    paystubs_path,
    stub,
)
from tests.collect.node_api.fake_node import NEVER, US1, FakeNode, Generation, says

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from storj_monitor.collect.node_api import StatementsReading
    from tests.collect.node_api.fake_node import Fault

NOW = 1_772_690_000  # 2026-03-05
ALL = paystubs_path("2023-05", "2026-02")
#: The worked month, with nothing of what became of it.
WORKED = Paystub(
    "2026-02",
    US1.satellite_id,
    "api",
    NOW * 1_000_000,
    created_at=microseconds(datetime(2026, 3, 3, 4, 5, 6, 789012, tzinfo=UTC)),
    codes="E",
    byte_hours=3_124_800_000_000_000,
    get_bytes=310_000_000_000,
    get_repair_bytes=95_000_000_000,
    get_audit_bytes=1_200_000_000,
    put_bytes=700_000_000_000,
    put_repair_bytes=80_000_000_000,
    comp_at_rest=5_859_000,
    comp_get=310_000,
    comp_get_repair=95_000,
    comp_get_audit=1_200,
    earned=6_265_200,
    surge_percent=100,
    held=3_132_600,
    owed=3_132_600,
    disposed=0,
    paid=3_132_600,
    distributed=0,
)
SENT = WORKED._replace(distributed=3_132_600, receipt=RECEIPT)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW))


async def statements(session: ClientSession, node: FakeNode) -> StatementsReading:
    return await NodeApi(session, node.url).read_statements()


@pytest.mark.parametrize("generation", Generation)
async def test_all_statements_are_joined_with_what_became_of_them(
    session: ClientSession, generation: Generation
) -> None:
    async with FakeNode(generation) as node:
        read = await statements(session, node)
        assert node.most_at_once <= 2
        assert sorted(node.asked) == sorted(
            f"GET {path}"
            for path in (
                *(PERIODS, ALL, HELD_HISTORY),
                *map(history_path, ("2023-05", "2026-01", "2026-02")),
            )
        )
    retired, january, february = read.paystubs
    assert february == WORKED
    assert january == SENT._replace(period="2026-01")
    what_became = SENT if generation is Generation.V1_143 else WORKED
    assert retired == what_became._replace(
        period="2023-05", satellite=US2, created_at=None, codes="D:X"
    )
    assert (read.unread, read.failures) == ((), ())
    assert read.joined == {
        US1.satellite_id: datetime(2021, 4, 5, 6, 7, 8, 500_000, tzinfo=UTC),
        US2: datetime(2021, 1, 7, 1, 54, 43, 576_738, tzinfo=UTC),
    }
    assert read.urls == {US1.satellite_id: US1.url, US2: US2_URL}


async def test_the_months_that_are_asked_for_are_read_alone(
    session: ClientSession, node: FakeNode
) -> None:
    read = await NodeApi(session, node.url).read_statements(["2026-02", "2026-01"])
    assert [stub.period for stub in read.paystubs] == ["2026-01", "2026-02"]
    assert set(node.asked) == {
        f"GET {path}"
        for path in (
            *(paystubs_path("2026-01", "2026-02"), HELD_HISTORY),
            *map(history_path, ("2026-01", "2026-02")),
        )
    }


@pytest.mark.parametrize("periods", [None, []])
async def test_without_statements_nothing_more_is_asked(
    session: ClientSession, node: FakeNode, periods: list[str] | None
) -> None:
    node.periods = []
    read = await NodeApi(session, node.url).read_statements(periods)
    assert (read.paystubs, read.unread, read.failures) == ((), (), ())
    assert node.asked == ([f"GET {PERIODS}"] if periods is None else [])


async def test_null_is_an_empty_list(session: ClientSession, node: FakeNode) -> None:
    node.stubs, node.payouts, node.held = [], {}, []
    read = await statements(session, node)
    assert (read.paystubs, read.joined, read.unread, read.failures) == ((), {}, (), ())


async def test_a_statement_of_which_one_half_is_known_is_kept(
    session: ClientSession, node: FakeNode
) -> None:
    node.stubs = node.stubs[2:]
    del node.payouts["2026-02"]
    retired, january, february = (await statements(session, node)).paystubs
    assert february == WORKED
    assert january == Paystub(
        "2026-01",
        US1.satellite_id,
        "api",
        NOW * 1_000_000,
        earned=6_265_200,
        surge_percent=100,
        held=3_132_600,
        disposed=0,
        paid=3_132_600,
        distributed=3_132_600,
        receipt=RECEIPT,
    )
    assert retired.satellite == US2


@pytest.mark.parametrize(
    ("in_stub", "in_payout", "expected"),
    [(5, 7, 7), (7, 5, 7), (None, 5, 5), (5, None, 5), (None, None, None)],
)
async def test_the_larger_of_what_was_sent_counts(
    session: ClientSession,
    node: FakeNode,
    in_stub: int | None,
    in_payout: int | None,
    expected: int | None,
) -> None:
    node.periods = ["2026-02"]
    node.stubs = [stub(US1.satellite_id, "2026-02", distributed=in_stub)]
    node.payouts["2026-02"] = [payout(US1.satellite_id, US1.url, distributed=in_payout)]
    (found,) = (await statements(session, node)).paystubs
    assert found.distributed == expected


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 100), (100, 100), (150, 150), (None, 100), (-5, 100)]
)
async def test_no_surge_is_a_hundred_percent(
    session: ClientSession, node: FakeNode, percent: int | None, expected: int
) -> None:
    node.stubs = [stub(US1.satellite_id, "2026-02", surgePercent=percent)]
    read = await statements(session, node)
    assert read.paystubs[-1].surge_percent == expected


@pytest.mark.parametrize(
    ("fault", "reason", "is_unread"),
    [
        # What a node answers when it meets a NaN, now and for ever.
        (fake_node.empty, "the answer is empty", False),
        (fake_node.web_page, "{node} answers with a web page instead of JSON", True),
        (fake_node.broken, "{node} answers with HTTP status 500: consoleapi storagenode", True),
        (fake_node.untrusted, "{node} answers with HTTP status 404: trust", True),
        (fake_node.half, "{node} broke the connection before it had answered", True),
        (says(b'[{"satelliteID": "12'), "the answer is no JSON, or only the beginning", True),
        (says({}), "the answer is JSON, but not that of a storagenode", True),
    ],
)
async def test_a_month_whose_payouts_fail_is_a_failure_and_the_rest_is_kept(
    session: ClientSession, node: FakeNode, fault: Fault, reason: str, is_unread: bool
) -> None:
    node.faults[history_path("2026-01")] = fault
    read = await statements(session, node)
    (failure,) = read.failures
    assert failure.endpoint == history_path("2026-01")
    assert failure.reason.startswith(reason.format(node=node.url.removeprefix("http://")))
    assert read.unread == (("2026-01",) if is_unread else ())
    retired, january, february = read.paystubs
    assert january == WORKED._replace(period="2026-01")
    assert (retired.receipt, february) == (RECEIPT, WORKED)


async def test_paystubs_that_fail_leave_the_payouts_and_are_to_be_read_again(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults = {ALL: fake_node.broken, HELD_HISTORY: fake_node.web_page}
    read = await statements(session, node)
    assert [failure.endpoint for failure in read.failures] == [ALL, HELD_HISTORY]
    assert read.unread == ("2026-02", "2026-01", "2023-05")
    assert [found.paid for found in read.paystubs] == [3_132_600] * 3
    assert [found.comp_get for found in read.paystubs] == [None] * 3
    assert read.urls[US2] == US2_URL


async def test_without_the_months_everything_is_to_be_read_again(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults[PERIODS] = fake_node.broken
    read = await statements(session, node)
    assert (read.unread, read.paystubs) == (None, ())
    assert [failure.endpoint for failure in read.failures] == [PERIODS]


async def test_a_node_that_hangs_is_given_up_and_what_it_said_is_kept(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults[history_path("2026-01")] = fake_node.hang
    api = NodeApi(session, node.url, statements_seconds=1)
    read = await api.read_statements()
    assert [found.period for found in read.paystubs] == ["2023-05", "2026-01", "2026-02"]
    assert read.unread == ("2026-01",)
    (failure,) = read.failures
    assert failure.reason == "no time was left: all of a reading may take 1 s"


@pytest.mark.parametrize(
    ("items", "kept", "reason"),
    [
        ([5], 0, "an item is 5, which can't be used"),
        ([{}], 0, "an item has no id of a satellite"),
        ([stub("../x", "2026-02")], 0, 'the id of a satellite is "../x", which can\'t be used'),
        ([stub("1A", "2026-13")], 0, 'period of 1A is "2026-13", which can\'t be used'),
        ([{"satelliteId": "1A"}], 0, "a paystub of 1A is of none of the months"),
        ([stub("1A", "2022-01")], 0, "a paystub of 1A is of none of the months asked for"),
        ([stub("1A", "2026-02")] * 2, 1, "2026-02 of 1A is told twice: the first counts"),
        ([stub("1A", "2026-02")] * 5_001, 1, "there are 5,001 items: only 5,000 are read"),
        ([stub("1A", "2026-02", paid=2**63)], 1, "paid of 1A for 2026-02 is 9223372036854775808,"),
        ([stub("1A", "2026-02", paid=0.5)], 1, "paid of 1A for 2026-02 is 0.5, which can't be"),
        ([stub("1A", "2026-02", paid="5")], 1, 'paid of 1A for 2026-02 is "5", which can\'t be'),
        ([stub("1A", "2026-02", paid=True)], 1, "paid of 1A for 2026-02 is true, which can't be"),
        ([stub("1A", "2026-02", usageGet=-1)], 1, "usageGet of 1A for 2026-02 is -1, which can't"),
        ([stub("1A", "2026-02", codes="\u202e")], 1, "codes of 1A for 2026-02 is "),
        ([stub("1A", "2026-02", created="x")], 1, "created of 1A for 2026-02 is x, which is no"),
    ],
)
async def test_what_can_not_be_is_a_failure_and_the_rest_is_kept(
    session: ClientSession, node: FakeNode, items: list[object], kept: int, reason: str
) -> None:
    node.faults[ALL] = says(items)
    read = await statements(session, node)
    reasons = [failure.reason for failure in read.failures]
    assert any(said.startswith(reason) for said in reasons)
    assert all(said.isprintable() for said in reasons)
    odd = [found for found in read.paystubs if found.satellite == "1A"]
    assert len(odd) == kept
    assert all(found.held == 3_132_600 for found in odd)
    assert len(read.paystubs) == 3 + kept


@pytest.mark.parametrize("name", ["paid", "compGet", "usageAtRest"])
async def test_what_a_paystub_does_not_tell_is_none(
    session: ClientSession, node: FakeNode, name: str
) -> None:
    node.stubs = [stub(US1.satellite_id, "2026-02", **{name: None})]
    del node.payouts["2026-02"]
    found = (await statements(session, node)).paystubs[-1]
    fields = {"paid": "paid", "compGet": "comp_get", "usageAtRest": "byte_hours"}
    assert getattr(found, fields[name]) is None
    assert found.earned == (None if name == "compGet" else 6_265_200)


async def test_months_that_are_none_are_left_out(session: ClientSession, node: FakeNode) -> None:
    node.faults[PERIODS] = says(["2026-02", "0001-01", None, 5, "2026-2", "2026-02-01"])
    read = await statements(session, node)
    assert {found.period for found in read.paystubs} == {"2026-02"}
    assert [failure.reason for failure in read.failures] == [
        'a period is "0001-01", which can\'t be used',
        "a period is 5, which can't be used",
        'a period is "2026-2", which can\'t be used',
        'a period is "2026-02-01", which can\'t be used',
    ]


async def test_no_more_than_twenty_years_of_months_are_asked_for(
    session: ClientSession, node: FakeNode
) -> None:
    node.periods = [f"20{year}-{month:02}" for year in range(10, 40) for month in range(1, 13)]
    read = await statements(session, node)
    assert [failure.reason for failure in read.failures] == [
        "there are 360 periods: only 240 are read"
    ]
    assert len([asked for asked in node.asked if "payout-history" in asked]) == 240
    assert f"GET {paystubs_path('2020-01', '2039-12')}" in node.asked


async def test_join_dates_that_are_none_and_urls_that_are_ids_are_left_out(
    session: ClientSession, node: FakeNode
) -> None:
    node.held = [held("1A", "1A", NEVER), held("1B", "b:7777", "2026-01-01T00:00:00Z")]
    node.payouts = {"2026-02": [payout("1C", "1C")]}
    read = await statements(session, node)
    assert read.joined == {"1B": datetime(2026, 1, 1, tzinfo=UTC)}
    assert read.urls == {"1B": "b:7777"}
    assert read.failures == ()
