"""Open alerts on the page, and acknowledging them without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.plugin.query import microseconds
from storj_monitor.settings import WebSettings
from tests.alerts.world import NOW, ago
from tests.store.databases import number_of
from tests.web.overviews import EPOCH, app_of, put_alert, words_of, world_of

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.store import Store
    from tests.alerts.world import World
    from tests.web.rooms import Client


@pytest.fixture
def world(store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    return world_of(store)


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, world: World) -> Client:
    client: Client = await aiohttp_client(app_of(world.store))
    return client


async def test_many_alerts_are_folded_up_and_known_ones_are_below(
    client: Client, world: World
) -> None:
    for number in range(1, 6):
        put_alert(world, number)
    put_alert(world, 6, acknowledged_at=ago(hours=1))
    words = await words_of(client)
    assert "Open alerts 5 new, 1 acknowledged" in words.text
    assert "2 more" in words.text
    assert "Acknowledged 1 hour ago" in words.text
    assert "1 node needs you now." in words.text
    assert "look nas" not in words.text
    buttons = [one for one in words.attributes("button", "id") if one and "ack" in one]
    assert buttons == [f"acknowledge-{number}" for number in range(1, 6)]


async def test_an_alert_is_acknowledged_without_a_script_and_the_page_is_shown_again(
    client: Client, world: World
) -> None:
    put_alert(world, 1)
    await words_of(client)
    response = await client.post(
        "/overview/alerts/1/acknowledge", data={"node": "nas"}, allow_redirects=False
    )
    assert (response.status, response.headers["Location"]) == (303, "/?node=nas#overview")
    at = number_of(world.store.path, "SELECT acknowledged_at FROM alerts")
    assert at == microseconds(NOW)
    assert "1 node wants a look." in (await words_of(client)).text


async def test_acknowledging_what_is_gone_leads_back_to_the_page(client: Client) -> None:
    response = await client.post("/overview/alerts/9/acknowledge", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/#overview")


async def test_the_overview_is_for_those_who_may_and_no_other_site_acknowledges(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    put_alert(world, 1)
    client = await aiohttp_client(app_of(world.store, web=WebSettings(token="secret")))
    known = {"Authorization": "Bearer secret"}
    for path in ("/overview", "/api/overview", "/api/overview/events"):
        assert (await client.get(path)).status == 401
    foreign = known | {"Origin": "http://evil.example"}
    response = await client.post("/overview/alerts/1/acknowledge", headers=foreign)
    assert response.status == 403
    assert number_of(world.store.path, "SELECT count(acknowledged_at) FROM alerts") == 0
