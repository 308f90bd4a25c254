"""Asking nodes on and on: each on its own, whatever the others do."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import structlog

from storj_monitor.collect.node_api import (
    DiskSpace,
    Failure,
    NodeApiError,
    NodeReading,
    SatelliteReading,
)
from storj_monitor.collect.nodes import NodeUrl
from storj_monitor.collect.polling import Poller, poll_once
from storj_monitor.errors import OperatorError
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import Store
from tests.records import US1
from tests.store.databases import number_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from aiohttp import ClientSession

    from storj_monitor.store import StoreWriter

AT = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)
PATIENCE_SECONDS = 60
TB = 10**12
WELL = SatelliteReading(
    *(US1, "us1.storj.io:7777", 1.0, 1.0, 0.99, None, None),
    *(None, None, AT, AT),
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
    """The API of one of them."""

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


@contextmanager
def polling(store: Store, nodes: Nodes, guess: str = "") -> Iterator[None]:
    """Ask them as fast as can be while the block runs."""
    given = [one for one in nodes.given() if one.node != guess]
    guessed = NodeUrl(guess, f"http://{guess}:14002") if guess else None
    poller = Poller(store, given, guess=guessed, every_seconds=0.001, connect=nodes.connect)
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
    assert first == reading()
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
    nodes = Nodes(attic=[REFUSED, REFUSED, reading(), REFUSED])
    with polling(store, nodes, guess="attic"):
        nodes.wait_until_asked("attic", 2)
        assert store.nodes() == ()
        nodes.wait_until_asked("attic", 6)
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
