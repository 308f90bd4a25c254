"""A process that is killed at any step of a run: nothing arrives twice, and nothing gets lost."""

from __future__ import annotations

import shutil
import socketserver
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.store import Store
from tests.schedules.crashing import KILLED
from tests.schedules.offices import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

RECIPIENTS = ("ann@example.org", "bob@example.org")
LEASE_SECONDS = 30
ROUNDS = 500
#: A whole run takes about so many steps, and fewer than that.
WHOLE_STEPS, MOST_STEPS = 26, 60


class Receiver(socketserver.ThreadingTCPServer):
    """Counts what arrives, by its key: in this process, which isn't killed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Arrival)
        self.arrived: Counter[str] = Counter()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Arrival(socketserver.StreamRequestHandler):
    server: Receiver

    def handle(self) -> None:
        """Take a line, and answer as soon as it is counted."""
        line = self.rfile.readline().decode()
        if line.endswith("\n"):
            self.server.arrived[line.strip()] += 1
            self.wfile.write(b"ok\n")


class Mother:
    """Has processes that run what is due, and end after so many steps."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self._port = port

    def run(self, database: Path, later_seconds: float, steps: int = 0) -> int:
        """Run what is due so much later; return the exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{database} {later_seconds} {steps} {self._port}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def mother_of(port: int) -> Iterator[Mother]:
    command = [sys.executable, "-W", "error", "-m", "tests.schedules.crashing"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield Mother(process, port)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


class Round(NamedTuple):
    """What became of each recipient, and how many parcels arrived there."""

    states: dict[str, str]
    arrived: dict[str, int]
    kills: int


class Scene:
    """A database whose schedule is due, again and again, and who receives."""

    def __init__(self, folder: Path, mother: Mother, receiver: Receiver) -> None:
        self._database = folder / "round.db"
        self._mother = mother
        self._receiver = receiver
        store = Store.open(folder / "due.db", create=True)
        Office(store).schedule(recipients=list(RECIPIENTS))
        self._due = store.path

    def round(self, kills: list[int]) -> Round:
        """Kill one process after the other after so many steps, and let the last one live.

        Whoever comes next comes when the lease of the one before is over.
        """
        for suffix in ("-wal", "-shm"):
            self._database.with_name(f"round.db{suffix}").unlink(missing_ok=True)
        shutil.rmtree(f"{self._database}.exports", ignore_errors=True)
        shutil.copy(self._due, self._database)
        self._receiver.arrived.clear()
        killed = 0
        for number, steps in enumerate([*kills, 0]):
            code = self._mother.run(self._database, number * (LEASE_SECONDS + 1), steps)
            if code == 0:
                break
            assert code == KILLED
            killed += 1
        rows = Store(self._database).deliveries()
        states = {row.recipient: str(row.state) for row in rows}
        arrived = Counter[str]()
        for line, times in self._receiver.arrived.items():
            arrived[line.split()[1]] += times
        return Round(states, dict(arrived), killed)


@contextmanager
def scene() -> Iterator[Scene]:
    # What was written stays when a process is killed, be it in memory alone.
    memory = Path("/dev/shm")
    with (
        TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        Receiver() as receiver,
    ):
        thread = Thread(target=receiver.serve_forever, args=(0.01,))
        thread.start()
        try:
            with mother_of(receiver.port) as mother:
                yield Scene(Path(folder), mother, receiver)
        finally:
            receiver.shutdown()
            thread.join()


def check(round_: Round) -> None:
    """Nothing arrives twice, what is said to be sent arrived, and whoever got nothing is known."""
    assert set(round_.states) == set(RECIPIENTS), round_
    for recipient, state in round_.states.items():
        arrived = round_.arrived.get(recipient, 0)
        assert (state, arrived) in {("sent", 1), ("maybe_sent", 0), ("maybe_sent", 1)}, round_


def test_a_process_that_is_killed_at_any_step_sends_nothing_twice() -> None:
    seen = Counter[tuple[str, int]]()
    with scene() as here:
        for steps in range(1, MOST_STEPS):
            round_ = here.round([steps])
            check(round_)
            seen.update((round_.states[one], round_.arrived.get(one, 0)) for one in RECIPIENTS)
            if not round_.kills:
                break
    assert 20 < steps < MOST_STEPS
    assert set(seen) == {("sent", 1), ("maybe_sent", 0), ("maybe_sent", 1)}


def crashes(seed: int, wanted: int) -> int:
    """Kill so many processes, several in a row; return how many it were."""
    random, kills = Random(seed), 0
    with scene() as here:
        while kills < wanted:
            round_ = here.round([random.randint(1, WHOLE_STEPS) for _ in range(8)])
            check(round_)
            kills += round_.kills
    return kills


def test_nothing_is_lost_or_sent_twice_in_five_hundred_crashes() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(crashes, (8, 21), (ROUNDS // 2, ROUNDS // 2))) >= ROUNDS
