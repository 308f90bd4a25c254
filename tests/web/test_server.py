from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from storj_monitor.errors import OperatorError
from storj_monitor.settings import WebSettings
from storj_monitor.web.server import check_address, listening, serve
from tests.web.rooms import endless, format_of, room

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


async def test_any_free_port_is_taken_and_named() -> None:
    async with listening(room().app, "127.0.0.1", 0) as url, ClientSession() as session:
        assert not url.endswith(":0/")
        async with session.get(f"{url}healthz") as response:
            assert response.status == 200


async def test_a_wildcard_is_named_as_an_address_to_go_to() -> None:
    async with listening(room().app, "0.0.0.0", 0) as url:
        assert url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("host", "port", "reason", "hint"),
    [
        ("192.0.2.1", 0, "'192.0.2.1' is no address of this machine", "--host 127.0.0.1"),
        ("no.such.host.invalid", 0, "is no address of this machine", "--host 127.0.0.1"),
        ("x" * 300, 0, "is no address of this machine", "--host 127.0.0.1"),
        ("127.0.0.1", 70_000, "there is no port 70000", "--port 0"),
        ("127.0.0.1", -1, "there is no port -1", "--port 0"),
    ],
)
def test_an_address_that_can_not_be_used_is_refused(
    host: str, port: int, reason: str, hint: str
) -> None:
    with pytest.raises(OperatorError) as refused:
        serve(room().app, host, port, insecure=True)
    assert reason in refused.value.reason
    assert hint in refused.value.hint


def test_a_port_in_use_is_refused(taken_port: int) -> None:
    with pytest.raises(OperatorError) as refused:
        serve(room().app, "127.0.0.1", taken_port)
    assert refused.value.reason == f"port {taken_port} on 127.0.0.1 is in use already"
    assert "--port 0" in refused.value.hint


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "nas.local"])
def test_others_are_not_let_in_without_a_token(host: str) -> None:
    with pytest.raises(OperatorError) as refused:
        serve(room().app, host, 0)
    assert "there is no token" in refused.value.reason
    assert "STORJ_MONITOR_TOKEN" in refused.value.hint
    assert "--insecure" in refused.value.hint
    check_address(room().app, host, insecure=True)
    check_address(room(web=WebSettings(token="secret")).app, host, insecure=False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.5.5.5", "::1"])
def test_loopback_needs_no_token(host: str) -> None:
    check_address(room().app, host, insecure=False)


async def test_the_end_of_the_server_is_the_end_of_its_exports() -> None:
    made = room(format_of("endless", endless))
    async with ClientSession() as session:
        async with listening(made.app, "127.0.0.1", 0) as url:
            response = await session.get(f"{url}api/export/eternal?format=endless&days=1")
            await response.content.readexactly(1_000)
            response.close()
        assert (await asyncio.to_thread(made.outcome)).status == "canceled"


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server(name: signal.Signals) -> None:
    told = []

    def stop(url: str) -> None:
        told.append(url)
        os.kill(os.getpid(), name)

    serve(room().app, "127.0.0.1", 0, announce=stop)
    assert told[0].startswith("http://127.0.0.1:")


def test_what_nobody_was_left_to_hear_of_is_a_line_of_the_log() -> None:
    error = RuntimeError("a surprise")

    def lose(_: str) -> None:
        context = {"message": "Task exception was never retrieved", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
        os.kill(os.getpid(), signal.SIGTERM)

    with capture_logs() as logs:
        serve(room().app, "127.0.0.1", 0, announce=lose)
    [entry] = [entry for entry in logs if entry["event"] == "server.error"]
    assert entry["about"] == "Task exception was never retrieved"
    assert entry["exc_info"] is error
