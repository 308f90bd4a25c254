"""Word of every change: one look for all who listen, and an end with the server."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest
from aiohttp import web

from storj_monitor.settings import Settings
from storj_monitor.web.keys import SETTINGS
from storj_monitor.web.overview.figures import Overview
from storj_monitor.web.overview.watch import Watch
from storj_monitor.web.problems import problems
from tests.alerts.world import NOW
from tests.web.overviews import EPOCH, app_of, put_alert, world_of
from tests.web.rooms import PATIENCE_SECONDS, problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientResponse
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.store import Store
    from storj_monitor.web.overview.current import Current
    from tests.web.rooms import Client


class FakeCurrent:
    """An overview that a test changes, and that knows whether it was looked at."""

    def __init__(self) -> None:
        self.version = "one"
        self.looked = asyncio.Event()

    async def now(self) -> Overview:
        """Return it."""
        self.looked.set()
        return Overview(made_at=NOW, version=self.version)


def watch_of(current: FakeCurrent, heartbeat: float = 60, most: int = 2) -> Watch:
    return Watch(
        cast("Current", current),
        look_seconds=0.01,
        heartbeat_seconds=heartbeat,
        most_clients=most,
    )


def watched(watch: Watch) -> web.Application:
    app = web.Application(middlewares=[problems])
    app[SETTINGS] = Settings()
    app.router.add_get("/events", watch.events)
    app.on_shutdown.append(watch.end)
    return app


@asynccontextmanager
async def listening(client: Client, path: str = "/events", **headers: str) -> AsyncIterator[Lines]:
    async with client.get(path, headers=headers) as response:
        yield Lines(response)


class Lines:
    """What a server sends, event by event."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response

    async def next(self) -> str:
        """Return the next event or comment; "" at the end."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            lines = []
            while line := (await self.response.content.readline()).decode():
                if line == "\n":
                    break
                lines.append(line)
        return "".join(lines)


async def test_who_comes_is_told_what_is_so_and_then_every_change(
    aiohttp_client: AiohttpClient,
) -> None:
    current = FakeCurrent()
    client = await aiohttp_client(watched(watch_of(current)))
    async with listening(client) as lines:
        assert lines.response.headers["Content-Type"] == "text/event-stream"
        assert lines.response.headers["Cache-Control"] == "no-store"
        assert await lines.next() == "id: one\nevent: changed\ndata: one\n"
        current.version = "two"
        assert await lines.next() == "id: two\nevent: changed\ndata: two\n"


async def test_who_was_here_before_is_told_only_what_is_new(aiohttp_client: AiohttpClient) -> None:
    current = FakeCurrent()
    client = await aiohttp_client(watched(watch_of(current, heartbeat=0.05)))
    async with listening(client, **{"Last-Event-ID": "one"}) as lines:
        assert await lines.next() == ": still here\n"
        current.version = "two"
        while (said := await lines.next()) == ": still here\n":
            pass
        assert said.startswith("id: two\n")


async def is_looked_at(current: FakeCurrent) -> bool:
    current.looked.clear()
    try:
        return await asyncio.wait_for(current.looked.wait(), 0.5)
    except TimeoutError:
        return False


async def test_all_share_one_look_and_nobody_looks_when_nobody_listens(
    aiohttp_client: AiohttpClient,
) -> None:
    current = FakeCurrent()
    client = await aiohttp_client(watched(watch_of(current, heartbeat=0.05)))
    assert not current.looked.is_set()
    async with listening(client) as one, listening(client) as other:
        assert await one.next() == await other.next()
        assert current.looked.is_set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await is_looked_at(current):
            pass
    async with listening(client) as one:
        assert (await one.next()).startswith("id: one\n")


async def test_more_than_a_server_can_bear_are_busy(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(watched(watch_of(FakeCurrent(), most=1)))
    async with listening(client) as lines:
        await lines.next()
        response = await client.get("/events")
        assert (response.status, problem(await response.text())["code"]) == (429, "busy")
        assert "Retry-After" in response.headers


async def test_who_leaves_makes_room(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(watched(watch_of(FakeCurrent(), heartbeat=0.01, most=1)))
    async with listening(client) as lines:
        await lines.next()
    status = 429
    async with asyncio.timeout(PATIENCE_SECONDS):
        while status == 429:
            await asyncio.sleep(0.01)
            async with listening(client) as lines:
                status = lines.response.status
    assert status == 200


async def test_it_ends_with_the_server(aiohttp_client: AiohttpClient) -> None:
    watch = watch_of(FakeCurrent())
    app = watched(watch)
    client = await aiohttp_client(app)
    async with listening(client) as lines:
        await lines.next()
        await watch.end(app)
        assert await lines.next() == ""


@pytest.fixture
def now_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)


@pytest.mark.usefixtures("now_is_known")
async def test_what_the_overview_answers_is_what_is_told_of(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    world = world_of(store)
    client = await aiohttp_client(app_of(store))
    async with listening(client, "/api/overview/events") as lines:
        first = await lines.next()
        assert first.startswith(f"id: {(await said(client))}\n")
        put_alert(world, 1)
        second = await lines.next()
        assert second != first
        assert second.startswith(f"id: {(await said(client))}\n")


async def said(client: Client) -> str:
    return str((await (await client.get("/api/overview")).json())["version"])
