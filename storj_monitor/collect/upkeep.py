"""Removes transfers that were kept long enough, beside a server that runs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from storj_monitor import clock
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.store import Store

_EVERY_SECONDS = 3600.0


@contextmanager
def upkept(
    store: Store, keep_events_days: int, *, every_seconds: float = _EVERY_SECONDS
) -> Iterator[None]:
    """Remove what is older than so many days, at once and then hourly, while the block runs.

    Their sums by the hour stay. Where it can't be done now, it is tried again the next time.
    """
    stop = threading.Event()

    def keep_up() -> None:
        while not stop.is_set():
            prune(store, keep_events_days, stop)
            stop.wait(every_seconds)

    thread = threading.Thread(target=keep_up, name="upkeep")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def prune(store: Store, keep_events_days: int, stop: threading.Event) -> None:
    """Remove the transfers that are older than so many days; stop early when `stop` is set."""
    try:
        before = clock.now() - timedelta(days=keep_events_days)
        with store.writer() as writer:
            removed = writer.prune(microseconds(before), stop.is_set)
    except Exception as error:  # noqa: BLE001  a database that can't be written to is still served
        log().warning("upkeep.failed", error=str(error))
        return
    if removed:
        log().info("upkeep.pruned", transfers=removed, keep_days=keep_events_days)
