"""Looks for what needs an operator's eye, beside a server that runs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from storj_monitor import clock
from storj_monitor.alerts.evaluation import evaluate
from storj_monitor.logs import log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.meters import Meters
    from storj_monitor.settings import AlertSettings
    from storj_monitor.store import Store


@contextmanager
def watched(
    store: Store, settings: AlertSettings, *, meters: Meters | None = None
) -> Iterator[None]:
    """Raise and resolve alerts every `settings.every_seconds`, while the block runs.

    Where that can't be done now, it is tried again the next time.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(store, settings, meters, stop), name="alerts")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _watch(
    store: Store, settings: AlertSettings, meters: Meters | None, stop: threading.Event
) -> None:
    """Look until `stop` is set; why it fails is said when it begins, not every time."""
    said = ""
    while not stop.is_set():
        reason = _look(store, settings, meters)
        if meters is not None:
            meters.note_alert_check("failed" if reason else "done")
        if reason and reason != said:
            log().warning("alerts.failed", error=reason)
        said = reason
        stop.wait(settings.every_seconds)


def _look(store: Store, settings: AlertSettings, meters: Meters | None) -> str:
    """Look once; return why that failed, or nothing."""
    try:
        evaluate(store, settings, clock.now(), meters=meters)
    except Exception as error:  # noqa: BLE001  whatever it is, it is tried again
        return str(error) or type(error).__name__
    return ""
