"""Processes that run what is due and end at a step, as by kill -9; `python -m` is their mother.

A line of standard input is `database seconds steps port`: how much later than due it is, after how
many steps the process ends (0: it doesn't), and where the receiver listens. The answer is its exit
code. The mother has done it all once, so that nothing is left to be imported, and has no threads.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from storj_monitor.plugin import UncertainDelivery
from storj_monitor.schedules.runs import run_due
from storj_monitor.store import Store
from tests.schedules.offices import Office, settings_of

if TYPE_CHECKING:
    from storj_monitor.plugin import Parcel

KILLED = 86


class Reaper:
    """Ends the process when so many steps were taken; never for 0."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def __call__(self, _: str) -> None:
        self._left -= 1
        if self._left == 0:
            os._exit(KILLED)


async def post(parcel: Parcel, port: int, reaper: Reaper) -> None:
    """Hand a parcel to the receiver; the process may end before, in the middle and after."""
    reaper("connecting")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    reaper("connected")
    writer.write(f"{parcel.idempotency_key} {parcel.recipient}\n".encode())
    await writer.drain()
    reaper("handed over")
    answer = await reader.readline()
    writer.close()
    if not answer:
        message = "no answer"
        raise UncertainDelivery(message)
    reaper("accepted")


async def run(database: Path, later_seconds: float, reaper: Reaper, port: int) -> None:
    """Send what is due."""
    office = Office(Store(database), settings=settings_of(lease_seconds=30))
    office.clock.pass_(seconds=later_seconds)
    office.post.before = lambda parcel: post(parcel, port, reaper)
    await send(office, at_step=reaper)


async def send(office: Office, **changes: Any) -> None:
    """Send what is due there."""
    async with office.work(**changes) as work:
        await run_due(work)


def child_of(line: str) -> int:
    """Let a child do what a line says, and return its exit code."""
    database, later, steps, port = line.split()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(run(Path(database), float(later), Reaper(int(steps)), int(port)))
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def warm_up() -> None:
    """Do once what the children do, but for the sending."""
    with TemporaryDirectory() as folder:
        office = Office(Store.open(Path(folder, "warm.db"), create=True))
        office.schedule()
        asyncio.run(send(office))
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()


def main() -> None:
    """Have children until there are no more lines."""
    warm_up()
    for line in sys.stdin:
        print(child_of(line), flush=True)


if __name__ == "__main__":
    main()
