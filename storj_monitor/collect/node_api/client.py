"""Asks a node what it knows of itself; only ever with GET, which changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import Raw
from msgspec.json import Decoder

from storj_monitor.clock import now
from storj_monitor.collect.node_api import meanings, payouts, replies, statements
from storj_monitor.collect.node_api.address import ADDRESS_HINT
from storj_monitor.collect.node_api.endpoints import Deadline, Endpoints
from storj_monitor.collect.node_api.findings import (
    FLAG,
    ID,
    NULL,
    WORD,
    Findings,
    failures_of,
    noted,
)
from storj_monitor.collect.node_api.readings import (
    MoneyReading,
    NodeApiError,
    NodeReading,
    SatelliteReading,
    StatementsReading,
)
from storj_monitor.collect.node_api.transport import TimeLimits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import ClientSession

    from storj_monitor.collect.node_api.readings import Failure
    from storj_monitor.plugin.payouts import Price

_DASHBOARD = "/api/sno/"
_SATELLITE = "/api/sno/satellite/"
_SATELLITES = "/api/sno/satellites"
_ESTIMATE = "/api/sno/estimated-payout"
_DASHBOARD_REPLY = Decoder(replies.Dashboard)
_SATELLITE_REPLY = Decoder(replies.Satellite)
_SATELLITES_REPLY = Decoder(replies.Satellites)
_PRICING_REPLY = Decoder(replies.Pricing)
_ESTIMATE_REPLY = Decoder(replies.EstimatedPayout)
_ITEMS_REPLY: Decoder[list[Raw] | None] = Decoder(list[Raw] | None)


class NodeApi:
    """The API of one node, such as http://127.0.0.1:14002; `session` stays open, the caller's.

    The limits are seconds: until a connection stands, for a request, for all of a reading, and for
    all of reading statements, of which there may be many.
    """

    def __init__(  # noqa: PLR0913  each limit has a name
        self,
        session: ClientSession,
        url: str,
        *,
        connect_seconds: float = 5.0,
        request_seconds: float = 15.0,
        reading_seconds: float = 60.0,
        statements_seconds: float = 120.0,
    ) -> None:
        limits = TimeLimits(connect_seconds, min(request_seconds, reading_seconds))
        self._endpoints = Endpoints(session, url, limits)
        self._reading_seconds = reading_seconds
        self._statements_seconds = statements_seconds

    async def read(self) -> NodeReading:
        """Return what the node says now. Raises NodeApiError when it says nothing at all.

        What can't be read is a failure in the reading, and the rest is kept.
        """
        at = now()
        deadline = Deadline(self._reading_seconds)
        dashboard = await self._endpoints.get(_DASHBOARD, _DASHBOARD_REPLY)
        _check_is_of_a_node(dashboard)
        findings = Findings(_DASHBOARD)
        disk = meanings.disk_space(dashboard.disk_space, findings)
        listed = meanings.satellites(dashboard.satellites, findings)
        satellites, failures = await self._satellites(listed, deadline)
        return NodeReading(
            at=at,
            node_id=findings.take(dashboard.node_id, ID, "nodeID"),
            version=findings.take(dashboard.version, WORD, "version") or None,
            allowed_version=findings.take(dashboard.allowed_version, WORD, "allowedVersion"),
            up_to_date=findings.take(dashboard.up_to_date, FLAG, "upToDate"),
            started_at=findings.time(dashboard.started_at, "startedAt"),
            disk=disk,
            satellites=tuple(satellites),
            failures=(*findings.failures, *failures),
        )

    async def read_money(self, satellite_ids: Sequence[str]) -> MoneyReading:
        """Return what the node expects of satellites for this month (UTC) and the last.

        Nothing is asked within minutes of a month's turn, when the node might mean another month.
        What can't be read is a failure in the reading; it never raises NodeApiError.
        """
        at = now()
        if not payouts.is_month_certain(at):
            return MoneyReading(at=at)
        paths = {f"{_ESTIMATE}?id={each}": each for each in satellite_ids}
        deadline = Deadline(self._reading_seconds)
        answers = await self._endpoints.get_each(paths, _ESTIMATE_REPLY, deadline)
        told, findings = noted(
            {path: one for path, one in answers.items() if not payouts.is_disqualified(one)}
        )
        expected = [payouts.expected(paths[path], told[path], findings[path]) for path in told]
        return MoneyReading(at=at, expected=tuple(expected), failures=failures_of(findings))

    async def read_statements(self, periods: Sequence[str] | None = None) -> StatementsReading:
        """Return what satellites stated about months (such as 2026-10); without them, about all.

        What can't be read is a failure in the reading; it never raises NodeApiError.
        """
        at = now()
        deadline = Deadline(self._statements_seconds)
        findings: Mapping[str, Findings] = {}
        if periods is None:
            answers = await self._endpoints.get_each([statements.PERIODS], _ITEMS_REPLY, deadline)
            told, findings = noted(answers)
            if not told:
                return StatementsReading(at=at, unread=None, failures=failures_of(findings))
            periods = statements.periods_of(told[statements.PERIODS], findings[statements.PERIODS])
        paths = statements.paths_of(periods)
        answers = await self._endpoints.get_each(paths, _ITEMS_REPLY, deadline)
        reading = statements.statements_of(at, periods, answers)
        return replace(reading, failures=(*failures_of(findings), *reading.failures))

    async def _satellites(
        self, listed: Sequence[meanings.Satellite], deadline: Deadline
    ) -> tuple[list[SatelliteReading], list[Failure]]:
        """Ask for the scores of each satellite, and for those of all where one doesn't answer."""
        paths = {_SATELLITE + each.satellite_id: each.satellite_id for each in listed}
        answers = await self._endpoints.get_each(paths, _SATELLITE_REPLY, deadline)
        told, findings = noted(answers)
        details = {
            paths[path]: meanings.detail(reply, findings[path]) for path, reply in told.items()
        }
        without = [paths[path] for path, reply in told.items() if reply.price_model == NULL]
        prices, more = await self._prices(without, deadline)
        details |= {each: details[each]._replace(price=prices.get(each)) for each in without}
        failures = [*failures_of(findings), *more]
        by_url: Mapping[str, meanings.Scores] = {}
        if len(details) < len(listed):
            by_url, more = await self._scores_by_url(deadline)
            failures += more
        return [_reading(each, details, by_url) for each in listed], failures

    async def _prices(
        self, satellite_ids: Sequence[str], deadline: Deadline
    ) -> tuple[dict[str, Price | None], Sequence[Failure]]:
        """Ask for the prices of satellites that aren't told with the rest."""
        paths = {f"{_SATELLITES}/{each}/pricing": each for each in satellite_ids}
        answers = await self._endpoints.get_each(paths, _PRICING_REPLY, deadline)
        told, findings = noted(answers)
        prices = {paths[path]: payouts.price(told[path], findings[path]) for path in told}
        return prices, failures_of(findings)

    async def _scores_by_url(
        self, deadline: Deadline
    ) -> tuple[Mapping[str, meanings.Scores], Sequence[Failure]]:
        answers = await self._endpoints.get_each([_SATELLITES], _SATELLITES_REPLY, deadline)
        told, findings = noted(answers)
        found = {
            url: scores
            for path, reply in told.items()
            for url, scores in meanings.scores_by_url(reply.audits, findings[path]).items()
        }
        return found, failures_of(findings)


def _check_is_of_a_node(dashboard: replies.Dashboard) -> None:
    told = (dashboard.node_id, dashboard.disk_space, dashboard.satellites)
    if all(part == NULL for part in told):
        reason = "the answer is JSON, but not that of a storagenode"
        raise NodeApiError(reason, ADDRESS_HINT)


def _reading(
    satellite: meanings.Satellite,
    details: Mapping[str, meanings.Detail],
    by_url: Mapping[str, meanings.Scores],
) -> SatelliteReading:
    scores, joined_at, sent, price = details.get(
        satellite.satellite_id,
        meanings.Detail(by_url.get(satellite.url or "", meanings.NO_SCORES)),
    )
    repair_bytes, audit_bytes = (None, None) if sent is None else sent
    return SatelliteReading(
        satellite_id=satellite.satellite_id,
        url=satellite.url,
        audit_score=scores.audit,
        suspension_score=scores.suspension,
        online_score=scores.online,
        audits_total=None,
        audits_ok=None,
        disqualified_at=satellite.disqualified_at,
        suspended_at=satellite.suspended_at,
        vetted_at=satellite.vetted_at,
        joined_at=joined_at,
        repair_bytes=repair_bytes,
        audit_bytes=audit_bytes,
        price=price,
    )
