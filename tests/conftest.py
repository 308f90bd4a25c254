"""Fixtures for every folder of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.store import Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Give an empty database of its own."""
    return Store.open(tmp_path / "storj-monitor.db", create=True)
