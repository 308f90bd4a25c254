"""A process that is killed at any step of a run: nothing arrives twice, and nothing gets lost."""

from __future__ import annotations

import shutil
import socket
import socketserver
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.delivery.links import Signer
from storj_monitor.store import Store
from tests.schedules.crashing import KILLED, KINDS, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.store import Delivery

LEASE_SECONDS = 30
ROUNDS = 500
#: Each kind takes more steps than the first, and a whole run fewer than the second.
SURE_STEPS, MOST_STEPS = 20, 60
#: So many parcels there are of each kind.
PARCELS = 2
#: What may become of one, and how often it may have arrived then.
ALLOWED = {("sent", 1), ("maybe_sent", 0), ("maybe_sent", 1)}
_PING = "ping"


class Receiver(socketserver.TCPServer):
    """Counts what arrives, by its key, one connection after the other; it isn't killed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Arrival)
        self.arrived: Counter[str] = Counter()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def settle(self) -> None:
        """Wait until all is counted that was under way."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(f"{_PING}\n".encode())
            assert connection.recv(10)
        del self.arrived[_PING]


class _Arrival(socketserver.StreamRequestHandler):
    server: Receiver

    def handle(self) -> None:
        """Take a line, and answer as soon as it is counted."""
        line = self.rfile.readline().decode()
        if line.endswith("\n"):
            self.server.arrived[line.strip()] += 1
            with suppress(ConnectionError):
                self.wfile.write(b"ok\n")


class Mother:
    """Has processes that run what is due, and end after so many steps."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self._port = port

    def run(self, database: Path, kind: str, later_seconds: float, steps: int) -> int:
        """Send what there is so much later; return the exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{database} {kind} {later_seconds} {steps} {self._port}\n")
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
    """What became of each parcel, and how often it arrived."""

    parcels: list[tuple[str, int]]
    kills: int


class Scene:
    """Databases with two parcels of each kind, again and again, and who receives."""

    def __init__(self, folder: Path, mother: Mother, receiver: Receiver) -> None:
        self._folder = folder
        self._database = folder / "round.db"
        self._mother = mother
        self._receiver = receiver
        self._signer = Signer(self._database)
        self._settled: dict[str, set[int]] = {}
        for kind in KINDS:
            store = Store.open(folder / f"{kind}.db", create=True)
            prepare(store, kind)
            self._settled[kind] = {row.id for row in store.deliveries() if row.state != "due"}

    def round(self, kind: str, kills: list[int]) -> Round:
        """Kill one process after the other after so many steps, and let the last one live.

        Whoever comes next comes when the lease of the one before is over.
        """
        for suffix in ("-wal", "-shm"):
            self._database.with_name(f"round.db{suffix}").unlink(missing_ok=True)
        shutil.rmtree(f"{self._database}.exports", ignore_errors=True)
        shutil.copy(self._folder / f"{kind}.db", self._database)
        self._receiver.arrived.clear()
        killed = 0
        for number, steps in enumerate([*kills, 0]):
            code = self._mother.run(self._database, kind, number * (LEASE_SECONDS + 1), steps)
            if code == 0:
                break
            assert code == KILLED
            killed += 1
        self._receiver.settle()
        rows = [
            one for one in Store(self._database).deliveries() if one.id not in self._settled[kind]
        ]
        arrived = self._receiver.arrived
        assert arrived.total() == sum(arrived[self._key(row)] for row in rows)
        return Round([(row.state, arrived[self._key(row)]) for row in rows], killed)

    def _key(self, row: Delivery) -> str:
        period = (row.schedule_id, row.start_at, row.end_at)
        return self._signer.parcel_key(row.id, *period, row.recipient)


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


def check(kind: str, round_: Round) -> None:
    """Nothing arrives twice, what is said to be sent arrived, and whoever got nothing is known."""
    assert len(round_.parcels) == PARCELS, (kind, round_)
    assert set(round_.parcels) <= ALLOWED, (kind, round_)


def crashes(kinds: tuple[str, ...], seed: int) -> int:
    """Kill at each step of a run of each kind, and then at any; return how many were killed."""
    random, kills = Random(seed), []
    with scene() as here:
        for kind in kinds:
            kills += at_each_step(here, kind)
        while len(kills) < ROUNDS / 2:
            kind = random.choice(kinds)
            count = random.choice((1, 1, 1, 1, 2))
            round_ = here.round(kind, [random.randint(1, SURE_STEPS) for _ in range(count)])
            check(kind, round_)
            kills.append(round_.kills)
    assert all(kills)
    return sum(kills)


def at_each_step(here: Scene, kind: str) -> list[int]:
    """Kill a process at each step; return how many were killed in each round."""
    seen = Counter[tuple[str, int]]()
    kills: list[int] = []
    for steps in range(1, MOST_STEPS):
        round_ = here.round(kind, [steps])
        check(kind, round_)
        seen.update(round_.parcels)
        if not round_.kills:
            break
        kills.append(round_.kills)
    assert SURE_STEPS < len(kills) < MOST_STEPS - 1
    assert set(seen) == ALLOWED
    return kills


def test_nothing_is_lost_or_sent_twice_in_five_hundred_rounds_of_crashes() -> None:
    with ThreadPoolExecutor(2) as pool:
        halves = pool.map(crashes, (("due", "again"), ("by_hand", "alerts")), (8, 21))
        assert sum(halves) > ROUNDS
