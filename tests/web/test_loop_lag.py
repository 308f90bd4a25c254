"""While exports keep every worker busy, the server's event loop turns as if nothing were."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import ClientSession

from storj_monitor.registry import PluginHost
from storj_monitor.settings import ExportSettings, PluginSettings, Settings
from storj_monitor.web.app import create_app
from storj_monitor.web.keys import RUNNER
from storj_monitor.web.server import listening
from tests.exports.jobs.test_workers import until

if TYPE_CHECKING:
    from storj_monitor.store import Store

#: Says that it is at work and goes on until the loop has turned, or gives up.
BUSY = """
import tempfile, time
from pathlib import Path
from storj_monitor.plugin import Column, Format, Kind, Source, hookimpl

FOLDER = Path(__file__).parent

def render(document):
    tempfile.mkstemp(".begun", dir=FOLDER)
    until = time.monotonic() + 60
    while not (FOLDER / "turned").exists():
        if time.monotonic() > until:
            raise TimeoutError("nothing else was done meanwhile")
    yield b"done"

@hookimpl
def storj_formats():
    return [Format(name="busy", title="Busy", media_type="text/plain", render=render)]

@hookimpl
def storj_sources():
    columns = (Column(key="number", label="Number", kind=Kind.INTEGER),)
    rows = lambda reader, query: iter(())
    return [Source(name="none", title="None", summary="Nothing", columns=columns, rows=rows)]
"""
_LAPS = 200
_EXPORTS = 2


async def test_the_loop_turns_and_answers_while_exports_are_at_work(store: Store) -> None:
    folder = store.path.parent / "plugins"
    folder.mkdir()
    (folder / "busy.py").write_text(BUSY, encoding="utf-8")
    plugins = PluginSettings(directory=folder)
    settings = Settings(exports=ExportSettings(workers=_EXPORTS), plugins=plugins)
    app = create_app(settings, PluginHost(plugins), store)
    async with listening(app, "127.0.0.1", 0) as url, ClientSession() as session:

        async def export() -> bytes:
            async with session.get(f"{url}api/export/none?format=busy") as answer:
                return await answer.read()

        exports = [asyncio.create_task(export()) for _ in range(_EXPORTS)]
        await until(lambda: len(list(folder.glob("*.begun"))) == _EXPORTS)
        for _ in range(_LAPS):
            async with session.get(f"{url}healthz") as answer:
                assert answer.status == 200
            assert app[RUNNER].running == _EXPORTS
        (folder / "turned").touch()
        assert await asyncio.gather(*exports) == [b"done"] * _EXPORTS
