"""One name for a request: in its answer, in its problem and in what is logged of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import structlog
from structlog.testing import capture_logs

from storj_monitor.settings import WebSettings
from tests.web.rooms import problem, room

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

HEADER = "X-Request-ID"
MERGED = (structlog.contextvars.merge_contextvars,)
URL = "/api/export/eternal?days=1"


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/api/nodes", "/nothing", "/static/page.css", "/api/export/x", URL]
)
async def test_every_answer_has_an_id_of_its_own(aiohttp_client: AiohttpClient, path: str) -> None:
    client = await aiohttp_client(room().app)
    answers = [await client.get(path) for _ in range(2)]
    ids = {answer.headers[HEADER] for answer in answers}
    assert len(ids) == 2
    assert all(len(one) == 16 for one in ids)


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("6f1c2b6e-8f0a-4c0e-9d4e-0d7c2f3b5a10", True),
        ("Root=1-67891233-abcdef012345678912345678", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("", False),
        ("-rf", False),
        ("a b", False),
        ("a\tb", False),
        ('"a"', False),
        ("\u00e9", False),
    ],
)
async def test_an_id_that_was_given_is_taken_over_if_it_is_sane(
    aiohttp_client: AiohttpClient, given: str, *, is_taken: bool
) -> None:
    client = await aiohttp_client(room().app)
    response = await client.get("/nothing", headers={HEADER: given})
    assert (response.headers[HEADER] == given) == is_taken
    assert problem(await response.text())["request_id"] == response.headers[HEADER]


async def test_the_log_calls_a_request_as_its_answer_does(aiohttp_client: AiohttpClient) -> None:
    made = room()
    made.store.error = RuntimeError("inner words")
    client = await aiohttp_client(made.app)
    with capture_logs(MERGED) as logs:
        answers = await asyncio.gather(*(client.get("/api/nodes") for _ in range(5)))
    failed = [entry["request_id"] for entry in logs if entry["event"] == "request.failed"]
    assert sorted(failed) == sorted(answer.headers[HEADER] for answer in answers)
    assert len(set(failed)) == 5
    assert "request_id" not in structlog.contextvars.get_contextvars()


async def test_an_export_is_logged_by_the_id_of_its_request(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    with capture_logs(MERGED) as logs:
        response = await client.get(URL)
        await response.read()
    said = [entry.get("request_id") for entry in logs if entry["event"].startswith("export.")]
    assert said
    assert set(said) == {response.headers[HEADER]}


async def test_a_refusal_is_logged_without_the_query(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(web=WebSettings(token="right")).app)
    with capture_logs(MERGED) as logs:
        response = await client.get("/api/nodes?token=wrong")
        page = await client.get("/?token=wrong", headers={"Accept": "text/html"})
    assert (response.status, page.status) == (401, 401)
    ids = [answer.headers[HEADER] for answer in (response, page)]
    assert [(entry["event"], entry["path"], entry["status"]) for entry in logs] == [
        ("request.refused", "/api/nodes", 401),
        ("request.refused", "/", 401),
    ]
    assert [entry["request_id"] for entry in logs] == ids
    assert "wrong" not in str(logs)


async def test_what_goes_well_or_makes_no_sense_is_not_logged(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room().app)
    with capture_logs() as logs:
        for path in ("/", "/api/nodes", "/nothing", "/api/export/numbers?format=xls"):
            await client.get(path)
    assert logs == []
