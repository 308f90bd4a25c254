"""What a node's API answered: the way from there to the store's News."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from storj_monitor.clock import now
from storj_monitor.collect.node_api import NodeApiError
from storj_monitor.collect.node_api.address import Address
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import News, Poll, Scores, UsedSpace

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.collect.node_api import NodeReading, SatelliteReading
    from storj_monitor.collect.nodes import NodeUrl

#: What came of asking: what the node said, or why it said nothing at all.
Answer: TypeAlias = "NodeReading | NodeApiError"


def news_of(given: NodeUrl, answer: Answer) -> News:
    """Return what an answer tells, for the store's writer."""
    url = shown_url(given.url)
    if isinstance(answer, NodeApiError):
        poll = Poll(microseconds(now()), url, is_answered=False, reason=answer.reason)
        return News(node=given.node, poll=poll)
    at = microseconds(answer.at)
    return News(
        node=given.node,
        poll=Poll(at, url, is_answered=True, reason=missing(answer), version=answer.version),
        scores=[_scores(at, said) for said in answer.satellites if _says_anything(said)],
        used_space=[] if answer.disk is None else [UsedSpace(at, *answer.disk)],
        satellite_urls={said.satellite_id: said.url for said in answer.satellites if said.url},
    )


def shown_url(url: str) -> str:
    """Return an API's URL without a name and password in it."""
    try:
        address = Address.parse(url)
    except NodeApiError:
        return "an unusable address"
    return f"{address.scheme}://{address.shown}{address.prefix}"


def missing(answer: NodeReading) -> str | None:
    """Say what part of an answer is missing; None if nothing is."""
    if not answer.failures:
        return None
    first, *more = (f"{failure.endpoint}: {failure.reason}" for failure in answer.failures)
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
