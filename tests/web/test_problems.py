from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from yarl import URL

from storj_monitor.errors import PROBLEMS, OperatorError
from storj_monitor.settings import WebSettings
from tests.web.rooms import problem, room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_aiohttp.plugin import AiohttpClient

    from tests.web.rooms import Client

REFUSALS = [
    ("/api/export/nothing", "unknown_source", "unknown source 'nothing'", "eternal, numbers."),
    ("/nothing", "not_found", "there is nothing at /nothing", "/api/openapi.json"),
    ("/static/nothing.css", "not_found", "there is nothing at /static/nothing.css", ""),
    ("/api/export/numbers/", "not_found", "there is nothing at /api/export/numbers/", ""),
    ("?format=xls", "unknown_format", "unknown format 'xls'", "Installed: csv, psv."),
    ("?nodes=gamma", "unknown_node", "unknown node 'gamma'", "alpha, beta"),
    ("?columns=txt", "unknown_column", "unknown column 'txt'", "Did you mean 'text'?"),
    ("?columns=remote_ip", "unknown_column", "unknown column 'remote_ip'", "personal=1"),
    (
        "?stat=failed",
        "unknown_filter",
        "unknown parameter 'stat'",
        "An export of 'numbers' takes: bucket,",
    ),
    ("?preset=excel", "unknown_preset", "unknown preset 'excel'", "presets: bare."),
    ("?status=good", "bad_filter", "status='good' is no value", "Allowed: failed, success."),
    ("?option.guard=maybe", "bad_option", "option guard='maybe'", "Allowed: off, on."),
    ("?option.x=1", "bad_option", "unknown option 'x'", "options: guard."),
    ("?days=none", "bad_span", "days='none' is no number of days", "whole number"),
    ("?start=2026-03-02&end=2026-03-01", "bad_span", "the span ends when it starts", "after"),
    ("?start=2026-03-03&end=2026-03-01", "bad_span", "before it starts", "after the start"),
    ("?timezone=Mars/Base", "bad_timezone", "there is no time zone 'Mars/Base'", "Europe/Berlin"),
    ("?nodes=", "bad_request", "a node without a name", "Leave the parameter out"),
    ("?format=csv&format=psv", "bad_request", "format is given more than once", "once"),
]


@pytest.mark.parametrize(("path", "code", "detail", "hint"), REFUSALS)
async def test_a_request_that_makes_no_sense_is_a_problem(
    aiohttp_client: AiohttpClient, path: str, code: str, detail: str, hint: str
) -> None:
    made = room()
    client = await aiohttp_client(made.app)
    response = await client.get(path if path.startswith("/") else f"/api/export/numbers{path}")
    said = problem(await response.text())
    status, title = PROBLEMS[code]
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status, said["status"], said["code"]) == (status, status, code)
    assert (said["type"], said["title"]) == ("about:blank", title)
    assert detail in str(said["detail"])
    assert hint in str(said["hint"])
    assert made.host.outcomes.empty()


async def test_a_method_that_is_not_possible_names_those_that_are(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room().app)
    response = await client.delete("/api/nodes")
    said = problem(await response.text())
    assert (response.status, said["code"]) == (405, "method_not_allowed")
    assert said["detail"] == "DELETE isn't possible at /api/nodes"
    assert response.headers["Allow"] == "GET, HEAD"
    assert said["hint"] == "Possible: GET, HEAD."


async def test_a_body_that_is_too_large_is_a_problem(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(web=WebSettings(token="secret")).app)
    response = await client.post("/login", data={"token": "x" * 100_000})
    assert (response.status, problem(await response.text())["code"]) == (413, "too_large")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_encoded_as_it_says_is_a_problem(
    aiohttp_client: AiohttpClient, encoding: str
) -> None:
    client = await aiohttp_client(room().app)
    response = await client.post(
        "/api/reports/generate", data=b"hello", headers={"Content-Encoding": encoding}
    )
    assert (response.status, problem(await response.text())["code"]) == (400, "bad_request")


async def test_a_body_that_is_no_form_is_a_problem(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(web=WebSettings(token="secret")).app)
    response = await client.post(
        "/login", data=b"nonsense", headers={"Content-Type": "multipart/form-data"}
    )
    assert (response.status, problem(await response.text())["code"]) == (400, "bad_request")


async def test_a_database_that_can_not_be_read_is_a_problem_and_no_health(
    aiohttp_client: AiohttpClient,
) -> None:
    made = room()
    made.store.error = OperatorError("the database is locked", "Wait.")
    client = await aiohttp_client(made.app)
    for path in ("/api/nodes", "/api/export/numbers"):
        response = await client.get(path)
        said = problem(await response.text())
        assert (response.status, said["code"]) == (500, "export_failed")
        assert (said["detail"], said["hint"]) == ("the database is locked", "Wait.")
    health = await client.get("/healthz")
    assert health.status == 503
    assert (await health.json())["status"] == "failing"


async def test_what_nobody_expected_is_logged_once_and_not_shown(
    aiohttp_client: AiohttpClient,
) -> None:
    made = room()
    made.store.error = RuntimeError("inner words")
    client = await aiohttp_client(made.app)
    with capture_logs() as logs:
        response = await client.get("/api/nodes")
    said = problem(await response.text())
    assert (response.status, said["detail"]) == (500, "the server failed")
    assert [entry["event"] for entry in logs] == ["request.failed"]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[asyncio.Runner, Client]]:
    """Serve an application from a loop of its own, since Hypothesis calls plain functions."""
    with asyncio.Runner() as runner:

        async def start() -> Client:
            client = TestClient(TestServer(room().app))
            await client.start_server()
            return client

        client = runner.run(start())
        yield runner, client
        runner.run(client.close())


_NAMES = st.sampled_from(
    (
        *("format", "start", "end", "period", "days", "nodes", "node", "columns", "timezone"),
        *("personal", "preset", "strict", "status", "bucket", "satellite", "option.guard"),
    )
)
_VALUES = st.one_of(
    st.sampled_from(
        (
            *("csv", "psv", "1", "0", "7", "alpha", "beta", "text", "hour", "off", "bare", ""),
            *("2026-03-01", "2026-03-02T10:00", "9999-12-31", "0001-01-01", "last-month"),
            *("2026-W53", "2026-02", "Europe/Berlin", "../../etc/passwd", "failed,success"),
        )
    ),
    st.text(max_size=12),
)
_QUERIES = st.lists(st.tuples(_NAMES | st.text(max_size=8), _VALUES), max_size=5).map(
    lambda pairs: "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
)
_RAW = st.text("abc=&%+;0FfeE.\x00é", max_size=20).map(lambda text: quote(text, safe="=&%+;"))


@given(query=_QUERIES | _RAW)
@example(query="timezone=")
@example(query="timezone=%00")
@example(query="%FF=%FE&format=%ED%A0%80")
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_query_string_gets_a_file_or_a_problem(
    served: tuple[asyncio.Runner, Client], query: str
) -> None:
    runner, client = served

    async def ask() -> tuple[int, str]:
        path = URL(f"/api/export/numbers?{query}", encoded=True)
        response = await client.get(path)
        return response.status, await response.text()

    with capture_logs() as logs:
        status, text = runner.run(ask())
    if status == 200:
        assert text.startswith(("timestamp|", "text|"))
    else:
        said = problem(text)
        assert (status, said["status"]) == (said["status"], 400)
    assert not [entry for entry in logs if entry["log_level"] == "error"]
