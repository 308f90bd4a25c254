"""What following costs: one busy node, and fifty of them in one process."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.benchmarks.findings import Finding
from tests.benchmarks.programs import STORJ_MONITOR
from tests.benchmarks.timing import FailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.data import Data

_LINES_A_SECOND = 200
_SECONDS = 15
_MANY = 50
#: Lines are written in so many parts a second.
_PARTS = 10
#: Discovering plugins, and the first look at the logs, is start-up.
_START_UP_SECONDS = 5
_PATIENCE_SECONDS = 120
_TICKS = os.sysconf("SC_CLK_TCK")
_PIECE_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SATELLITE = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"


def following(_data: Data, _repeat: int, folder: Path) -> list[Finding]:
    """One node of 200 lines a second takes under 3 % of a core; 50 such nodes are kept up with."""
    one, _ = _followed(folder, 1)
    many, lag = _followed(folder, _MANY)
    written = f"{_LINES_A_SECOND} lines a second each, {_SECONDS} s"
    return [
        Finding(
            what="following 1 node",
            ours=f"{one:.2f} % of a core",
            peer=written,
            measured=one,
            limit=3,
            unit="%",
        ),
        Finding(
            what=f"following {_MANY} nodes",
            ours=f"{many:.1f} % of a core",
            peer=written,
            measured=many,
            limit=100,
            unit="%",
        ),
        Finding(
            what=f"lag of {_MANY} nodes at the end",
            ours=f"{lag:.2f} s until the last line is stored",
            peer="a look every second",
            measured=lag,
            limit=3,
            unit="s",
        ),
    ]


def _followed(folder: Path, count: int) -> tuple[float, float]:
    """Return the share of a core in percent, and the seconds that it took to catch up."""
    database = folder / f"following-{count}.db"
    logs = [folder / f"following-{count}-{number}.log" for number in range(count)]
    random = Random(count)
    _write(random, logs, 1)
    with _running(database, logs) as process:
        time.sleep(_START_UP_SECONDS)
        used, began = _cpu_seconds(process), time.monotonic()
        for part in range(_SECONDS * _PARTS):
            _write(random, logs, _LINES_A_SECOND // _PARTS)
            time.sleep(max(0.0, began + (part + 1) / _PARTS - time.monotonic()))
        elapsed = time.monotonic() - began
        share = 100 * (_cpu_seconds(process) - used) / elapsed
        ended = time.monotonic()
        wanted = count * (1 + _SECONDS * _LINES_A_SECOND)
        while _stored(database) < wanted:
            if process.poll() is not None or time.monotonic() > ended + _PATIENCE_SECONDS:
                message = f"only {_stored(database)} of {wanted} lines were stored"
                raise FailedError(message)
            time.sleep(0.05)
        return share, time.monotonic() - ended


@contextmanager
def _running(database: Path, logs: list[Path]) -> Iterator[subprocess.Popen[bytes]]:
    words = [STORJ_MONITOR, "run", "--port", "0", "--database", str(database)]
    for number, log in enumerate(logs):
        words += ["--node", f"node-{number:02}:{log}"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, stdout=quiet, stderr=quiet) as process:
        try:
            yield process
        finally:
            process.terminate()


def _write(random: Random, logs: list[Path], count: int) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = "".join(_line(random, now) for _ in range(count))
    for log in logs:
        with log.open("a", encoding="ascii") as file:
            file.write(text)


def _line(random: Random, now: str) -> str:
    message, action = random.choice(
        (("downloaded", "GET"), ("downloaded", "GET_REPAIR"), ("uploaded", "PUT"))
    )
    piece = "".join(random.choices(_PIECE_DIGITS, k=52))
    return (
        f'{now}\tINFO\tpiecestore\t{message}\t{{"Process": "storagenode", "piece_id": "{piece}", '
        f'"satellite_id": "{_SATELLITE}", "action": "{action}", "offset": 0, '
        f'"size": {random.randrange(2_319_360)}, "remote_address": "79.127.219.33:50960"}}\n'
    )


def _cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Return what a process has used so far, in all its threads."""
    fields = (
        Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    )
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _stored(database: Path) -> int:
    from sqlalchemy import func, select

    from storj_monitor.schema import event_hours
    from storj_monitor.store import Store

    with Store(database).reader() as reader:
        total = select(func.coalesce(func.sum(event_hours.c.count), 0).label("count"))
        return int(reader.fetch(total).to_pylist()[0]["count"])
