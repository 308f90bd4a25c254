from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_export_plugins.sources.reputation import storj_sources
from storj_monitor.plugin import Kind
from storj_monitor.store import News, Scores
from tests.records import EU1, US1, at
from tests.sources.asking import ask, moment

if TYPE_CHECKING:
    from storj_monitor.store import Store

(REPUTATION,) = storj_sources()
SAID = at("2026-03-04T10:11:12")


def write(store: Store, *scores: Scores, node: str = "n1") -> None:
    with store.writer() as writer:
        writer.write([News(node=node, scores=scores)])


def test_the_columns_are_those_of_the_public_contract() -> None:
    assert [(column.key, column.kind) for column in REPUTATION.columns] == [
        ("timestamp", Kind.TIMESTAMP),
        *((key, Kind.TEXT) for key in ("node", "satellite", "satellite_id")),
        *((key, Kind.RATIO) for key in ("audit_score", "suspension_score", "online_score")),
        *((key, Kind.INTEGER) for key in ("audits_total", "audits_ok")),
        *((key, Kind.TIMESTAMP) for key in ("disqualified_at", "suspended_at", "vetted_at")),
        ("origin", Kind.TEXT),
    ]
    assert [filter_.name for filter_ in REPUTATION.filters] == ["satellite", "origin"]


def test_what_the_log_said_is_a_row_and_what_it_did_not_say_is_empty(store: Store) -> None:
    write(store, Scores(SAID, US1, 1.0, 0.75, 0.998938522777532, 3383, 3380))
    write(store, Scores(SAID + 1, EU1, None, None, None, None, None), node="n2")
    assert [tuple(row.values()) for row in ask(store, REPUTATION)] == [
        (
            moment("2026-03-04T10:11:12"),
            *("n1", "us1", US1),
            *(1.0, 0.75, 0.998938522777532, 3383, 3380),
            *(None, None, None),
            "log",
        ),
        (moment("2026-03-04T10:11:12.000001"), "n2", "eu1", EU1, *[None] * 8, "log"),
    ]


def test_what_the_api_said_has_no_audits_but_since_when_it_is_so(store: Store) -> None:
    api = Scores(SAID, US1, 1.0, 1.0, 1.0, None, None, None, SAID, SAID - 1_000_000, origin="api")
    write(store, api, Scores(SAID, US1, 1.0, 1.0, 1.0, 1, 1))
    rows = ask(store, REPUTATION)
    assert [row["origin"] for row in rows] == ["api", "log"]
    assert tuple(rows[0].values())[4:] == (
        *(1.0, 1.0, 1.0, None, None),
        *(None, moment("2026-03-04T10:11:12"), moment("2026-03-04T10:11:11")),
        "api",
    )
    assert ask(store, REPUTATION, filters={"origin": ["api"]}) == rows[:1]


@pytest.mark.parametrize(
    ("filters", "nodes", "audits"),
    [
        ({}, (), [1, 2, 3]),
        ({"satellite": ["us1"]}, (), [1, 3]),
        ({"satellite": [EU1]}, (), [2]),
        ({"satellite": ["us1"]}, ("n2",), [3]),
        ({"origin": ["log", "api"]}, (), [1, 2, 3]),
        ({"origin": ["api"]}, (), []),
    ],
)
def test_filters_and_nodes_choose_rows(
    store: Store, filters: dict[str, list[str]], nodes: tuple[str, ...], audits: list[int]
) -> None:
    write(store, Scores(SAID, US1, 1.0, 1.0, 1.0, 1, 1), Scores(SAID, EU1, 1.0, 1.0, 1.0, 2, 2))
    write(store, Scores(SAID, US1, 1.0, 1.0, 1.0, 3, 3), node="n2")
    rows = ask(store, REPUTATION, filters=filters, nodes=nodes)
    assert sorted(row["audits_total"] for row in rows) == audits


def test_the_span_is_half_open_and_an_empty_database_has_no_rows(store: Store) -> None:
    assert ask(store, REPUTATION) == []
    write(store, Scores(SAID, US1, 1.0, 1.0, 1.0, 1, 1))
    assert len(ask(store, REPUTATION, "2026-03-04T10:11:12", "2026-03-04T10:11:13")) == 1
    assert ask(store, REPUTATION, "2026-03-04T10:11:11", "2026-03-04T10:11:12") == []
