from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_export_plugins.sources.alerts import storj_sources
from storj_monitor.plugin import Kind
from storj_monitor.store import AlertChanges, Finding, News, PastAlert, Scores
from tests.records import US1, at
from tests.sources.asking import ask, moment

if TYPE_CHECKING:
    from storj_monitor.store import Store

(ALERTS,) = storj_sources()
RAISED = at("2026-03-04T10:11:12")
LOW = Finding(1, 1, "audit_score", "warning", "Low", "=a low score", 0.99, 0.995)
FAILING = Finding(0, 0, "exports_failing", "warning", "Failing", "They fail.")
FULL = Finding(1, 0, "disk_space", "critical", "Full", "It is full.", 0.96, 0.95)


@pytest.fixture
def written(store: Store) -> Store:
    """Write an alert of a satellite, two seconds later one of none, and one that is resolved."""
    score = Scores(RAISED, US1, 0.99, 1.0, 1.0, None, None)
    with store.writer() as writer:
        writer.write([News(node="n1", scores=[score]), News(node="n2")])
        writer.update_alerts(AlertChanges([LOW]), RAISED)
        writer.update_alerts(AlertChanges([FAILING, FULL]), RAISED + 2_000_000)
        writer.update_alerts(AlertChanges(over=[3]), RAISED + 3_000_000)
        writer.acknowledge(1, RAISED + 1_000_000)
    return store


def test_the_columns_are_those_of_the_public_contract() -> None:
    assert [(column.key, column.kind) for column in ALERTS.columns] == [
        ("timestamp", Kind.TIMESTAMP),
        *((key, Kind.TEXT) for key in ("node", "satellite", "type", "severity")),
        *((key, Kind.TEXT) for key in ("title", "message")),
        *((key, Kind.NUMBER) for key in ("value", "threshold")),
        *((key, Kind.TIMESTAMP) for key in ("resolved_at", "acknowledged_at")),
        ("id", Kind.INTEGER),
        ("origin", Kind.TEXT),
    ]
    names = [filter_.name for filter_ in ALERTS.filters]
    assert names == ["severity", "type", "state", "satellite"]


def test_alerts_come_in_the_order_in_which_they_were_raised(written: Store) -> None:
    said = (moment("2026-03-04T10:11:12"), "n1", "us1", *LOW[2:])
    later = moment("2026-03-04T10:11:14")
    assert [tuple(row.values()) for row in ask(written, ALERTS)] == [
        (*said, None, moment("2026-03-04T10:11:13"), 1, "monitor"),
        (later, None, None, *FAILING[2:], None, None, 2, "monitor"),
        (later, "n1", None, *FULL[2:], moment("2026-03-04T10:11:15"), None, 3, "monitor"),
    ]


@pytest.mark.parametrize(
    ("filters", "nodes", "ids"),
    [
        ({"severity": ["warning"]}, (), [1, 2]),
        ({"severity": ["info", "critical"]}, (), [3]),
        ({"type": ["audit_score", "disk_space"]}, (), [1, 3]),
        ({"state": ["open"]}, (), [1, 2]),
        ({"state": ["resolved"]}, (), [3]),
        ({"state": ["open", "resolved"]}, (), [1, 2, 3]),
        ({"satellite": ["us1"]}, (), [1]),
        ({}, ("n1",), [1, 3]),
        ({}, ("n2",), []),
    ],
)
def test_filters_and_nodes_choose_rows(
    written: Store, filters: dict[str, list[str]], nodes: tuple[str, ...], ids: list[int]
) -> None:
    rows = ask(written, ALERTS, filters=filters, nodes=nodes)
    assert [row["id"] for row in rows] == ids


def test_an_alert_belongs_to_its_span_and_to_those_after_it_while_it_is_open(
    written: Store,
) -> None:
    def told(start: str, end: str) -> list[tuple[int, bool]]:
        rows = ask(written, ALERTS, start, end)
        return [(row["id"], row["resolved_at"] is None) for row in rows]

    within = told("2026-03-04T10:11:13", "2026-03-04T10:11:15")
    assert {2, 3} <= {alert_id for alert_id, _ in within}
    assert all(is_open for alert_id, is_open in within if alert_id not in {2, 3})
    later = told("2026-03-04T10:11:15", "2026-03-05")
    assert later
    assert all(is_open for _, is_open in later)
    assert told("2026-03-03", "2026-03-04") == []


def test_what_another_monitor_raised_says_so(store: Store) -> None:
    past = PastAlert(RAISED, US1, "uptime_warning", "warning", "Uptime", "Low.", resolved_at=RAISED)
    with store.writer() as writer:
        writer.write([News(node="n1", past_alerts=[past])])
    [row] = ask(store, ALERTS)
    assert (row["type"], row["origin"], row["satellite"]) == ("uptime_warning", "import", "us1")
    assert row["resolved_at"] == moment("2026-03-04T10:11:12")
