from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from storj_monitor.exports.jobs.started import Started
from storj_monitor.settings import ExportSettings
from tests.exports.jobs.places import PATIENCE_SECONDS, files, running
from tests.exports.offers import NOW, asked

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_an_export_that_was_started_goes_on_by_itself(tmp_path: Path) -> None:
    async with running(tmp_path) as (runner, place, notes):
        started = Started(runner)
        job = await started.start(asked(), NOW)
        assert started.asked_about(job.id) is job
        assert runner.job(job.id) is job
        place.end(await place.has(1))
        assert (await job.over()).status == "done"
        assert started.asked_about(job.id) is job
        assert (notes.begun_, notes.ended_) == ([job], [job.ending])
        assert files(runner) == [f"{job.id}.data"]


async def test_what_nobody_asks_about_is_canceled(tmp_path: Path) -> None:
    async with running(tmp_path) as (runner, _, notes):
        job = await Started(runner, unasked_seconds=0.01).start(asked(), NOW)
        async with asyncio.timeout(PATIENCE_SECONDS):
            ending = await job.over()
        assert ending.status == "canceled"
        assert [ending.status for ending in notes.ended_] == ["canceled"]
        assert files(runner) == []


async def test_who_asks_lets_it_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    real, passed = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: real() + passed[0])
    async with running(tmp_path) as (runner, place, _):
        started = Started(runner)
        job = await started.start(asked(), NOW)
        await place.has(1)
        for _ in range(3):
            passed[0] += 90
            assert started.asked_about(job.id) is job
            await asyncio.sleep(0)
        assert not job.is_canceled
        passed[0] += 181
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await job.over()).status == "canceled"


async def test_of_those_that_ended_only_the_last_are_remembered(tmp_path: Path) -> None:
    settings = ExportSettings(workers=2)
    async with running(tmp_path, settings) as (runner, place, _):
        started = Started(runner)
        jobs = [await started.start(asked(), NOW)]
        for number in range(104):
            ended = await started.start(asked(), NOW)
            place.end(await place.has(number + 2))
            await ended.over()
            jobs.append(ended)
        await started.start(asked(), NOW)
        known = [job for job in jobs if started.asked_about(job.id)]
        assert known == [jobs[0], *jobs[-100:]]
        assert started.asked_about("0" * 32) is None
