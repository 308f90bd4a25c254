"""Clients that leave or stall, disks that fill, workers that die: the server goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientError, ClientSession
from structlog.testing import capture_logs

from storj_monitor.collect.ingest import ingest
from storj_monitor.registry import PluginHost
from storj_monitor.settings import ExportSettings, PluginSettings, Settings
from storj_monitor.web.app import create_app
from storj_monitor.web.keys import RUNNER
from storj_monitor.web.server import listening
from tests.cli.conftest import transfer
from tests.exports.jobs.plugins import WHOLE, plugins_folder
from tests.exports.jobs.test_workers import until
from tests.web.rooms import problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storj_monitor.exports.jobs.runner import Runner
    from storj_monitor.store import Store

#: They try the same again and again.
pytestmark = pytest.mark.no_cover

NUMBERS = "/api/export/numbers"


class Served:
    """A server that answers, a client of it, and its runner."""

    def __init__(self, url: str, session: ClientSession, runner: Runner) -> None:
        self.url = url.rstrip("/")
        self.session = session
        self.runner = runner

    async def file(self, format_: str) -> bytes:
        async with self.session.get(f"{self.url}{NUMBERS}?format={format_}") as response:
            assert response.status == 200
            return await response.read()

    async def begin_and_leave(self, format_: str) -> None:
        response = await self.session.get(f"{self.url}{NUMBERS}?format={format_}")
        await response.content.readexactly(1_000)
        response.close()

    async def stall(self, path: str) -> socket.socket:
        """Ask for a file and never read a byte of it."""
        asking = socket.socket()
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        host, _, port = self.url.removeprefix("http://").partition(":")
        asking.connect((host, int(port)))
        asking.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return asking


@asynccontextmanager
async def served(store: Store, **exports: Any) -> AsyncIterator[Served]:
    plugins = PluginSettings(directory=plugins_folder(store.path.parent))
    settings = Settings(
        exports=ExportSettings(**{"workers": 1} | exports),
        plugins=plugins,
    )
    app = create_app(settings, PluginHost(plugins), store)
    async with listening(app, "127.0.0.1", 0) as url, ClientSession() as session:
        yield Served(url, session, app[RUNNER])


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def children() -> set[str]:
    tasks = Path("/proc/self/task").iterdir()
    return {pid for task in tasks for pid in (task / "children").read_text().split()}


def spooled(runner: Runner) -> list[str]:
    return [path.name for path in runner.spool.folder.iterdir()]


async def test_a_hundred_aborted_downloads_leave_nothing_behind(store: Store) -> None:
    before = children()
    async with served(store, workers=2) as server:
        for _ in range(2):
            await server.begin_and_leave("endless")
        await until(lambda: not server.runner.running)
        files, threads = open_files(), threading.active_count()
        for _ in range(10):
            leaving = (server.begin_and_leave("endless") for _ in range(10))
            await asyncio.gather(*leaving)
        await until(lambda: server.runner.running + server.runner.waiting == 0)
        assert spooled(server.runner) == []
        assert len(children() - before) == server.runner.workers <= 2
        # There may be another worker now, with a line to it.
        await until(lambda: open_files() <= files + 2)
        # The loop's own pool of threads grows to a fixed size, and then no further.
        pool = min(32, (os.cpu_count() or 1) + 4)
        assert threading.active_count() <= threads + pool
        assert await server.file("lines") == WHOLE
    assert children() == before


async def test_a_stalled_client_costs_no_worker(store: Store) -> None:
    async with served(store) as server:
        stalled = await server.stall(f"{NUMBERS}?format=large")
        await until(lambda: server.runner.running + server.runner.waiting == 1)
        assert await server.file("lines") == WHOLE
        stalled.close()


async def test_a_stalled_client_is_dropped_after_a_set_time(store: Store) -> None:
    async with served(store, client_seconds=0.3) as server:
        with capture_logs() as logs, await server.stall(f"{NUMBERS}?format=large") as stalled:
            await until(lambda: "client.dropped" in [entry["event"] for entry in logs])
            received = await asyncio.to_thread(everything, stalled)
        assert len(received) < 30_000_000
        assert await server.file("lines") == WHOLE


def everything(connection: socket.socket) -> bytes:
    """Return what comes until the connection is reset or closed."""
    received = bytearray()
    with suppress(ConnectionError):
        while chunk := connection.recv(1 << 20):
            received += chunk
    return bytes(received)


async def test_the_database_is_not_held_up_by_a_stalled_download(
    store: Store, tmp_path: Path
) -> None:
    log = tmp_path / "node.log"
    log.write_text("".join(transfer(n % 3_600, n) for n in range(20_000)), encoding="utf-8")
    ingest(store, "attic", str(log))
    wal = store.path.with_name(f"{store.path.name}-wal")
    async with served(store) as server:
        stalled = await server.stall("/api/export/events?period=2026-03")
        await until(lambda: server.runner.running == 1)
        with store.reader():  # or the last writer would remove the WAL
            for more in range(30):
                lines = [transfer(n % 3_600, 20_000 + more * 1_000 + n) for n in range(1_000)]
                log.write_text("".join(lines), encoding="utf-8")
                await asyncio.to_thread(ingest, store, "attic", str(log))
            assert wal.stat().st_size < 16_000_000
        stalled.close()


async def test_a_worker_that_is_killed_breaks_its_download_and_no_other(store: Store) -> None:
    before = children()
    async with served(store) as server:
        response = await server.session.get(f"{server.url}{NUMBERS}?format=endless")
        await response.content.readexactly(1_000)
        (worker,) = children() - before
        os.kill(int(worker), signal.SIGKILL)
        with pytest.raises(ClientError):
            await response.read()
        assert await server.file("lines") == WHOLE
        assert not [name for name in spooled(server.runner) if name.endswith(".part")]


async def test_a_spool_that_is_full_is_said_and_everything_goes_on(store: Store) -> None:
    async with served(store, spool_bytes=2_000_000, workers=2) as server:
        response = await server.session.get(f"{server.url}{NUMBERS}?format=floods")
        with pytest.raises(ClientError):
            await response.read()
        assert await server.file("lines") == WHOLE
        reader, writer = await asyncio.open_connection(*server.url[7:].split(":"))
        writer.write(f"GET {NUMBERS}?format=floods HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        assert head.startswith(b"HTTP/1.0 507")
        assert problem(body.decode())["code"] == "no_space"
        assert await server.file("lines") == WHOLE


async def test_a_disk_without_space_is_507_before_anything_is_made(store: Store) -> None:
    async with served(store, keep_free_bytes=1 << 60) as server:
        async with server.session.get(f"{server.url}{NUMBERS}") as response:
            assert response.status == 507
            assert problem(await response.text())["code"] == "no_space"
        async with server.session.get(f"{server.url}/healthz") as response:
            assert response.status == 200
        assert server.runner.workers == 0
