"""What is read and asked for is counted, once it is so."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from storj_monitor.collect.follow.collector import Collector
from storj_monitor.collect.nodes import NodeLog
from storj_monitor.meters import Meters
from storj_monitor.store import StoreWriter
from tests.collect.follow.node_log import NodeLogFile
from tests.collect.test_polling import REFUSED, Nodes, in_part, polling, reading
from tests.scrapes import told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

    from storj_monitor.store import News, Store


def counted(meters: Meters) -> tuple[float, float]:
    """Return how many lines and transfers of attic were counted."""
    values = told(meters)
    return values["ingested_lines_total,attic"], values["ingested_transfers_total,attic"]


def test_lines_and_transfers_are_counted_as_they_are_stored(store: Store, tmp_path: Path) -> None:
    node, meters = NodeLogFile(tmp_path / "node.log"), Meters()
    collector = Collector(store, [NodeLog("attic", str(node.path))], meters=meters)
    assert counted(meters) == (0, 0)
    node.write(5)
    node.put(b"2026-03-04T10:11:12Z\tINFO\tNode started\n")
    collector.round()
    assert counted(meters) == (6, 5)
    collector.round()
    assert counted(meters) == (6, 5)
    node.write(2)
    collector.round()
    assert counted(meters) == (8, 7)


def test_what_has_to_be_read_again_is_counted_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, tries = StoreWriter.write, iter(range(2))

    def fail(writer: StoreWriter, news: Sequence[News]) -> object:
        if any(one.transfers for one in news) and next(tries, None) is not None:
            message = "a surprise"
            raise RuntimeError(message)
        return write(writer, news)

    monkeypatch.setattr("storj_monitor.collect.follow.follower.pauses", lambda: iter([0.0] * 9))
    monkeypatch.setattr(StoreWriter, "write", fail)
    node, meters = NodeLogFile(tmp_path / "node.log"), Meters()
    collector = Collector(store, [NodeLog("attic", str(node.path))], meters=meters)
    node.write(5)
    collector.round()
    assert counted(meters) == (0, 0)
    collector.round()
    assert counted(meters) == (5, 5)


def test_how_far_behind_a_node_is_is_told_where_it_is_known(store: Store, tmp_path: Path) -> None:
    meters = Meters()
    nodes = {name: NodeLogFile(tmp_path / f"{name}.log") for name in ("attic", "nas")}
    logs = [NodeLog(name, str(node.path)) for name, node in nodes.items()]
    collector = Collector(store, [*logs, NodeLog("nas", "127.0.0.1:1")], meters=meters)
    nodes["attic"].write(5)
    nodes["attic"].put(b"half a line")
    stop = threading.Event()
    stop.set()
    collector.run(stop)  # one look, and the stream's thread ends
    values = told(meters)
    assert values["ingest_behind_bytes,attic"] == 0
    assert "ingest_behind_bytes,nas" not in values


def test_polls_are_counted_by_how_they_went(store: Store) -> None:
    meters = Meters()
    nodes = Nodes(attic=[reading(), in_part("odd"), REFUSED, reading()], nas=[REFUSED])
    with polling(store, nodes, meters=meters):
        nodes.wait_until_asked("attic", 5)
        nodes.wait_until_asked("nas", 2)
    values = told(meters)
    assert values["polls_total,attic,answered"] >= 2
    assert values["polls_total,attic,in_part"] == 1
    assert values["polls_total,attic,failed"] == 1
    assert values["polls_total,nas,failed"] >= 1
    assert "polls_total,nas,answered" not in values


def test_a_guess_that_nobody_answers_at_is_not_counted(store: Store) -> None:
    meters = Meters()
    nodes = Nodes(nas=[REFUSED])
    with polling(store, nodes, guess="nas", meters=meters):
        nodes.wait_until_asked("nas", 2)
    assert not [name for name in told(meters) if name.startswith("polls_total")]
