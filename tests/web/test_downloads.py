from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pytest
from aiohttp import ClientError
from structlog.testing import capture_logs

from storj_monitor.exports.jobs import threads
from storj_monitor.plugin import OptionError
from storj_monitor.plugin.kinds import arrow_schema
from storj_monitor.settings import ExportSettings
from tests.exports.jobs.test_workers import PROMISED_SECONDS, SOON_SECONDS
from tests.web.rooms import (
    COLUMNS,
    HOSTILE,
    MONTHLY,
    NUMBERS,
    PATIENCE_SECONDS,
    Gate,
    catalogue_of,
    endless,
    format_of,
    problem,
    room,
    rows_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Document, ExportOutcome, Format, Query, Reader
    from tests.web.rooms import Client, Room

URL = "/api/export/numbers"
SPAN = {"start": "2026-03-01", "end": "2026-03-02"}


async def test_an_export_is_a_file_with_its_name_and_span(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    response = await client.get(URL, params=SPAN | {"node": "alpha", "timezone": "Europe/Berlin"})
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/csv"
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="numbers_alpha_2026-03-01_2026-03-02.csv"; '
        "filename*=UTF-8''numbers_alpha_2026-03-01_2026-03-02.csv"
    )
    assert response.headers["Export-Span"] == (
        "2026-02-28T23:00:00+00:00/2026-03-02T23:00:00+00:00"
    )
    assert "Export-Clamped" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Encoding" not in response.headers
    lines = (await response.text()).splitlines()
    assert lines[:3] == [
        "timestamp|text|number",
        "2026-03-01T00:00:00.000+01:00|'=1+1|0",
        "2026-03-01T00:00:00.000+01:00|row 1|1",
    ]
    assert len(lines) == 13


async def test_a_long_span_is_clamped_and_says_so(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(exports=ExportSettings(max_days=31)).app)
    span = {"start": "2026-03-01", "end": "2026-05-01"}
    response = await client.get(URL, params=span)
    assert response.headers["Export-Clamped"] == "true"
    assert response.headers["Export-Span"] == (
        "2026-03-01T00:00:00+00:00/2026-04-01T00:00:00+00:00"
    )
    assert "numbers_all_2026-03-01_2026-03-31.csv" in response.headers["Content-Disposition"]
    strict = await client.get(URL, params=span | {"strict": "1"})
    assert (strict.status, problem(await strict.text())["code"]) == (400, "bad_span")
    unlimited = await client.get("/api/export/eternal", params=span)
    assert "Export-Clamped" not in unlimited.headers


async def test_months_are_whole_and_of_utc(aiohttp_client: AiohttpClient) -> None:
    catalogue = catalogue_of(sources=(MONTHLY,))
    exports = ExportSettings(max_days=31)
    client = await aiohttp_client(room(exports=exports, catalogue=catalogue).app)
    words = {"period": "2026", "timezone": "Europe/Berlin"}
    response = await client.get("/api/export/monthly", params=words)
    assert response.headers["Export-Span"] == (
        "2026-01-01T00:00:00+00:00/2027-01-01T00:00:00+00:00"
    )
    assert "monthly_all_2026-01-01_2026-12-31.csv" in response.headers["Content-Disposition"]
    assert "Export-Clamped" not in response.headers
    assert (await response.text()).splitlines()[1] == "2026-01-01T01:00:00.000+01:00"


async def test_a_hostile_node_name_can_not_leave_the_header(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    response = await client.get(URL, params=SPAN | {"node": HOSTILE})
    assert response.status == 200
    plain, extended = response.headers["Content-Disposition"].split("; ")[1:]
    assert plain == 'filename="numbers_-b-x--b--- =1+1 - --..-_2026-03-01_2026-03-02.csv"'
    assert extended.startswith("filename*=UTF-8''numbers_-b-x--b---%20%3D1%2B1%20%E2%98%83%20")
    assert await response.read()


async def test_options_and_presets_reach_the_format(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    for choice in ({"option.guard": "off"}, {"preset": "bare"}):
        response = await client.get(URL, params=SPAN | choice | {"columns": "text"})
        assert (await response.text()).splitlines()[:2] == ["text", "=1+1"]


async def test_head_of_an_export_makes_no_file(aiohttp_client: AiohttpClient) -> None:
    made = room()
    client = await aiohttp_client(made.app)
    response = await client.head(URL)
    assert (response.status, response.headers["Allow"]) == (405, "GET")
    assert made.host.outcomes.empty()


def failing_at_once(_: Document) -> Iterable[bytes]:
    message = "nothing works"
    raise ValueError(message)


def failing_on_options(_: Document) -> Iterable[bytes]:
    message = "guard and glory don't go together"
    raise OptionError(message)


def leaving(document: Document) -> Iterator[bytes]:
    yield from (str(row).encode() for row in rows_of(document))
    raise SystemExit(3)


def exiting(_: Document) -> Iterator[bytes]:
    raise SystemExit(3)
    yield b""


@pytest.mark.parametrize(
    ("render", "status", "code", "detail"),
    [
        (failing_at_once, 500, "export_failed", "format 'bad' failed: ValueError: nothing works"),
        (failing_on_options, 400, "bad_option", "guard and glory don't go together"),
        (exiting, 500, "export_failed", "SystemExit"),
    ],
)
async def test_a_format_that_fails_first_is_a_proper_error(
    aiohttp_client: AiohttpClient, render: object, status: int, code: str, detail: str
) -> None:
    client = await aiohttp_client(room(format_of("bad", render)).app)
    response = await client.get(URL, params={"format": "bad"})
    said = problem(await response.text())
    assert (response.status, said["code"]) == (status, code)
    assert detail in str(said["detail"])
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "Content-Disposition" not in response.headers
    assert (await client.get(URL)).status == 200


def failing_after_three(gate: Gate) -> Format:
    def render(document: Document) -> Iterator[bytes]:
        rows = rows_of(document)
        for _ in range(3):
            next(rows)
            yield b"a row\n"
        gate.wait()
        message = "the fourth row is bad"
        raise ValueError(message)

    return format_of("bad", render)


async def test_a_format_that_fails_later_breaks_the_connection(
    aiohttp_client: AiohttpClient,
) -> None:
    gate = Gate()
    made = room(failing_after_three(gate))
    client = await aiohttp_client(made.app)
    with capture_logs() as logs:
        response = await client.get(URL, params={"format": "bad"})
        assert response.status == 200
        gate.open()
        with pytest.raises(ClientError):
            await response.read()
        outcome = await asyncio.to_thread(made.outcome)
    assert (outcome.status, outcome.bytes) == ("failed", 18)
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["export.error"]
    assert (await client.get(URL)).status == 200


async def test_leaving_the_program_while_it_renders_costs_one_export(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room(format_of("bad", leaving)).app)
    with pytest.raises(ClientError):
        await (await client.get(URL, params={"format": "bad"})).read()
    assert (await client.get(URL)).status == 200


async def by_http_1_0(client: Client, path: str, host: str = "127.0.0.1") -> tuple[str, bytes]:
    """Return the head and the body of an answer, as a client that knows no chunks gets them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
    head, _, body = (await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head.decode(), body


async def test_http_1_0_gets_the_finished_file_with_its_length(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room().app)
    modern = await (await client.get(URL, params={"days": "1"})).read()
    head, body = await by_http_1_0(client, f"{URL}?days=1")
    assert head.startswith("HTTP/1.0 200 OK")
    assert f"Content-Length: {len(modern)}" in head.splitlines()
    assert "Transfer-Encoding" not in head
    assert body == modern


async def test_http_1_0_gets_a_proper_error_where_the_format_fails_later(
    aiohttp_client: AiohttpClient,
) -> None:
    gate = Gate()
    gate.open()
    client = await aiohttp_client(room(failing_after_three(gate)).app)
    head, body = await by_http_1_0(client, f"{URL}?format=bad")
    assert head.startswith("HTTP/1.0 500")
    assert "Content-Disposition" not in head
    assert (
        problem(body.decode())["detail"] == "format 'bad' failed: ValueError: the fourth row is bad"
    )


def full(path: Path) -> IO[bytes]:
    path.touch()
    return Path("/dev/full").open("wb")


@pytest.mark.parametrize("is_modern", [True, False])
async def test_a_full_disk_is_no_space(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch, is_modern: bool
) -> None:
    monkeypatch.setattr("storj_monitor.exports.jobs.rendering.create", full)
    client = await aiohttp_client(room().app)
    if is_modern:
        response = await client.get(URL)
        assert response.status == 507
        body = await response.text()
    else:
        head, content = await by_http_1_0(client, URL)
        assert head.startswith("HTTP/1.0 507")
        body = content.decode()
    assert problem(body)["code"] == "no_space"
    monkeypatch.undo()
    assert (await client.get(URL)).status == 200


async def soon(made: Room) -> ExportOutcome:
    """Return how the next export ended, which is a matter of a second (see there)."""
    return await asyncio.wait_for(asyncio.to_thread(made.outcome), SOON_SECONDS)


async def test_a_client_that_goes_away_ends_the_export(aiohttp_client: AiohttpClient) -> None:
    made = room(format_of("endless", endless), exports=ExportSettings(workers=1, queue=0))
    client = await aiohttp_client(made.app)
    for _ in range(3):
        response = await client.get(URL, params={"format": "endless"})
        await response.content.readexactly(1_000)
        response.close()
        outcome = await soon(made)
        assert (outcome.status, outcome.error) == ("canceled", None)
    assert (await client.get(URL)).status == 200


async def test_a_client_that_goes_away_is_rid_of_a_format_that_does_not_hear_of_it(
    aiohttp_client: AiohttpClient,
) -> None:
    assert threads.CANCEL_SECONDS < PROMISED_SECONDS
    gate = Gate()

    def deaf(document: Document) -> Iterator[bytes]:
        yield from (str(row).encode() for row in rows_of(document))
        yield bytes(300_000)
        gate.wait()

    made = room(format_of("deaf", deaf), exports=ExportSettings(workers=1, queue=0))
    client = await aiohttp_client(made.app)
    response = await client.get(URL, params={"format": "deaf"})
    await response.content.readexactly(1_000)
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE_SECONDS)
    response.close()
    assert (await soon(made)).status == "canceled"
    # Its place is free, though it still waits there.
    assert (await client.get(URL)).status == 200
    gate.open()


async def test_a_client_that_goes_away_before_the_first_byte_ends_the_export(
    aiohttp_client: AiohttpClient,
) -> None:
    gate = Gate()

    def waiting(document: Document) -> Iterator[bytes]:
        gate.wait()
        yield from endless(document)

    made = room(format_of("waiting", waiting), exports=ExportSettings(workers=1, queue=0))
    client = await aiohttp_client(made.app)
    asking = asyncio.create_task(client.get(URL, params={"format": "waiting"}))
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE_SECONDS)
    asking.cancel()
    await asyncio.wait({asking})
    gate.open()
    assert (await soon(made)).status == "canceled"
    response = await client.get(URL)
    assert response.status == 200


def held(gate: Gate) -> Format:
    def render(_: Document) -> Iterator[bytes]:
        gate.wait()
        yield b"at last"

    return format_of("held", render)


async def test_the_server_answers_while_a_format_is_slow(aiohttp_client: AiohttpClient) -> None:
    gate = Gate()
    client = await aiohttp_client(room(held(gate), exports=ExportSettings(workers=1)).app)
    asking = asyncio.create_task(client.get(URL, params={"format": "held"}))
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE_SECONDS)
    assert (await client.get("/healthz")).status == 200
    assert not asking.done()
    gate.open()
    assert await (await asking).read() == b"at last"


async def test_exports_beyond_the_places_are_asked_to_come_back(
    aiohttp_client: AiohttpClient,
) -> None:
    gate = Gate()
    client = await aiohttp_client(room(held(gate), exports=ExportSettings(workers=1, queue=0)).app)
    asking = asyncio.create_task(client.get(URL, params={"format": "held"}))
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE_SECONDS)
    refused = await client.get(URL)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "5")
    assert problem(await refused.text()) == {
        "type": "about:blank",
        "title": "Busy",
        "status": 429,
        "detail": "1 export is running or waiting already",
        "code": "busy",
        "hint": "Ask again in a few seconds.",
        "request_id": refused.headers["X-Request-ID"],
    }
    gate.open()
    assert (await asking).status == 200
    await (await asking).read()
    assert (await client.get(URL)).status == 200


async def test_an_export_waits_for_a_worker(aiohttp_client: AiohttpClient) -> None:
    gate = Gate()
    client = await aiohttp_client(room(held(gate), exports=ExportSettings(workers=1, queue=1)).app)
    first = asyncio.create_task(client.get(URL, params={"format": "held"}))
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE_SECONDS)
    second = asyncio.create_task(client.get(URL))
    gate.open()
    assert [(await response).status for response in (first, second)] == [200, 200]


async def test_a_format_that_hangs_is_ended_and_its_worker_replaced(
    aiohttp_client: AiohttpClient,
) -> None:
    gate = Gate()
    settings = ExportSettings(workers=1, queue=0, stall_seconds=1)
    client = await aiohttp_client(room(held(gate), exports=settings).app)
    response = await client.get(URL, params={"format": "held"})
    assert response.status == 500
    assert problem(await response.text())["detail"] == (
        "format 'held' gave nothing for 1 seconds and was ended"
    )
    assert (await client.get(URL)).status == 200
    gate.open()


async def test_a_format_that_hangs_later_breaks_the_connection(
    aiohttp_client: AiohttpClient,
) -> None:
    gate = Gate()
    client = await aiohttp_client(
        room(failing_after_three(gate), exports=ExportSettings(stall_seconds=1)).app
    )
    response = await client.get(URL, params={"format": "bad"})
    with pytest.raises(ClientError):
        await response.read()
    gate.open()


async def test_a_search_that_finds_nothing_for_long_is_no_hang(
    aiohttp_client: AiohttpClient,
) -> None:
    def searching(_: Reader, __: Query) -> Iterator[pa.RecordBatch]:
        for _beat in range(25):
            sleep(0.1)
            yield pa.RecordBatch.from_pylist([], schema=arrow_schema(COLUMNS))

    numbers = replace(NUMBERS, rows=None, batches=searching)
    settings = ExportSettings(stall_seconds=2)
    made = room(catalogue=catalogue_of([numbers]), exports=settings)
    response = await (await aiohttp_client(made.app)).get(URL)
    assert await response.text() == "timestamp|text|number\n"
