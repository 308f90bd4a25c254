"""Their alerts, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.store import AlertChanges, Finding, News
from tests.records import EU1, US1, at
from tests.store.databases import rows_of

if TYPE_CHECKING:
    from storj_monitor.store import Store
    from tests.collect.imports.conftest import Add, TakeTable

ALERTS = """
SELECT a.*, n.name AS node, s.satellite_id AS satellite FROM alerts AS a
JOIN nodes AS n ON n.id = node_id LEFT JOIN satellites AS s ON s.id = a.satellite_id
ORDER BY a.at, a.id
"""


def alerts_of(store: Store) -> list[dict[str, Any]]:
    return rows_of(store.path, ALERTS)


def time(minute: int) -> str:
    return f"2025-10-11T05:{minute:02}:00.123456+00:00"


def test_an_alert_comes_with_what_it_is_about(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    add(
        *("alerts",),
        timestamp=time(0),
        alert_type="audit_score_critical",
        severity="critical",
        title="Audit score",
        message="69 % at us1",
        acknowledged=1,
        acknowledged_at=time(3),
        resolved=1,
        resolved_at=time(9),
        metadata=f'{{"satellite": "{US1}", "score": 69.5}}',
    )
    assert take_table("alerts").taken == 1
    [alert] = alerts_of(store)
    expected = {
        "at": at(time(0)),
        "node": "attic",
        "satellite": US1,
        "type": "audit_score_critical",
        "severity": "critical",
        "title": "Audit score",
        "message": "69 % at us1",
        "value": 69.5,
        "threshold": None,
        "resolved_at": at(time(9)),
        "acknowledged_at": at(time(3)),
        "origin": "import",
    }
    assert {name: alert[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("metadata", "value"),
    [
        ('{"used_percent": 81}', 81.0),
        ('{"p99_ms": 5200.5}', 5200.5),
        ('{"score": "low"}', None),
        ('{"score": 1e999}', None),
        ("{}", None),
        ("[1]", None),
        ("[" * 3_000, None),
        ("no JSON", None),
        (None, None),
    ],
)
def test_what_was_measured_is_found_where_it_is_told(
    metadata: str | None, value: float | None, add: Add, take_table: TakeTable, store: Store
) -> None:
    add("alerts", metadata=metadata)
    assert take_table("alerts").taken == 1
    assert [alert["value"] for alert in alerts_of(store)] == [value]


def test_an_alert_is_over_when_it_is_raised_again_and_the_last_stays_open(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    for minute in (0, 15, 30):
        add("alerts", timestamp=time(minute))
        add("alerts", timestamp=time(minute + 1), metadata=f'{{"satellite": "{EU1}"}}')
    account = take_table("alerts")
    assert account.repaired == {"open, and raised again: taken as resolved then": 4}
    ends = [alert["resolved_at"] for alert in alerts_of(store)]
    assert ends == [*(at(time(minute)) for minute in (15, 16, 30, 31)), None, None]


def test_a_second_import_resolves_what_was_raised_again_since(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    add("alerts", timestamp=time(0))
    assert take_table("alerts").taken == 1
    assert (again := take_table("alerts")).taken == 0
    assert again.known == 1
    add("alerts", timestamp=time(15))
    assert take_table("alerts").taken == 1
    assert [alert["resolved_at"] for alert in alerts_of(store)] == [at(time(15)), None]


def test_an_alert_that_is_open_here_as_another_is_not_open_twice(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    ours = Finding(1, 0, "storage_warning", "warning", "Ours", "Full soon")
    with store.writer() as writer:
        writer.write([News(node="attic")])
        writer.update_alerts(AlertChanges(raised=[ours]), at(time(1)))
    add("alerts", timestamp=time(0))
    assert take_table("alerts").repaired == {"open here already: taken as resolved": 1}
    assert [alert["resolved_at"] for alert in alerts_of(store)] == [at(time(0)), None]


def test_a_flag_without_a_time_is_as_old_as_the_alert(
    add: Add, take_table: TakeTable, store: Store
) -> None:
    add("alerts", timestamp=time(0), resolved=1, acknowledged=1, acknowledged_at="then")
    take_table("alerts")
    [alert] = alerts_of(store)
    assert (alert["resolved_at"], alert["acknowledged_at"]) == (at(time(0)), at(time(0)))


def test_what_is_no_alert_is_left_out(add: Add, take_table: TakeTable) -> None:
    add("alerts", severity="fatal")
    add("alerts", title="")
    add("alerts")
    add("alerts")
    assert take_table("alerts").left_out == {
        "of an unknown severity": 1,
        "without a type, a title or a message": 1,
        "that stand there twice": 1,
    }
