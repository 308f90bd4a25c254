"""A demo database, which takes many seconds to make; it is only ever read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import pytest

from storj_monitor.collect.demo import make_demo
from storj_monitor.store import Store
from tests.once import made_once

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)
SEED = 7
_DATABASE, _TOLD = "demo.db", "told.json"


class Demo(NamedTuple):
    """A demo that was interrupted after a quarter and made again, and what it said meanwhile."""

    store: Store
    told: list[tuple[int, int]]


class _Interrupted(Exception):  # noqa: N818  it stands for Ctrl-C
    pass


def demo_of(factory: pytest.TempPathFactory, config: pytest.Config) -> Demo:
    """Return it, made as of NOW."""
    folder = made_once("demo", _make, factory, config)
    told = json.loads((folder / _TOLD).read_text(encoding="utf-8"))
    return Demo(Store.open(folder / _DATABASE), [(done, total) for done, total in told])


def _make(folder: Path) -> None:
    store = Store.open(folder / _DATABASE, create=True)
    told: list[tuple[int, int]] = []
    with pytest.raises(_Interrupted):
        make_demo(store, SEED, NOW, _interrupt)
    make_demo(store, SEED, NOW, lambda done, total: told.append((done, total)))
    (folder / _TOLD).write_text(json.dumps(told), encoding="utf-8")


def _interrupt(done: int, total: int) -> None:
    if done > total // 4:
        raise _Interrupted
