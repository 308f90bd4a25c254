"""Opening files beside the event loop."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


@asynccontextmanager
async def opened(open_: Callable[[], IO[bytes]]) -> AsyncIterator[IO[bytes]]:
    """Give the file that `open_` opens in a thread, and close it; raise what `open_` raises.

    A thread can't be cancelled: the file of one that nobody waits for any more is closed as well.
    """
    # No task: the end of the loop would cancel that, and leave its file open.
    opening = asyncio.get_running_loop().run_in_executor(None, open_)
    try:
        file = await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close)
        raise
    with file:
        yield file


def _close(opening: asyncio.Future[IO[bytes]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
