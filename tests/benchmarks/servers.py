"""A server over the database that is measured, and its processes."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.benchmarks.data import START
from tests.benchmarks.programs import STORJ_MONITOR
from tests.benchmarks.timing import FailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.data import Data

_STARTS_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server."""

    pid: int
    address: tuple[str, int]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.address[0]}:{self.address[1]}"

    def rss_bytes(self) -> int:
        """Return the memory of the server and its workers; what they share counts for each."""
        processes = [str(self.pid), *_children(self.pid)]
        return sum(_rss_bytes(pid) for pid in processes)


@contextmanager
def serving(data: Data) -> Iterator[Server]:
    """Serve while the block runs, exports in a folder that is gone then."""
    address = ("127.0.0.1", _free_port())
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.toml")
        config.write_text(f'[exports]\nspool = "{folder}/spool"\n', encoding="utf-8")
        words = (STORJ_MONITOR, "serve", "--port", str(address[1]), "--database", str(data.path))
        with subprocess.Popen(
            (*words, "--config", str(config)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                _wait_for(process, address)
                yield Server(process.pid, address)
            finally:
                process.terminate()


def export_path(data: Data, rows: int, format_: str = "csv") -> str:
    """Return the path of an export of the first `rows` events."""
    span = {"start": START.isoformat(), "end": data.end_of(rows).isoformat()}
    return f"/api/export/events?{urlencode(span | {'format': format_})}"


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [child for task in tasks for child in (task / "children").read_text().split()]


def _rss_bytes(pid: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


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
