from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp.test_utils import make_mocked_request

from storj_monitor.errors import Problem
from storj_monitor.settings import WebSettings
from storj_monitor.web.access import Access
from tests.web.proxies import FakeTransport, asked
from tests.web.rooms import problem, room

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from tests.web.rooms import Client

TOKEN = "a token, not a guess: é"
WITH_TOKEN = WebSettings(token=TOKEN)
PATHS = ("/", "/api/catalogue", "/api/nodes", "/api/openapi.json", "/api/export/numbers", "/x")


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


async def test_a_form_that_is_sent_too_late_shows_where_to_log_in(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room(web=WITH_TOKEN).app)
    acknowledge = "/overview/alerts/1/acknowledge"
    response = await client.post(acknowledge, headers={"Accept": "text/html,*/*"})
    assert response.status == 401
    assert 'action="/login"' in await response.text()
    said = await client.post(acknowledge)
    assert (said.status, said.content_type) == (401, "application/problem+json")


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
    ("host", "forwarded", "peer", "is_let_in"),
    [
        ("127.0.0.1:8765", "nas.local", "127.0.0.1", True),
        ("nas.local", "nas.local:443", "127.0.0.1", True),
        ("127.0.0.1:8765", "localhost", "127.0.0.1", True),
        ("127.0.0.1:8765", "evil.example", "127.0.0.1", False),
        ("127.0.0.1:8765", "192.0.2.7", "127.0.0.1", False),
        ("127.0.0.1:8765", "nas.local/x", "127.0.0.1", False),
        ("127.0.0.1:8765", "evil.example", "192.0.2.7", True),
        # A page under a stranger's name that leads here says what it likes.
        ("evil.example", "localhost", "127.0.0.1", False),
    ],
)
def test_behind_a_proxy_both_names_have_to_be_known(
    host: str, forwarded: str, peer: str, is_let_in: bool
) -> None:
    access = Access(WebSettings(allowed_hosts=("nas.local",)))
    request = asked({"Host": host, "X-Forwarded-Host": forwarded}, peer=peer)
    if is_let_in:
        access.check(request)
        return
    with pytest.raises(Problem) as refused:
        access.check(request)
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize(
    ("origin", "said", "status"),
    [
        ("https://nas.local", {"X-Forwarded-Host": "nas.local"}, None),
        ("https://nas.local", {"X-Forwarded-Host": "nas.local:443"}, None),
        ("https://nas.local:8443", {"X-Forwarded-Host": "nas.local:8443"}, None),
        (
            "https://nas.local",
            {"X-Forwarded-Host": "nas.local", "X-Forwarded-Proto": "https"},
            None,
        ),
        ("http://nas.local", {"X-Forwarded-Host": "nas.local", "X-Forwarded-Proto": "https"}, 403),
        ("https://nas.local:8443", {"X-Forwarded-Host": "nas.local"}, 403),
        ("https://evil.example", {"X-Forwarded-Host": "nas.local"}, 403),
        ("http://127.0.0.1:8765", {"X-Forwarded-Host": "nas.local"}, 403),
        ("http://127.0.0.1:8765", {}, None),
    ],
)
def test_behind_a_proxy_a_page_is_ours_by_the_name_that_the_browser_knows(
    origin: str, said: dict[str, str], status: int | None
) -> None:
    access = Access(WebSettings(allowed_hosts=("nas.local", "nas.local:8443")))
    headers = {"Host": "127.0.0.1:8765", "Origin": origin, **said}
    request = asked(headers, method="POST", path="/api/reports/generate")
    if status is None:
        access.check(request)
        return
    with pytest.raises(Problem) as refused:
        access.check(request)
    assert refused.value.status == status


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


LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
PICTURE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
FRAME = LINK | {"Sec-Fetch-Dest": "iframe"}
BY_HAND = LINK | {"Sec-Fetch-User": "?1"}
EXPORT = "/api/export/numbers"


@pytest.mark.parametrize(
    ("headers", "path", "is_answered"),
    [
        ({}, EXPORT, True),
        ({"Sec-Fetch-Site": "none"}, EXPORT, True),
        ({"Sec-Fetch-Site": "same-origin"}, EXPORT, True),
        (BY_HAND, EXPORT, True),
        (LINK, EXPORT, False),
        (LINK | {"Sec-Fetch-Site": "same-site"}, EXPORT, False),
        (LINK, "/download", False),
        (LINK, "/metrics", False),
        (LINK, "/api/nodes", False),
        (LINK, "/", True),
        (BY_HAND, "/", True),
        (FRAME, "/", False),
        (PICTURE, "/", False),
        (PICTURE, "/static/icon.svg", False),
        (PICTURE, EXPORT, False),
        (PICTURE, "/healthz", True),
        ({"Origin": "https://evil.example"}, EXPORT, False),
        ({"Origin": "https://evil.example"}, "/", False),
    ],
)
def test_another_sites_page_sets_nothing_off_but_a_link_may_be_followed(
    headers: dict[str, str], path: str, is_answered: bool
) -> None:
    access = Access(WebSettings())
    request = asked({"Host": "localhost:8765", **headers}, path=path)
    if is_answered:
        access.check(request)
        return
    with pytest.raises(Problem) as refused:
        access.check(request)
    assert refused.value.code == "forbidden"


def test_a_followed_link_is_a_get() -> None:
    request = asked({"Host": "localhost", **BY_HAND}, method="POST", path="/login")
    with pytest.raises(Problem):
        Access(WebSettings(token="secret")).check(request)


@pytest.mark.parametrize("path", [*PATHS, "/healthz", "/static/page.css", "/static/", "/static/x"])
async def test_every_answer_has_the_security_headers(
    aiohttp_client: AiohttpClient, path: str
) -> None:
    client = await aiohttp_client(room().app)
    response = await client.get(path)
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert "frame-ancestors 'none'" in policy
    is_file = path == EXPORT
    assert ("sandbox" in policy) is is_file
    assert ("script-src 'self'" in policy) is not is_file
    assert ("style-src 'unsafe-inline'" in policy) is is_file
    assert response.headers["Cache-Control"] == (
        "no-cache" if path.startswith("/static/page") else "no-store"
    )
    assert response.headers["Server"] == "storj-monitor"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in response.headers["Permissions-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "no-referrer"
