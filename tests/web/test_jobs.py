"""What is started and fetched later: watched while it is made, and ended."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.settings import ExportSettings, WebSettings
from storj_monitor.web.app import create_app
from storj_monitor.web.keys import HOST, RUNNER, SETTINGS, STORE
from tests.web.described import as_described
from tests.web.proxies import PREFIX, proxy_to
from tests.web.rooms import (
    CSV,
    ETERNAL,
    HOSTILE,
    NUMBERS,
    PATIENCE_SECONDS,
    PSV,
    Gate,
    catalogue_of,
    format_of,
    problem,
    room,
    rows_of,
)
from tests.web.test_reports import COUNTED, PDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Document, Format
    from tests.web.rooms import Client, Room

START = "/api/reports/start"
PROGRESS, FILE = "/api/reports/{id}/progress", "/api/reports/{id}"
SPAN = {"start": "2026-03-01", "end": "2026-03-02"}
NUMBERS_WANTED = {"source": "numbers", **SPAN}
ENDS = ("done", "failed", "canceled")


def starting(
    *formats: Format, exports: ExportSettings | None = None, web: WebSettings | None = None
) -> Room:
    catalogue = catalogue_of((NUMBERS, ETERNAL), (CSV, PSV, PDF, *formats), reports=(COUNTED,))
    return room(catalogue=catalogue, exports=exports, web=web)


def waiting_at(gate: Gate) -> Format:
    def render(document: Document) -> Iterator[bytes]:
        for row in rows_of(document):
            yield f"{row}\n".encode()
        gate.wait()
        yield b"the end"

    return format_of("waiting", render)


def failing(_: Document) -> Iterator[bytes]:
    yield b"a beginning"
    message = "no use <b>"
    raise ValueError(message)


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(starting(format_of("failing", failing)).app)


async def started(client: Client, **wanted: Any) -> Any:
    response = await client.post(START, json=wanted)
    assert response.status == 202
    answer = await as_described(client, START, response)
    assert response.headers["Location"] == PROGRESS.format(**answer)
    return answer


async def progress(client: Client, id_: str) -> Any:
    response = await client.get(PROGRESS.format(id=id_))
    assert response.status == 200
    return await as_described(client, PROGRESS, response)


async def ended(client: Client, id_: str) -> Any:
    return await progress_until(client, id_, lambda now: now["state"] in ENDS)


async def progress_until(client: Client, id_: str, is_so: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answer = await progress(client, id_)
            if is_so(answer):
                return answer
            await asyncio.sleep(0.01)


async def test_what_was_started_is_a_file_like_any_other_when_it_is_done(client: Client) -> None:
    wanted = NUMBERS_WANTED | {
        "node_names": [HOSTILE],
        "columns": ["number", "text"],
        "filters": {"status": "failed,success"},
        "options": {"guard": "off"},
    }
    answer = await started(client, **wanted)
    answer = await ended(client, answer["id"])
    response = await client.get(FILE.format(**answer))
    body = await response.read()
    words = {"node": HOSTILE, "columns": "number,text", "status": "failed,success"}
    words |= SPAN | {"option.guard": "off"}
    assert body == await (await client.get("/api/export/numbers", params=words)).read()
    assert body.startswith(b"number|text\n0|=1+1\n")
    assert answer.pop("seconds") >= 0
    assert answer == {
        "id": response.headers["ETag"].strip('"'),
        "state": "done",
        "rows": 12,
        "bytes": len(body),
        "file_name": "numbers_-b-x--b--- =1+1 \N{SNOWMAN} '-..-_2026-03-01_2026-03-02.csv",
        "sha256": hashlib.sha256(body).hexdigest(),
        "problem": None,
        "is_kept": True,
    }


async def test_a_report_is_started_likewise(client: Client) -> None:
    wanted = {"report_type": "counted", "metrics": ["traffic"], "format": "csv", **SPAN}
    answer = await ended(client, (await started(client, **wanted))["id"])
    assert (answer["state"], answer["file_name"]) == (
        "done",
        "counted_all_2026-03-01_2026-03-02.csv",
    )
    text = await (await client.get(FILE.format(**answer))).text()
    assert text.endswith("info|wanted: traffic\n")


async def test_it_can_be_watched_while_it_is_made(aiohttp_client: AiohttpClient) -> None:
    gate = Gate()
    exports = ExportSettings(workers=1)
    client = await aiohttp_client(starting(waiting_at(gate), exports=exports).app)
    first = await started(client, format="waiting", **NUMBERS_WANTED)
    second = await started(client, **NUMBERS_WANTED)
    assert (await progress(client, second["id"]))["state"] == "waiting"
    answer = await progress_until(client, first["id"], lambda now: now["rows"] == 12)
    assert answer["state"] == "running"
    assert answer["bytes"] > 0
    assert (answer["sha256"], answer["is_kept"]) == (None, False)
    assert (await client.get(FILE.format(**first))).status == 404
    gate.open()
    assert (await ended(client, second["id"]))["state"] == "done"


async def test_what_fails_says_why_in_the_words_of_the_server(client: Client) -> None:
    response = await client.post(
        START,
        json={"source": "numbers", "format": "failing"},
        headers={"X-Request-ID": "started-here"},
    )
    answer = await ended(client, (await response.json())["id"])
    assert (answer["state"], answer["is_kept"]) == ("failed", False)
    said = problem(json.dumps(answer["problem"]))
    assert said["code"] == "export_failed"
    assert said["detail"] == "format 'failing' failed: ValueError: no use <b>"
    assert said["request_id"] == "started-here"


async def test_what_runs_is_really_ended(aiohttp_client: AiohttpClient) -> None:
    def endless(document: Document) -> Iterator[bytes]:
        yield from (str(row).encode() for row in rows_of(document))
        try:
            while True:
                yield bytes(10)
        finally:
            over.open()

    over = Gate()
    made = starting(format_of("endless", endless), exports=ExportSettings(workers=1))
    client = await aiohttp_client(made.app)
    answer = await started(client, source="numbers", format="endless")
    waiting = await started(client, source="numbers")
    for one in (waiting, answer):
        response = await client.delete(FILE.format(**one))
        assert response.status == 204
        assert await response.read() == b""
        assert response.headers["X-Request-ID"]
        canceled = await progress(client, one["id"])
        assert (canceled["state"], canceled["problem"]) == ("canceled", None)
    await asyncio.to_thread(over.wait)
    outcomes = [await asyncio.to_thread(made.outcome) for _ in range(2)]
    assert [outcome.status for outcome in outcomes] == ["canceled"] * 2
    assert list(made.app[RUNNER].spool.folder.iterdir()) == []


async def test_a_download_can_be_watched_and_ended_too(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storj_monitor.exports.jobs.runner._CANCEL_SECONDS", 30.0)
    gate = Gate()
    client = await aiohttp_client(starting(waiting_at(gate)).app)
    download = await client.get("/api/export/numbers", params={"format": "waiting", **SPAN})
    id_ = download.headers["ETag"].strip('"')
    assert (await progress(client, id_))["state"] == "running"
    assert (await client.delete(FILE.format(id=id_))).status == 204
    assert (await client.get(PROGRESS.format(id=id_))).status == 404
    gate.open()


async def test_a_finished_file_can_be_removed_once(client: Client) -> None:
    answer = await ended(client, (await started(client, **NUMBERS_WANTED))["id"])
    place = FILE.format(**answer)
    assert (await client.delete(place)).status == 204
    assert (await client.get(place)).status == 404
    assert (await progress(client, answer["id"]))["is_kept"] is False
    again = await client.delete(place)
    said = problem(await again.text())
    assert (again.status, said["code"]) == (404, "not_found")
    assert said["hint"]


async def test_a_file_of_a_server_that_ended_is_still_known(aiohttp_client: AiohttpClient) -> None:
    before = starting()
    client = await aiohttp_client(before.app)
    answer = await ended(client, (await started(client, **NUMBERS_WANTED))["id"])
    app = create_app(before.app[SETTINGS], before.app[HOST], before.app[STORE])
    restarted = await aiohttp_client(app)
    assert await progress(restarted, answer["id"]) == answer | {"seconds": None}


async def test_what_was_never_started_is_not_found(client: Client) -> None:
    for method in ("GET", "DELETE"):
        path = PROGRESS if method == "GET" else FILE
        response = await client.request(method, path.format(id="0" * 32))
        assert (response.status, problem(await response.text())["code"]) == (404, "not_found")
        await as_described(client, path, response)


@pytest.mark.parametrize(
    ("body", "status", "code", "detail"),
    [
        ("{", 400, "bad_json", "the body: Input data was truncated"),
        ("[]", 400, "bad_request", "the body: Expected `object`, got `array`"),
        ({}, 400, "bad_request", "neither a source nor a report is named"),
        ({"source": "numbers", "report_type": "counted"}, 400, "bad_request", "both a source"),
        ({"source": 1}, 400, "bad_request", "at `$.source`"),
        ({"source": "number"}, 404, "unknown_source", "unknown source 'number'"),
        ({"report_type": "count"}, 404, "unknown_report", "unknown report 'count'"),
        ({"report_type": "counted", "columns": ["text"]}, 400, "unknown_filter", "'columns'"),
        ({"source": "numbers", "metrics": ["traffic"]}, 400, "unknown_filter", "'metrics'"),
        ({"source": "numbers", "node": "alpha"}, 400, "bad_request", "unknown field `node`"),
        ({"source": "numbers", "columns": []}, 400, "unknown_column", "unknown column ''"),
        ({"source": "numbers", "columns": ["remote_ip"]}, 400, "unknown_column", "'remote_ip'"),
        ({"source": "numbers", "filters": {"xy": "1"}}, 400, "unknown_filter", "'xy'"),
        ({"source": "numbers", "filters": {"days": "3"}}, 400, "unknown_filter", "no filter"),
        (
            {"source": "numbers", "filters": {"option.guard": "off"}},
            400,
            "unknown_filter",
            "no filter",
        ),
        ({"source": "numbers", "filters": {"status": ""}}, 400, "bad_filter", "status=''"),
        ({"source": "numbers", "days": 40, "strict": True}, 400, "bad_span", "longer than 31"),
        ({"source": "numbers", "format": "_estimate"}, 400, "unknown_format", "'_estimate'"),
        ('{"source": "' + "a" * 70_000 + '"}', 413, "too_large", "the body is too large"),
    ],
)
async def test_what_makes_no_sense_is_a_problem_and_starts_nothing(
    client: Client, body: Any, status: int, code: str, detail: str
) -> None:
    sent = json.dumps(body) if isinstance(body, dict) else body
    response = await client.post(START, data=sent)
    said = problem(await response.text())
    assert (response.status, said["code"]) == (status, code)
    assert detail in str(said["detail"])
    assert said["hint"]
    assert client.app is not None
    assert client.app[RUNNER].waiting == client.app[RUNNER].running == 0


async def test_so_many_are_started_and_no_more(aiohttp_client: AiohttpClient) -> None:
    gate = Gate()
    exports = ExportSettings(workers=1, queue=0)
    client = await aiohttp_client(starting(waiting_at(gate), exports=exports).app)
    wanted = {"source": "numbers", "format": "waiting"}
    await started(client, **wanted)
    refused = await client.post(START, json=wanted)
    assert (refused.status, problem(await refused.text())["code"]) == (429, "busy")
    assert refused.headers["Retry-After"]
    gate.open()


async def test_behind_a_proxy_it_is_watched_where_the_client_can_ask(
    aiohttp_client: AiohttpClient,
) -> None:
    upstream = await aiohttp_client(starting().app)
    client = await aiohttp_client(proxy_to(upstream.make_url("/")))
    response = await client.post(f"{PREFIX}{START}", json=NUMBERS_WANTED)
    place = response.headers["Location"]
    assert place.startswith(f"{PREFIX}/api/reports/")
    assert (await client.get(place)).status == 200


async def test_only_who_may_starts_and_ends(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(starting(web=WebSettings(token="secret")).app)
    assert (await client.post(START, json=NUMBERS_WANTED)).status == 401
    assert (await client.delete(FILE.format(id="0" * 32))).status == 401
    client = await aiohttp_client(starting().app)
    for headers in ({"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "same-site"}):
        for response in (
            await client.post(START, json=NUMBERS_WANTED, headers=headers),
            await client.delete(FILE.format(id="0" * 32), headers=headers),
        ):
            assert problem(await response.text())["code"] == "forbidden"
