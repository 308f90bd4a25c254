"""A server with the real plugins and a few things to tell, beside the test that asks it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from storj_monitor.registry import PluginHost
from storj_monitor.settings import ExportSettings, PluginSettings, Settings, WebSettings
from storj_monitor.store import Store
from storj_monitor.web.app import create_app
from storj_monitor.web.server import listening
from tests.web.rooms import PATIENCE_SECONDS
from tests.web.test_installed_plugins import news

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiohttp import web

DATABASE = "storj-monitor.db"


def application(folder: Path, token: str = "") -> web.Application:
    """Return an application with a small database in `folder`, which renders in threads."""
    store = Store.open(folder / DATABASE, create=True)
    with store.writer() as writer:
        for node in ("alpha", "beta"):
            writer.write([news(node)])
    settings = Settings(exports=ExportSettings(processes=False), web=WebSettings(token=token))
    return create_app(settings, PluginHost(PluginSettings()), store)


@contextmanager
def served(app: web.Application) -> Iterator[str]:
    """Answer requests in another thread while the block runs, and give it the URL without its /."""
    beginning: Future[tuple[str, Callable[[], object]]] = Future()

    async def serve() -> None:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        async with listening(app, "127.0.0.1", 0) as url:
            beginning.set_result((url.rstrip("/"), lambda: loop.call_soon_threadsafe(end.set)))
            await end.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="server")
    thread.start()
    url, stop = beginning.result(PATIENCE_SECONDS)
    try:
        with capture_logs():  # thousands of lines would bury what failed
            yield url
    finally:
        stop()
        thread.join(PATIENCE_SECONDS)
