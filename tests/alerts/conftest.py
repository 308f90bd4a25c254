from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.alerts.world import ATTIC, EU1, NAS, US1, World

if TYPE_CHECKING:
    from storj_monitor.store import Store


@pytest.fixture
def world(store: Store) -> World:
    """Give two nodes, attic and nas, and two satellites, us1 and eu1."""
    world = World(store)
    for node_id, name in ((ATTIC, "attic"), (NAS, "nas")):
        world.put("nodes", id=node_id, name=name)
    for satellite_id, name in ((US1, "us1"), (EU1, "eu1")):
        world.put("satellites", id=satellite_id, satellite_id=f"id-of-{name}", name=name)
    return world
