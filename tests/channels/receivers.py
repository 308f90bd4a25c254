"""Receivers of webhooks, on ports of this machine."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

#: Stands in the path of each URL, as the key does in those of Discord and Slack.
KEY = "k3y-of-the-webhook"


@dataclass
class Receiver:
    """Answers with a status, and keeps what was posted."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = "ok"
    requests: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        self.bodies.append(await request.read())
        return web.Response(status=self.status, headers=self.headers, text=self.text)

    @property
    def parts(self) -> list[tuple[object, str | None, str, Any]]:
        """Name, file name, media type and content of each part of the form."""
        head = f"Content-Type: {self.requests[-1].headers['Content-Type']}\r\n\r\n".encode()
        form = message_from_bytes(head + self.bodies[-1], policy=policy.HTTP)
        return [
            (
                part.get_param("name", header="content-disposition"),
                part.get_filename(),
                part.get_content_type(),
                part.get_payload(decode=True),
            )
            for part in form.iter_parts()
        ]

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Serve as long as the `with` lasts; gives the URL."""
        app = web.Application(client_max_size=100_000_000)
        app.router.add_route("*", "/{path:.*}", self.answer)
        async with TestServer(app) as server:
            yield str(server.make_url(f"/hooks/{KEY}"))


@asynccontextmanager
async def rude_receiver(reads: int | None, *, hangs: bool = False) -> AsyncIterator[str]:
    """Take so many bytes of the body, or all of them, and break off, or say nothing more."""
    async with _receiver(reads, b"", hangs=hangs) as url:
        yield url


@asynccontextmanager
async def stalling_receiver(head: str, *, hangs: bool = True) -> AsyncIterator[str]:
    """Take the body, answer with a status and headers, and never give the text they promise."""
    answer = f"HTTP/1.1 {head}\r\nContent-Length: 10\r\n\r\n".encode()
    async with _receiver(None, answer, hangs=hangs) as url:
        yield url


@asynccontextmanager
async def _receiver(reads: int | None, says: bytes, *, hangs: bool) -> AsyncIterator[str]:
    may_end = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
        await reader.readexactly(length if reads is None else reads)
        if says:
            writer.write(says)
            await writer.drain()
        if hangs:
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's has it
            await may_end.wait()
        if says:
            writer.close()
        else:
            writer.transport.abort()

    talks: list[Any] = []

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.ensure_future(talk(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks/{KEY}"
        may_end.set()
        await asyncio.gather(*talks)
