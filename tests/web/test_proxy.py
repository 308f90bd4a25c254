"""The whole server behind a proxy that serves it under a prefix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from storj_monitor.settings import WebSettings
from tests.web.proxies import PREFIX, proxy_to
from tests.web.rooms import room

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer

    from tests.web.rooms import Client

TOKEN = "a token, not a guess"
LINK = re.compile(r'(?:href|src|action)="([^"]*)"')
FORM = {"source": "numbers", "format": "csv", "period": "days=1"}


async def behind_a_proxy(
    server: AiohttpServer, client: AiohttpClient, web: WebSettings, **said: str
) -> Client:
    upstream = await server(room(web=web).app)
    return await client(proxy_to(upstream.make_url("/"), **said))


async def test_the_page_and_all_it_leads_to_is_under_the_prefix(
    aiohttp_server: AiohttpServer, aiohttp_client: AiohttpClient
) -> None:
    client = await behind_a_proxy(aiohttp_server, aiohttp_client, WebSettings())
    page = await client.get(f"{PREFIX}/")
    assert page.status == 200
    links = [link for link in LINK.findall(await page.text()) if not link.startswith("#")]
    assert f"{PREFIX}/static/page.css" in links
    assert f"{PREFIX}/api/catalogue" in links
    for link in dict.fromkeys(links):
        assert link.startswith(f"{PREFIX}/")
        found = await client.get(link, params=FORM if link.endswith("/download") else None)
        assert found.status == 200, link
        assert str(found.url.path).startswith(f"{PREFIX}/")
    # Without a token nobody but this machine is told of schedules.
    assert f"{PREFIX}/schedules" not in links


async def test_a_download_by_the_form_is_the_same_file(
    aiohttp_server: AiohttpServer, aiohttp_client: AiohttpClient
) -> None:
    client = await behind_a_proxy(aiohttp_server, aiohttp_client, WebSettings())
    sent_on = await client.get(f"{PREFIX}/download", params=FORM, allow_redirects=False)
    assert sent_on.status == 303
    target = sent_on.headers["Location"]
    assert target.startswith(f"{PREFIX}/api/export/numbers?")
    file = await client.get(target)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert (await file.read()).count(b"\n") == 13


async def test_one_logs_in_and_out_under_the_prefix(
    aiohttp_server: AiohttpServer, aiohttp_client: AiohttpClient
) -> None:
    web = WebSettings(token=TOKEN)
    client = await behind_a_proxy(aiohttp_server, aiohttp_client, web)
    asked = await client.get(f"{PREFIX}/", headers={"Accept": "text/html"})
    assert asked.status == 401
    [action] = re.findall(r'method="post" action="([^"]*)"', await asked.text())
    assert action == f"{PREFIX}/login"

    own_page = {"Origin": str(client.make_url("")).rstrip("/")}
    entered = await client.post(
        action, data={"token": TOKEN}, headers=own_page, allow_redirects=False
    )
    assert (entered.status, entered.headers["Location"]) == (303, f"{PREFIX}/")
    assert f"Path={PREFIX}/" in entered.headers["Set-Cookie"]
    page = await client.get(urljoin(action, entered.headers["Location"]))
    assert page.status == 200
    assert f'method="post" action="{PREFIX}/logout"' in await page.text()


async def test_with_encryption_before_it_the_cookie_is_for_encrypted_connections_only(
    aiohttp_server: AiohttpServer, aiohttp_client: AiohttpClient
) -> None:
    web, said = WebSettings(token=TOKEN), {"X-Forwarded-Proto": "https"}
    client = await behind_a_proxy(aiohttp_server, aiohttp_client, web, **said)
    entered = await client.post(f"{PREFIX}/login", data={"token": TOKEN}, allow_redirects=False)
    assert "Secure" in entered.headers["Set-Cookie"]


async def test_by_a_name_that_is_not_ours_a_proxy_gets_nothing_without_a_token(
    aiohttp_server: AiohttpServer, aiohttp_client: AiohttpClient
) -> None:
    said = {"X-Forwarded-Host": "monitor.example"}
    client = await behind_a_proxy(aiohttp_server, aiohttp_client, WebSettings(), **said)
    assert (await client.get(f"{PREFIX}/")).status == 403
    known = WebSettings(allowed_hosts=("monitor.example",))
    client = await behind_a_proxy(aiohttp_server, aiohttp_client, known, **said)
    assert (await client.get(f"{PREFIX}/")).status == 200


async def test_a_prefix_from_a_proxy_that_nobody_trusts_is_nothing(
    aiohttp_server: AiohttpServer, aiohttp_client: AiohttpClient
) -> None:
    web = WebSettings(trusted_proxies=())
    client = await behind_a_proxy(aiohttp_server, aiohttp_client, web)
    page = await client.get(f"{PREFIX}/")
    assert "/static/page.css" in LINK.findall(await page.text())
