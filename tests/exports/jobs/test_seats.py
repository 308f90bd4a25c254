from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs import seats as module
from storj_monitor.exports.jobs.job import Asked
from storj_monitor.exports.jobs.seats import Seats
from storj_monitor.settings import ExportSettings
from tests.exports.jobs.places import PATIENCE_SECONDS, running
from tests.exports.offers import NOW, asked

if TYPE_CHECKING:
    from pathlib import Path

TOO_MANY = "are running or waiting already: one client may have no more"
ANN, BOB = "token 192.0.2.1", "token 192.0.2.2"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(module, "_OWN_PATIENCE_SECONDS", 0.01)


async def taken(seats: Seats, held: AsyncExitStack, client: str, count: int) -> None:
    for _ in range(count):
        await held.enter_async_context(seats.taken(client))


async def refused(seats: Seats, client: str) -> Problem:
    with pytest.raises(Problem) as raised:
        async with seats.taken(client):
            pytest.fail("there was a place")
    assert raised.value.code == "busy"
    return raised.value


@pytest.mark.parametrize(
    ("workers", "queue", "most"), [(2, 16, 9), (1, 16, 8), (4, 4, 5), (2, 2, 3), (1, 1, 2)]
)
@pytest.mark.usefixtures("impatient")
async def test_half_of_the_places_are_for_one_client_but_one_more_than_workers(
    workers: int, queue: int, most: int
) -> None:
    seats = Seats(ExportSettings(workers=workers, queue=queue))
    async with AsyncExitStack() as held:
        await taken(seats, held, ANN, most)
        if most < workers + queue:
            problem = await refused(seats, ANN)
            assert problem.detail == f"{most} exports of yours {TOO_MANY}"
            assert "Ask again when one of them has ended" in problem.hint
            assert "web.trusted_proxies" in problem.hint
        for other in range(workers + queue - most):
            await taken(seats, held, f"token 198.51.100.{other}", 1)
        # Now there is none for anybody.
        problem = await refused(seats, "token 192.0.2.3")
        assert problem.detail == f"{workers + queue} exports are running or waiting already"
        assert problem.hint == "Ask again in a few seconds."
    async with AsyncExitStack() as held:
        await taken(seats, held, ANN, most)


@pytest.mark.usefixtures("impatient")
async def test_where_there_are_few_places_a_client_may_have_all_of_them() -> None:
    seats = Seats(ExportSettings(workers=1, queue=0))
    async with seats.taken(ANN):
        assert (await refused(seats, ANN)).detail == "1 export is running or waiting already"


async def test_fifty_of_one_client_at_once_are_served_in_their_order() -> None:
    seats, served = Seats(ExportSettings(workers=2, queue=16)), list[int]()

    async def small(number: int) -> None:
        async with seats.taken(ANN):
            served.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*map(small, range(50)))
    assert served == list(range(50))


@pytest.mark.usefixtures("impatient")
async def test_who_is_patient_waits_and_keeps_to_no_share() -> None:
    seats = Seats(ExportSettings(workers=1, queue=1))

    async def patient() -> None:
        async with seats.taken("schedule Mondays", is_patient=True):
            pass

    async with AsyncExitStack() as held:
        await taken(seats, held, ANN, 2)
        waiting, leaving = (asyncio.create_task(patient()) for _ in range(2))
        await refused(seats, BOB)  # that long they have waited by now
        assert not waiting.done()
        leaving.cancel()
        await asyncio.wait({leaving})
    async with asyncio.timeout(PATIENCE_SECONDS):
        await waiting
    async with AsyncExitStack() as held:
        await taken(seats, held, ANN, 2)  # who left has left none of them taken


@pytest.mark.usefixtures("impatient")
async def test_who_gives_up_waiting_leaves_the_place_to_others() -> None:
    seats = Seats(ExportSettings(workers=1, queue=2))
    async with AsyncExitStack() as held:
        await taken(seats, held, BOB, 2)
        await taken(seats, held, ANN, 1)
        await refused(seats, ANN)  # it had one of its own by then, and none of all
        await held.aclose()
        await taken(seats, held, ANN, 2)


@pytest.mark.usefixtures("impatient")
async def test_an_export_holds_its_place_until_it_has_ended(tmp_path: Path) -> None:
    settings = ExportSettings(workers=1, queue=3)
    async with running(tmp_path, settings) as (runner, place, _):
        ann, bob = Asked(ANN), Asked(BOB)
        first = await runner.start(asked(), NOW, ann)
        await runner.start(asked(), NOW, ann)
        with pytest.raises(Problem, match="2 exports of yours"):
            await runner.start(asked(), NOW, ann)
        await runner.start(asked(), NOW, bob)
        place.end(await place.has(1))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await first.over()
            while runner.job(first.id):  # noqa: ASYNC110  it is about other tasks
                await asyncio.sleep(0)
        await runner.start(asked(), NOW, ann)
