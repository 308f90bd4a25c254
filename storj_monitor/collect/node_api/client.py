"""Asks a node what it knows of itself; only ever with GET, which changes nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from storj_monitor.clock import now
from storj_monitor.collect.node_api import meanings, replies
from storj_monitor.collect.node_api.address import ADDRESS_HINT, Address
from storj_monitor.collect.node_api.findings import FLAG, ID, NULL, WORD, Findings, decoded
from storj_monitor.collect.node_api.readings import NodeApiError, NodeReading, SatelliteReading
from storj_monitor.collect.node_api.transport import TimeLimits, fetch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import ClientSession

    from storj_monitor.collect.node_api.readings import Failure

_Reply = TypeVar("_Reply")
_DASHBOARD = "/api/sno/"
_SATELLITE = "/api/sno/satellite/"
_SATELLITES = "/api/sno/satellites"
#: A node answers each with many queries of its databases, which share a disk with the pieces.
_AT_ONCE = 2


class NodeApi:
    """The API of one node, such as http://127.0.0.1:14002; `session` stays open, the caller's.

    The limits are seconds: until a connection stands, for a request, for all of a reading.
    """

    def __init__(
        self,
        session: ClientSession,
        url: str,
        *,
        connect_seconds: float = 5.0,
        request_seconds: float = 15.0,
        reading_seconds: float = 60.0,
    ) -> None:
        self._session = session
        self._url = url
        self._limits = TimeLimits(connect_seconds, min(request_seconds, reading_seconds))
        self._reading_seconds = reading_seconds

    async def read(self) -> NodeReading:
        """Return what the node says now. Raises NodeApiError when it says nothing at all.

        What can't be read is a failure in the reading, and the rest is kept.
        """
        at = now()
        until = asyncio.get_running_loop().time() + self._reading_seconds
        dashboard = await self._get(_DASHBOARD, replies.Dashboard)
        _check_is_of_a_node(dashboard)
        findings = Findings(_DASHBOARD)
        disk = meanings.disk_space(dashboard.disk_space, findings)
        listed = meanings.satellites(dashboard.satellites, findings)
        satellites, failures = await self._satellites(listed, until)
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

    async def _satellites(
        self, listed: Sequence[meanings.Satellite], until: float
    ) -> tuple[list[SatelliteReading], list[Failure]]:
        """Ask for the scores of each satellite, and for those of all where one doesn't answer."""
        details: dict[str, meanings.Detail] = {}
        failures = await self._details([each.satellite_id for each in listed], until, details)
        by_url: Mapping[str, meanings.Scores] = {}
        if len(details) < len(listed):
            findings = Findings(_SATELLITES)
            by_url = await self._scores_by_url(until, findings)
            failures += findings.failures
        return [_reading(each, details, by_url) for each in listed], failures

    async def _details(
        self, satellite_ids: Sequence[str], until: float, details: dict[str, meanings.Detail]
    ) -> list[Failure]:
        """Ask for each satellite, a few at once, and put what is said into `details`."""
        findings = {each: Findings(_SATELLITE + each) for each in satellite_ids}
        waiting = deque(satellite_ids)

        async def ask() -> None:
            while waiting:
                satellite_id = waiting.popleft()
                found = findings[satellite_id]
                try:
                    reply = await self._get(_SATELLITE + satellite_id, replies.Satellite)
                    details[satellite_id] = meanings.detail(reply, found)
                except NodeApiError as error:
                    found.note(error.reason)

        with suppress(TimeoutError):
            async with asyncio.timeout_at(until), asyncio.TaskGroup() as group:
                for _ in range(_AT_ONCE):
                    group.create_task(ask())
        for satellite_id, found in findings.items():
            if satellite_id not in details and not found.failures:
                found.note(self._no_time_left)
        return [failure for found in findings.values() for failure in found.failures]

    async def _scores_by_url(
        self, until: float, findings: Findings
    ) -> Mapping[str, meanings.Scores]:
        try:
            async with asyncio.timeout_at(until):
                reply = await self._get(_SATELLITES, replies.Satellites)
        except NodeApiError as error:
            findings.note(error.reason)
        except TimeoutError:
            findings.note(self._no_time_left)
        else:
            return meanings.scores_by_url(reply.audits, findings)
        return {}

    @property
    def _no_time_left(self) -> str:
        return f"no time was left: all of a reading may take {self._reading_seconds:g} s"

    async def _get(self, path: str, kind: type[_Reply]) -> _Reply:
        """Return what an endpoint answers. Raises NodeApiError."""
        address = Address.parse(self._url)
        return decoded(await fetch(self._session, address, path, self._limits), kind)


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
    scores, joined_at = details.get(
        satellite.satellite_id,
        meanings.Detail(by_url.get(satellite.url or "", meanings.NO_SCORES), None),
    )
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
    )
