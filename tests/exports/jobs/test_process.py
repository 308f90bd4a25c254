"""What plugins do beside rendering: they fork, they speak, they leave things behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs import process
from storj_monitor.exports.jobs.job import Job
from storj_monitor.settings import ExportSettings
from tests.exports.jobs.plugins import NOW, WHOLE, serving
from tests.exports.jobs.rude import RUDE
from tests.exports.jobs.test_workers import PATIENCE_SECONDS, over_soon, until

if TYPE_CHECKING:
    from storj_monitor.store import Store

ROOT = Path(__file__).parents[3]
#: A server of its own, for a file that never ends.
LONELY = """
import asyncio, sys
from pathlib import Path
from storj_monitor.store import Store
from tests.exports.jobs.plugins import NOW, serving
from tests.exports.jobs.rude import RUDE

async def main():
    async with serving(Store.open(Path(sys.argv[1])), more=RUDE) as server:
        async with server.runner.run(server.asked("locking"), NOW) as job:
            await job.begun()
            async for chunk in job.follow():
                print(chunk.decode(), flush=True)

asyncio.run(main())
"""


def is_there(pid: int) -> bool:
    """Say whether a process lives; one that has ended and that nobody has waited for doesn't."""
    with suppress(OSError):
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        return status.rpartition(")")[2].split()[0] not in {"Z", "X"}
    return False


async def first_number(job: Job) -> int:
    """Return the number that a file begins with, as soon as it is there."""
    await job.begun()
    return int(await anext(job.follow()))


async def test_a_client_that_leaves_ends_a_format_that_has_forked_and_its_child(
    store: Store,
) -> None:
    async with serving(store, more=RUDE) as server:
        async with server.runner.run(server.asked("forking_then_hanging"), NOW) as job:
            child = await first_number(job)
            assert is_there(child)
        assert (await over_soon(job)).status == "canceled"
        await until(lambda: not is_there(child))
        assert await server.file("lines") == WHOLE


@pytest.mark.parametrize("format_", ["forked_away", "handing_on"])
async def test_a_process_in_a_session_of_its_own_holds_up_nobody(
    store: Store, format_: str
) -> None:
    async with (
        serving(store, more=RUDE) as server,
        server.runner.run(server.asked(format_), NOW) as job,
    ):
        child = await first_number(job)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                with pytest.raises(Problem, match="ended with exit code 3"):
                    await job.ended()
            assert is_there(child)
        finally:
            os.kill(child, signal.SIGKILL)
        assert server.runner.workers == 0


@pytest.mark.parametrize("format_", ["going_on_first", "going_on_later"])
async def test_a_child_that_goes_on_where_its_parent_was_adds_nothing(
    store: Store, format_: str
) -> None:
    async with (
        serving(store, more=RUDE) as server,
        server.runner.run(server.asked(format_), NOW) as job,
    ):
        await job.ended()
        data = server.runner.spool.data(job.id)
        child, _, rest = data.read_bytes().partition(b"\n")
        await until(lambda: not is_there(int(child)))
        assert data.read_bytes().partition(b"\n")[2] == rest == WHOLE


async def test_a_child_that_leaves_says_nothing_in_its_parents_name(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        assert await server.file("leaving_twice") == WHOLE
        assert await server.file("telling_too") == await server.file("telling_too")


async def test_a_server_that_is_killed_takes_a_worker_along_that_can_not_hear_of_it(
    store: Store,
) -> None:
    lonely = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LONELY, str(store.path)), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert lonely.stdout is not None
    worker = int(await lonely.stdout.readline())
    assert is_there(worker)
    lonely.kill()
    await lonely.wait()
    await until(lambda: not is_there(worker))


