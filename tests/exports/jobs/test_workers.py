from __future__ import annotations

import ast
import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs import process
from storj_monitor.settings import ExportSettings
from tests.exports.jobs.plugins import NOW, WHOLE, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.messages import Ending
    from storj_monitor.exports.jobs.runner import Runner
    from storj_monitor.store import Store

PATIENCE_SECONDS = 30
#: Work that nobody wants any more ends within a second, on a machine that has time for it. Of that
#: second only what is waited for on purpose, the grace before a kill, is a number that can be
#: asserted; what a busy machine adds isn't, so it has a bound that only a real delay is beyond.
PROMISED_SECONDS, SOON_SECONDS = 1.0, 10.0


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # noqa: ASYNC110  what is waited for is another process
            await asyncio.sleep(0.01)


async def over_soon(job: Job) -> Ending:
    async with asyncio.timeout(SOON_SECONDS):
        return await job.over()


async def deaf_by_now(job: Job) -> None:
    """Wait until a job of the format deaf is where it hears nothing: before, it does."""
    await job.begun()
    await until(lambda: job.part.stat().st_size > 300_000)


async def test_a_worker_writes_the_file_and_takes_the_next(store: Store) -> None:
    async with serving(store) as server:
        assert await server.file("lines") == WHOLE
        first = ast.literal_eval((await server.file("telling")).decode())
        second = ast.literal_eval((await server.file("telling")).decode())
        assert first == second
        assert server.runner.workers == 1
        assert [ending.rows for ending in server.notes.ended_] == [5_000, 5_000, 5_000]
    assert not os.path.exists(f"/proc/{first[0]}")  # noqa: PTH110, ASYNC240  a moment's look


async def test_a_worker_has_the_path_of_the_server_and_not_its_token(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORJ_MONITOR_TOKEN", "hush")
    monkeypatch.syspath_prepend("/nowhere")
    async with serving(store) as server:
        _, token, _ = ast.literal_eval((await server.file("telling")).decode())
        assert token is None


@pytest.mark.parametrize(
    ("format_", "detail"),
    [
        ("failing", "format 'failing' failed: ValueError: the fourth row is bad"),
        ("exiting", "the process that worked on it ended with exit code 3"),
        ("leaving", "format 'leaving' failed: SystemExit: 3"),
        ("crashing", "the process that worked on it was ended by SIGSEGV"),
        ("killed", "the process that worked on it was ended by SIGKILL"),
        ("looping", "format 'looping' gave nothing for 2 seconds and was ended"),
        ("hogging", "format 'hogging' needs more memory than it may have"),
        ("of_text", "format 'of_text' failed: TypeError: render must yield bytes, not str"),
    ],
)
async def test_whatever_goes_wrong_costs_that_export_and_no_other(
    store: Store, format_: str, detail: str
) -> None:
    patience = 2 if format_ == "looping" else 60  # to take all memory may take a while, too
    settings = ExportSettings(workers=1, stall_seconds=patience, worker_memory_bytes=600_000_000)
    async with serving(store, settings=settings) as server:
        with pytest.raises(Problem) as raised:
            await server.file(format_)
        assert (raised.value.code, raised.value.detail) == ("export_failed", detail)
        assert raised.value.hint
        assert await server.file("lines") == WHOLE
        assert [ending.status for ending in server.notes.ended_] == ["failed", "done"]
        assert len(files(server.runner, ".part")) == 0


async def test_what_a_plugin_prints_is_never_in_the_data(
    store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    async with serving(store) as server:
        assert await server.file("talking") == WHOLE
    out, err = capfd.readouterr()
    assert out == ""
    # The server's log may come into the middle of a line.
    assert all(said in err for said in ("printed", "written to 1", "echoed"))


async def test_an_empty_file_is_whole(store: Store) -> None:
    async with serving(store) as server:
        assert await server.file("of_nothing") == b""


async def test_a_canceled_export_ends_at_once_and_its_worker_goes_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CANCEL_SECONDS", PATIENCE_SECONDS)  # nothing is killed for it
    async with serving(store) as server:
        pid, *_ = ast.literal_eval((await server.file("telling")).decode())
        async with server.runner.run(server.asked("endless"), NOW) as job:
            await job.begun()
        assert (await over_soon(job)).status == "canceled"
        assert files(server.runner, ".part") == []
        again, *_ = ast.literal_eval((await server.file("telling")).decode())
        assert again == pid


async def test_a_worker_that_is_deaf_to_a_cancel_is_killed(store: Store) -> None:
    assert process.CANCEL_SECONDS < PROMISED_SECONDS
    async with serving(store) as server:
        async with server.runner.run(server.asked("deaf"), NOW) as job:
            await deaf_by_now(job)
        await over_soon(job)
        await until(lambda: bool(server.notes.ended_))
        assert server.notes.ended_[0].status == "canceled"
        assert await server.file("lines") == WHOLE


async def test_an_export_that_waits_is_canceled_without_a_worker(store: Store) -> None:
    async with serving(store) as server, server.runner.run(server.asked("endless"), NOW) as first:
        await first.begun()
        async with server.runner.run(server.asked("lines"), NOW) as second:
            assert (server.runner.running, server.runner.waiting) == (1, 1)
        await over_soon(second)
        await until(lambda: bool(server.notes.ended_))
        assert server.notes.ended_[0].status == "canceled"
        assert first.ending is None


async def test_an_idle_worker_ends(store: Store) -> None:
    settings = ExportSettings(workers=1, idle_seconds=0.05)
    async with serving(store, settings=settings) as server:
        assert server.runner.workers == 0
        pid, *_ = ast.literal_eval((await server.file("telling")).decode())
        await until(lambda: server.runner.workers == 0)
        await until(lambda: not os.path.exists(f"/proc/{pid}"))  # noqa: PTH110
        assert await server.file("lines") == WHOLE


async def test_plugins_that_changed_are_told_from_those_of_the_server(store: Store) -> None:
    async with serving(store, changed="import this_is_new") as server:
        with pytest.raises(Problem, match="other plugins are installed now") as raised:
            await server.file("lines")
        assert raised.value.hint == "Restart storj-monitor."
        assert server.runner.workers == 0


async def test_the_end_of_the_server_ends_a_worker_that_hangs(store: Store) -> None:
    async with serving(store) as server, server.runner.run(server.asked("deaf"), NOW) as job:
        await deaf_by_now(job)
        assert server.runner.workers == 1
        await server.runner.close()
        assert server.runner.workers == 0
        assert job.ending is not None
        assert job.ending.status == "canceled"


def files(runner: Runner, suffix: str) -> list[str]:
    return [path.name for path in runner.spool.folder.iterdir() if path.suffix == suffix]
