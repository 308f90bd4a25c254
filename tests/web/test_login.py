from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from storj_monitor.settings import Settings, WebSettings
from storj_monitor.web.access import COOKIE, Access, guard
from storj_monitor.web.guesses import BURST
from storj_monitor.web.keys import SETTINGS
from storj_monitor.web.login import Login
from storj_monitor.web.markup import templates
from storj_monitor.web.problems import problems

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from tests.web.rooms import Client

TOKEN = "a token, not a guess"
SETTINGS_WITH_TOKEN = Settings(web=WebSettings(token=TOKEN))


async def secret(_: web.Request) -> web.Response:
    return web.Response(text="what nodes did")


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    """Ask an application with a log-in, and one thing that needs it."""
    access = Access(SETTINGS_WITH_TOKEN.web)
    login = Login(access, templates())
    app = web.Application(middlewares=[problems, guard(access, login.refused)])
    app[SETTINGS] = SETTINGS_WITH_TOKEN
    app.add_routes(
        [
            web.get("/", secret),
            web.get("/login", login.show),
            web.post("/login", login.enter),
            web.post("/logout", login.leave),
        ]
    )
    return await aiohttp_client(app)


async def enter(client: Client, token: str = TOKEN, **headers: str) -> int:
    response = await client.post(
        "/login", data={"token": token}, allow_redirects=False, headers=headers
    )
    await response.read()
    return response.status


async def status_of(client: Client) -> int:
    return (await client.get("/", headers={"Accept": "text/html"})).status


async def test_who_logs_out_has_to_log_in_again_with_the_cookie_as_well(client: Client) -> None:
    assert await enter(client) == 303
    assert await status_of(client) == 200
    cookie = client.session.cookie_jar.filter_cookies(client.make_url("/"))[COOKIE].value

    response = await client.post("/logout", allow_redirects=False)

    assert (response.status, response.headers["Location"]) == (303, "/login")
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert await status_of(client) == 401
    client.session.cookie_jar.update_cookies({COOKIE: cookie}, client.make_url("/"))
    assert await status_of(client) == 401


async def test_a_log_out_is_that_of_one_browser(client: Client) -> None:
    await enter(client)
    mine = client.session.cookie_jar.filter_cookies(client.make_url("/"))[COOKIE].value
    await enter(client)
    await client.post("/logout", allow_redirects=False)
    client.session.cookie_jar.update_cookies({COOKIE: mine}, client.make_url("/"))
    assert await status_of(client) == 200


async def test_to_log_out_twice_is_no_error(client: Client) -> None:
    assert (await client.post("/logout", allow_redirects=False)).status == 303


async def test_another_sites_page_can_log_nobody_out(client: Client) -> None:
    await enter(client)
    response = await client.post("/logout", headers={"Origin": "https://evil.example"})
    assert response.status == 403
    assert await status_of(client) == 200


async def test_who_guesses_has_to_wait_and_who_has_the_token_does_not(client: Client) -> None:
    with capture_logs() as logs:
        assert [await enter(client, "wrong") for _ in range(BURST + 2)] == [401] * BURST + [429] * 2
    assert [event["status"] for event in logs] == [401] * BURST + [429] * 2
    assert {(event["event"], event["who"]) for event in logs} == {
        ("request.refused", "token 127.0.0.1")
    }
    assert "wrong" not in str(logs)

    tired = await client.post("/login", data={"token": TOKEN})
    assert tired.status == 429
    assert int(tired.headers["Retry-After"]) >= 1
    assert "Too many wrong tokens" in await tired.text()
    with_header = await client.get("/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert with_header.status == 200


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/x-www-form-urlencoded; charset=utf-7", b"token=+2AA-"),
        ("application/x-www-form-urlencoded; charset=none-such", b"token=a"),
        ("application/x-www-form-urlencoded", b"token=\xff\xfe"),
        ("multipart/form-data", b"--x"),
        (
            "multipart/form-data; boundary=x",
            (
                b"--x\r\nContent-Disposition: form-data; name=token\r\n"
                b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-\r\n--x--\r\n"
            ),
        ),
    ],
)
async def test_what_is_no_form_is_no_fault_of_the_server(
    client: Client, media_type: str, body: bytes
) -> None:
    response = await client.post("/login", data=body, headers={"Content-Type": media_type})
    assert response.status == 400
    assert (await response.json())["detail"] == "the body is no form"


async def test_each_client_of_a_proxy_has_its_own_guesses(client: Client) -> None:
    for _ in range(BURST + 1):
        last = await enter(client, "wrong", **{"X-Forwarded-For": "198.51.100.2"})
    assert last == 429
    assert await enter(client, **{"X-Forwarded-For": "198.51.100.3"}) == 303


@pytest.mark.parametrize(
    ("said", "path", "is_secure"),
    [
        ({}, "/", False),
        ({"X-Forwarded-Proto": "https"}, "/", True),
        ({"X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/storj"}, "/storj/", False),
    ],
)
async def test_the_cookie_is_for_the_path_and_the_scheme_that_the_browser_sees(
    client: Client, said: dict[str, str], path: str, is_secure: bool
) -> None:
    response = await client.post(
        "/login", data={"token": TOKEN}, headers=said, allow_redirects=False
    )
    assert response.headers["Location"] == path
    attributes = response.headers["Set-Cookie"].split("; ")[1:]
    assert sorted(attributes) == sorted(
        ["HttpOnly", f"Path={path}", "SameSite=Strict", *(["Secure"] if is_secure else [])]
    )
