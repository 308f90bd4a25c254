"""A fake node, and a client session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from tests.collect.node_api.fake_node import FakeNode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
async def node() -> AsyncIterator[FakeNode]:
    async with FakeNode() as started:
        yield started
