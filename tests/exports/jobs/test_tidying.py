from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from storj_monitor.exports.jobs.spool import create
from storj_monitor.exports.jobs.tidying import tidied
from storj_monitor.web.keys import RUNNER
from storj_monitor.web.server import listening
from tests.exports.jobs.places import PATIENCE_SECONDS
from tests.exports.jobs.test_spool import FIRST, SECOND, THIRD, kept, names, spool_of
from tests.web.rooms import room

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from storj_monitor.exports.jobs.spool import Spool

LEFT = [f"{SECOND}.data", f"{SECOND}.json"]


def filled(spool: Spool) -> None:
    """Put there what is too old, what isn't, and what a dead writer left."""
    kept(spool, FIRST, hours_ago=25)
    kept(spool, SECOND, hours_ago=23)
    create(spool.part(THIRD)).close()
    a_minute_ago = time.time() - 60
    os.utime(spool.part(THIRD), (a_minute_ago, a_minute_ago))


async def tidy(spool: Spool) -> None:
    """Wait until nothing is left but what is kept."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while names(spool) != LEFT:  # noqa: ASYNC110  what is waited for is on the disk
            await asyncio.sleep(0.01)


async def test_what_is_old_goes_at_once_and_again_and_again(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    filled(spool)
    async with tidied(spool, every_seconds=0.01):
        await tidy(spool)
        for name in LEFT:
            (spool.folder / name).unlink()
        filled(spool)
        await tidy(spool)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_can_not_be_tidied_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = spool_of(tmp_path)
    filled(spool)
    with capture_logs() as logs, monkeypatch.context() as broken:
        broken.setattr(spool, "tidy", lambda: 1 / 0)
        async with tidied(spool, every_seconds=0.01), asyncio.timeout(PATIENCE_SECONDS):
            while len(logs) < 2:  # noqa: ASYNC110  the log tells nobody
                await asyncio.sleep(0.01)
            broken.undo()
            await tidy(spool)
    assert logs[0]["event"] == "spool.not_tidied"
    assert logs[0]["error"] == "division by zero"


async def test_a_server_that_nobody_asks_for_anything_keeps_nothing_for_longer() -> None:
    app = room().app
    filled(app[RUNNER].spool)
    async with listening(app, "127.0.0.1", 0):
        await tidy(app[RUNNER].spool)
