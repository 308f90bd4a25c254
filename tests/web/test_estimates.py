from __future__ import annotations

import asyncio
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest

from storj_monitor.plugin import Column, Kind, Source
from storj_monitor.settings import ExportSettings
from storj_monitor.web import estimates
from storj_monitor.web.keys import RUNNER
from tests.web.described import as_described
from tests.web.rooms import (
    CSV,
    HOSTILE,
    MONTHLY,
    NUMBERS,
    PATIENCE_SECONDS,
    Gate,
    catalogue_of,
    problem,
    room,
)
from tests.web.test_reports import COUNTED, PDF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Query, Reader
    from tests.web.rooms import Client, Room

URL = "/api/estimate"
SPAN = {"start": "2026-03-01", "end": "2026-03-02"}
AT = (Column(key="timestamp", label="Time", kind=Kind.TIMESTAMP),)


def timed(name: str, rows: Any) -> Source:
    return Source(name=name, title=name, summary="Times", columns=AT, rows=rows)


def seconds(_: Reader, query: Query) -> Iterator[tuple[object]]:
    """Give a row a second, for ever."""
    at = query.span.start
    while True:
        yield (at,)
        at += timedelta(seconds=1)


def failing(*_: object) -> Iterator[tuple[object]]:
    message = "out of order"
    raise ValueError(message)
    yield ()


