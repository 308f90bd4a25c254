"""Removes what was kept long enough, beside a server that runs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from storj_monitor import clock
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storj_monitor.store import Store, StoreWriter

_EVERY_SECONDS = 3600.0


#: A log that was not read to its end, and not looked at for so long, is no longer followed.
_GIVEN_UP = timedelta(days=7)

#: Who asked for which exports is known for a year and a bit, so that a year is there to look at.
_KEEP_EXPORTS = timedelta(days=400)


@contextmanager
def upkept(
    store: Store, keep_events_days: int, *, every_seconds: float = _EVERY_SECONDS
) -> Iterator[None]:
    """Remove every hour what is older than so many days, while the block runs.

    Their sums by the hour stay. Where it can't be done now, it is tried again the next time.
    """
    stop = threading.Event()
    upkeep = Upkeep(store, keep_events_days)

    def keep_up() -> None:
        while not stop.is_set():
            upkeep.once(stop.is_set)
            stop.wait(every_seconds)

    thread = threading.Thread(target=keep_up, name="upkeep")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Upkeep:
    """Removes old transfers, but none of an hour of which more was read since the last time.

    An hour whose transfers are removed takes nothing more, so it must have been read to its end,
    however slowly an old log is read. What is known of old exports goes too.
    """

    def __init__(self, store: Store, keep_events_days: int) -> None:
        self._store = store
        self._keep = timedelta(days=keep_events_days)
        self._newest_id: int | None = None

    def once(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Remove what can be; the first time, only note what transfers there are."""
        try:
            with self._store.writer() as writer:
                known, newest = self._newest_id, writer.newest_id()
                _tidy_exports(writer)
                if known is not None:
                    self._remove(writer, known, stop)
                # Ids above what is left are given again, to events that are newer than this.
                self._newest_id = min(newest, writer.newest_id())
        except Exception as error:  # noqa: BLE001  what can't be written to is still served
            log().warning("upkeep.failed", error=str(error))

    def _remove(self, writer: StoreWriter, newest_id: int, stop: Callable[[], bool]) -> None:
        now = clock.now()
        before_us = writer.settled_before(
            microseconds(now - self._keep), newest_id, microseconds(now - _GIVEN_UP)
        )
        if removed := writer.prune(before_us, stop):
            log().info("upkeep.pruned", transfers=removed, keep_days=self._keep.days)


def _tidy_exports(writer: StoreWriter) -> None:
    now = clock.now()
    if lost := writer.close_open_exports(microseconds(now)):
        log().info("upkeep.exports_lost", exports=lost)
    writer.forget_exports(microseconds(now - _KEEP_EXPORTS))
