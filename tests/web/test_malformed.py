"""Whatever is sent to the port is answered as a problem, and nothing of it is logged."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import NoReturn

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from storj_monitor.web.malformed import Runner
from storj_monitor.web.server import listening
from tests.web.rooms import PATIENCE_SECONDS, problem, room

SECRET = b"a-token-of-the-tests"
NO_HTTP = "this is no valid HTTP"
TOO_LONG = "a line of the request is too long"
REQUESTS = {
    "a long query": (b"GET /?" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", TOO_LONG),
    "a long header": (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", TOO_LONG),
    "raw bytes": (b"GET /\xff\x00 HTTP/1.1\r\nHost: x\r\n\r\n", NO_HTTP),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", NO_HTTP),
    "no address": (b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n", NO_HTTP),
    "a token with a NUL": (
        b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + SECRET + b"\0\r\n\r\n",
        NO_HTTP,
    ),
    "encrypted": (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", NO_HTTP),
}


async def asked(url: str, sent: bytes) -> tuple[str, dict[str, str], str]:
    """Send raw bytes; return the status line, the headers and the body."""
    port = int(url.rstrip("/").rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(PATIENCE_SECONDS):
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    status, *lines = head.split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize(("sent", "detail"), REQUESTS.values(), ids=REQUESTS)
async def test_what_is_no_http_is_a_problem(
    sent: bytes, detail: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        async with listening(room().app, "127.0.0.1", 0) as url:
            status, headers, body = await asked(url, sent)
    said = problem(body)
    assert status.endswith(" 400 Bad Request")
    assert (said["status"], said["code"]) == (400, "bad_request")
    assert said["detail"] == detail
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["X-Request-ID"] == said["request_id"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    [entry] = logs
    assert (entry["event"], entry["request_id"]) == ("request.malformed", said["request_id"])
    assert SECRET.decode() not in caplog.text + str(logs)


@pytest.mark.parametrize("path", ["/healthz", "/nowhere"])
async def test_what_can_not_be_expected_is_a_problem(path: str) -> None:
    sent = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\nConnection: close\r\n\r\n"
    async with listening(room().app, "127.0.0.1", 0) as url:
        status, headers, body = await asked(url, sent.encode())
    said = problem(body)
    assert status == "HTTP/1.1 400 Bad Request"
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert said["detail"] == "the header Expect asks for something that isn't known here"


async def test_what_fails_beside_the_application_is_a_problem_too() -> None:
    async def fail(_: web.Request) -> NoReturn:
        message = "inner words"
        raise RuntimeError(message)

    app = web.Application()
    app.router.add_get("/healthz", fail)
    with capture_logs() as logs:
        async with listening(app, "127.0.0.1", 0) as url:
            request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
            status, _, body = await asked(url, request)
    assert status.endswith(" 500 Internal Server Error")
    assert json.loads(body)["detail"] == "the server failed"
    assert "inner words" not in body
    assert [entry["event"] for entry in logs] == ["request.failed"]


@pytest.mark.parametrize("path", ["/healthz", "/api/reports/generate"])
async def test_a_body_that_can_not_be_read_leaves_no_traceback_in_the_log(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "aiohttp")
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n"
    sent = f"{head}Content-Length: 5\r\nConnection: close\r\n\r\nhello"
    with capture_logs() as logs:
        async with listening(room().app, "127.0.0.1", 0) as url:
            status, _, _ = await asked(url, sent.encode())
    assert status.split()[1].startswith("4")
    assert caplog.text == ""
    assert [entry["event"] for entry in logs if "exc_info" in entry] == []


async def test_what_fails_between_requests_is_a_line_of_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> NoReturn:
        message = "a surprise"
        raise RuntimeError(message)

    monkeypatch.setattr(web.StreamResponse, "write_eof", fail)
    with capture_logs() as logs:
        async with listening(room().app, "127.0.0.1", 0) as url:
            await asked(url, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert "a surprise" in [str(entry.get("exc_info")) for entry in logs]
    assert caplog.text == ""


def test_its_runner_takes_what_that_of_aiohttp_takes() -> None:
    runner = Runner(room().app, handler_cancellation=True, access_log=None, shutdown_timeout=1)
    assert runner.server is None
