from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from multidict import MultiDict

from storj_monitor.errors import Failure
from storj_monitor.store import Following, PolledApi
from storj_monitor.web.markup import ago, answer, pace
from storj_monitor.web.page import PERIODS, words_of
from tests.web.rooms import ETERNAL, HEARD, HOSTILE, LONG, MONTHLY, catalogue_of, format_of, room

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_aiohttp.plugin import AiohttpClient


async def test_the_page_shows_nodes_and_when_they_were_heard(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int((HEARD + timedelta(hours=3)).timestamp())))
    client = await aiohttp_client(room().app)
    response = await client.get("/")
    text = await response.text()
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h3>alpha</h3>" in text
    assert "Last heard 3 hours ago" in text
    assert ">2026-03-04 10:11 UTC</time>" in text
    assert "Its log was not read yet" in text


async def test_the_page_shows_how_far_behind_each_log_is_and_how_the_api_answers(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int((HEARD + timedelta(hours=2)).timestamp())))
    client = await aiohttp_client(room().app)
    text = await (await client.get("/")).text()
    assert re.findall(r'<li class="(\w+)">\s*<p><code>(.*)</code></p>\s*<p>(.*)</p>', text) == [
        ("following", "/logs/alpha.log", "following, up to date"),
        ("waiting", "/logs/&lt;i&gt;.log", "waiting: there is no such file yet"),
        ("answering", "http://127.0.0.1:14002", "answering, storagenode 1.137.5"),
        ("failing", "http://&lt;i&gt;:1", "failing: nothing listens at &lt;i&gt;:1"),
    ]
    assert text.count("checked 2 hours ago") == 2
    assert text.count("answered 2 hours ago") == 1
    assert text.count("never answered yet") == 1


@pytest.mark.parametrize(
    ("state", "reason", "behind_bytes", "text"),
    [
        ("following", None, 0, "following, up to date"),
        ("following", None, 12_345_678, "following, 12.35 MB behind"),
        ("following", None, None, "following"),
        ("waiting", "the line is down", None, "waiting: the line is down"),
        ("failing", "no permission", 5_000, "failing: no permission, 5.00 kB behind"),
        ("failing", None, 0, "failing"),
    ],
)
def test_how_a_log_is_followed_is_said_in_a_few_words(
    state: str, reason: str | None, behind_bytes: int | None, text: str
) -> None:
    assert pace(Following("node.log", "", state, reason, behind_bytes, 0)) == text


@pytest.mark.parametrize(
    ("answered_at", "reason", "version", "text"),
    [
        (HEARD, None, "1.137.5", "answering, storagenode 1.137.5"),
        (HEARD, None, None, "answering"),
        (HEARD, "no audits", "1.2.3", "answering: no audits, storagenode 1.2.3"),
        (HEARD - timedelta(1), "no answer", "1.2.3", "failing: no answer, storagenode 1.2.3"),
        (None, "no answer", None, "failing: no answer"),
    ],
)
def test_how_an_api_answers_is_said_in_a_few_words(
    answered_at: datetime | None, reason: str | None, version: str | None, text: str
) -> None:
    assert answer(PolledApi("http://nas:14002", version, answered_at, HEARD, reason)) == text


