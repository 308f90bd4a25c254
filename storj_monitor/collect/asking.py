"""Asks one node for all that is due: what one part comes to never costs another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from storj_monitor.clock import now
from storj_monitor.collect.answers import Told
from storj_monitor.collect.node_api import (
    Failure,
    MoneyReading,
    NodeApiError,
    StatementsReading,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.collect.agenda import Agenda
    from storj_monitor.collect.answers import Answer
    from storj_monitor.collect.node_api import NodeReading


class Api(Protocol):
    """What is asked: a `NodeApi`, but in tests."""

    async def read(self) -> NodeReading:
        """Return what the node says. Raises NodeApiError when it says nothing at all."""
        ...

    async def read_money(self, satellite_ids: Sequence[str]) -> MoneyReading:
        """Return what the node expects to be paid by satellites."""
        ...

    async def read_statements(self, periods: Sequence[str] | None = None) -> StatementsReading:
        """Return what satellites stated about months; None means all."""
        ...


async def ask(api: Api, agenda: Agenda | None = None) -> Answer:
    """Return what a node says, of money what the agenda has due; never raises."""
    try:
        node = await api.read()
    except NodeApiError as error:
        return error
    except Exception as error:  # noqa: BLE001  one node's fault never stops the others
        return NodeApiError(_ours(error))
    if agenda is None:
        return Told(node=node, failures=node.failures)
    money = await _money(api, agenda, node)
    statements = await _statements(api, agenda)
    failures = dict.fromkeys(node.failures)
    for part in (money, statements):
        failures |= dict.fromkeys(() if part is None else part.failures)
    failures |= dict.fromkeys(agenda.missing)
    return Told(node=node, money=money, statements=statements, failures=tuple(failures))


async def _money(api: Api, agenda: Agenda, node: NodeReading) -> MoneyReading | None:
    at = asyncio.get_running_loop().time()
    if not agenda.is_money_due(at):
        return None
    satellites = [one.satellite_id for one in node.satellites if one.disqualified_at is None]
    try:
        read = await api.read_money(satellites)
    except Exception as error:  # noqa: BLE001  what the node said of itself is kept
        failure = Failure("/api/sno/estimated-payout", _ours(error))
        read = MoneyReading(at=now(), failures=(failure,))
    agenda.note_money(at, read)
    return read


async def _statements(api: Api, agenda: Agenda) -> StatementsReading | None:
    at = asyncio.get_running_loop().time()
    if not agenda.are_statements_due(at):
        return None
    periods = agenda.periods(now())
    try:
        read = await api.read_statements(periods)
    except Exception as error:  # noqa: BLE001  what the node said of itself is kept
        failure = Failure("/api/heldamount", _ours(error))
        unread = None if periods is None else tuple(periods)
        read = StatementsReading(at=now(), unread=unread, failures=(failure,))
    agenda.note_statements(at, read)
    return read


def _ours(error: Exception) -> str:
    return f"it could not be read, for a fault of ours: {type(error).__name__}"
