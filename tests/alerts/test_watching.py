"""Alerts are looked for beside a server, whatever happens."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NoReturn

import pytest
from structlog.testing import capture_logs

from storj_monitor.alerts.watching import watched
from storj_monitor.errors import OperatorError
from storj_monitor.meters import Meters
from storj_monitor.plugin.query import microseconds
from storj_monitor.settings import AlertSettings
from tests.alerts.world import NOW, ago
from tests.scrapes import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.alerts.world import World

OFTEN = AlertSettings(every_seconds=1)
PATIENCE_SECONDS = 30


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert is_so()


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(microseconds(NOW) // 10**6))


def test_it_looks_at_once_and_again_and_ends_with_the_block(world: World) -> None:
    world.put("outcomes", kind="export", subject="events as csv", at=ago(hours=1), failures=3)
    with watched(world.store, OFTEN):
        wait_until(lambda: len(world.alerts("resolved_at IS NULL")) == 1)
        world.empty("outcomes")
        wait_until(lambda: len(world.alerts("resolved_at IS NOT NULL")) == 1)
    assert "alerts" not in [thread.name for thread in threading.enumerate()]


def test_it_ends_when_it_is_told_to_not_when_it_would_look_again(world: World) -> None:
    world.put("outcomes", kind="export", subject="events as csv", at=ago(hours=1), failures=3)
    with watched(world.store, AlertSettings(every_seconds=3600)):
        wait_until(lambda: len(world.alerts()) == 1)
    assert "alerts" not in [thread.name for thread in threading.enumerate()]


def test_a_failure_is_said_once_and_the_next_time_it_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def locked() -> NoReturn:
        tried.append(1)
        reason = "it is locked"
        raise OperatorError(reason)

    world.put("outcomes", kind="export", subject="events as csv", at=ago(hours=1), failures=3)
    with capture_logs() as logs:
        monkeypatch.setattr(world.store, "writer", locked)
        with watched(world.store, OFTEN):
            wait_until(lambda: len(tried) > 1)
            monkeypatch.undo()
            monkeypatch.setenv("SOURCE_DATE_EPOCH", str(microseconds(NOW) // 10**6))
            wait_until(lambda: len(world.alerts()) == 1)
    assert [(entry["event"], entry.get("error")) for entry in logs] == [
        ("alerts.failed", "it is locked"),
        ("alert.raised", None),
    ]


def test_looks_and_what_they_raise_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked() -> NoReturn:
        reason = "it is locked"
        raise OperatorError(reason)

    meters = Meters()
    world.put("outcomes", kind="export", subject="events as csv", at=ago(hours=1), failures=3)
    monkeypatch.setattr(world.store, "writer", locked)
    with watched(world.store, OFTEN, meters=meters):
        wait_until(lambda: "alert_checks_total,failed" in told(meters))
        monkeypatch.delattr(world.store, "writer")
        wait_until(lambda: "alert_checks_total,done" in told(meters))
    assert told(meters)["alerts_raised_total,warning"] == 1
