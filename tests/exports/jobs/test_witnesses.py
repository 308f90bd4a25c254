from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, cast

from structlog.testing import capture_logs

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.job import Asked
from storj_monitor.exports.jobs.recorded import Recorded
from storj_monitor.exports.jobs.witnesses import Told
from storj_monitor.registry import Listener
from tests.exports.jobs.plugins import NOW, serving
from tests.exports.jobs.test_workers import until

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.spool import Kept
    from storj_monitor.plugin import ExportOutcome
    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store
    from tests.exports.jobs.plugins import Server

OPERATOR = Asked("token 192.0.2.7", "a-request")


async def test_who_asked_for_what_is_written_before_the_file_and_its_end_after(
    store: Store,
) -> None:
    recorded = Recorded(store)
    async with serving(store, witnesses=[recorded]) as server:
        request = server.asked("lines")
        async with server.runner.run(request, NOW, OPERATOR) as job:
            await until(lambda: bool(store.exports()))
            await job.ended()
    await asyncio.to_thread(recorded.close)
    (entry,) = store.exports()
    assert (entry.who, entry.request_id, entry.id) == ("token 192.0.2.7", "a-request", job.id)
    assert (entry.kind, entry.subject, entry.format) == ("source", "numbers", "lines")
    span = request.query.span
    assert (entry.start_at, entry.end_at) == (span.start_us, span.end_us)
    assert (entry.personal, entry.nodes, entry.timezone) == (False, (), "UTC")
    assert (entry.status, entry.rows, entry.bytes, entry.error) == ("done", 5_000, job.bytes, None)
    assert entry.sha256 is not None
    assert len(entry.sha256) == 64
    assert entry.file_name == "numbers_all_2026-02-26_2026-03-04.lines"
    assert entry.media_type == "text/plain"


async def test_entries_are_in_the_order_of_asking_by_any_clock(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(store)
    asked = []
    async with serving(store, witnesses=[recorded]) as server:
        for hour in (1, 1, 1, 3):
            monkeypatch.setenv("SOURCE_DATE_EPOCH", str(hour * 3600))
            async with server.runner.run(server.asked("lines"), NOW, OPERATOR) as job:
                await job.ended()
            asked.append(job.id)
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(2 * 3600))
        async with server.runner.run(server.asked("lines"), NOW, OPERATOR) as job:
            await job.ended()
        asked.insert(3, job.id)  # a clock that was put back is believed
    await asyncio.to_thread(recorded.close)
    assert [entry.id for entry in store.exports()] == asked[::-1]
    assert len({entry.asked_at // 1_000_000 for entry in store.exports()}) == 3


async def test_a_failure_is_written_with_its_reason(store: Store) -> None:
    recorded = Recorded(store)
    async with serving(store, witnesses=[recorded]) as server:
        for format_ in ("exiting", "lines"):
            async with server.runner.run(server.asked(format_), NOW, OPERATOR) as job:
                with suppress(Problem):
                    await job.ended()
    await asyncio.to_thread(recorded.close)
    by_format = {entry.format: entry for entry in store.exports()}
    assert by_format["exiting"].status == "failed"
    assert by_format["exiting"].error == "the process that worked on it ended with exit code 3"
    assert by_format["lines"].status == "done"


class SlowPlugin:
    """A plugin that takes its time to listen."""

    def __init__(self) -> None:
        self.reached, self.go_on = Event(), Event()
        self.heard: list[ExportOutcome] = []

    def listen(self, outcome: ExportOutcome) -> None:
        self.reached.set()
        assert self.go_on.wait(30)
        self.heard.append(outcome)


class Ears:
    """A host of plugins that listen."""

    def __init__(self, **plugins: Callable[[ExportOutcome], None]) -> None:
        self.listeners = [Listener(name, tell) for name, tell in plugins.items()]


async def test_a_plugin_that_listens_slowly_holds_up_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storj_monitor.exports.jobs.witnesses._MOST_UNTOLD", 1)
    slow = SlowPlugin()
    heard: list[ExportOutcome] = []
    told = Told(cast("PluginHost", Ears(slow=slow.listen, quick=heard.append)))
    with capture_logs() as logs:
        async with serving(store, witnesses=[told]) as server:
            for number in range(1, 5):
                await server.file("lines")
                await until(lambda: len(heard) == number)  # noqa: B023  it is waited for here
                assert await asyncio.to_thread(slow.reached.wait, 30)
            assert slow.heard == []
            slow.go_on.set()
            await until(lambda: len(slow.heard) == 2)
    told.close()
    assert {outcome.rows for outcome in heard} == {5_000}
    said = [entry["event"] for entry in logs]
    assert said.count("export.started") == said.count("export.finished") == 4
    # One was being told and one waited.
    assert [entry["plugin"] for entry in logs if entry["event"] == "plugin.not_told"] == [
        "slow"
    ] * 2


def kept_of(server: Server, job: Job) -> Kept:
    kept = server.runner.spool.kept(job.id)
    assert kept is not None
    return kept


async def test_a_file_that_is_sent_again_has_an_entry_of_its_own(store: Store) -> None:
    recorded = Recorded(store)
    async with serving(store, witnesses=[recorded]) as server:
        async with server.runner.run(server.asked("lines"), NOW, OPERATOR) as job:
            await job.ended()
        kept = kept_of(server, job)
        with recorded.again(kept, Asked("anyone 192.0.2.9", "again"), "bytes 0-9/100") as sending:
            sending.bytes = 10
            sending.is_whole = True
        with recorded.again(kept, OPERATOR, None) as sending:
            sending.bytes = 7
        with recorded.again(kept, OPERATOR, None) as sending:
            sending.error = "the disk is broken"
    await asyncio.to_thread(recorded.close)
    failed, left, part, first = store.exports()
    assert (part.who, part.request_id, part.again_of) == ("anyone 192.0.2.9", "again", job.id)
    assert (part.status, part.part, part.bytes, part.rows) == ("done", "bytes 0-9/100", 10, None)
    assert len({part.id, first.id, left.id, failed.id}) == 4
    what = ("kind", "subject", "format", "nodes", "start_at", "end_at", "timezone", "columns")
    more = ("filters", "options", "personal", "clamped", "file_name", "media_type")
    for name in (*what, *more):
        assert getattr(part, name) == getattr(first, name), name
    assert (left.status, left.part, left.bytes) == ("canceled", None, 7)
    assert (failed.status, failed.error) == ("failed", "the disk is broken")
    assert first.again_of is None
