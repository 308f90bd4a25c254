"""Telling those who look at the page that something has changed, by server-sent events."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storj_monitor.web.overview.current import Current

#: A busy log is written to all the time: nobody can look at more than this.
LOOK_SECONDS = 3.0
#: Proxies end what is silent for long.
HEARTBEAT_SECONDS = 15.0
#: Each has a connection of its own.
MOST_CLIENTS = 64


class Watch:
    """Looks at the overview while anybody listens, once for all of them."""

    def __init__(
        self,
        current: Current,
        look_seconds: float = LOOK_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        most_clients: int = MOST_CLIENTS,
    ) -> None:
        self._current = current
        self._look_seconds = look_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._most_clients = most_clients
        self._clients = 0
        self._version = ""
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_over = False

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Answer an event whenever the overview has changed, and the first one at once.

        A client that was here before says what it saw last, and isn't told of that again.
        """
        if self._clients >= self._most_clients:
            hint = "Close a page of this server, or ask GET /api/overview from time to time."
            raise Problem("busy", f"{self._clients} listen already", hint)
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: "text/event-stream",
                hdrs.CACHE_CONTROL: "no-store",
                "X-Accel-Buffering": "no",  # or nginx keeps the events to itself
            }
        )
        self._clients += 1
        try:
            await response.prepare(request)
            async for version in self._versions(request.headers.get("Last-Event-ID", "")):
                await response.write(_event(version))
        except ConnectionResetError:
            pass  # the page was closed
        finally:
            self._clients -= 1
            if not self._clients:
                self._rest()
        return response

    async def end(self, _: web.Application) -> None:
        """Let everybody go: the server ends."""
        self._is_over = True
        self._changed.set()
        task = self._task
        self._rest()
        if task is not None:
            with suppress(asyncio.CancelledError):
                await task

    async def _versions(self, seen: str) -> AsyncIterator[str | None]:
        """Yield the version whenever it is another, and None when there was none for a while."""
        if self._task is None:
            self._task = asyncio.create_task(self._look())
        while not self._is_over:
            changed = self._changed
            if self._version and self._version != seen:
                seen = self._version
                yield seen
            try:
                async with asyncio.timeout(self._heartbeat_seconds):
                    await changed.wait()
            except TimeoutError:
                yield None

    async def _look(self) -> None:
        """Look from time to time, and wake those who wait where something has changed."""
        while True:
            overview = await self._current.now()
            # What can't be read has no version of its own, and is a change as well.
            if (version := overview.version) != self._version:
                self._version = version
                self._changed.set()
                self._changed = asyncio.Event()
            await asyncio.sleep(self._look_seconds)

    def _rest(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._version = ""


def _event(version: str | None) -> bytes:
    if version is None:
        return b": still here\n\n"
    return f"id: {version}\nevent: changed\ndata: {version}\n\n".encode()