def estimating(*sources: Source, exports: ExportSettings | None = None) -> Room:
    offered = (NUMBERS, MONTHLY, timed("seconds", seconds), timed("failing", failing), *sources)
    return room(catalogue=catalogue_of(offered, (CSV, PDF), reports=(COUNTED,)), exports=exports)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let machines be slow."""
    monkeypatch.setattr(estimates, "_SECONDS", PATIENCE_SECONDS)


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(estimating().app)


async def estimate(client: Client, **words: Any) -> Any:
    response = await client.get(URL, params=words)
    assert response.status == 200
    return await as_described(client, URL, response)


async def test_what_a_file_will_be_is_said_before_it_is_made(client: Client) -> None:
    words = {"source": "numbers", "timezone": "Asia/Kolkata", "node": HOSTILE, **SPAN}
    assert await estimate(client, **words) == {
        "file_name": "numbers_-b-x--b--- =1+1 \N{SNOWMAN} '-..-_2026-03-01_2026-03-02.csv",
        "span": {"start": "2026-02-28T18:30:00+00:00", "end": "2026-03-02T18:30:00+00:00"},
        "timezone": "Asia/Kolkata",
        "days": 2,
        "clamped": False,
        "nodes": [HOSTILE],
        "media_type": "text/csv",
        "rows": {"count": 12, "is_exact": True},
    }


async def test_it_is_what_the_file_is_then(client: Client) -> None:
    words = {"source": "numbers", "format": "pdf", **SPAN}
    said = await estimate(client, **words)
    file = await client.get("/api/export/numbers", params={"format": "pdf", **SPAN})
    assert said["file_name"] in file.headers["Content-Disposition"]
    assert "{start}/{end}".format(**said["span"]) == file.headers["Export-Span"]
    assert said["media_type"] == file.content_type


async def test_rows_that_take_too_long_to_count_are_reckoned(client: Client) -> None:
    said = await estimate(client, source="seconds", period="2026-03")
    assert said["rows"] == {"count": pytest.approx(31 * 86_400, rel=0.01), "is_exact": False}


async def test_a_span_that_is_too_long_is_said_to_be_shortened(client: Client) -> None:
    words = {"source": "numbers", "start": "2026-03-01", "end": "2026-05-01"}
    said = await estimate(client, **words)
    assert (said["clamped"], said["days"]) == (True, 31)
    refused = await client.get(URL, params={**words, "strict": "1"})
    assert problem(await refused.text())["code"] == "bad_span"


async def test_months_are_those_of_utc(client: Client) -> None:
    said = await estimate(client, source="monthly", period="2026-02", timezone="Asia/Tokyo")
    assert (said["timezone"], said["days"]) == ("UTC", 28)
    assert said["file_name"] == "monthly_all_2026-02-01_2026-02-28.csv"


async def test_the_rows_of_a_report_are_not_counted(client: Client) -> None:
    said = await estimate(client, report_type="counted", metrics="traffic", **SPAN)
    assert said["rows"] is None
    assert said["file_name"] == "counted_all_2026-03-01_2026-03-02.pdf"


async def test_a_source_that_fails_is_only_not_counted(client: Client) -> None:
    said = await estimate(client, source="failing", **SPAN)
    assert said["rows"] is None


async def test_a_source_that_hangs_is_not_waited_for(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()

    def hanging(*_: object) -> Iterator[tuple[object]]:
        gate.wait()
        yield from ()

    monkeypatch.setattr(estimates, "_SECONDS", 0.1)
    client = await aiohttp_client(estimating(timed("hanging", hanging)).app)
    assert (await estimate(client, source="hanging", **SPAN))["rows"] is None
    gate.open()


async def test_what_is_not_waited_for_goes_on_and_so_a_worker_is_there_the_next_time(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, ended = Gate(), Event()

    def slow(*_: object) -> Iterator[tuple[object]]:
        gate.wait()
        ended.set()
        yield from ()

    monkeypatch.setattr(estimates, "_SECONDS", 0.1)
    made = estimating(timed("slow", slow))
    client = await aiohttp_client(made.app)
    assert (await estimate(client, source="slow", **SPAN))["rows"] is None
    gate.open()
    assert await asyncio.to_thread(ended.wait, PATIENCE_SECONDS)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while list(made.app[RUNNER].spool.folder.iterdir()):  # noqa: ASYNC110  of other tasks
            await asyncio.sleep(0.01)


async def test_it_does_not_wait_for_exports(aiohttp_client: AiohttpClient) -> None:
    gate = Gate()

    def waiting(_: Reader, query: Query) -> Iterator[tuple[object]]:
        yield (query.span.start,)
        gate.wait()

    made = estimating(timed("waiting", waiting), exports=ExportSettings(workers=1, queue=1))
    client = await aiohttp_client(made.app)
    words = {"source": "waiting", **SPAN}
    for _ in range(2):
        await client.post("/api/reports/start", json=words)
    await asyncio.to_thread(gate.reached.wait)
    assert (await estimate(client, source="numbers", **SPAN))["rows"]["count"] == 12
    gate.open()


async def test_nobody_is_told_of_it(aiohttp_client: AiohttpClient) -> None:
    made = estimating()
    client = await aiohttp_client(made.app)
    await estimate(client, source="numbers", **SPAN)
    await client.get("/api/export/numbers", params=SPAN)
    assert (await asyncio.to_thread(made.outcome)).format == "csv"
    assert made.host.outcomes.empty()
    assert len(made.store.written.begun) == 1
    metrics = await (await client.get("/metrics")).text()
    assert "_estimate" not in metrics
    left = [path.suffix for path in made.app[RUNNER].spool.folder.iterdir()]
    assert sorted(left) == [".data", ".json"]


@pytest.mark.parametrize(
    ("words", "status", "code", "detail"),
    [
        ({}, 400, "bad_request", "neither a source nor a report is named"),
        ({"source": "number"}, 404, "unknown_source", "unknown source 'number'"),
        ({"source": ""}, 404, "unknown_source", "unknown source ''"),
        ({"source": "_estimate"}, 404, "unknown_source", "unknown source '_estimate'"),
        ({"source": "numbers", "format": "_preview"}, 400, "unknown_format", "'_preview'"),
        ({"report_type": "numbers"}, 404, "unknown_report", "unknown report 'numbers'"),
        ({"source": "numbers", "report_type": "counted"}, 400, "unknown_filter", "'report_type'"),
        ([("source", "numbers"), ("source", "x")], 400, "unknown_filter", "parameter 'source'"),
        ({"source": "numbers", "status": "x"}, 400, "bad_filter", "status='x'"),
        ({"source": "numbers", "days": "0"}, 400, "bad_span", "days='0'"),
        ({"source": "numbers", "node": "x"}, 400, "unknown_node", "unknown node 'x'"),
        ({"report_type": "counted", "columns": "text"}, 400, "unknown_filter", "'columns'"),
    ],
)
async def test_what_makes_no_sense_is_a_problem(
    client: Client, words: Any, status: int, code: str, detail: str
) -> None:
    for url in (URL, "/api/preview"):
        response = await client.get(url, params=words)
        said = problem(await response.text())
        assert (response.status, said["code"]) == (status, code)
        assert detail in str(said["detail"])
        assert said["hint"]


@pytest.mark.parametrize("url", [URL, "/api/preview"])
async def test_it_is_asked_by_get_alone(client: Client, url: str) -> None:
    for method in ("POST", "HEAD", "DELETE"):
        response = await client.request(method, url, params={"source": "numbers"})
        assert (response.status, response.headers["Allow"]) == (405, "GET")
