"""Processes that send what there is and end at a step, as by kill -9; `python -m` is their mother.

A line of standard input is `database kind seconds steps port`: what is sent (see `KINDS`), how much
later than due it is, after how many steps the process ends (0: it doesn't), and where the receiver
listens. The answer is its exit code. The mother has done it all once, so that nothing is left to be
imported, and has no threads.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from storj_monitor.errors import Problem
from storj_monitor.plugin import UncertainDelivery
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.due import delivery_of
from storj_monitor.schedules.planning import plan
from storj_monitor.schedules.runs import resend, run_due, run_now
from storj_monitor.schedules.schedule import Occurrence, Schedule
from storj_monitor.settings import AlertSettings, SendSettings
from storj_monitor.store import AlertChanges, Finding, Store
from tests.schedules.offices import ANN, DUE, Office, settings_of

if TYPE_CHECKING:
    from storj_monitor.plugin import Parcel
    from storj_monitor.schedules.work import Work

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
    writer.write(f"{parcel.idempotency_key}\n".encode())
    await writer.drain()
    reaper("handed over")
    answer = await reader.readline()
    writer.close()
    if not answer:
        message = "no answer"
        raise UncertainDelivery(message)
    reaper("accepted")


def office_of(store: Store, kind: str) -> Office:
    """Return the office that they are; alerts aren't sent before six."""
    settings = settings_of(lease_seconds=30)
    if kind == "alerts":
        send = SendSettings(channel="post", recipients=(ANN,), quiet="22:00-06:00")
        settings = changed(settings, alerts=AlertSettings(send=send))
    return Office(store, settings=settings)


async def due(work: Work) -> None:
    """Send what is due, as a timer does."""
    await run_due(work)


async def by_hand(work: Work) -> None:
    """Send a schedule, unless that was begun before; go on with what was."""
    with suppress(Problem):
        await run_now(work, 1)
    await run_due(work)


async def again(work: Work) -> None:
    """Send each of two deliveries once more, unless that was begun before; go on with what was."""
    known = [one.recipient for one in work.store.deliveries() if one.edition]
    for one in work.store.deliveries():
        if one.recipient not in known:
            await resend(work, one.id)
    await run_due(work)


#: What a process sends, by the name of the kind.
KINDS = MappingProxyType({"due": due, "by_hand": by_hand, "again": again, "alerts": due})


def prepare(store: Store, kind: str) -> None:
    """Let there be two parcels to send of a kind."""
    office = office_of(store, kind)
    if kind == "alerts":
        asyncio.run(_alerts(office))
        return
    schedule_id = office.schedule(enabled=kind == "due")
    entry = store.schedule(schedule_id)
    assert entry
    if kind == "again":
        occurrence = Occurrence(DUE, Schedule.of(entry).covered(DUE))
        rows = [delivery_of(entry, occurrence, to) for to in entry.recipients]
        with store.writer() as writer:
            writer.deliveries.add([one._replace(state="failed") for one in rows])


async def _alerts(office: Office) -> None:
    """Let one alert be told in a digest at six, and another by itself after that."""
    office.clock.pass_(hours=-2)
    async with office.work() as work:
        for type_ in ("disk_space", "node_offline"):
            plan(work)
            office.clock.pass_(minutes=1)
            finding = Finding(0, 0, type_, "critical", f"About {type_}", "It needs a look.")
            with office.store.writer() as writer:
                at_us = microseconds(office.clock())
                writer.update_alerts(AlertChanges(raised=[finding]), at_us)
            if type_ == "disk_space":
                plan(work)
                office.clock.now = DUE - timedelta(seconds=1)


async def send(office: Office, kind: str, reaper: Reaper, port: int) -> None:
    """Send what there is of a kind, and end the process: closing would write nothing more."""
    office.post.before = lambda parcel: post(parcel, port, reaper)
    async with office.work(at_step=reaper) as work:
        await KINDS[kind](work)
        os._exit(0)


def child_of(line: str) -> int:
    """Let a child do what a line says, and return its exit code."""
    database, kind, later, steps, port = line.split()
    child = os.fork()
    if child == 0:
        try:
            office = office_of(Store(Path(database)), kind)
            office.clock.pass_(seconds=float(later))
            asyncio.run(send(office, kind, Reaper(int(steps)), int(port)))
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def warm_up() -> None:
    """Do once what the children do, but for the sending."""

    async def all_of_it(office: Office) -> None:
        async with office.work() as work:
            await run_due(work)

    with TemporaryDirectory() as folder:
        for kind in KINDS:
            store = Store.open(Path(folder, f"{kind}.db"), create=True)
            prepare(store, kind)
            asyncio.run(all_of_it(office_of(store, kind)))
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    gc.disable()


def main() -> None:
    """Have children until there are no more lines."""
    warm_up()
    for line in sys.stdin:
        print(child_of(line), flush=True)


if __name__ == "__main__":
    main()
