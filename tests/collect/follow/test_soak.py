"""The whole program, killed again and again: afterwards every sum is exact."""

from __future__ import annotations

import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from storj_monitor.collect.follow.collector import Collector
from storj_monitor.collect.nodes import NodeLog
from storj_monitor.schema import event_hours, events, satellites
from tests.collect.follow.busy_node import HOUR_US, BusyNode, Key
from tests.collect.follow.running import kill, started, stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import Popen

    from storj_monitor.store import Store, StoreReader
    from tests.collect.follow.node_log import NodeLogFile

#: They try the same again and again.
pytestmark = pytest.mark.no_cover

_HOUR = 3600
_SPEED = 100
_PATIENCE_SECONDS = 120


def names_of(reader: StoreReader) -> dict[int, str]:
    rows = reader.fetch(select(satellites)).to_pylist()
    return {row["id"]: row["satellite_id"] for row in rows}


def summed(store: Store) -> tuple[Counter[Key], Counter[Key]]:
    """Return the transfers and their bytes by the hourly sums."""
    count: Counter[Key] = Counter()
    size: Counter[Key] = Counter()
    with store.reader() as reader:
        names = names_of(reader)
        for row in reader.fetch(select(event_hours)).to_pylist():
            name = names.get(row["satellite_id"])
            key = Key(row["hour_at"], name, row["action"] or None, row["status"])
            count[key] += row["count"]
            size[key] += row["bytes"] or 0
    return count, size


def listed(store: Store) -> Counter[Key]:
    """Return the transfers by the events themselves."""
    found: Counter[Key] = Counter()
    wanted = select(
        *(events.c.at, events.c.id, events.c.satellite_id, events.c.action, events.c.status)
    )
    with store.reader() as reader:
        names = names_of(reader)
        for batch in reader.scan(wanted):
            for row in batch.to_pylist():
                hour_at = row["at"] - row["at"] % HOUR_US
                name = names.get(row["satellite_id"])
                found[Key(hour_at, name, row["action"], row["status"])] += 1
    return found


class Soak:
    """Writes a log as fast as it is told, while the program is killed and started again."""

    def __init__(self, store: Store, node: NodeLogFile) -> None:
        self.store = store
        self.node = node
        self.log = NodeLog("attic", str(node.path))
        self.busy = BusyNode(seed=1, lines_a_second=20)
        self.process: Popen[bytes] | None = None

    def start(self) -> None:
        self.process = started(self.store.path, self.log)

    def kill(self) -> None:
        assert self.process is not None
        kill(self.process)

    def kill_and_start(self) -> None:
        self.kill()
        self.start()

    def copytruncate(self) -> None:
        self.node.copytruncate()

    def rename(self) -> None:
        self.node.rename("node.log.2")

    def write(self, happenings: dict[int, Callable[[], object]]) -> None:
        """Write an hour of the log; at some of its seconds something happens."""
        started_at = time.monotonic()
        for second in range(_HOUR):
            self.node.put(self.busy.second())
            happenings.get(second, lambda: None)()
            time.sleep(max(0.0, started_at + second / _SPEED - time.monotonic()))


def test_an_hour_at_a_hundred_times_its_speed_through_rotations_and_kills(
    store: Store, node: NodeLogFile
) -> None:
    soak = Soak(store, node)
    node.put(soak.busy.second())
    Collector(store, [soak.log]).round()  # what was rotated before the first look isn't read
    soak.start()
    soak.write(
        {
            700: soak.kill_and_start,
            1_300: soak.copytruncate,
            2_000: soak.kill,
            2_100: soak.rename,  # while the program is down; the node still writes to it
            2_130: node.reopen,
            2_160: soak.start,
            2_900: soak.kill_and_start,
        }
    )
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while summed(store)[0] != soak.busy.count and time.monotonic() < deadline:
        time.sleep(0.5)
    assert soak.process is not None
    stop(soak.process)
    assert summed(store) == (soak.busy.count, soak.busy.bytes)
    assert listed(store) == soak.busy.count


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment_it_loses_nothing_and_doubles_nothing(
    seed: int, store: Store, node: NodeLogFile
) -> None:
    random = Random(seed)
    soak = Soak(store, node)
    node.put(soak.busy.second())
    Collector(store, [soak.log]).round()  # what was rotated before the first look isn't read
    for _ in range(3):
        for _ in range(random.randrange(1_000)):
            node.put(soak.busy.second())
        soak.start()
        time.sleep(random.uniform(0.5, 2.5))
        if random.random() < 0.5:
            node.copytruncate(f"node.log.{random.randrange(10**6)}")
        soak.kill()
    collector = Collector(store, [soak.log])
    while collector.round():
        pass
    assert summed(store) == (soak.busy.count, soak.busy.bytes)
    assert listed(store) == soak.busy.count
