from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp.test_utils import TestClient, TestServer

from storj_monitor.plugin import Format
from storj_monitor.settings import WebSettings
from storj_monitor.web.keys import RUNNER
from storj_monitor.web.previews import Previews
from tests.web.described import as_described
from tests.web.rooms import CSV, ETERNAL, NUMBERS, PSV, catalogue_of, problem, room
from tests.web.test_reports import BROKEN, COUNTED, PDF, WEEKLY

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Document
    from tests.web.rooms import Client, Room

URL = "/api/preview"
SPAN = {"start": "2026-03-01", "end": "2026-03-02"}
HTML = Format(
    name="html",
    title="Page",
    media_type="text/html; charset=utf-8",
    render=lambda document: [f"<h1>{document.title}</h1>".encode()],
)
SVG = Format(name="svg", title="Image", media_type="image/svg+xml", render=lambda _: [b"<svg/>"])


def showing(*formats: Format, web: WebSettings | None = None) -> Room:
    reports = (COUNTED, WEEKLY, BROKEN)
    offered = formats or (CSV, PSV, PDF, HTML, SVG)
    return room(catalogue=catalogue_of((NUMBERS, ETERNAL), offered, reports=reports), web=web)


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(showing().app)


async def test_the_first_rows_of_an_export_are_shown(client: Client) -> None:
    words = {"source": "numbers", "columns": "timestamp,text,number", "format": "pdf", **SPAN}
    response = await client.get(URL, params=words)
    seen = await as_described(client, URL, response)
    assert [column["label"] for column in seen["columns"]] == ["Time", "Text", "Number"]
    assert seen["rows"][0] == ["2026-03-01 00:00:00", "=1+1", "0"]
    assert (len(seen["rows"]), seen["has_more"]) == (12, False)


async def test_a_report_is_shown_as_the_page_that_it_would_be(client: Client) -> None:
    for words in ({}, {"format": "csv", "preset": "bare"}, {"format": "html"}):
        response = await client.get(URL, params={"report_type": "counted", **words, **SPAN})
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        assert await response.text() == "<h1>Counted</h1>"


async def test_a_report_is_shown_as_an_image_to_who_asks_for_that(client: Client) -> None:
    words = {"report_type": "counted", "format": "svg", "metrics": "traffic", "days": "30"}
    response = await client.get(URL, params=words)
    assert response.content_type == "image/svg+xml"
    assert response.headers["Content-Length"] == "6"
    assert await response.read() == b"<svg/>"


async def test_it_may_be_shown_in_a_frame_of_our_own_page_and_runs_nothing(client: Client) -> None:
    response = await client.get(URL, params={"report_type": "counted"})
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'self'", "sandbox"} <= set(policy)
    assert not any(rule.startswith("script-src") for rule in policy)
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Content-Disposition" not in response.headers
    page = (await client.get("/static/page.css")).headers
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


async def test_a_report_that_many_look_at_is_made_once_a_minute() -> None:
    made: list[str] = []

    def render(document: Document) -> list[bytes]:
        made.append(document.title)
        return [f"<h1>{len(made)}</h1>".encode()]

    now = 1000.0
    app = showing(PDF, Format(name="html", title="H", media_type="text/html", render=render)).app
    previews = Previews(lambda: now)
    app.router.add_get("/look", previews.show)
    async with TestClient(TestServer(app)) as client:

        async def look(**words: str) -> str:
            asked = {"report_type": "counted", "days": "7", **words}
            return await (await client.get("/look", params=asked)).text()

        assert [await look(), await look()] == ["<h1>1</h1>"] * 2
        assert await look(node="beta") == "<h1>2</h1>"
        now += 59
        assert await look() == "<h1>1</h1>"
        now += 1
        assert [await look(), await look()] == ["<h1>3</h1>"] * 2


async def test_only_so_many_reports_are_kept_and_none_that_is_large(
    aiohttp_client: AiohttpClient,
) -> None:
    made: list[int] = []

    def render(document: Document) -> list[bytes]:
        made.append(1)
        return [bytes(1_000_000 if document.nodes == ("beta",) else 1)]

    page = Format(name="html", title="H", media_type="text/html", render=render)
    client = await aiohttp_client(showing(PDF, page).app)

    async def look(**words: str) -> None:
        response = await client.get(URL, params={"report_type": "counted", **words})
        assert response.status == 200

    for days in range(1, 31):
        await look(days=str(days))
    await look(days="1")
    assert len(made) == 30
    for _ in range(2):
        await look(days="1", node="beta")
    assert len(made) == 32
    for zone in ("Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo"):
        await look(days="1", timezone=zone)
    await look(days="1")
    assert len(made) == 36


async def test_a_report_that_fails_says_why(client: Client) -> None:
    response = await client.get(URL, params={"report_type": "broken"})
    said = problem(await response.text())
    assert (response.status, said["code"]) == (500, "export_failed")
    assert "there is no source 'number'" in str(said["detail"])
    assert said["request_id"] == response.headers["X-Request-ID"]


async def test_a_page_that_fails_is_no_half_page(aiohttp_client: AiohttpClient) -> None:
    def half(_: Document) -> list[bytes]:
        def chunks() -> object:
            yield bytes(1_000_000)
            message = "no other half"
            raise ValueError(message)

        return chunks()  # type: ignore[return-value]  # an iterator is as good

    made = showing(PDF, Format(name="html", title="H", media_type="text/html", render=half))
    client = await aiohttp_client(made.app)
    response = await client.get(URL, params={"report_type": "counted"})
    assert response.status == 500
    assert "no other half" in str(problem(await response.text())["detail"])


async def test_without_a_page_format_a_report_can_not_be_shown(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(showing(CSV, PDF).app)
    response = await client.get(URL, params={"report_type": "counted"})
    said = problem(await response.text())
    assert (response.status, said["code"]) == (400, "unknown_format")


async def test_nobody_is_told_and_nothing_is_left(aiohttp_client: AiohttpClient) -> None:
    made = showing()
    client = await aiohttp_client(made.app)
    for words in ({"source": "numbers"}, {"report_type": "counted"}):
        await (await client.get(URL, params=words)).read()
    await client.get("/api/export/eternal")
    assert (await asyncio.to_thread(made.outcome)).subject == "eternal"
    assert made.host.outcomes.empty()
    assert [entry.subject for entry in made.store.written.begun.values()] == ["eternal"]
    left = [path.suffix for path in made.app[RUNNER].spool.folder.iterdir()]
    assert sorted(left) == [".data", ".json"]


async def test_what_was_shown_is_no_file_to_download_again(client: Client) -> None:
    words = {"report_type": "counted", "format": "svg"}
    await client.get(URL, params=words)
    part = await client.post("/api/reports/generate", json=words, headers={"Range": "bytes=0-1"})
    assert part.status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/estimate?source=numbers",
        "/api/preview?source=numbers",
        "/api/reports/list",
        f"/api/reports/{'0' * 32}/progress",
    ],
)
async def test_the_token_is_needed_and_another_site_gets_nothing(
    aiohttp_client: AiohttpClient, path: str
) -> None:
    client = await aiohttp_client(showing(web=WebSettings(token="secret")).app)
    assert (await client.get(path)).status == 401
    client = await aiohttp_client(showing().app)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Host": "elsewhere.example"}):
        response = await client.get(path, headers=headers)
        assert problem(await response.text())["code"] == "forbidden"
