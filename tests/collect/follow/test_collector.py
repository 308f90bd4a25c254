"""Many logs into a real store: nothing lost, nothing doubled, whatever goes wrong."""

from __future__ import annotations

import itertools
import shutil
import socket
import threading
from contextlib import closing
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, NoReturn

import msgspec
import pytest
import structlog
from sqlalchemy import func, select

from storj_monitor.collect.follow import follower as following
from storj_monitor.collect.follow.collector import Collector
from storj_monitor.collect.follow.follower import Place
from storj_monitor.collect.follow.tail import Tail
from storj_monitor.collect.nodes import NodeLog
from storj_monitor.errors import OperatorError
from storj_monitor.schema import event_hours, events, nodes
from storj_monitor.store import News, Store, StoreWriter, connection
from tests.collect.follow.node_log import NodeLogFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Select
    from structlog.typing import EventDict

    from storj_monitor.collect.follow.piece import Piece
    from storj_monitor.store import Following


@pytest.fixture
def other(tmp_path: Path) -> NodeLogFile:
    return NodeLogFile(tmp_path / "other.log")


@pytest.fixture
def said() -> Iterator[list[EventDict]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


def given(node: NodeLogFile, name: str = "attic") -> NodeLog:
    return NodeLog(name, str(node.path))


def counted(store: Store) -> dict[str, int]:
    """Return the transfers of each node; the events and their sums must agree."""
    sums = select(nodes.c.name, func.sum(event_hours.c.count).label("count")).join_from(
        nodes, event_hours, nodes.c.id == event_hours.c.node_id
    )
    counts = listed(store)
    assert counts == by_node(store, sums)
    return counts


def listed(store: Store) -> dict[str, int]:
    of_node = nodes.c.id == events.c.node_id
    count = func.count().label("count")
    return by_node(store, select(nodes.c.name, count).join_from(nodes, events, of_node))


def by_node(store: Store, query: Select[tuple[str, int]]) -> dict[str, int]:
    with store.reader() as reader:
        rows = reader.fetch(query.group_by(nodes.c.name)).to_pylist()
    return {row["name"]: row["count"] for row in rows}


def known(store: Store, log: NodeLog) -> Following:
    found = store.followed(log.node, log.log)
    assert found is not None
    return found


def settle(collector: Collector) -> None:
    while collector.round():
        pass


def test_what_is_read_and_how_far_is_stored(store: Store, node: NodeLogFile) -> None:
    log = given(node)
    collector = Collector(store, [log])
    node.write(5)
    collector.round()
    assert counted(store) == {"attic": 5}
    place = msgspec.json.decode(known(store, log).position, type=Place)
    assert place.file is not None
    assert place.file.offset == node.path.stat().st_size
    assert known(store, log)[2:5] == ("following", None, 0)
    node.write(5)
    settle(Collector(store, [log]))
    assert counted(store) == {"attic": 10}


def test_nothing_is_written_when_nothing_is_new(
    store: Store, node: NodeLogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = given(node)
    node.write(5)
    collector = Collector(store, [log])
    collector.round()
    with monkeypatch.context() as patched:
        patched.setattr(StoreWriter, "write", None)
        assert collector.round() is False
    before = known(store, log)
    monkeypatch.setattr(following, "_CHECK_SECONDS", 0)
    collector.round()
    assert known(store, log).position == before.position
    assert known(store, log).checked_at > before.checked_at


def test_twins_around_a_restart_are_two_and_a_second_reading_adds_none(
    store: Store, node: NodeLogFile
) -> None:
    log = given(node)
    line = node.next_line() + b"\n"
    node.put(line)
    settle(Collector(store, [log]))
    node.put(line)
    settle(Collector(store, [log]))
    assert counted(store) == {"attic": 2}
    copy = node.beside("copy.log")
    shutil.copyfile(node.path, copy)
    settle(Collector(store, [NodeLog("attic", str(copy))]))
    assert counted(store) == {"attic": 2}


def test_several_logs_are_followed_at_once_through_a_rotation(
    store: Store, node: NodeLogFile, other: NodeLogFile, said: list[EventDict]
) -> None:
    collector = Collector(store, [given(node), given(other, "nas")])
    node.write(5)
    settle(collector)
    other.write(7)
    node.write(5)
    node.copytruncate()
    node.write(5)
    settle(collector)
    assert counted(store) == {"attic": 15, "nas": 7}
    [rotated] = [event for event in said if event["event"] == "follow.rotated"]
    assert rotated["file"] == "node.log"
    assert [event["log"] for event in said if event["event"] == "follow.waiting"] == [
        str(other.path)
    ]


def test_a_backlog_is_read_in_pieces_and_its_progress_is_told(
    store: Store, node: NodeLogFile, monkeypatch: pytest.MonkeyPatch, said: list[EventDict]
) -> None:
    monkeypatch.setattr(following, "Tail", partial(Tail, block_bytes=2000))
    node.write(100)
    told: list[int] = []
    settle(Collector(store, [given(node)], progress=told.append))
    assert counted(store) == {"attic": 100}
    assert told == sorted(set(told), reverse=True)
    assert len(told) > 10
    assert told[-1] == 0
    assert [event["event"] for event in said] == ["follow.started", "follow.caught_up"]


def test_the_fault_of_one_log_stops_no_other(
    store: Store,
    node: NodeLogFile,
    other: NodeLogFile,
    monkeypatch: pytest.MonkeyPatch,
    said: list[EventDict],
) -> None:
    collector = Collector(store, [given(node), given(other, "nas")])
    node.write(5)
    other.write(5)
    settle(collector)

    def fail(tail: Tail) -> Piece:
        if tail.path == node.path:
            message = "a surprise"
            raise RuntimeError(message)
        return poll(tail)

    poll = Tail.poll
    node.write(5)
    other.write(5)
    with monkeypatch.context() as patched:
        patched.setattr(Tail, "poll", fail)
        settle(collector)
        assert counted(store) == {"attic": 5, "nas": 10}
        failing = known(store, given(node))
        assert (failing.state, failing.reason) == ("failing", "RuntimeError: a surprise")
    patience = threading.Event()
    while counted(store)["attic"] < 10:
        patience.wait(0.05)
        settle(collector)
    assert counted(store) == {"attic": 10, "nas": 10}
    assert known(store, given(node)).state == "following"
    assert [event["node"] for event in said if event["event"] == "follow.error"] == ["attic"]


def test_news_that_can_not_be_stored_stops_no_other_log(
    store: Store, node: NodeLogFile, other: NodeLogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = StoreWriter.write

    def fail(writer: StoreWriter, news: Sequence[News]) -> object:
        if any(one.node == "attic" for one in news):
            message = "a surprise"
            raise RuntimeError(message)
        return write(writer, news)

    collector = Collector(store, [given(node), given(other, "nas")])
    node.write(5)
    other.write(5)
    with monkeypatch.context() as patched:
        patched.setattr(StoreWriter, "write", fail)
        settle(collector)
        assert counted(store) == {"nas": 5}
    patience = threading.Event()
    while "attic" not in counted(store):
        patience.wait(0.05)
        settle(collector)
    assert counted(store) == {"attic": 5, "nas": 5}


def failing_to_write(times: int) -> Callable[[StoreWriter, Sequence[News]], object]:
    """Return a `write` that fails so many times when there are transfers."""
    write, left = StoreWriter.write, iter(range(times))

    def fail(writer: StoreWriter, news: Sequence[News]) -> object:
        if any(one.transfers for one in news) and next(left, None) is not None:
            message = "a surprise"
            raise RuntimeError(message)
        return write(writer, news)

    return fail


def test_a_place_is_not_stored_before_what_was_read_up_to_it(
    store: Store, node: NodeLogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "pauses", lambda: itertools.repeat(0.0))
    collector = Collector(store, [given(node)])
    node.write(5)
    settle(collector)
    place = known(store, given(node)).position
    node.write(5)
    monkeypatch.setattr(StoreWriter, "write", failing_to_write(2))
    with monkeypatch.context() as patched:
        collector.round()  # it fails twice: together, and apart
        patched.setattr(Store, "followed", None)
        collector.round()
    assert (known(store, given(node)).position, counted(store)) == (place, {"attic": 5})
    settle(collector)
    assert counted(store) == {"attic": 10}


def test_what_can_not_be_stored_is_tried_again_ever_more_rarely_and_is_said(
    store: Store, node: NodeLogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, tries = [0.0], [0]
    monkeypatch.setattr(following, "time", SimpleNamespace(monotonic=lambda: now[0]))
    collector = Collector(store, [given(node)])
    node.write(1)
    settle(collector)
    fail = following.Follower.fail

    def counting(follower: following.Follower, error: Exception) -> News | None:
        tries[0] += 1
        return fail(follower, error)

    monkeypatch.setattr(following.Follower, "fail", counting)
    node.write(1)
    with monkeypatch.context() as patched:
        patched.setattr(StoreWriter, "write", failing_to_write(10_000))
        for _ in range(120):
            collector.round()
            now[0] += 1
        assert known(store, given(node)).state == "failing"
    assert tries[0] < 15
    now[0] += 100
    settle(collector)
    assert (counted(store), known(store, given(node)).state) == ({"attic": 2}, "following")


def test_a_log_of_something_else_is_said_to_be_none(store: Store, node: NodeLogFile) -> None:
    collector = Collector(store, [given(node)])
    node.put(b"this is\nno log\n")
    settle(collector)
    state = known(store, given(node))
    assert (state.state, state.reason) == (
        *("waiting", "no line so far is one of a storagenode's log"),
    )
    node.write(1)
    settle(collector)
    assert known(store, given(node)).state == "following"


def test_as_long_as_the_database_is_locked_what_was_read_is_kept_and_no_more_is_read(
    store: Store, node: NodeLogFile, monkeypatch: pytest.MonkeyPatch, said: list[EventDict]
) -> None:
    monkeypatch.setattr(connection, "BUSY_MS", 20)
    collector = Collector(store, [given(node)])
    node.write(5)
    collector.round()
    node.write(5)
    with connection.Connection(store.path, "rw") as locking, locking.transaction():
        assert collector.round() is False
        with monkeypatch.context() as patched:
            patched.setattr(Tail, "poll", None)
            for _ in range(3):
                node.write(5)
                assert collector.round() is False
    settle(collector)
    assert counted(store) == {"attic": 25}
    happened = [event["event"] for event in said]
    assert happened.count("follow.not_stored") == 1
    assert happened.count("follow.stored_again") == 1
    assert "follow.error" not in happened


def test_what_a_lock_left_over_is_stored_later(
    store: Store, node: NodeLogFile, other: NodeLogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = StoreWriter.write
    answers: list[Exception | None] = [
        RuntimeError("a surprise"),  # all at once, then one after the other
        None,
        OperatorError("the database is locked by another program"),
    ]

    def struggle(writer: StoreWriter, news: Sequence[News]) -> object:
        if answers and (error := answers.pop(0)) is not None:
            raise error
        return write(writer, news)

    monkeypatch.setattr(StoreWriter, "write", struggle)
    collector = Collector(store, [given(node), given(other, "nas")])
    node.write(5)
    other.write(5)
    assert collector.round() is False
    assert counted(store) == {"attic": 5}
    settle(collector)
    assert counted(store) == {"attic": 5, "nas": 5}


def test_a_place_that_can_not_be_asked_for_is_not_written_over(
    store: Store, node: NodeLogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        message = "a surprise"
        raise RuntimeError(message)

    node.write(5)
    settle(Collector(store, [given(node)]))
    before = known(store, given(node))
    with monkeypatch.context() as patched:
        patched.setattr(Store, "followed", fail)
        settle(Collector(store, [given(node)]))
    assert known(store, given(node)) == before


def test_a_place_of_another_version_is_no_reason_to_stop(store: Store, node: NodeLogFile) -> None:
    log = given(node)
    node.write(5)
    settle(Collector(store, [log]))
    for position in ("", "{}", "[1]", '{"file":{"offset":"x"}}', '{"parser":"x"}'):
        with store.writer() as writer:
            found = known(store, log)._replace(position=position)
            writer.write([News(node=log.node, following=found)])
        node.write(5)
        settle(Collector(store, [log]))
    assert counted(store) == {"attic": 30}


def test_two_that_follow_the_same_log_count_each_transfer_once(
    store: Store, node: NodeLogFile
) -> None:
    log = given(node)
    first, second = Collector(store, [log]), Collector(store, [log])
    for collector in (first, second, second, first, second, first):
        node.write(5)
        settle(collector)
    settle(second)
    assert counted(store) == {"attic": 30}
    node.write(5)
    settle(Collector(store, [log]))
    assert counted(store) == {"attic": 35}


def test_a_stream_that_repeats_what_it_sent_counts_once(store: Store, node: NodeLogFile) -> None:
    lines = [node.next_line() + b"\n" for _ in range(10)]
    with socket.create_server(("127.0.0.1", 0)) as server:
        log = NodeLog("attic", f"127.0.0.1:{server.getsockname()[1]}")
        for sent, wanted in ((lines[:6], 6), (lines, 10)):
            stop = threading.Event()
            collector = Collector(store, [log], pause_seconds=0.01)
            thread = threading.Thread(target=collector.run, args=(stop,))
            thread.start()
            sender, _ = server.accept()
            with closing(sender):
                sender.sendall(b"".join(sent))
                while listed(store).get("attic") != wanted:
                    assert thread.is_alive()
            stop.set()
            thread.join()
            assert counted(store) == {"attic": wanted}
    assert known(store, log).behind_bytes is None


def test_told_to_stop_it_looks_once_more(store: Store, node: NodeLogFile) -> None:
    node.write(5)
    stop = threading.Event()
    stop.set()
    Collector(store, [given(node)]).run(stop)
    assert counted(store) == {"attic": 5}
