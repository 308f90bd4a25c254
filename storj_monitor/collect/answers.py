"""What a node's API answered: the way from there to the store's News."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from storj_monitor.clock import now
from storj_monitor.collect.estimates import estimates_of
from storj_monitor.collect.node_api import NodeApiError
from storj_monitor.collect.node_api.address import Address
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import Joined, News, Poll, Prices, Scores, UsedSpace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from storj_monitor.collect.node_api import (
        Failure,
        MoneyReading,
        NodeReading,
        SatelliteReading,
        StatementsReading,
    )
    from storj_monitor.collect.nodes import NodeUrl
    from storj_monitor.collect.price_list import PriceList
    from storj_monitor.store import Estimate


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a node said: of itself, and of money where it was asked for that."""

    node: NodeReading
    #: None when it was not asked, since it told that not long ago.
    money: MoneyReading | None = None
    statements: StatementsReading | None = None
    #: What is missing: of this, and of what was asked before and will be asked again.
    failures: tuple[Failure, ...] = ()


#: What came of asking: what the node said, or why it said nothing at all.
Answer: TypeAlias = "Told | NodeApiError"


def news_of(given: NodeUrl, answer: Answer, prices: PriceList) -> News:
    """Return what an answer tells, for the store's writer."""
    if isinstance(answer, NodeApiError):
        url = shown_url(given.url)
        poll = Poll(microseconds(now()), url, is_answered=False, reason=answer.reason)
        return News(node=given.node, poll=poll)
    node = answer.node
    at = microseconds(node.at)
    return News(
        node=given.node,
        poll=_poll(given, answer),
        scores=[_scores(at, said) for said in node.satellites if _says_anything(said)],
        used_space=[] if node.disk is None else [UsedSpace(at, *node.disk)],
        paystubs=() if answer.statements is None else answer.statements.paystubs,
        estimates=list(expected_of(answer, prices)),
        joined=list(_joined(answer)),
        prices=[
            Prices(said.satellite_id, at, *said.price) for said in node.satellites if said.price
        ],
        satellite_urls=_urls(answer),
    )


def expected_of(told: Told, prices: PriceList) -> Iterator[Estimate]:
    """Yield what a node expects to be paid for this month and the last."""
    if told.money is not None:
        yield from estimates_of(told.money, told.node.satellites, prices)


def _poll(given: NodeUrl, told: Told) -> Poll:
    return Poll(
        microseconds(told.node.at),
        shown_url(given.url),
        is_answered=True,
        reason=missing(told.failures),
        version=told.node.version,
        allowed_version=told.node.allowed_version or None,
        is_allowed=told.node.up_to_date,
    )


def _joined(told: Told) -> Iterator[Joined]:
    """Yield since when the node stores for each satellite, be it one that is no more."""
    of_each = {} if told.statements is None else dict(told.statements.joined)
    of_each |= {
        said.satellite_id: said.joined_at for said in told.node.satellites if said.joined_at
    }
    for satellite, at in of_each.items():
        yield Joined(satellite, microseconds(at))


def _urls(told: Told) -> dict[str, str]:
    urls = {} if told.statements is None else dict(told.statements.urls)
    return urls | {said.satellite_id: said.url for said in told.node.satellites if said.url}


def shown_url(url: str) -> str:
    """Return an API's URL without a name and password in it."""
    try:
        address = Address.parse(url)
    except NodeApiError:
        return "an unusable address"
    return f"{address.scheme}://{address.shown}{address.prefix}"


def missing(failures: Sequence[Failure]) -> str | None:
    """Say what part of an answer is missing; None if nothing is."""
    if not failures:
        return None
    first, *more = (f"{failure.endpoint}: {failure.reason}" for failure in failures)
    return f"{first} (and {len(more)} more)" if more else first


def _says_anything(said: SatelliteReading) -> bool:
    """Whether there is an opinion: it isn't known when the node could not be asked for it."""
    scores = (said.audit_score, said.suspension_score, said.online_score)
    return any(one is not None for one in (*scores, said.disqualified_at, said.suspended_at))


def _scores(at: int, said: SatelliteReading) -> Scores:
    return Scores(
        at=at,
        satellite=said.satellite_id,
        audit_score=said.audit_score,
        suspension_score=said.suspension_score,
        online_score=said.online_score,
        audits_total=said.audits_total,
        audits_ok=said.audits_ok,
        disqualified_at=_time(said.disqualified_at),
        suspended_at=_time(said.suspended_at),
        vetted_at=_time(said.vetted_at),
        origin="api",
    )


def _time(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)
