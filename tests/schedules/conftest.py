"""An office for every file of tests that needs no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.schedules.offices import Office

if TYPE_CHECKING:
    from storj_monitor.store import Store


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)
