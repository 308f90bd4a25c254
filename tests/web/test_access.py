from __future__ import annotations

from asyncio import Transport
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.test_utils import make_mocked_request

from storj_monitor.errors import Problem
from storj_monitor.settings import WebSettings
from storj_monitor.web.access import Access
from tests.web.rooms import problem, room

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from tests.web.rooms import Client

TOKEN = "a token, not a guess: é"
WITH_TOKEN = WebSettings(token=TOKEN)
PATHS = ("/", "/api/catalogue", "/api/nodes", "/api/openapi.json", "/api/export/numbers", "/x")


class FakeTransport(Transport):
    """A connection to this address of ours."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return (self._address, 8765) if name == "sockname" else default


async def logged_in(aiohttp_client: AiohttpClient) -> Client:
    client = await aiohttp_client(room(web=WITH_TOKEN).app)
    await client.post("/login", data={"token": TOKEN}, allow_redirects=False)
    return client


@pytest.mark.parametrize("path", PATHS)
async def test_with_a_token_set_nothing_is_answered_without_it(
    aiohttp_client: AiohttpClient, path: str
) -> None:
    client = await aiohttp_client(room(web=WITH_TOKEN).app)
    for authorization in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \udcff"):
        response = await client.get(path, headers={"Authorization": authorization})
        said = problem(await response.text())
        assert (response.status, said["code"]) == (401, "unauthorized")
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert "Authorization: Bearer TOKEN" in str(said["hint"])


async def test_the_token_in_a_header_lets_in(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(web=WITH_TOKEN).app)
    for scheme in ("Bearer", "bearer"):
        response = await client.get("/api/nodes", headers={"Authorization": f"{scheme} {TOKEN}"})
        assert response.status == 200


async def test_health_needs_no_token_and_no_known_name(aiohttp_client: AiohttpClient) -> None:
    for web in (WITH_TOKEN, WebSettings()):
        client = await aiohttp_client(room(web=web).app)
        response = await client.get("/healthz", headers={"Host": "elsewhere.example"})
        assert (response.status, (await response.json())["status"]) == (200, "ok")


async def test_a_browser_is_shown_where_to_log_in(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(web=WITH_TOKEN).app)
    response = await client.get("/", headers={"Accept": "text/html,*/*"})
    assert response.status == 401
    text = await response.text()
    assert '<form class="card" method="post" action="/login">' in text
    assert "alpha" not in text
    assert (await client.get("/static/page.css")).status == 200


async def test_logging_in_sets_a_cookie_that_is_not_the_token(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room(web=WITH_TOKEN).app)
    response = await client.post("/login", data={"token": TOKEN}, allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/")
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "token" not in cookie
    assert (await client.get("/api/nodes")).status == 200


async def test_a_cookie_of_another_run_is_worth_nothing(aiohttp_client: AiohttpClient) -> None:
    client = await logged_in(aiohttp_client)
    cookie = next(iter(client.session.cookie_jar)).OutputString()
    other = await aiohttp_client(room(web=WITH_TOKEN).app)
    response = await other.get("/api/nodes", headers={"Cookie": cookie.partition(";")[0]})
    assert response.status == 401


async def test_a_wrong_token_stays_outside(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(web=WITH_TOKEN).app)
    for data in ({"token": "wrong"}, {"token": ""}, {}):
        response = await client.post("/login", data=data)
        assert response.status == 401
        assert "Set-Cookie" not in response.headers
        assert "That is not the token." in await response.text()


async def test_without_a_token_there_is_no_log_in(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    assert (await client.get("/login")).status == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8765", 200),
        ("127.0.0.1:8765", 200),
        ("127.1.2.3", 200),
        ("[::1]:8765", 200),
        ("nas.local", 200),
        ("Monitor.Example:443", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("192.0.2.7", 403),
        ("0.0.0.0", 403),
        ("[::1", 403),
        ("localhost:port", 403),
        ("x@localhost", 403),
        ("localhost/x", 403),
        ("\u212alocalhost", 403),
    ],
)
async def test_without_a_token_only_known_names_are_answered(
    aiohttp_client: AiohttpClient, host: str, status: int
) -> None:
    web = WebSettings(allowed_hosts=("nas.local", "monitor.example"))
    client = await aiohttp_client(room(web=web).app)
    response = await client.get("/api/nodes", headers={"Host": host})
    assert response.status == status
    if status == 403:
        said = problem(await response.text())
        assert said["code"] == "forbidden"
        assert "allowed_hosts" in str(said["hint"])


@pytest.mark.parametrize("host", ["192.0.2.7:8765", "[2001:db8::7]"])
def test_an_address_is_no_name_where_others_were_let_in(host: str) -> None:
    access = Access(WebSettings())
    reached_from_outside = make_mocked_request(
        "GET", "/", {"Host": host}, transport=FakeTransport("172.17.0.2")
    )
    access.check(reached_from_outside)
    from_here = make_mocked_request("GET", "/", {"Host": host}, transport=FakeTransport("::1"))
    with pytest.raises(Problem) as refused:
        access.check(from_here)
    assert refused.value.detail == f"this server isn't called {host!r}"
    by_name = make_mocked_request(
        "GET", "/", {"Host": "evil.example"}, transport=FakeTransport("172.17.0.2")
    )
    with pytest.raises(Problem):
        access.check(by_name)


def test_a_client_without_a_name_for_the_server_is_no_browser() -> None:
    Access(WebSettings()).check(make_mocked_request("GET", "/", {}))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Sec-Fetch-Site": "same-origin"}, 401),
        ({"Sec-Fetch-Site": "none"}, 401),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost:8765"}, 401),
        ({"Origin": "http://LOCALHOST:8765"}, 401),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_what_another_site_sends_is_refused(
    aiohttp_client: AiohttpClient, headers: dict[str, str], status: int
) -> None:
    client = await aiohttp_client(room(web=WITH_TOKEN).app)
    response = await client.post(
        "/login", data={"token": "wrong"}, headers={"Host": "localhost:8765", **headers}
    )
    assert response.status == status


@pytest.mark.parametrize("path", [*PATHS, "/healthz", "/static/page.css", "/static/", "/static/x"])
async def test_every_answer_has_the_security_headers(
    aiohttp_client: AiohttpClient, path: str
) -> None:
    client = await aiohttp_client(room().app)
    response = await client.get(path)
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert policy[:3] == ["default-src 'none'", "script-src 'self'", "style-src 'self'"]
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "no-referrer"
