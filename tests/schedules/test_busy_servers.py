"""What schedules have made waits for a server that is busy, as long as that takes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace as changed

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs import seats
from storj_monitor.schedules.runs import run_due
from storj_monitor.settings import ExportSettings
from tests.exports.offers import NOW, asked, format_, source
from tests.schedules.offices import ANN, BOB, PATIENCE_SECONDS, until
from tests.web.rooms import Gate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from storj_monitor.plugin import Document
    from storj_monitor.schedules.work import Work
    from tests.schedules.offices import Office


@asynccontextmanager
async def all_places_taken(office: Office, gate: Gate) -> AsyncIterator[Work]:
    """Give the work of an office in which somebody's export fills all places, up to a gate."""

    def held(_: Document) -> Iterator[bytes]:
        gate.wait()
        yield b"at last"

    exports = ExportSettings(processes=False, workers=1, queue=0)
    office.settings = changed(office.settings, exports=exports)
    async with office.work() as work:
        await work.runner.start(asked(source(), format_("csv", render=held)), NOW)
        try:
            yield work
        finally:
            gate.open()


async def begun(office: Office, work: Work) -> asyncio.Task[object]:
    """Let what is due be sent, and wait until it has waited for longer than others may."""
    sending: asyncio.Task[object] = asyncio.create_task(run_due(work))
    await until(lambda: office.states() == {ANN: "claimed", BOB: "claimed"})
    for _ in range(3):
        with pytest.raises(Problem, match="1 export is running or waiting already"):
            await work.runner.start(asked(), NOW)
    return sending


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "_PATIENCE_SECONDS", 0.05)


async def test_what_is_due_waits_for_a_place_and_is_sent(office: Office) -> None:
    office.schedule()
    gate = Gate()
    async with all_places_taken(office, gate) as work:
        sending = await begun(office, work)
        assert office.states() == {ANN: "claimed", BOB: "claimed"}
        gate.open()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await sending
    assert [(one.state, one.attempts) for one in office.rows()] == [("sent", 1)] * 2


async def test_who_is_stopped_while_it_waits_takes_no_place_and_goes_on_later(
    office: Office,
) -> None:
    office.schedule()
    gate = Gate()
    async with all_places_taken(office, gate) as work:
        sending = await begun(office, work)
        sending.cancel()
        await asyncio.wait({sending}, timeout=PATIENCE_SECONDS)
        assert sending.cancelled()
        assert office.states() == {ANN: "due", BOB: "due"}
        gate.open()
        office.clock.pass_(minutes=2)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await run_due(work)
    assert office.states() == {ANN: "sent", BOB: "sent"}
