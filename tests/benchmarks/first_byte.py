"""Over HTTP the first byte comes as soon for a large export as for a small one."""

from __future__ import annotations

import socket
import time
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.findings import Finding
from tests.benchmarks.memory import FEW_ROWS
from tests.benchmarks.servers import export_path, serving
from tests.benchmarks.timing import FailedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.data import Data

#: An export that nobody reads any more needs a moment to end.
_PAUSE_SECONDS = 0.3
#: It is over soon, so it can be run more often.
_MORE_OFTEN = 4
_OK = b"HTTP/1.1 200"


def first_byte(data: Data, repeat: int, _folder: Path) -> list[Finding]:
    """The time to the first byte of all rows is that of 10,000, but for noise."""
    spans = {rows: export_path(data, rows) for rows in (FEW_ROWS, data.rows)}
    seconds: dict[int, list[float]] = {rows: [] for rows in spans}
    with serving(data) as server:
        for number in range(repeat * _MORE_OFTEN + 1):
            for rows, path in spans.items():
                took = _first_byte_after(server.address, path)
                if number:
                    seconds[rows].append(took)
                time.sleep(_PAUSE_SECONDS)
    few, every = median(seconds[FEW_ROWS]), median(seconds[data.rows])
    return [
        Finding(
            what="first byte over HTTP",
            ours=f"{data.rows:,} rows {every * 1000:.0f} ms",
            peer=f"{FEW_ROWS:,} rows {few * 1000:.0f} ms",
            measured=every / few,
            limit=1.5,
        ),
        Finding(
            what="first byte with a warm worker",
            ours=f"{data.rows:,} rows",
            peer="",
            measured=every * 1000,
            limit=100,
            unit="ms",
        ),
    ]


def _first_byte_after(address: tuple[str, int], path: str) -> float:
    head = f"GET {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nConnection: close\r\n\r\n"
    started = time.perf_counter()
    with socket.create_connection(address) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65_536)
    seconds = time.perf_counter() - started
    if not answer.startswith(_OK):
        raise FailedError(answer.decode(errors="replace"))
    return seconds
