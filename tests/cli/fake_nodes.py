"""Fake nodes that answer while a command runs."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.collect.node_api.fake_node import FakeNode

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def answering() -> Iterator[FakeNode]:
    """Serve a node's API from a thread of its own; what it is told to answer may change."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    node = FakeNode()
    try:
        asyncio.run_coroutine_threadsafe(node.__aenter__(), loop).result()
        try:
            yield node
        finally:
            asyncio.run_coroutine_threadsafe(node.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
