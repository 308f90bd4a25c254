"""Who is taken on: so many exports at once, running or waiting, and half of them for one client."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storj_monitor.settings import ExportSettings

#: A burst of small exports is over in a moment: who finds no place waits so long for one.
_PATIENCE_SECONDS = 2.0
#: Who waits for one of their own is in nobody's way: with half the places, twice as long.
_OWN_PATIENCE_SECONDS = 4.0
_HINT = "Ask again in a few seconds."
_OWN_HINT = (
    "Ask again when one of them has ended, or cancel one. Clients behind a proxy are one client, "
    "unless web.trusted_proxies names it."
)


class Seats:
    """The places of exports, given in the order in which they are asked for.

    async with seats.taken("token 192.0.2.7"):
        ...
    """

    def __init__(self, settings: ExportSettings) -> None:
        self._most = settings.workers + settings.queue
        #: Enough for all workers to be busy, and for one more to wait.
        self._most_of_one = max(settings.workers + 1, self._most // 2)
        self._all = asyncio.Semaphore(self._most)
        # A client's go when nobody holds or awaits one of them any more.
        self._own: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, client: str, *, is_patient: bool = False) -> AsyncIterator[None]:
        """Hold a place while the block runs; raise Problem busy where none becomes free in time.

        Who is patient waits as long as it takes, and for a place of anybody's.
        """
        if is_patient:
            async with self._all:
                yield
            return
        own = self._own.setdefault(client, asyncio.Semaphore(self._most_of_one))
        async with (
            _held(own, _OWN_PATIENCE_SECONDS, _own_busy(self._most_of_one)),
            _held(self._all, _PATIENCE_SECONDS, _busy(self._most)),
        ):
            yield


@asynccontextmanager
async def _held(seats: asyncio.Semaphore, seconds: float, busy: Problem) -> AsyncIterator[None]:
    """Hold one of the seats while the block runs; raise `busy` if there is none for so long."""
    try:
        async with asyncio.timeout(seconds):
            await seats.acquire()
    except TimeoutError as error:
        raise busy from error
    try:
        yield
    finally:
        seats.release()


def _busy(most: int) -> Problem:
    exports = "1 export is" if most == 1 else f"{most} exports are"
    return Problem("busy", f"{exports} running or waiting already", _HINT)


def _own_busy(most: int) -> Problem:
    detail = f"{most} exports of yours are running or waiting already: one client may have no more"
    return Problem("busy", detail, _OWN_HINT)