async def test_what_is_said_of_another_job_does_not_count(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        assert await server.file("late") == WHOLE


async def test_a_worker_that_speaks_unasked_is_ended(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        assert await server.file("saying_later") == WHOLE
        await until(lambda: server.runner.workers == 0)
        assert await server.file("lines") == WHOLE


async def test_a_worker_that_dies_while_it_is_idle_is_replaced(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        assert await server.file("alarming") == WHOLE
        await until(lambda: server.runner.workers == 0)
        assert await server.file("lines") == WHOLE


@pytest.mark.parametrize("format_", ["nonsense", "endless_line"])
async def test_a_worker_that_talks_nonsense_is_ended(store: Store, format_: str) -> None:
    async with serving(store, more=RUDE) as server:
        with pytest.raises(Problem, match="the process that worked on it said what makes no sense"):
            await server.file(format_)
        assert server.runner.workers == 0


async def test_a_failure_is_told_shortly_whatever_it_quotes(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        with pytest.raises(Problem, match=r"ValueError: \\udce9xxx.*…$") as raised:
            await server.file("raising")
        assert len(raised.value.detail) < 2_100
        assert server.runner.workers == 0


async def test_what_a_plugin_closed_is_open_again_for_the_next_file(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        assert await server.file("closing") == WHOLE
        assert await server.file("printing") == WHOLE
        assert server.runner.workers == 1


async def test_a_file_that_was_changed_on_disk_is_a_failure(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        async with server.runner.run(server.asked("truncating"), NOW) as job:
            with pytest.raises(Problem, match="the file on disk isn't what was written"):
                await job.ended()
        assert list(server.runner.spool.folder.iterdir()) == []


async def test_the_digest_is_of_what_is_on_disk(store: Store) -> None:
    async with serving(store) as server, server.runner.run(server.asked("lines"), NOW) as job:
        ending = await job.ended()
        kept = await server.runner.kept(job.id)
        assert kept is not None
        assert json.loads(kept.manifest.read_bytes())["sha256"] == ending.sha256


async def test_each_job_begins_with_the_usual_arithmetic(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        assert await server.file("rounding") == b"done"
        assert await server.file("dividing") == b"0." + b"3" * 28
        assert server.runner.workers == 1


async def test_a_worker_is_for_the_plugins_alone_whose_code_it_has_run(store: Store) -> None:
    settings = ExportSettings(workers=2)
    async with serving(store, settings=settings, more=RUDE) as server:
        mine = await server.file("telling_too")
        assert await server.file("lines") == WHOLE
        assert server.runner.workers == 2
        assert await server.file("telling_too") == mine


async def test_workers_that_are_kept_for_others_make_room(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        first = await server.file("telling_too")
        await server.file("lines")
        assert server.runner.workers == 1
        assert await server.file("telling_too") != first


async def test_who_leaves_while_the_worker_begins_is_not_waited_for(store: Store) -> None:
    async with serving(store, more=RUDE, changed="while True: pass") as server:
        async with server.runner.run(server.asked("lines"), NOW) as job:
            await until(lambda: server.runner.workers == 1)
        assert (await over_soon(job)).status == "canceled"
        assert server.runner.workers == 0


async def test_a_worker_that_never_begins_is_given_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_BEGIN_SECONDS", 0.5)
    async with serving(store, more=RUDE, changed="while True: pass") as server:
        with pytest.raises(Problem, match=r"a worker process wasn't ready after 0\.5 seconds"):
            await server.file("lines")
        assert server.runner.workers == 0


async def test_a_process_that_can_not_be_started_is_a_failure_that_says_why(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    async with serving(store) as server:
        with pytest.raises(Problem, match=r"no worker process can be started: .*No such file"):
            await server.file("lines")


async def test_who_leaves_when_the_worker_is_done_leaves_the_next_job_alone(store: Store) -> None:
    async with serving(store, more=RUDE) as server:
        await asyncio.to_thread(server.runner.spool.make_room)
        job = Job("0" * 32, server.asked("telling_too"), NOW, server.runner.spool)
        assert (await server.workers.render(job)).status == "done"
        job.cancel()  # its file hasn't been put away yet
        assert await server.file("unhurried") == WHOLE
