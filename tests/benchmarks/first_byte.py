"""Over HTTP the first byte comes as soon for a large export as for a small one."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.benchmarks.data import START
from tests.benchmarks.findings import Finding
from tests.benchmarks.memory import FEW_ROWS
from tests.benchmarks.programs import STORJ_MONITOR
from tests.benchmarks.timing import FailedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.data import Data

_STARTS_WITHIN_SECONDS = 30
#: An export that nobody reads any more needs a moment to end.
_PAUSE_SECONDS = 0.3
#: It is over soon, so it can be run more often.
_MORE_OFTEN = 4
_OK = b"HTTP/1.1 200"


def first_byte(data: Data, repeat: int, _folder: Path) -> list[Finding]:
    """The time to the first byte of all rows is that of 10,000, but for noise."""
    spans = {rows: _path(data, rows) for rows in (FEW_ROWS, data.rows)}
    seconds: dict[int, list[float]] = {rows: [] for rows in spans}
    with _server(data) as address:
        for number in range(repeat * _MORE_OFTEN + 1):
            for rows, path in spans.items():
                took = _first_byte_after(address, path)
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
        )
    ]


def _path(data: Data, rows: int) -> str:
    span = {"start": START.isoformat(), "end": data.end_of(rows).isoformat()}
    return f"/api/export/events?{urlencode(span)}"


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


@contextmanager
def _server(data: Data) -> Iterator[tuple[str, int]]:
    address = ("127.0.0.1", _free_port())
    words = (STORJ_MONITOR, "serve", "--port", str(address[1]), "--database", str(data.path))
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(process, address)
            yield address
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], address: tuple[str, int]) -> None:
    until = time.monotonic() + _STARTS_WITHIN_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(address).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    message = f"the server doesn't listen on port {address[1]}"
    raise FailedError(message)
