"""What was begun is sent to its end, or the connection breaks; and each time has its entry."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING, NoReturn

import pytest
from aiohttp import ClientError, web
from structlog.testing import capture_logs

from storj_monitor.errors import Problem
from storj_monitor.settings import ExportSettings
from storj_monitor.web.keys import RECORDED, RUNNER
from storj_monitor.web.problems import problems
from storj_monitor.web.sending import note_begun
from storj_monitor.web.server import listening
from tests.web.rooms import format_of, problem, room
from tests.web.test_downloads import SPAN, URL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.exports.jobs.spool import Kept
    from storj_monitor.plugin import Document
    from tests.web.rooms import Room


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, made: Room, change: Callable[[Kept], object]
) -> None:
    """Let something happen to a finished file between a look at it and its opening."""
    runner = made.app[RUNNER]

    async def kept(id_: str) -> Kept | None:
        found = await asyncio.to_thread(runner.spool.kept, id_)
        if found is not None:
            change(found)
        return found

    monkeypatch.setattr(runner, "kept", kept)


def remove(kept: Kept) -> None:
    kept.data.unlink()


def cut(kept: Kept) -> None:
    os.truncate(kept.data, 5)


async def test_a_file_that_vanishes_before_it_is_opened_is_not_found(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = room()
    client = await aiohttp_client(made.app)
    first = await client.get(URL, params=SPAN)
    await first.read()
    meanwhile(monkeypatch, made, remove)
    again = await client.get(first.headers["Content-Location"])
    assert (again.status, problem(await again.text())["code"]) == (404, "not_found")
    await asyncio.to_thread(made.app[RECORDED].close)
    assert len(made.store.written.begun) == 1


async def test_a_part_of_a_file_that_vanishes_is_the_whole_of_a_new_one(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = room()
    client = await aiohttp_client(made.app)
    first = await client.get(URL, params=SPAN)
    body = await first.read()
    meanwhile(monkeypatch, made, remove)
    again = await client.get(URL, params=SPAN, headers={"Range": "bytes=5-"})
    assert (again.status, await again.read()) == (200, body)
    assert again.headers["ETag"] != first.headers["ETag"]


async def test_a_file_that_ends_too_early_breaks_the_connection(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = room()
    client = await aiohttp_client(made.app)
    first = await client.get(URL, params=SPAN)
    size = len(await first.read())
    meanwhile(monkeypatch, made, cut)
    with capture_logs() as logs:
        again = await client.get(first.headers["Content-Location"])
        assert (again.status, again.content_length) == (200, size)
        with pytest.raises(ClientError):
            await again.read()
        await asyncio.to_thread(made.app[RECORDED].close)
    assert [entry["event"] for entry in logs] == ["export.unsent"]
    *_, ended = made.store.written.ended.values()
    error = f"EOFError: the file ends {size - 5} bytes too early"
    assert (ended["status"], ended["bytes"], ended["error"]) == ("failed", 5, error)


@pytest.mark.parametrize("error", [Problem("not_found", "gone"), web.HTTPFound("/"), KeyError()])
async def test_an_answer_that_was_begun_is_never_followed_by_another(error: Exception) -> None:
    async def half(request: web.Request) -> NoReturn:
        response = web.StreamResponse()
        response.content_length = 1_000
        await response.prepare(request)
        await response.write(b"half")
        raise error

    app = web.Application(middlewares=[problems])
    app.on_response_prepare.append(note_begun)
    app.router.add_get("/", half)
    with capture_logs() as logs:
        async with listening(app, "127.0.0.1", 0) as url:
            reader, writer = await asyncio.open_connection(*url[7:-1].split(":"))
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            with suppress(ConnectionError):  # a reset is as good an end
                while chunk := await reader.read(65_536):
                    received += chunk
            writer.close()
    assert received.count(b"HTTP/1.1") <= 1
    assert b"Content-Type: application/problem+json" not in received
    assert [entry["event"] for entry in logs] == ["request.failed"]


async def test_each_time_that_a_file_is_sent_again_has_its_entry(
    aiohttp_client: AiohttpClient,
) -> None:
    made = room()
    client = await aiohttp_client(made.app)
    first = await client.get(URL, params=SPAN | {"node": "alpha"})
    size = len(await first.read())
    place = first.headers["Content-Location"]
    whole = await client.get(place, headers={"X-Request-ID": "once-more"})
    assert len(await whole.read()) == size
    for path in (place, first.url.relative()):
        await (await client.get(path, headers={"Range": "bytes=0-9"})).read()
    # Nothing of the file was sent by these.
    await client.head(place)
    await client.get(place, headers={"Range": f"bytes={size}-"})
    await asyncio.to_thread(made.app[RECORDED].close)

    new, *again = made.store.written.begun.values()
    ended = made.store.written.ended
    assert (new.again_of, ended[new.id]["rows"], ended[new.id]["bytes"]) == (None, 12, size)
    part = f"bytes 0-9/{size}"
    assert [(entry.again_of, entry.part) for entry in again] == [
        (new.id, None),
        (new.id, part),
        (new.id, part),
    ]
    assert [ended[entry.id]["bytes"] for entry in again] == [size, 10, 10]
    assert {(ended[entry.id]["status"], ended[entry.id]["rows"]) for entry in again} == {
        ("done", None)
    }
    assert again[0].request_id == "once-more"
    for entry in again:
        assert (entry.who, entry.subject, entry.format) == ("loopback 127.0.0.1", "numbers", "csv")
        assert (entry.nodes, entry.columns) == (("alpha",), new.columns)


async def test_a_client_that_reads_slowly_but_steadily_gets_all_of_it() -> None:
    def large(_: Document) -> Iterator[bytes]:
        yield from (bytes(1_000_000) for _ in range(20))

    made = room(format_of("large", large), exports=ExportSettings(workers=1, client_seconds=3))
    with capture_logs() as logs:
        async with listening(made.app, "127.0.0.1", 0) as url:
            host, _, port = url[7:-1].partition(":")
            received = await asyncio.to_thread(slowly, host, int(port))
    assert received.endswith(b"\r\n0\r\n\r\n")
    assert len(received) > 20_000_000
    assert "client.dropped" not in [entry["event"] for entry in logs]


def slowly(host: str, port: int) -> bytes:
    """Read for longer than a client may take nothing, but little at a time; then the rest."""
    received = b""
    with socket.create_connection((host, port)) as asking:
        asking.sendall(
            f"GET {URL}?format=large HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        )
        for _ in range(60):
            received += asking.recv(8_192)
            sleep(0.1)
        while chunk := asking.recv(1 << 20):
            received += chunk
    return received
