from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.estimate import estimate_of
from storj_monitor.exports.preview import preview_of
from storj_monitor.settings import ExportSettings
from tests.exports.jobs.places import PATIENCE_SECONDS, files, running
from tests.exports.jobs.plugins import NOW, WHOLE, Notes, serving
from tests.exports.offers import asked

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.exports.jobs.runner import Runner
    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.store import Store
    from tests.exports.jobs.plugins import Server

#: Longer than anything here takes.
LONG = float(PATIENCE_SECONDS)


def counting(request: ExportRequest) -> ExportRequest:
    made = estimate_of(request)
    assert made is not None
    return made


async def content(server: Server, request: ExportRequest, seconds: float = LONG) -> bytes:
    async with server.runner.asides.made(request, NOW, seconds) as job:
        return b"".join([chunk async for chunk in job.follow()])


async def nothing_is_left(runner: Runner) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while files(runner):  # noqa: ASYNC110  it is about other tasks
            await asyncio.sleep(0.01)


async def test_nothing_is_left_of_what_was_only_looked_at(store: Store) -> None:
    async with serving(store) as server:
        request = preview_of(server.asked("lines"), {})
        async with server.runner.asides.made(request, NOW, LONG) as job:
            assert job.read().startswith(b'{"columns"')
            assert (server.runner.running, server.runner.waiting) == (0, 0)
            assert await server.runner.kept(job.id) is None
        await nothing_is_left(server.runner)
        assert server.runner.same_as(request) is None
        assert (server.notes.begun_, server.notes.ended_) == ([], [])


async def test_any_worker_can_count_rows(store: Store) -> None:
    async with serving(store) as server:
        request = counting(server.asked("lines"))
        assert await content(server, request) == b'{"rows":5000,"is_whole":true,"last_us":null}'
        assert await server.file("lines") == WHOLE
        assert server.runner.workers == 1


async def test_it_does_not_wait_for_exports_that_have_all_workers(store: Store) -> None:
    async with serving(store) as server, server.runner.run(server.asked("endless"), NOW) as first:
        await first.begun()
        async with server.runner.run(server.asked("lines"), NOW) as second:
            assert await content(server, preview_of(server.asked("lines"), {}))
            assert server.runner.workers == 2
            assert not second.is_at_work
            assert first.ending is None


async def test_a_source_that_crashes_costs_that_look_alone(store: Store) -> None:
    async with serving(store) as server:
        with pytest.raises(Problem, match="was ended by SIGSEGV") as raised:
            await content(server, counting(server.asked("lines", "crash")))
        assert raised.value.code == "export_failed"
        assert await server.file("lines") == WHOLE
        assert [ending.status for ending in server.notes.ended_] == ["done"]


async def test_a_source_that_hangs_is_ended(store: Store) -> None:
    async with serving(store) as server:
        await server.file("lines")
        with pytest.raises(Problem, match="takes longer than") as raised:
            await content(server, preview_of(server.asked("lines", "stuck"), {}), seconds=1)
        assert raised.value.code == "export_failed"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while server.runner.workers:  # noqa: ASYNC110  what is waited for is another process
                await asyncio.sleep(0.01)
        assert await server.file("lines") == WHOLE


# Without workers


async def test_who_finds_no_turn_in_time_is_told_to_come_back(tmp_path: Path) -> None:
    async with running(tmp_path) as (runner, place, _), AsyncExitStack() as looks:
        for number in range(2):
            task = asyncio.create_task(
                looks.enter_async_context(runner.asides.made(asked(), NOW, LONG))
            )
            place.end(await place.has(number + 1))
            await task  # what is whole is looked at, and holds up nobody
        exports = [await runner.start(asked(), NOW) for _ in range(2)]
        hanging = asyncio.create_task(
            looks.enter_async_context(runner.asides.made(asked(), NOW, LONG))
        )
        await place.has(4)
        with pytest.raises(Problem) as raised:
            async with runner.asides.made(asked(), NOW, 0.01):
                pytest.fail("there was no turn for it")
        assert raised.value.code == "busy"
        assert (runner.running, runner.waiting) == (1, 1)
        place.end(place.begun[3])
        await hanging
        assert exports[0].ending is None


async def test_so_many_may_wait_and_no_more(tmp_path: Path) -> None:
    async with running(tmp_path) as (runner, _, _):

        async def look() -> str:
            try:
                async with runner.asides.made(asked(), NOW, LONG):
                    return "whole"
            except Problem as problem:
                return problem.code

        looks = [asyncio.create_task(look()) for _ in range(17)]
        done, _ = await asyncio.wait(looks, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in done] == ["busy"]
        runner.asides.cancel()
        assert sorted(await asyncio.gather(*looks)) == ["busy", *["export_failed"] * 16]
        await nothing_is_left(runner)


async def test_what_is_too_large_to_look_at_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as (runner, place, _):

        async def look() -> None:
            async with runner.asides.made(asked(), NOW, LONG):
                pytest.fail("it is too large")

        task = asyncio.create_task(look())
        place.grow(await place.has(1), 10**8)
        with pytest.raises(Problem, match="larger than 16,777,216 bytes") as raised:
            await task
        assert raised.value.code == "too_large"
        assert raised.value.hint
        await nothing_is_left(runner)


async def test_without_room_there_is_nothing_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Problem("no_space", "there is no space left for exports", "Free some.")
    for error in (full, OperatorError("there can be no folder", "Name another.")):
        async with running(tmp_path) as (runner, place, _):

            def refuse(error: Exception = error) -> None:
                raise error

            runner.spool.make_room()
            monkeypatch.setattr(runner.spool, "make_room", refuse)
            with pytest.raises(Problem) as raised:
                async with runner.asides.made(asked(), NOW, LONG):
                    pytest.fail("there was room for it")
            assert raised.value.code == "no_space"
            assert raised.value.hint
            assert place.begun == []


async def test_the_end_of_the_server_ends_it(tmp_path: Path) -> None:
    async with running(tmp_path) as (runner, place, _):

        async def look() -> None:
            async with runner.asides.made(asked(), NOW, LONG):
                pytest.fail("it never ends")

        task = asyncio.create_task(look())
        await place.has(1)
        await runner.close()
        with pytest.raises(Problem, match="canceled"):
            await task
        assert files(runner) == []


# What runs, told to end


async def test_an_export_that_is_discarded_ends_and_leaves_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, ExportSettings(workers=1)) as (runner, place, notes):
        at_work, waiting = [await runner.start(asked(), NOW) for _ in range(2)]
        await place.has(1)
        for job in (waiting, at_work):
            assert await runner.discard(job.id)
            assert job.ending is not None
            assert job.ending.status == "canceled"
        assert files(runner) == []
        assert not await runner.discard(at_work.id)
        assert len(notes.ended_) == 2


async def test_a_worker_that_is_deaf_is_ended_when_its_export_is_discarded(store: Store) -> None:
    async with serving(store) as server:
        job = await server.runner.start(server.asked("deaf"), NOW)
        await job.begun()
        assert await server.runner.discard(job.id)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await job.over()).status == "canceled"
        assert files(server.runner) == []


async def test_an_export_that_is_discarded_while_its_worker_begins_is_never_worked_on(
    store: Store,
) -> None:
    async with serving(store, witnesses=(Notes(),)) as server:
        job = await server.runner.start(server.asked("deaf"), NOW)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not job.is_at_work:  # noqa: ASYNC110  it is about other tasks
                await asyncio.sleep(0)
            await server.runner.discard(job.id)
            assert (await job.over()).status == "canceled"
        assert server.runner.workers == 0
        assert await server.file("lines") == WHOLE
