from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.store import AlertChanges, Finding
from tests.store.databases import rows_of

if TYPE_CHECKING:
    from storj_monitor.store import Severity, Store

LOW = Finding(1, 2, "audit_score", "warning", "Low", "It is low.", 0.99, 0.995)
FAILING = Finding(0, 0, "exports_failing", "warning", "Failing", "They fail.")


def alerts_of(store: Store) -> list[dict[str, object]]:
    return rows_of(store.path, "SELECT * FROM alerts ORDER BY id")


def test_what_is_raised_is_a_row(store: Store) -> None:
    with store.writer() as writer:
        written = writer.update_alerts(AlertChanges([LOW, FAILING]), 5)
    assert written == ([LOW, FAILING], [])
    assert alerts_of(store) == [
        LOW._asdict()
        | {"id": 1, "at": 5, "resolved_at": None, "acknowledged_at": None, "origin": "monitor"},
        FAILING._asdict()
        | {"id": 2, "at": 5, "resolved_at": None, "acknowledged_at": None, "origin": "monitor"},
    ]


def test_one_of_each_node_satellite_and_type_is_open(store: Store) -> None:
    others = [LOW._replace(node_id=7), LOW._replace(satellite_id=7), LOW._replace(type="other")]
    with store.writer() as writer:
        assert writer.update_alerts(AlertChanges([LOW, LOW, *others]), 5).raised == [LOW, *others]
        assert writer.update_alerts(AlertChanges([LOW._replace(title="New")]), 6).raised == []
        assert writer.update_alerts(AlertChanges([LOW], over=[1]), 7) == ([LOW], [1])
    assert [row["at"] for row in alerts_of(store)] == [5, 5, 5, 5, 7]


@pytest.mark.parametrize(
    ("before", "after", "known"),
    [
        ("info", "info", 6),
        ("info", "warning", None),
        ("warning", "critical", None),
        ("info", "critical", None),
        ("critical", "warning", 6),
        ("critical", "critical", 6),
    ],
)
def test_only_what_is_worse_is_no_longer_acknowledged(
    store: Store, before: Severity, after: Severity, known: int | None
) -> None:
    now = LOW._replace(severity=after, message="Now.", value=None, threshold=0.5, title="No")
    with store.writer() as writer:
        writer.update_alerts(AlertChanges([LOW._replace(severity=before)]), 5)
        writer.acknowledge(1, 6)
        writer.update_alerts(AlertChanges(lasting={1: now}), 7)
    [row] = alerts_of(store)
    assert row == now._replace(title="Low")._asdict() | {
        "id": 1,
        "at": 5,
        "resolved_at": None,
        "acknowledged_at": known,
        "origin": "monitor",
    }


def test_an_alert_is_acknowledged_once_open_or_not(store: Store) -> None:
    with store.writer() as writer:
        writer.update_alerts(AlertChanges([LOW, FAILING]), 5)
        writer.update_alerts(AlertChanges(over=[2]), 6)
        assert [writer.acknowledge(1, at) for at in (7, 8)] == [7, 7]
        assert writer.acknowledge(2, 9) == 9
        assert writer.acknowledge(3, 9) is None
    assert [(row["resolved_at"], row["acknowledged_at"]) for row in alerts_of(store)] == [
        (None, 7),
        (6, 9),
    ]


def test_failures_are_counted_until_one_succeeds(store: Store) -> None:
    ends = [(1, "bad"), (2, "worse"), (3, None), (4, None), (5, "bad again")]
    found = []
    with store.writer() as writer:
        for at, error in ends:
            writer.note_outcome("export", "events as csv", at, error)
            found += rows_of(store.path, "SELECT at, failures, error FROM outcomes")
        writer.note_outcome("delivery", "events as csv", 6, "gone")
    assert [tuple(row.values()) for row in found] == [
        (1, 1, "bad"),
        (2, 2, "worse"),
        (3, 0, "worse"),
        (4, 0, "worse"),
        (5, 1, "bad again"),
    ]
    assert len(rows_of(store.path, "SELECT * FROM outcomes")) == 2
