from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, cast

from structlog.testing import capture_logs

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.job import Asked
from storj_monitor.exports.jobs.witnesses import Recorded, Told
from tests.exports.jobs.plugins import NOW, serving
from tests.exports.jobs.test_workers import until

if TYPE_CHECKING:
    from storj_monitor.plugin import ExportOutcome
    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store

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


class SlowHost:
    """A host with a plugin that takes its time to listen."""

    def __init__(self) -> None:
        self.go_on = Event()
        self.heard: list[ExportOutcome] = []

    def finished(self, outcome: ExportOutcome) -> None:
        assert self.go_on.wait(30)
        self.heard.append(outcome)


async def test_a_plugin_that_listens_slowly_holds_up_nobody(store: Store) -> None:
    host = SlowHost()
    told = Told(cast("PluginHost", host))
    with capture_logs() as logs:
        async with serving(store, witnesses=[told]) as server:
            for _ in range(3):
                await server.file("lines")
            assert host.heard == []
            host.go_on.set()
            await until(lambda: len(host.heard) == 3)
    told.close()
    assert {outcome.rows for outcome in host.heard} == {5_000}
    said = [entry["event"] for entry in logs]
    assert said.count("export.started") == said.count("export.finished") == 3
