from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_export_plugins.sources.compactions import storj_sources
from storj_monitor.plugin import Kind
from storj_monitor.store import Compaction, News
from tests.records import EU1, US1, at
from tests.sources.asking import ask, moment

if TYPE_CHECKING:
    from storj_monitor.store import Store

(COMPACTIONS,) = storj_sources()
ENDED = at("2026-03-04T10:11:12")


def write(store: Store, *compactions: Compaction, node: str = "n1") -> None:
    with store.writer() as writer:
        writer.write([News(node=node, compactions=compactions)])


def compaction(satellite: str, duration_ms: int) -> Compaction:
    nothing = (None, None, None, None, None)
    return Compaction(ENDED, satellite, "s0", duration_ms, *nothing)


def test_the_columns_are_those_of_the_public_contract() -> None:
    assert [(column.key, column.kind) for column in COMPACTIONS.columns] == [
        ("timestamp", Kind.TIMESTAMP),
        *((key, Kind.TEXT) for key in ("node", "satellite", "satellite_id", "store")),
        ("duration_ms", Kind.DURATION),
        ("reclaimed_bytes", Kind.BYTES),
        ("rewritten_bytes", Kind.BYTES),
        ("table_load", Kind.RATIO),
        ("trash_ratio", Kind.RATIO),
        ("error", Kind.TEXT),
    ]
    assert [filter_.name for filter_ in COMPACTIONS.filters] == ["satellite"]


def test_a_compaction_is_a_row_and_what_the_log_did_not_say_is_empty(store: Store) -> None:
    write(
        store,
        Compaction(ENDED, US1, "s0", 26_051, 112 * 2**30, 0, 0.43, 0.07, None),
        Compaction(ENDED, US1, "s1", None, None, None, None, None, "no space left"),
    )
    first, second = ask(store, COMPACTIONS)
    assert tuple(first.values()) == (
        moment("2026-03-04T10:11:12"),
        *("n1", "us1", US1, "s0"),
        *(26_051, 112 * 2**30, 0, 0.43, 0.07, None),
    )
    assert tuple(second.values())[4:] == ("s1", *[None] * 5, "no space left")


@pytest.mark.parametrize(
    ("filters", "nodes", "durations"),
    [
        ({}, (), [1, 2, 3]),
        ({"satellite": ["us1"]}, (), [1, 3]),
        ({"satellite": [EU1]}, (), [2]),
        ({"satellite": ["us1"]}, ("n2",), [3]),
    ],
)
def test_filters_and_nodes_choose_rows(
    store: Store, filters: dict[str, list[str]], nodes: tuple[str, ...], durations: list[int]
) -> None:
    write(store, compaction(US1, 1), compaction(EU1, 2))
    write(store, compaction(US1, 3), node="n2")
    rows = ask(store, COMPACTIONS, filters=filters, nodes=nodes)
    assert sorted(row["duration_ms"] for row in rows) == durations


def test_the_span_is_half_open_and_an_empty_database_has_no_rows(store: Store) -> None:
    assert ask(store, COMPACTIONS) == []
    write(store, compaction(US1, 1))
    assert len(ask(store, COMPACTIONS, "2026-03-04T10:11:12", "2026-03-04T10:11:13")) == 1
    assert ask(store, COMPACTIONS, "2026-03-04T10:11:11", "2026-03-04T10:11:12") == []
