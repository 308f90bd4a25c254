"""A node of which nothing can be read: the reason, and what would work."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver

from storj_monitor.collect.node_api import NodeApi, NodeApiError
from tests.collect.node_api import fake_node
from tests.collect.node_api.fake_node import DASHBOARD, says

if TYPE_CHECKING:
    from aiohttp.abc import ResolveResult

    from tests.collect.node_api.fake_node import FakeNode, Fault


async def refusal(session: ClientSession, url: str) -> NodeApiError:
    with pytest.raises(NodeApiError) as raised:
        await NodeApi(session, url).read()
    assert str(raised.value) == raised.value.reason
    return raised.value


FAILED: list[tuple[Fault, str, str]] = [
    (fake_node.web_page, "{node} answers with a web page instead of JSON", "http://127.0.0.1"),
    (fake_node.untrusted, "{node} answers with HTTP status 404: trust", "http://127.0.0.1"),
    (fake_node.broken, "{node} answers with HTTP status 500: consoleapi", "look into its log"),
    (says(b"", status=401), "{node} answers with HTTP status 401", "USER:PASSWORD@HOST"),
    (fake_node.empty, "the answer is empty", "look into its log"),
    (says({}), "the answer is JSON, but not that of a storagenode", "http://127.0.0.1"),
    (says({"nodeID": None}), "the answer is JSON, but not that of a", "http://127.0.0.1"),
    (says([{}]), "the answer is JSON, but not that of a storagenode", "another program"),
    (fake_node.not_a_number, "the answer is no JSON", "another program"),
    (fake_node.huge, "the answer is larger than 16 MB", "http://127.0.0.1:14002"),
    (fake_node.half, "{node} broke the connection", "not the one for satellites"),
    (fake_node.hang_up, "{node} broke the connection", "not the one for satellites"),
    (fake_node.redirect_to("http://evil.example/"), "{node} redirects to another", "If that"),
]


@pytest.mark.parametrize(
    ("fault", "reason", "hint"),
    FAILED,
)
async def test_the_dashboard_itself_fails(
    session: ClientSession, node: FakeNode, fault: Fault, reason: str, hint: str
) -> None:
    node.faults["*"] = fault
    found = await refusal(session, node.url)
    assert found.reason.startswith(reason.format(node=node.url.removeprefix("http://")))
    assert hint in found.hint
    assert set(node.asked) == {f"GET {DASHBOARD}"}


@pytest.mark.parametrize("fault", [fake_node.hang, fake_node.drip])
async def test_the_dashboard_takes_too_long(
    session: ClientSession, node: FakeNode, fault: Fault
) -> None:
    node.faults[DASHBOARD] = fault
    with pytest.raises(NodeApiError) as raised:
        await NodeApi(session, node.url, reading_seconds=0.2).read()
    shown = node.url.removeprefix("http://")
    assert raised.value.reason == f"{shown} gives no whole answer within 0.2 s"
    assert "look into its log" in raised.value.hint


async def test_nothing_listens(session: ClientSession, unused_tcp_port: int) -> None:
    found = await refusal(session, f"http://127.0.0.1:{unused_tcp_port}")
    assert found.reason == f"nothing listens at 127.0.0.1:{unused_tcp_port}"
    assert "In Docker" in found.hint


class Names(AbstractResolver):
    """Knows no name at all, and says so at once or never."""

    def __init__(self, *, never: bool) -> None:
        self._never = never

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if self._never:
            await asyncio.Event().wait()
        raise OSError(port, family.name, host)

    async def close(self) -> None:
        pass


async def test_the_host_is_unknown() -> None:
    async with ClientSession(connector=TCPConnector(resolver=Names(never=False))) as session:
        found = await refusal(session, "http://nas.invalid:14002")
    assert found.reason == "the host nas.invalid is not known"
    assert found.hint.startswith("Check the host's name")


async def test_there_is_no_connection_in_time() -> None:
    async with ClientSession(connector=TCPConnector(resolver=Names(never=True))) as session:
        with pytest.raises(NodeApiError) as raised:
            await NodeApi(session, "http://nas.invalid:14002", connect_seconds=0.1).read()
    assert raised.value.reason == "there is no connection to nas.invalid:14002 within 0.1 s"
    assert "firewall" in raised.value.hint


async def test_https_is_asked_of_a_node_that_speaks_http(
    session: ClientSession, node: FakeNode
) -> None:
    found = await refusal(session, node.url.replace("http://", "https://"))
    assert found.reason.endswith("gives no valid secure connection")
    assert "answers http://" in found.hint


async def test_another_protocol_answers(session: ClientSession) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        found = await refusal(session, f"http://{host}:{port}")
    assert found.reason == f"{host}:{port} answers, but not in usable HTTP"
    assert "http://127.0.0.1:14002" in found.hint


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "begins with neither http:// nor https://"),
        ("127.0.0.1:14002", "begins with neither http:// nor https://"),
        ("localhost:14002", "begins with neither http:// nor https://"),
        ("file:///etc/passwd", "begins with neither http:// nor https://"),
        ("ftp://user:hush@nas", "begins with neither http:// nor https://"),
        ("http://", "has no usable host and port"),
        ("http://:14002", "has no usable host and port"),
        ("http://user:hush@:14002", "has no usable host and port"),
        ("http://nas:0", "has no usable host and port"),
        ("http://nas:65536", "has no usable host and port"),
        ("http://nas:hush", "has no usable host and port"),
        ("http://[::1", "has no usable host and port"),
        ("http://n\u00e4s..lan", "has no usable host and port"),
        ("http://nas:14002/?token=hush", "has a question mark in it"),
        ("http://na s:14002", "is too long, or has a character that no address has"),
        ("http://nas\n:14002", "is too long, or has a character that no address has"),
        ("http://nas\\@evil:14002", "is too long, or has a character that no address has"),
        ("http://" + "n" * 2_000, "is too long, or has a character that no address has"),
    ],
)
async def test_an_address_is_none(session: ClientSession, url: str, reason: str) -> None:
    found = await refusal(session, url)
    assert found.reason == f"the address {reason}"
    assert "as in http://127.0.0.1:14002" in found.hint
    assert "hush" not in found.reason + found.hint


async def test_no_reason_shows_a_login(session: ClientSession, node: FakeNode) -> None:
    url = node.url.replace("http://", "http://operator:hush@")
    for fault, _, _ in FAILED:
        node.faults["*"] = fault
        found = await refusal(session, url)
        assert "hush" not in found.reason + found.hint
        assert "operator" not in found.reason + found.hint
