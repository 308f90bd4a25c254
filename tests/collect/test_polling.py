"""Asking nodes on and on: each on its own, whatever the others do."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import structlog

from storj_monitor.collect import agenda
from storj_monitor.collect.answers import Told
from storj_monitor.collect.node_api import (
    DiskSpace,
    Expected,
    ExpectedMonth,
    Failure,
    MoneyReading,
    NodeApiError,
    NodeReading,
    SatelliteReading,
    StatementsReading,
)
from storj_monitor.collect.nodes import NodeUrl
from storj_monitor.collect.polling import Poller, poll_once
from storj_monitor.errors import OperatorError
from storj_monitor.plugin.payouts import Price
from storj_monitor.plugin.query import microseconds
from storj_monitor.settings import Price as ListedPrice
from storj_monitor.store import Paystub, Store
from tests.records import US1
from tests.store.databases import number_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from aiohttp import ClientSession

    from storj_monitor.meters import Meters
    from storj_monitor.store import StoreWriter

AT = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)
JOINED = datetime(2025, 5, 6, tzinfo=UTC)
PATIENCE_SECONDS = 60
TB = 10**12
WELL = SatelliteReading(
    *(US1, "us1.storj.io:7777", 1.0, 1.0, 0.99, None, None),
    *(None, None, AT, JOINED),
    repair_bytes=3,
    audit_bytes=1,
    price=Price(1_490_000, 2_000_000, 2_000_000, 2_000_000),
)
#: 4.34 TB-months at 1.35 USD, 310 GB of egress and 96.2 GB of the rest at a USD; half is held.
WORKED_MONTH = ExpectedMonth(
    *(3_124_800_000_000_000, 310_000_000_000, 96_200_000_000),
    *(5_859_000, 310_000, 96_200),
    *(50, 3_132_600, 3_132_600),
)
REFUSED = NodeApiError("nothing listens at attic:14002", "Is the node running?")
HANGING = "hanging"


def reading(**fields: Any) -> NodeReading:
    whole: dict[str, Any] = {
        "at": AT,
        "node_id": "1attic",
        "version": "1.137.5",
        "started_at": AT,
        "disk": DiskSpace(10 * TB, 7 * TB, 3 * TB, TB // 2, None, 0),
        "satellites": (WELL,),
        "failures": (),
    }
    return NodeReading(**whole | fields)


def in_part(*reasons: str) -> NodeReading:
    failures = tuple(Failure("/api/sno/satellites", reason) for reason in reasons)
    return reading(failures=failures)


class Nodes:
    """Fake APIs: each gives its answers in turn, and the last of them for ever."""

    def __init__(self, **answers: Sequence[NodeReading | Exception | str]) -> None:
        self.answers = {f"http://{name}:14002": list(given) for name, given in answers.items()}
        self.asked: list[str] = []
        self.money: MoneyReading | Exception = MoneyReading(at=AT)
        self.statements: StatementsReading | Exception = StatementsReading(at=AT)
        #: For which satellites, or about which months.
        self.asked_of_money: list[Sequence[str] | None] = []
        self._changed = threading.Condition()

    def connect(self, _: ClientSession, url: str) -> FakeApi:
        return FakeApi(self, url)

    def given(self) -> list[NodeUrl]:
        return [NodeUrl(url.split("/")[2].split(":")[0], url) for url in self.answers]

    def next_answer(self, url: str) -> NodeReading | Exception | str:
        with self._changed:
            self.asked.append(url)
            self._changed.notify_all()
        answers = self.answers[url]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def wait_until_asked(self, name: str, times: int) -> None:
        url = f"http://{name}:14002"
        with self._changed:
            assert self._changed.wait_for(
                lambda: self.asked.count(url) >= times, timeout=PATIENCE_SECONDS
            )


class FakeApi(NamedTuple):
    """The API of one of them; of money they all tell the same."""

    nodes: Nodes
    url: str

    async def read(self) -> NodeReading:
        answer = self.nodes.next_answer(self.url)
        if isinstance(answer, str):
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, NodeReading)
        return answer

    async def read_money(self, satellite_ids: Sequence[str]) -> MoneyReading:
        self.nodes.asked_of_money.append(tuple(satellite_ids))
        if isinstance(self.nodes.money, Exception):
            raise self.nodes.money
        return self.nodes.money

    async def read_statements(self, periods: Sequence[str] | None = None) -> StatementsReading:
        self.nodes.asked_of_money.append(periods)
        if isinstance(self.nodes.statements, Exception):
            raise self.nodes.statements
        return self.nodes.statements


@contextmanager
def polling(
    store: Store, nodes: Nodes, guess: str = "", *, meters: Meters | None = None
) -> Iterator[None]:
    """Ask them as fast as can be while the block runs."""
    given = [one for one in nodes.given() if one.node != guess]
    guessed = NodeUrl(guess, f"http://{guess}:14002") if guess else None
    often, connect = 0.001, nodes.connect
    poller = Poller(
        store, given, guess=guessed, every_seconds=often, connect=connect, meters=meters
    )
    stop = threading.Event()
    thread = threading.Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


@pytest.fixture
def said() -> Iterator[Callable[[], list[tuple[str, ...]]]]:
    """What the log says: each event with its node and its reason, if it has any."""
    with structlog.testing.capture_logs() as captured:
        yield lambda: [
            tuple(str(entry[key]) for key in ("event", "node", "reason") if key in entry)
            for entry in captured
        ]


def test_what_each_node_says_is_stored_and_returned_in_order(store: Store) -> None:
    nodes = Nodes(attic=[reading()], nas=[REFUSED], shed=[ValueError("a fault of ours")])
    first, second, third = poll_once(store, nodes.given(), nodes.connect)
    assert isinstance(first, Told)
    assert first.node == reading()
    assert second is REFUSED
    assert isinstance(third, NodeApiError)
    assert third.reason == "it could not be read, for a fault of ours: ValueError"
    states = {node.name: node.api and (node.api.state, node.api.reason) for node in store.nodes()}
    assert states == {
        "attic": ("answering", None),
        "nas": ("failing", REFUSED.reason),
        "shed": ("failing", third.reason),
    }


def test_what_a_node_says_of_itself_is_kept_with_the_time_of_asking(store: Store) -> None:
    nodes = Nodes(attic=[reading()])
    poll_once(store, nodes.given(), nodes.connect)
    at = microseconds(AT)
    [space] = rows_of(store.path, "SELECT * FROM storage")
    assert (space["at"], space["origin"], space["used_bytes"]) == (at, "api", 7 * TB)
    assert space["reclaimable_bytes"] is None
    [scores] = rows_of(store.path, "SELECT * FROM reputation")
    assert (scores["at"], scores["origin"], scores["online_score"]) == (at, "api", 0.99)
    assert (scores["disqualified_at"], scores["vetted_at"]) == (None, at)
    [hour] = rows_of(store.path, "SELECT answered_at, failed_at, reason FROM api_hours")
    assert tuple(hour.values()) == (at, None, None)
    [node] = store.nodes()
    assert node.api is not None
    assert (node.api.version, node.api.answered_at) == ("1.137.5", AT)


def test_what_was_not_said_leaves_no_row_behind(store: Store) -> None:
    silent = WELL._replace(audit_score=None, suspension_score=None, online_score=None)
    gone = silent._replace(satellite_id="1Gone", url=None, disqualified_at=AT)
    said = reading(disk=None, version=None, satellites=(silent, gone))
    nodes = Nodes(attic=[said])
    poll_once(store, nodes.given(), nodes.connect)
    assert number_of(store.path, "SELECT count(*) FROM storage") == 0
    found = rows_of(
        store.path,
        "SELECT s.satellite_id, audit_score, disqualified_at FROM reputation AS r"
        " JOIN satellites AS s ON s.id = r.satellite_id",
    )
    assert [tuple(row.values()) for row in found] == [("1Gone", None, microseconds(AT))]


@pytest.mark.parametrize(
    ("reasons", "stored"),
    [
        (["no audits"], "/api/sno/satellites: no audits"),
        (["no audits", "no time", "x"], "/api/sno/satellites: no audits (and 2 more)"),
    ],
)
def test_an_answer_in_part_says_what_is_missing(
    store: Store, reasons: list[str], stored: str
) -> None:
    nodes = Nodes(attic=[in_part(*reasons)])
    poll_once(store, nodes.given(), nodes.connect)
    [node] = store.nodes()
    assert node.api is not None
    assert (node.api.state, node.api.reason) == ("answering", stored)


def test_a_password_in_an_address_is_not_stored(store: Store) -> None:
    nodes = Nodes(attic=[reading()])
    url = "https://me:secret@nas.lan/node/"
    nodes.answers[url] = [reading()]
    poll_once(store, [NodeUrl("attic", url)], nodes.connect)
    [node] = store.nodes()
    assert node.api is not None
    assert node.api.url == "https://nas.lan:443/node"


def money_of(last_month: ExpectedMonth = WORKED_MONTH) -> MoneyReading:
    return MoneyReading(at=AT, expected=(Expected(US1, WORKED_MONTH, last_month, 9_040_000),))


STATED = Paystub("2026-01", US1, "api", microseconds(AT), paid=3_132_600, held=3_132_600)
STATEMENTS = StatementsReading(
    at=AT,
    paystubs=(STATED, STATED._replace(satellite="1Gone", period="2023-05")),
    joined={"1Gone": AT, US1: datetime(2020, 1, 1, tzinfo=UTC)},
    urls={"1Gone": "gone.example.org:7777"},
)


def test_what_is_told_of_money_is_stored(store: Store) -> None:
    nodes = Nodes(attic=[reading(allowed_version="1.130.1", up_to_date=True)])
    nodes.money, nodes.statements = money_of(), STATEMENTS
    poll_once(store, nodes.given(), nodes.connect)
    estimates = rows_of(store.path, "SELECT * FROM estimates ORDER BY period")
    assert [
        (one["period"], one["gross"], one["repair"], one["audit"], one["expected"])
        for one in estimates
    ] == [
        ("2026-02", 6_265_200, 96_200, None, None),
        ("2026-03", 6_265_200, 72_150, 24_050, 9_040_000),
    ]
    stated = rows_of(store.path, "SELECT period, paid FROM paystubs ORDER BY period")
    assert [tuple(row.values()) for row in stated] == [
        ("2023-05", 3_132_600),
        ("2026-01", 3_132_600),
    ]
    [price] = rows_of(store.path, "SELECT at, storage, egress, repair, audit FROM prices")
    assert tuple(price.values()) == (microseconds(AT), 1_490_000, 2_000_000, 2_000_000, 2_000_000)
    joined = rows_of(
        store.path,
        "SELECT s.name, m.joined_at"
        " FROM memberships AS m JOIN satellites AS s ON s.id = m.satellite_id",
    )
    assert {row["name"]: row["joined_at"] for row in joined} == {
        "us1": microseconds(JOINED),
        "gone": microseconds(AT),
    }
    [polled] = rows_of(store.path, "SELECT allowed_version, is_allowed, reason FROM polled_apis")
    assert tuple(polled.values()) == ("1.130.1", 1, None)


def listed(first: date, usd: int, satellite: str = "") -> ListedPrice:
    each = Decimal(usd)
    return ListedPrice(
        from_=first, storage=each, egress=each, repair=each, audit=each, satellite=satellite
    )


def test_the_operators_prices_are_used(store: Store) -> None:
    own = (listed(date(2026, 2, 1), 1, "us1"), listed(date(2026, 3, 1), 2))
    nodes = Nodes(attic=[reading()])
    nodes.money = money_of()
    poll_once(store, nodes.given(), nodes.connect, prices=own)
    [before] = rows_of(store.path, "SELECT * FROM estimates WHERE period = '2026-02'")
    assert (before["storage"], before["egress"], before["repair"]) == (4_340_000, 310_000, 96_200)


def test_what_a_satellite_expects_that_disqualified_the_node_is_not_asked_for(
    store: Store,
) -> None:
    gone = WELL._replace(satellite_id="1Gone", disqualified_at=AT)
    nodes = Nodes(attic=[reading(satellites=(WELL, gone))])
    poll_once(store, nodes.given(), nodes.connect)
    assert nodes.asked_of_money == [(US1,), None]


def test_of_money_a_node_is_asked_less_often(store: Store) -> None:
    nodes = Nodes(attic=[REFUSED, reading(), reading()])
    with polling(store, nodes):
        nodes.wait_until_asked("attic", 6)
    assert nodes.asked_of_money == [(US1,), None]


@pytest.mark.parametrize("part", ["money", "statements"])
def test_a_part_that_fails_never_loses_the_rest(store: Store, part: str) -> None:
    nodes = Nodes(attic=[reading()])
    nodes.money, nodes.statements = money_of(), STATEMENTS
    setattr(nodes, part, ValueError("a fault of ours"))
    [told] = poll_once(store, nodes.given(), nodes.connect)
    assert isinstance(told, Told)
    [failure] = told.failures
    assert failure.reason == "it could not be read, for a fault of ours: ValueError"
    assert number_of(store.path, "SELECT count(*) FROM storage") == 1
    assert number_of(store.path, "SELECT count(*) FROM estimates") == (0 if part == "money" else 2)
    stubs = number_of(store.path, "SELECT count(*) FROM paystubs")
    assert stubs == (0 if part == "statements" else 2)
    [node] = store.nodes()
    assert node.api is not None
    assert (node.api.state, node.api.reason) == (
        "answering",
        f"{failure.endpoint}: {failure.reason}",
    )


def test_what_is_to_be_asked_again_is_missing_until_then(
    store: Store, said: Callable[[], list[tuple[str, ...]]]
) -> None:
    failure = Failure("/api/heldamount/payout-history/2026-02", "no time was left")
    nodes = Nodes(attic=[reading()])
    nodes.statements = StatementsReading(at=AT, unread=("2026-02",), failures=(failure,))
    with polling(store, nodes):
        nodes.wait_until_asked("attic", 5)
    assert said() == [("api.answers_in_part", "attic", "{}: {}".format(*failure))]


def test_what_will_never_be_told_is_missing_once(
    store: Store, said: Callable[[], list[tuple[str, ...]]]
) -> None:
    failure = Failure("/api/heldamount/payout-history/2021-02", "the answer is empty")
    nodes = Nodes(attic=[reading()])
    nodes.statements = StatementsReading(at=AT, failures=(failure,))
    with polling(store, nodes):
        nodes.wait_until_asked("attic", 5)
    assert said() == [
        ("api.answers_in_part", "attic", "{}: {}".format(*failure)),
        ("api.answers", "attic"),
    ]


def test_a_node_that_fails_or_hangs_never_stops_the_others(store: Store) -> None:
    nodes = Nodes(hung=[HANGING], down=[REFUSED], odd=[RuntimeError()], attic=[reading()])
    with polling(store, nodes):
        for name in ("attic", "down", "odd", "attic"):
            nodes.wait_until_asked(name, 5)
    assert nodes.asked.count("http://hung:14002") == 1
    assert [node.name for node in store.nodes()] == ["attic", "down", "odd"]


def test_a_state_is_said_when_it_begins_and_not_each_time(
    store: Store, said: Callable[[], list[tuple[str, ...]]]
) -> None:
    other = NodeApiError("no answer within 15 s")
    nodes = Nodes(
        attic=[
            *(REFUSED, other, REFUSED),
            *(reading(), reading()),
            *(in_part("no audits"), in_part("no time")),
            *(reading(), other, other),
        ]
    )
    with polling(store, nodes):
        nodes.wait_until_asked("attic", 12)
    assert said() == [
        ("api.failing", "attic", REFUSED.reason),
        ("api.answers", "attic"),
        ("api.answers_in_part", "attic", "/api/sno/satellites: no audits"),
        ("api.answers", "attic"),
        ("api.failing", "attic", other.reason),
    ]


def test_a_guess_is_silent_until_a_node_answers(
    store: Store, said: Callable[[], list[tuple[str, ...]]]
) -> None:
    nodes = Nodes(attic=[REFUSED])
    with polling(store, nodes, guess="attic"):
        nodes.wait_until_asked("attic", 2)
        assert store.nodes() == ()
        nodes.answers["http://attic:14002"] = [reading(), REFUSED]
        nodes.wait_until_asked("attic", len(nodes.asked) + 4)
    assert said() == [
        ("api.found", "attic"),
        ("api.answers", "attic"),
        ("api.failing", "attic", REFUSED.reason),
    ]
    [node] = store.nodes()
    assert node.api is not None
    assert (node.api.answered_at, node.api.state) == (AT, "failing")


def test_a_guess_that_is_the_api_of_another_node_is_none(
    store: Store, said: Callable[[], list[tuple[str, ...]]]
) -> None:
    nodes = Nodes(nas=[reading()], attic=[reading()])
    with polling(store, nodes, guess="attic"):
        nodes.wait_until_asked("attic", 3)
    assert nodes.asked_of_money == [(US1,), None]  # of nas
    assert said() == [("api.answers", "nas")]
    assert [node.name for node in store.nodes()] == ["nas"]


def test_nothing_to_ask_is_waited_with(store: Store) -> None:
    with polling(store, Nodes()):
        pass
    assert store.nodes() == ()


class FullDisk(Store):
    """Can't be written to for a while."""

    def __init__(self, path: Path, *failures: Exception) -> None:
        super().__init__(path)
        self.failures = list(failures)

    def writer(self) -> StoreWriter:
        if self.failures:
            raise self.failures.pop(0)
        return super().writer()


def test_a_database_that_can_not_be_written_to_is_said_once_and_tried_again(
    store: Store, said: Callable[[], list[tuple[str, ...]]]
) -> None:
    nodes = Nodes(attic=[reading()])
    failures = (OperatorError("the disk is full"), OperatorError("still"), ValueError("odd"))
    full = FullDisk(store.path, *failures)
    with polling(full, nodes):
        nodes.wait_until_asked("attic", 5)
    assert said() == [
        ("api.answers", "attic"),
        ("api.not_stored", "attic", "the disk is full"),
    ]
    assert [node.name for node in store.nodes()] == ["attic"]


def test_statements_that_could_not_be_stored_are_asked_for_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "_HOUR_SECONDS", 0.0)
    nodes = Nodes(attic=[reading()])
    nodes.statements = STATEMENTS
    with polling(FullDisk(store.path, OperatorError("the disk is full")), nodes):
        nodes.wait_until_asked("attic", 5)
    about = [asked for asked in nodes.asked_of_money if asked != (US1,)]
    assert about == [None, None]
    assert number_of(store.path, "SELECT count(*) FROM paystubs") == 2
