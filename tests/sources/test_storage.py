from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_export_plugins.sources.storage import storj_sources
from storj_monitor.plugin import Kind
from storj_monitor.store import FreeSpace, News, UsedSpace
from tests.records import at
from tests.sources.asking import ask, moment
from tests.store.databases import run

if TYPE_CHECKING:
    from storj_monitor.store import Store

(STORAGE,) = storj_sources()
SAID = at("2026-03-04T10:11:12")
MINUTE = 60_000_000
SIZES = ("allocated", "used", "free", "trash", "reclaimable", "overused")


def write(store: Store, *free_space: FreeSpace, node: str = "n1") -> None:
    with store.writer() as writer:
        writer.write([News(node=node, free_space=free_space)])


def test_the_columns_are_those_of_the_public_contract() -> None:
    assert [(column.key, column.kind) for column in STORAGE.columns] == [
        ("timestamp", Kind.TIMESTAMP),
        ("node", Kind.TEXT),
        *((f"{size}_bytes", Kind.BYTES) for size in SIZES),
        ("used_ratio", Kind.RATIO),
        ("origin", Kind.TEXT),
    ]
    assert [filter_.name for filter_ in STORAGE.filters] == ["origin"]


def test_the_log_tells_free_space_alone(store: Store) -> None:
    write(store, FreeSpace(SAID, 14_478_332_563_968))
    [row] = ask(store, STORAGE)
    assert tuple(row.values()) == (
        moment("2026-03-04T10:11:12"),
        *("n1", None, None, 14_478_332_563_968, None, None, None, None, "log"),
    )


@pytest.mark.parametrize(
    ("used", "allocated", "ratio"),
    [
        (25, 100, 0.25),
        (0, 100, 0.0),
        (110, 100, 1.1),
        (0, 0, None),
        (None, 100, None),
        (25, None, None),
    ],
)
def test_the_used_part_is_known_where_both_are(
    store: Store, used: int | None, allocated: int | None, ratio: float | None
) -> None:
    sizes = UsedSpace(SAID, allocated, used, 3, 2, 1, 0)
    with store.writer() as writer:
        writer.write([News(node="n1", used_space=[sizes])])
    [row] = ask(store, STORAGE)
    assert tuple(row.values())[2:] == (allocated, used, 3, 2, 1, 0, ratio, "api")


def test_filters_and_nodes_choose_rows(store: Store) -> None:
    write(store, FreeSpace(SAID, 1))
    write(store, FreeSpace(SAID, 2), node="n2")
    run(store.path, "UPDATE storage SET origin = 'api' WHERE free_bytes = 2")
    assert [row["free_bytes"] for row in ask(store, STORAGE)] == [1, 2]
    assert [row["free_bytes"] for row in ask(store, STORAGE, filters={"origin": ["api"]})] == [2]
    assert [row["free_bytes"] for row in ask(store, STORAGE, nodes=("n1",))] == [1]
    assert ask(store, STORAGE, filters={"origin": ["import"]}) == []


@pytest.mark.parametrize(
    ("start", "end", "free"),
    [
        ("10:11:12", "10:11:13", [1]),
        ("10:11:11", "10:11:12", []),
        ("10:10:00", "10:11:00", []),
        ("10:13:00", "10:17:00", []),
        ("10:13:00", "10:17:13", [2]),
        ("10:11:12", "10:17:13", [1, 2]),
    ],
)
def test_the_span_is_of_when_it_was_said_and_half_open(
    store: Store, start: str, end: str, free: list[int]
) -> None:
    write(store, FreeSpace(SAID, 1), FreeSpace(SAID + 6 * MINUTE, 2))
    rows = ask(store, STORAGE, f"2026-03-04T{start}", f"2026-03-04T{end}")
    assert [row["free_bytes"] for row in rows] == free


def test_an_empty_database_has_no_rows(store: Store) -> None:
    assert ask(store, STORAGE) == []
