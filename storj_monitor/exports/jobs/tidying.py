"""Keeps to the age of finished files on a server that nobody asks for new ones."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from storj_monitor.logs import log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storj_monitor.exports.jobs.spool import Spool

_EVERY_SECONDS = 3600.0


@asynccontextmanager
async def tidied(spool: Spool, every_seconds: float = _EVERY_SECONDS) -> AsyncIterator[None]:
    """Remove now and every hour what is too old, and what the dead left, while the block runs.

    Where that can't be done, it is tried again the next time.
    """
    task = asyncio.create_task(_tidy(spool, every_seconds))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _tidy(spool: Spool, every_seconds: float) -> None:
    while True:
        try:
            await asyncio.to_thread(spool.tidy)
        except Exception as error:  # noqa: BLE001  whatever it is, the server goes on
            log().warning("spool.not_tidied", error=str(error))
        await asyncio.sleep(every_seconds)