async def test_a_hostile_node_name_is_text(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    text = await (await client.get("/")).text()
    assert "<b>x" not in text
    (value,) = re.findall(r'name="node" value="([^"]*x[^"]*)"', text.replace("alpha", ""))[:1]
    assert unescape(value) == HOSTILE
    assert LONG[:200] in text


async def test_a_page_without_nodes_says_how_to_begin(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(nodes=()).app)
    text = await (await client.get("/")).text()
    assert "storj-monitor ingest NAME:PATH" in text
    assert "Which nodes" not in text


async def test_a_page_without_formats_says_where_to_look(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(catalogue=catalogue_of((), ())).app)
    text = await (await client.get("/")).text()
    assert "<form" not in text
    assert "<code>storj-monitor plugins</code>" in text


async def test_a_third_party_format_is_in_the_menu(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(format_of("yaml", list)).app)
    text = await (await client.get("/")).text()
    options = re.findall(r'<option value="([\w:]+)" (?:selected)?>([^<]+)</option>', text)
    assert options[-4:] == [
        ("csv", "CSV"),
        ("csv:bare", "CSV \N{EN DASH} bare"),
        ("psv", "Pipe-separated"),
        ("yaml", "yaml"),
    ]


async def test_a_refused_plugin_has_a_banner(aiohttp_client: AiohttpClient) -> None:
    failure = Failure(
        plugin="yaml",
        distribution="storj-yaml",
        version="0.1",
        stage="admit",
        reason="it needs plugin API 2 & more.",
        hint="Update storj-monitor.",
    )
    client = await aiohttp_client(room(catalogue=catalogue_of(failures=(failure,))).app)
    text = await (await client.get("/")).text()
    assert "<strong>yaml</strong>" in text
    assert "from storj-yaml 0.1" in text
    assert "it needs plugin API 2 &amp; more. Update storj-monitor." in text


async def test_the_page_says_of_which_sources_whole_months_are_given(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room(catalogue=catalogue_of((ETERNAL, MONTHLY))).app)
    text = await (await client.get("/")).text()
    assert re.findall(r'class="quiet">(Without.*?)</span>', text) == [
        "Without a limit of days",
        "Without a limit of days; whole months in UTC",
    ]


async def test_the_form_leads_to_the_file(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    form = [
        ("source", "numbers"),
        ("numbers.status", "failed"),
        ("numbers.bucket", "day"),
        ("numbers.satellite", ""),
        ("eternal.status", "ignored"),
        ("node", HOSTILE),
        ("node", "beta"),
        ("period", "days=3"),
        ("start", ""),
        ("end", ""),
        ("format", "csv:bare"),
        ("timezone", "Europe/Berlin"),
    ]
    response = await client.get("/download", params=form, allow_redirects=False)
    assert response.status == 303
    address = urlsplit(response.headers["Location"])
    assert address.path == "/api/export/numbers"
    assert parse_qs(address.query) == {
        "status": ["failed"],
        "bucket": ["day"],
        "node": [HOSTILE, "beta"],
        "days": ["3"],
        "format": ["csv"],
        "preset": ["bare"],
        "timezone": ["Europe/Berlin"],
    }
    followed = await client.get("/download", params=form)
    assert followed.headers["Content-Type"] == "text/csv"


async def test_a_form_that_makes_no_sense_is_shown_again(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    form = {"source": "numbers", "period": "custom", "start": "2026-03-09", "end": "2026-03-01"}
    response = await client.get("/download", params=form | {"timezone": '"><script>'})
    text = await response.text()
    assert response.status == 400
    assert 'role="alert"' in text
    assert "there is no time zone" in text
    assert "<script>" not in text
    assert 'name="start" value="2026-03-09"' in text
    assert '<option value="custom" selected>' in text


async def test_an_unknown_source_in_the_form_is_a_page_too(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    response = await client.get("/download", params={"source": "../nodes"})
    assert response.status == 404
    assert "Installed: eternal, numbers." in await response.text()


@pytest.mark.parametrize("period", [value for value, _ in PERIODS if value != "custom"])
async def test_every_period_of_the_menu_is_understood(
    aiohttp_client: AiohttpClient, period: str
) -> None:
    client = await aiohttp_client(room().app)
    response = await client.get("/download", params={"source": "numbers", "period": period})
    assert response.status == 200
    assert "Export-Clamped" not in response.headers


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-03-01", "2026-03-02", {"start": ["2026-03-01"], "end": ["2026-03-02"]}),
        ("2026-03-01", "", {"start": ["2026-03-01"]}),
    ],
)
def test_days_of_ones_own_choice_become_start_and_end(
    start: str, end: str, words: dict[str, list[str]]
) -> None:
    form = MultiDict({"source": "numbers", "period": "custom", "start": start, "end": end})
    assert words_of(form) == ("numbers", words)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-100, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (7_200, "2 hours ago"),
        (86_400, "1 day ago"),
        (86_400 * 500, "500 days ago"),
    ],
)
def test_how_long_ago_is_said_in_the_largest_unit(seconds: int, text: str) -> None:
    assert ago(HEARD, HEARD + timedelta(seconds=seconds)) == text
