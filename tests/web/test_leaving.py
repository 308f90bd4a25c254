"""Who leaves while something is sent for them leaves it to the server."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiohttp import ClientSession
from msgspec.structs import replace as changed

from storj_export_plugins.channels import webhook
from storj_monitor.schedules.errands import Errands
from storj_monitor.settings import ExportSettings, Settings
from storj_monitor.web.app import create_app
from storj_monitor.web.keys import ERRANDS, WORK
from storj_monitor.web.server import listening
from tests.channels.receivers import Receiver
from tests.schedules.offices import until
from tests.web.described import as_described
from tests.web.rooms import FakeHost, catalogue_of
from tests.web.test_schedules import ONE, URL, body
from tests.web.test_schedules_page import text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store
    from tests.web.rooms import Client


@dataclass
class SlowReceiver(Receiver):
    """Takes the whole body, and answers when it may."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        response = await super().answer(request)
        self.reached.set()
        await self.may_answer.wait()
        return response


def app_of(store: Store) -> web.Application:
    """Return an application with the real webhooks, which may be of this machine."""
    channels = {one.name: one for one in webhook.storj_channels()}
    catalogue = replace(catalogue_of(), channels=MappingProxyType(channels))
    settings = Settings(exports=ExportSettings(processes=False))
    settings = changed(settings, channels={"webhook": {"allow_private": "on"}})
    return create_app(settings, cast("PluginHost", FakeHost(catalogue)), store)


async def added(session: Client | ClientSession, url: str, recipient: str) -> int:
    """Add a schedule to a webhook, and return its id."""
    asked = body(channel="webhook", recipients=[recipient])
    async with session.post(url, json=asked) as response:
        assert response.status == 201
        return int((await response.json())["id"])


def states(store: Store) -> list[str]:
    return [one.state for one in store.deliveries()]


@pytest.mark.parametrize("way", ["/api/schedules/{id}/run", "/schedules/{id}/run"])
async def test_who_disconnects_from_a_slow_receiver_leaves_it_to_arrive(
    store: Store, way: str
) -> None:
    receiver = SlowReceiver()
    async with receiver.served() as hook, listening(app_of(store), "127.0.0.1", 0) as url:
        async with ClientSession(url) as session:
            place = way.format(id=await added(session, URL, hook))
            asking = asyncio.create_task(session.post(place))
            await receiver.reached.wait()
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
        # A request that was cancelled would have settled it by now.
        async with ClientSession(url) as session, session.get(URL) as response:
            assert response.status == 200
        assert states(store) == ["claimed"]
        receiver.may_answer.set()
        await until(lambda: states(store) == ["sent"])
    assert len(receiver.bodies) == 1


async def test_a_server_that_stops_waits_for_what_somebody_asked_for(store: Store) -> None:
    receiver, app, at_the_end = SlowReceiver(), app_of(store), list[str]()

    async def answering(_: web.Application) -> AsyncIterator[None]:
        yield
        # All requests are over by now, and what comes next takes less than that.
        asyncio.get_running_loop().call_later(1, receiver.may_answer.set)

    async def look(_: web.Application) -> None:
        at_the_end.extend(states(store))

    app.cleanup_ctx.append(answering)
    app.on_cleanup.append(look)
    async with (
        receiver.served() as hook,
        listening(app, "127.0.0.1", 0) as url,
        ClientSession(url) as session,
    ):
        id_ = await added(session, URL, hook)
        asking = asyncio.create_task(session.post(f"{URL}/{id_}/run", json={"test": True}))
        await receiver.reached.wait()
        asking.cancel()
    assert at_the_end == ["sent"]


@pytest.fixture
def impatient(store: Store) -> web.Application:
    """Give an application that answers at once."""
    app = app_of(store)
    app[ERRANDS] = Errands(app[WORK], answer_seconds=0)
    return app


async def test_what_takes_long_is_answered_as_it_stands_and_where_to_ask(
    aiohttp_client: AiohttpClient, store: Store, impatient: web.Application
) -> None:
    receiver = SlowReceiver()
    client = await aiohttp_client(impatient)

    async def told(response: Any, described: str) -> dict[str, Any]:
        assert response.status == 202
        assert response.headers["Location"] == f"{URL}/{id_}/deliveries"
        answer: dict[str, Any] = await as_described(client, described, response)
        return answer

    async with receiver.served() as hook:
        id_ = await added(client, URL, hook)
        [begun] = (await told(await client.post(f"{URL}/{id_}/run"), f"{ONE}/run"))["deliveries"]
        assert begun["state"] in {"due", "claimed"}
        receiver.may_answer.set()
        await until(lambda: states(store) == ["sent"])
        place = "/api/deliveries/{id}/again"
        again = await told(await client.post(place.format(id=begun["id"])), place)
        assert again["edition"] == "again-1"
        await until(lambda: states(store) == ["sent", "sent"])


async def test_the_page_says_of_what_takes_long_that_it_goes_on(
    aiohttp_client: AiohttpClient, store: Store, impatient: web.Application
) -> None:
    receiver = SlowReceiver()
    client = await aiohttp_client(impatient)
    async with receiver.served() as hook:
        id_ = await added(client, URL, hook)
        response = await client.post(f"/schedules/{id_}/run", data={"test": "1"})
        assert "It takes a while, and goes on" in text_of(await response.text())
        assert "done=begun" in str(response.url)
        receiver.may_answer.set()
        await until(lambda: states(store) == ["sent"])
