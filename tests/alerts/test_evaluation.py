"""What becomes of an alert: raised once, kept up to date, acknowledged, resolved."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from structlog.testing import capture_logs

from storj_monitor.alerts.evaluation import TYPES, changed, evaluate
from storj_monitor.alerts.verdicts import Key, Subject, Verdict
from storj_monitor.plugin.query import microseconds
from storj_monitor.settings import AlertSettings
from storj_monitor.store import AlertChanges, Finding, Store
from tests.alerts.world import ATTIC, NOW, US1, World, ago
from tests.store.databases import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def score(world: World, value: float, minutes: float = 0) -> None:
    """Let us1 say an audit score of attic, so long after NOW."""
    row = {"node_id": ATTIC, "satellite_id": US1, "origin": "api", "audit_score": value}
    world.put("reputation", at=ago(minutes=-minutes), **row)


def acknowledge(world: World, alert_id: int, minutes: float) -> None:
    with world.store.writer() as writer:
        assert writer.acknowledge(alert_id, ago(minutes=-minutes)) == ago(minutes=-minutes)


def test_an_alert_is_raised_once_however_often_it_is_looked_for(world: World) -> None:
    score(world, 0.99)
    for minutes in range(3):
        world.look(minutes=minutes)
    [alert] = world.alerts()
    assert (alert["at"], alert["resolved_at"], alert["origin"]) == (ago(), None, "monitor")


def test_an_alert_is_kept_up_to_date_while_it_lasts(world: World) -> None:
    score(world, 0.99)
    world.look()
    score(world, 0.985, minutes=1)
    [alert] = world.look(minutes=1)
    assert (alert["at"], alert["value"]) == (ago(), 0.985)
    assert "is 0.9850 (2026-03-20 12:31 UTC)" in alert["message"]


def test_it_resolves_by_itself_and_what_comes_again_is_another_alert(world: World) -> None:
    for minute, value in enumerate((0.99, 1.0, 0.99)):
        score(world, value, minutes=minute)
        world.look(minutes=minute)
    assert [(row["at"], row["resolved_at"]) for row in world.alerts()] == [
        (ago(), ago(minutes=-1)),
        (ago(minutes=-2), None),
    ]


def test_acknowledging_keeps_an_alert_open_and_marked(world: World) -> None:
    score(world, 0.99)
    world.look()
    acknowledge(world, 1, minutes=1)
    [alert] = world.look(minutes=2)
    assert alert["acknowledged_at"] == ago(minutes=-1)
    score(world, 0.985, minutes=3)
    [alert] = world.look(minutes=3)
    assert alert["acknowledged_at"] == ago(minutes=-1)


def test_what_becomes_worse_is_no_longer_acknowledged(world: World) -> None:
    score(world, 0.99)
    world.look()
    acknowledge(world, 1, minutes=1)
    score(world, 0.97, minutes=2)
    [alert] = world.look(minutes=2)
    assert (alert["id"], alert["severity"], alert["threshold"]) == (1, "critical", 0.98)
    assert alert["acknowledged_at"] is None
    acknowledge(world, 1, minutes=3)
    score(world, 0.99, minutes=4)
    [alert] = world.look(minutes=4)
    assert (alert["severity"], alert["acknowledged_at"]) == ("warning", ago(minutes=-3))


def test_raising_and_resolving_are_said_in_the_log_once(world: World) -> None:
    with capture_logs() as logs:
        score(world, 0.99)
        world.look()
        world.look(minutes=1)
        score(world, 1.0, minutes=2)
        world.look(minutes=2)
        world.look(minutes=3)
    assert [(entry["event"], entry["node"], entry["satellite"]) for entry in logs] == [
        ("alert.raised", "attic", "us1"),
        ("alert.resolved", "attic", "us1"),
    ]
    assert {(entry["type"], entry["severity"]) for entry in logs} == {("audit_score", "warning")}


def test_an_alert_that_nobody_looks_for_any_more_is_resolved(world: World) -> None:
    said = {"severity": "warning", "title": "Uptime", "message": "Low.", "origin": "import"}
    world.put("alerts", at=5, node_id=ATTIC, satellite_id=US1, type="uptime_warning", **said)
    world.put("alerts", at=5, node_id=ATTIC, satellite_id=US1, type="audit_score", **said)
    assert [row["type"] for row in world.look()] == ["audit_score"]
    assert [row["resolved_at"] for row in world.alerts()] == [ago(), None]


def test_an_alert_of_another_monitor_is_gone_on_with_where_the_type_is_ours(world: World) -> None:
    said = {"severity": "warning", "title": "Audits", "message": "Low.", "origin": "import"}
    world.put("alerts", at=5, node_id=ATTIC, satellite_id=US1, type="audit_score", **said)
    score(world, 0.97)
    [alert] = world.look()
    assert (alert["at"], alert["title"], alert["severity"]) == (5, "Audits", "critical")


def test_a_monitor_that_starts_again_knows_what_is_open(world: World) -> None:
    score(world, 0.99)
    world.look()
    again = World(Store.open(world.store.path))
    assert [row["id"] for row in again.look(minutes=5)] == [1]
    score(world, 1.0, minutes=6)
    assert again.look(minutes=6) == []


def test_an_empty_database_has_no_alerts_and_is_not_written_to(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Store, "writer")
    evaluate(store, AlertSettings(), NOW)


def test_what_has_not_changed_is_not_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    score(world, 0.99)
    world.look()
    monkeypatch.delattr(Store, "writer")
    assert len(world.look(minutes=1)) == 1


def test_processes_that_look_at_once_raise_and_resolve_once(world: World) -> None:
    def look_together(minutes: float) -> None:
        barrier, failures = threading.Barrier(4), []

        def look() -> None:
            barrier.wait()
            try:
                now = NOW + timedelta(minutes=minutes)
                evaluate(Store.open(world.store.path), AlertSettings(), now)
            except Exception as error:  # noqa: BLE001  a thread's failure is the test's
                failures.append(error)

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []

    with capture_logs() as logs:
        score(world, 0.99)
        look_together(0)
        assert [row["resolved_at"] for row in world.alerts()] == [None]
        score(world, 1.0, minutes=1)
        look_together(1)
    assert [row["resolved_at"] for row in world.alerts()] == [ago(minutes=-1)]
    assert [entry["event"] for entry in logs] == ["alert.raised", "alert.resolved"]


def test_who_was_late_raises_nothing_and_reopens_nothing(world: World) -> None:
    finding = Finding(ATTIC, US1, "audit_score", "warning", "Low", "It is low.")
    later = finding._replace(message="It is lower.", severity="critical")
    with world.store.writer() as writer:
        assert writer.update_alerts(AlertChanges([finding]), 1).raised == [finding]
        assert writer.update_alerts(AlertChanges([later]), 2).raised == []
        assert writer.update_alerts(AlertChanges(over=[1]), 3).resolved == [1]
        assert writer.update_alerts(AlertChanges(over=[1]), 4).resolved == []
        writer.update_alerts(AlertChanges(lasting={1: later}), 5)
    [alert] = world.alerts()
    assert (alert["message"], alert["resolved_at"]) == ("It is low.", 3)


def test_what_gets_no_verdict_stays_as_it_is() -> None:
    finding = Finding(ATTIC, US1, "audit_score", "warning", "Low", "It is low.")
    known = {Key(*finding[:3]): (7, finding)}
    assert changed(known, []) == AlertChanges([], {}, [])
    assert changed(known, [Verdict(Key(*finding[:3]), finding)]) == AlertChanges([], {}, [])
    assert changed(known, [Subject("audit_score", "", ATTIC, US1).fine()]).over == [7]
    assert changed(known, [Subject("audit_score", "", ATTIC).fine()]).over == []


class AnyCourse(RuleBasedStateMachine):
    """Scores rise and fall and go unknown, people acknowledge, monitors start again."""

    path: Path

    @initialize()
    def begin(self) -> None:
        self.world = World(Store.open(self.path))
        for table in ("alerts", "reputation"):
            self.world.empty(table)
        self.minutes = 0.0
        self.over: dict[int, dict[str, object]] = {}

    def _look(self) -> None:
        self.minutes += 1
        self.world.look(minutes=self.minutes)

    @rule(value=st.sampled_from([1.0, 0.99, 0.97]), satellite=st.sampled_from([1, 2]))
    def hear(self, value: float, satellite: int) -> None:
        row = {"node_id": ATTIC, "satellite_id": satellite, "origin": "api", "audit_score": value}
        self.world.put("reputation", at=ago(minutes=-self.minutes), **row)
        self._look()
        ours = self.world.alerts(f"resolved_at IS NULL AND satellite_id = {satellite}")
        severity = {1.0: [], 0.99: ["warning"], 0.97: ["critical"]}[value]
        assert [alert["severity"] for alert in ours] == severity

    @rule()
    def lose_sight(self) -> None:
        before = self.world.alerts()
        self.minutes += 2 * 24 * 60
        self._look()
        assert self.world.alerts() == before

    @rule(number=st.integers(1, 6))
    def acknowledge(self, number: int) -> None:
        was_open = len(self.world.alerts("resolved_at IS NULL"))
        with self.world.store.writer() as writer:
            found = writer.acknowledge(number, microseconds(NOW))
        assert (found is not None) == (number <= len(self.world.alerts()))
        self._look()
        assert len(self.world.alerts("resolved_at IS NULL")) == was_open
        self.over.pop(number, None)

    @invariant()
    def there_is_one_open_alert_of_each_kind_at_most(self) -> None:
        found = self.world.alerts("resolved_at IS NULL")
        keys = [(alert["node_id"], alert["satellite_id"], alert["type"]) for alert in found]
        assert len(keys) == len(set(keys))
        assert {alert["type"] for alert in found} <= TYPES

    @invariant()
    def what_is_resolved_stays_so(self) -> None:
        now = {alert["id"]: alert for alert in self.world.alerts("resolved_at IS NOT NULL")}
        assert {number: now.get(number) for number in self.over} == self.over
        self.over = now


def test_whatever_happens_there_is_one_open_alert_and_none_is_reopened(world: World) -> None:
    class Course(AnyCourse):
        path = world.store.path

    case = Course.TestCase
    case.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
    case("runTest").runTest()


def test_the_alerts_of_a_node_that_nobody_looks_at_any_more_are_resolved(world: World) -> None:
    run(world.store.path, f"UPDATE nodes SET last_heard_at = {ago()}")
    score(world, 0.99)
    world.look()
    assert len(world.look(days=6)) == 1
    world.put("polled_apis", node_id=ATTIC, url="http://a:1", checked_at=ago(days=-6))
    assert len(world.look(days=12)) == 1
    assert world.look(days=14) == []


def test_becoming_worse_is_said_in_the_log(world: World) -> None:
    score(world, 0.99)
    world.look()
    with capture_logs() as logs:
        score(world, 0.97, minutes=2)
        world.look(minutes=2)
        score(world, 0.99, minutes=3)
        world.look(minutes=3)
    assert [entry["event"] for entry in logs] == ["alert.escalated"]
