"""Asks the endpoints of one node: each alone, or several, of which a few at once."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from storj_monitor.collect.node_api.address import Address
from storj_monitor.collect.node_api.findings import decoded
from storj_monitor.collect.node_api.readings import NodeApiError
from storj_monitor.collect.node_api.transport import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp import ClientSession
    from msgspec.json import Decoder

    from storj_monitor.collect.node_api.transport import TimeLimits

_Reply = TypeVar("_Reply")
#: A node answers each with many queries of its databases, which share a disk with the pieces.
_AT_ONCE = 2


class Deadline:
    """Until when all of a reading must be done, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self.at = asyncio.get_running_loop().time() + seconds
        self._seconds = seconds

    def missed(self) -> NodeApiError:
        """Return why something was not asked, or not to its end."""
        return NodeApiError(
            f"no time was left: all of a reading may take {self._seconds:g} s",
            "The node is busy or hangs: look into its log, and at its disk.",
        )


class Endpoints:
    """The endpoints of the API at `url`."""

    def __init__(self, session: ClientSession, url: str, limits: TimeLimits) -> None:
        self._session = session
        self._url = url
        self._limits = limits

    async def get(self, path: str, decoder: Decoder[_Reply]) -> _Reply:
        """Return what an endpoint answers. Raises NodeApiError."""
        address = Address.parse(self._url)
        return decoded(await fetch(self._session, address, path, self._limits), decoder)

    async def get_each(
        self, paths: Iterable[str], decoder: Decoder[_Reply], deadline: Deadline
    ) -> dict[str, _Reply | NodeApiError]:
        """Return what endpoints answer, or why they don't, by path and in the order given."""
        given = tuple(paths)
        waiting = deque(given)
        answers: dict[str, _Reply | NodeApiError] = {}

        async def ask() -> None:
            while waiting:
                path = waiting.popleft()
                try:
                    reply = await self.get(path, decoder)
                except NodeApiError as error:
                    answers[path] = error
                else:
                    answers[path] = reply

        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline.at), asyncio.TaskGroup() as group:
                for _ in range(_AT_ONCE):
                    group.create_task(ask())
        return {path: answers.get(path, deadline.missed()) for path in given}
