"""The server answers at once, whatever it exports; and it exports within its memory."""

from __future__ import annotations

import http.client
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import quantiles
from typing import TYPE_CHECKING

from tests.benchmarks.findings import Finding, megabytes
from tests.benchmarks.servers import export_path, serving
from tests.benchmarks.timing import FailedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.data import Data
    from tests.benchmarks.servers import Server

_LARGE_ROWS, _SMALL_ROWS = 300_000, 1_000
_MIX = ("csv", "csv", "xlsx", "pdf")
_PAUSE_SECONDS = 0.01
_SMALL_ONES, _LARGE_ONES = 50, 8


def serving_(data: Data, _repeat: int, _folder: Path) -> list[Finding]:
    """How soon /healthz is answered beside large exports, many at once, and their memory."""
    with serving(data) as server:
        warm = _download(server, export_path(data, _SMALL_ROWS))
        _wait(warm)
        return [_healthz(server, data), _many_small(server, data), _memory(server, data)]


def _healthz(server: Server, data: Data) -> Finding:
    rows = min(_LARGE_ROWS, data.rows)
    seconds = []
    with ExitStack() as stack:
        running = [
            stack.enter_context(_download(server, export_path(data, rows, format_)))
            for format_ in _MIX
        ]
        connection = http.client.HTTPConnection(*server.address)
        while any(process.poll() is None for process in running):
            started = time.perf_counter()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            seconds.append(time.perf_counter() - started)
            time.sleep(_PAUSE_SECONDS)
        connection.close()
        for process in running:
            _wait(process)
    p99 = quantiles(seconds, n=100)[98] * 1000
    return Finding(
        what=f"/healthz beside {', '.join(_MIX)} of {rows:,} events",
        ours=f"p99 {p99:.1f} ms, longest {max(seconds) * 1000:.0f} ms",
        peer=f"{len(seconds):,} answers",
        measured=p99,
        limit=50,
        unit="ms",
    )


def _many_small(server: Server, data: Data) -> Finding:
    path = export_path(data, _SMALL_ROWS)

    def status(_: int) -> int:
        connection = http.client.HTTPConnection(*server.address)
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response.status

    started = time.perf_counter()
    with ThreadPoolExecutor(_SMALL_ONES) as threads:
        statuses = list(threads.map(status, range(_SMALL_ONES)))
    seconds = time.perf_counter() - started
    refused = sum(one != 200 for one in statuses)
    return Finding(
        what=f"{_SMALL_ONES} exports of {_SMALL_ROWS:,} events at once",
        ours=f"{_SMALL_ONES - refused} served in {seconds:.1f} s",
        peer="",
        measured=refused,
        limit=0,
        unit="refused",
    )


def _memory(server: Server, data: Data) -> Finding:
    path = export_path(data, data.rows)
    peak = 0
    started = time.perf_counter()
    with ExitStack() as stack:
        running = [stack.enter_context(_download(server, path)) for _ in range(_LARGE_ONES)]
        while any(process.poll() is None for process in running):
            peak = max(peak, server.rss_bytes())
            time.sleep(_PAUSE_SECONDS)
        for process in running:
            _wait(process)
    seconds = time.perf_counter() - started
    return Finding(
        what=f"{_LARGE_ONES} csv of {data.rows:,} events at once",
        ours=f"server and workers {megabytes(peak)}",
        peer=f"{seconds:.1f} s",
        measured=peak / 1e6,
        limit=1000,
        unit="MB",
        peak_bytes=peak,
    )


def _download(server: Server, path: str) -> subprocess.Popen[bytes]:
    """Begin to download, in a process that costs little."""
    words = ("curl", "--silent", "--fail", "--output", "/dev/null", f"{server.url}{path}")
    return subprocess.Popen(words)


def _wait(process: subprocess.Popen[bytes]) -> None:
    if code := process.wait():
        message = f"curl ended with {code}"
        raise FailedError(message)
