"""A link to a file is good for that file until it ends, and needs no token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storj_monitor.settings import WebSettings
from storj_monitor.web.keys import WORK
from tests.web.rooms import problem, room

if TYPE_CHECKING:
    from aiohttp import web
    from pytest_aiohttp import AiohttpClient

    from tests.web.rooms import Client

TOKEN = "s" * 32
EXPORT = "/api/export/numbers?days=1&manifest=1"


async def kept(client: Client) -> str:
    """Make a file, and return its id."""
    answer = await client.get(EXPORT, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status == 200
    await answer.read()
    location = answer.headers["Link"].partition(">")[0].strip("<")
    return location.split("/")[-2]


def link(app: web.Application, file_id: str, **later: float) -> str:
    until = datetime.now(UTC) + timedelta(**later)
    return app[WORK].signer.link("", file_id, until)


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(room(web=WebSettings(token=TOKEN)).app)


async def test_whoever_has_the_link_gets_the_file(client: Client) -> None:
    id_ = await kept(client)
    path = link(client.app, id_, days=1)
    answer = await client.get(path)
    assert answer.status == 200
    assert (await answer.text()).startswith("timestamp|text|number\n")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="numbers_all_')
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert (await client.head(path)).status == 200
    part = await client.get(path, headers={"Range": "bytes=0-8"})
    assert (part.status, await part.text()) == (206, "timestamp")


async def test_a_link_that_was_changed_or_has_ended_gives_nothing(client: Client) -> None:
    id_ = await kept(client)
    path = link(client.app, id_, days=1)
    for other in (path + "0", path.replace("expires=", "expires=9"), f"/api/files/{id_}"):
        answer = await client.get(other)
        said = problem(await answer.text())
        assert (answer.status, said["code"]) == (403, "forbidden")
        assert said["detail"] == "the link isn't whole, or wasn't made by this server"
    ended = await client.get(link(client.app, id_, seconds=-1))
    assert (ended.status, problem(await ended.text())["detail"]) == (404, "the link has expired")
    gone = await client.get(link(client.app, "f" * 32, days=1))
    assert gone.status == 404


async def test_a_link_opens_nothing_else(client: Client) -> None:
    id_ = await kept(client)
    query = link(client.app, id_, days=1).partition("?")[2]
    for path in (
        f"/api/reports/{id_}?{query}",
        f"/api/files/../nodes?{query}",
        f"/api/nodes?{query}",
    ):
        assert (await client.get(path)).status == 401
    assert (await client.post(f"/api/files/{id_}?{query}")).status == 401
