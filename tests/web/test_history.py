from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.web.described import as_described
from tests.web.rooms import (
    CSV,
    ETERNAL,
    HOSTILE,
    NUMBERS,
    PATIENCE_SECONDS,
    catalogue_of,
    problem,
    room,
)
from tests.web.test_reports import BROKEN, COUNTED, PDF

if TYPE_CHECKING:
    from typing import Any

    from pytest_aiohttp.plugin import AiohttpClient

    from tests.web.rooms import Client, Room

URL = "/api/reports/list"
SPAN = {"start": "2026-03-01", "end": "2026-03-02"}


@pytest.fixture
def made() -> Room:
    sources = (NUMBERS, ETERNAL)
    return room(catalogue=catalogue_of(sources, (CSV, PDF), reports=(COUNTED, BROKEN)))


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, made: Room) -> Client:
    return await aiohttp_client(made.app)


async def listed(client: Client, count: int, **words: str) -> list[dict[str, Any]]:
    """Return the history once so many are in it, each with its end."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            response = await client.get(URL, params=words)
            found: list[dict[str, Any]] = (await as_described(client, URL, response))["reports"]
            if len(found) == count and all(entry["status"] != "running" for entry in found):
                return found
            await asyncio.sleep(0.01)


async def test_what_was_exported_is_listed_with_the_newest_first(client: Client) -> None:
    assert await listed(client, 0) == []
    words = {"node": HOSTILE, "personal": "1", "timezone": "Asia/Kolkata", **SPAN}
    first = await client.get("/api/export/numbers", params=words)
    body = await first.read()
    await client.post("/api/reports/generate", json={"report_type": "broken"})
    report, export = await listed(client, 2)
    assert (report["kind"], report["subject"], report["title"]) == ("report", "broken", "Broken")
    assert (report["status"], report["nodes"], report["is_kept"]) == ("failed", None, False)
    assert "there is no source" in report["error"]
    assert export.pop("asked_at").endswith("+00:00")
    assert export.pop("seconds") >= 0
    assert len(export.pop("sha256")) == 64
    assert export == {
        "id": first.headers["ETag"].strip('"'),
        "again_of": None,
        "part": None,
        "who": "loopback 127.0.0.1",
        "kind": "source",
        "subject": "numbers",
        "title": "Numbers",
        "format": "csv",
        "nodes": [HOSTILE],
        "span": {"start": "2026-02-28T18:30:00+00:00", "end": "2026-03-02T18:30:00+00:00"},
        "timezone": "Asia/Kolkata",
        "personal": True,
        "status": "done",
        "rows": 12,
        "bytes": len(body),
        "error": None,
        "deliveries": {},
        "file_name": "numbers_-b-x--b--- =1+1 \N{SNOWMAN} '-..-_2026-03-01_2026-03-02.csv",
        "is_kept": True,
    }


async def test_a_file_that_was_removed_is_no_longer_said_to_be_kept(client: Client) -> None:
    file = await client.get("/api/export/numbers", params=SPAN)
    await file.read()
    place = file.headers["Content-Location"]
    assert (await listed(client, 1))[0]["is_kept"] is True
    assert (await client.delete(place)).status == 204
    entry = (await listed(client, 1))[0]
    assert (entry["status"], entry["is_kept"]) == ("done", False)
    assert (await client.get(place)).status == 404


async def test_who_had_a_file_once_more_is_listed_and_not_shown_on_the_page(
    client: Client,
) -> None:
    file = await client.get("/api/export/numbers", params=SPAN)
    await file.read()
    part = await client.get(file.headers["Content-Location"], headers={"Range": "bytes=0-9"})
    await part.read()
    again, first = await listed(client, 2)
    assert (again["again_of"], again["part"]) == (first["id"], f"bytes 0-9/{first['bytes']}")
    assert (again["bytes"], again["is_kept"]) == (10, True)
    page = await (await client.get("/")).text()
    assert page.count("Download again") == 1


async def test_what_was_uninstalled_since_goes_by_its_name(client: Client, made: Room) -> None:
    await (await client.get("/api/export/eternal", params=SPAN)).read()
    assert (await listed(client, 1))[0]["title"] == "Eternal"
    written = made.store.written.begun
    written |= {id_: entry._replace(subject="gone") for id_, entry in written.items()}
    assert (await listed(client, 1))[0]["title"] == "gone"


async def test_no_more_are_listed_than_are_asked_for(client: Client) -> None:
    for _ in range(21):
        await (await client.get("/api/export/numbers", params=SPAN)).read()
    assert len(await listed(client, 21, limit="200")) == 21
    assert len(await listed(client, 20)) == 20
    assert len(await listed(client, 3, limit="3")) == 3


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1e3", "", "\N{SUPERSCRIPT TWO}", "9" * 5000])
async def test_a_limit_that_is_none_is_a_problem(client: Client, limit: str) -> None:
    response = await client.get(URL, params={"limit": limit})
    said = problem(await response.text())
    assert (response.status, said["code"]) == (400, "bad_request")
    assert said["hint"] == "Give a whole number from 1 to 200."


async def test_two_limits_are_none(client: Client) -> None:
    response = await client.get(URL, params=[("limit", "1"), ("limit", "2")])
    assert problem(await response.text())["code"] == "bad_request"
