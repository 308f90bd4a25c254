from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from multidict import MultiDict

from storj_monitor.errors import Failure
from storj_monitor.plugin import Document, Report
from storj_monitor.store import Following, PolledApi
from storj_monitor.web.markup import ago, answer, days, pace
from storj_monitor.web.page import PERIODS, words_of
from tests.web.rooms import (
    ETERNAL,
    HEARD,
    HOSTILE,
    LONG,
    MONTHLY,
    PATIENCE_SECONDS,
    catalogue_of,
    format_of,
    room,
)

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Catalogue, Query


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


async def test_the_page_is_sent_packed_to_who_can_read_that(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    packed = await client.get("/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = await client.get("/", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert "storj-monitor" in await packed.text()


async def test_a_page_without_nodes_offers_none(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(nodes=()).app)
    text = await (await client.get("/")).text()
    assert "Which nodes" not in text


async def test_a_page_without_formats_says_where_to_look(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(catalogue=catalogue_of((), ())).app)
    text = await (await client.get("/")).text()
    assert 'id="card"' not in text
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


async def test_a_refused_plugin_has_a_banner_and_says_why_and_what_to_do(
    aiohttp_client: AiohttpClient,
) -> None:
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
    assert "1 plugin was refused:" in text
    assert "from storj-yaml 0.1" in text
    assert "<p>it needs plugin API 2 &amp; more.</p>" in text
    assert "<p><strong>What to do:</strong> Update storj-monitor.</p>" in text


async def test_each_plugin_is_shown_with_where_it_is_from_and_what_it_offers(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room().app)
    text = await (await client.get("/")).text()
    assert '<summary>storj-made-up 1.2 <span class="quiet">1 plugin</span></summary>' in text
    assert '<span class="quiet">sources</span> numbers, eternal' in text
    assert '<span class="quiet">formats</span> csv, psv' in text
    assert '<span class="quiet">channel</span> matrix' in text


def build(_: Catalogue, __: Query) -> Document:
    """Build nothing: it is only offered."""
    return Document("Empty", ())


async def test_a_report_of_a_period_of_its_own_is_chosen_at_first(
    aiohttp_client: AiohttpClient,
) -> None:
    any_span = Report(name="any_span", title="A", summary="B", build=build, period="custom")
    reports = (any_span, replace(any_span, name="yesterdays", period="day"))
    client = await aiohttp_client(room(catalogue=catalogue_of(reports=reports)).app)
    text = await (await client.get("/")).text()
    (chosen,) = re.findall(r'name="source" value="([\w:]+)" .* checked>', text)
    assert chosen == "report:yesterdays"
    assert 'name="report:any_span.metrics"' in text
    assert 'name="report:yesterdays.metrics"' not in text


async def test_what_was_downloaded_is_in_the_history(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    assert "Nothing was downloaded yet" in await (await client.get("/history")).text()
    words = {"format": "psv", "period": "2026-03-04", "node": HOSTILE}
    made = await client.get("/api/export/numbers", params=words)
    assert made.status == 200
    await made.read()
    text, place = "", f'href="{made.headers["Content-Location"]}"'
    async with asyncio.timeout(PATIENCE_SECONDS):
        while place not in text:  # how it ended is noted by another thread
            text = await (await client.get("/history")).text()
    assert "<strong>Numbers</strong>" in text
    assert "<b>x" not in text
    assert "2026-03-04 UTC" in text


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
        ("numbers.columns", "timestamp"),
        ("numbers.columns", "number"),
        ("csv:guard", "on"),
        ("psv:guard", "ignored"),
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
        "columns": ["timestamp,number"],
        "option.guard": ["on"],
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
    assert await response.read()
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


def test_the_metrics_of_a_report_and_the_options_of_its_usual_format_are_words() -> None:
    form = MultiDict(
        {
            "source": "report:custom_range",
            "report:custom_range.metrics": "traffic,storage.used_bytes",
            "report:other.metrics": "ignored",
            "pdf:paper": "letter",
            "csv:guard": "off",
        }
    )
    words = {"metrics": ["traffic,storage.used_bytes"], "option.paper": ["letter"]}
    assert words_of(form) == ("report:custom_range", words)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-03-01T00:00:00+00:00", "2026-03-02T00:00:00+00:00", "2026-03-01 UTC"),
        ("2026-03-01T00:00:00+00:00", "2026-04-01T00:00:00+00:00", "2026-03-01 to 2026-03-31 UTC"),
    ],
)
def test_the_days_of_a_span_are_said_with_the_last_one_and_the_zone(
    start: str, end: str, text: str
) -> None:
    assert days({"start": start, "end": end}, "UTC") == text


def test_the_days_of_a_span_are_those_of_its_zone() -> None:
    span = {"start": "2026-02-28T23:00:00+00:00", "end": "2026-03-01T23:00:00+00:00"}
    assert days(span, "Europe/Berlin") == "2026-03-01 Europe/Berlin"


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
