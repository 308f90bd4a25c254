"""A storage node's dashboard API on a real port, of three generations, and every way to fail.

async with FakeNode(Generation.V1_55) as node:
    node.faults["/api/sno/satellites"] = hang
    await NodeApi(session, node.url).read()
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import web

from tests.collect.node_api import fake_money

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType
    from typing import Self

    Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]

Answer = dict[str, Any]

NODE_ID = "12Q6fJ8GDjVYSR7xkQZq4oJ4M8SHSjCSi2hVTpKyGbaMkYtHhzF"
STARTED_AT = "2026-03-01T07:08:09.123456789Z"
JOINED_AT = "2021-04-05T06:07:08.5Z"
NEVER = "0001-01-01T00:00:00Z"
DASHBOARD = "/api/sno/"
SATELLITES = "/api/sno/satellites"
#: Of a satellite: in cents, and spelled in two ways.
PRICE_MODEL = {
    "EgressBandwidth": 200,
    "RepairBandwidth": 200,
    "AuditBandwidth": 200,
    "DiskSpace": 149,
}
PRICES = {name[0].lower() + name[1:]: cents for name, cents in PRICE_MODEL.items()}


class Generation(Enum):
    """The versions that answer alike; each value is one of them."""

    #: Up to v1.66: `quicEnabled`; up to v1.69: no averages in bytes.
    V1_55 = "1.55.1"
    #: Up to v1.142: `diskSpace.available` is what is allocated; up to v1.78 there is no `/pricing`,
    #: and up to v1.96 no history of payouts by satellites that are no more.
    V1_71 = "1.71.2"
    #: Since v1.143: `allocated` and `reclaimable`; since v1.131: `vettedAt`.
    V1_143 = "1.143.6"


class Trusted(NamedTuple):
    """A satellite that the node trusts."""

    satellite_id: str
    url: str
    audit: float = 1
    suspension: float = 1
    online: float = 1
    disqualified: str | None = None
    suspended: str | None = None
    vetted: str | None = "2021-06-07T08:09:10Z"


US1 = Trusted(
    "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S",
    "us1.storj.io:7777",
    audit=0.9995,
    online=0.998938522777532,
)
EU1 = Trusted(
    "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs",
    "eu1.storj.io:7777",
    suspension=0.55,
    suspended="2026-02-03T04:05:06.789Z",
    vetted=None,
)
SALTLAKE = Trusted(
    "1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE",
    "saltlake.tardigrade.io:7777",
    audit=0.9599,
    disqualified="2025-12-13T14:15:16.171819Z",
)
TRUSTED = (US1, EU1, SALTLAKE)

ALLOCATED, PIECES, TRASH, RECLAIMABLE, OVERHEAD = (
    *(3_500_000_000_000, 2_381_577_296_000, 117_961_155_200),
    *(41_000_000_000, 1_000_000_000),
)


class FakeNode:
    """Answers like a node until a path is given a fault; `asked` is what was asked of it."""

    def __init__(
        self, generation: Generation = Generation.V1_143, trusted: tuple[Trusted, ...] = TRUSTED
    ) -> None:
        self.generation = generation
        self.trusted = trusted
        #: What is expected of each satellite, by its id.
        self.estimates: dict[str, Answer] = {
            US1.satellite_id: fake_money.estimate(),
            EU1.satellite_id: fake_money.estimate(fake_money.SMALL_MONTH, at_the_end=120),
        }
        #: The months of which there are statements, in the order of their making.
        self.periods = ["2023-05", "2026-01", "2026-02", "2026-02"]
        self.stubs = [
            fake_money.stub(fake_money.US2, "2023-05", created=NEVER, codes="D:X"),
            fake_money.stub(US1.satellite_id, "2026-01", surgePercent=100),
            fake_money.stub(US1.satellite_id, "2026-02"),
        ]
        sent = {"distributed": 3_132_600, "receipt": fake_money.RECEIPT}
        self.payouts = {
            "2023-05": [fake_money.payout(fake_money.US2, fake_money.US2_URL, **sent)],
            "2026-01": [fake_money.payout(US1.satellite_id, US1.url, **sent)],
            "2026-02": [fake_money.payout(US1.satellite_id, US1.url)],
        }
        self.held = [
            fake_money.held(US1.satellite_id, US1.url, JOINED_AT),
            fake_money.held(fake_money.US2, fake_money.US2_URL, fake_money.US2_JOINED_AT),
        ]
        #: By path, be it with what stands behind its `?`, or by `*` for all of them.
        self.faults: dict[str, Fault] = {}
        self.asked: list[str] = []
        #: The headers `Authorization` that came.
        self.logins: set[str] = set()
        #: The most requests that it was answering at once.
        self.most_at_once = 0
        self.url = ""
        self._now = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path_qs}")
        self.logins |= set(request.headers.getall("Authorization", ()))
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await asyncio.sleep(0)
            faults = (self.faults.get(key) for key in (request.path_qs, request.path, "*"))
            fault = next((one for one in faults if one is not None), self._route)
            return await fault(request)
        finally:
            self._now -= 1

    async def _route(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path == DASHBOARD.rstrip("/"):
            return await redirect_to(DASHBOARD)(request)
        if path == DASHBOARD:
            return web.json_response(self.dashboard())
        if path.startswith("/api/") and path.endswith("/"):
            return await redirect_to(path.rstrip("/"))(request)
        if path == SATELLITES:
            return web.json_response(self.satellites())
        if path.startswith("/api/sno/satellite/"):
            for trusted in self.trusted:
                if path == path_of(trusted):
                    return web.json_response(self.satellite(trusted))
            return await untrusted(request)
        return await self._route_of_money(request)

    async def _route_of_money(self, request: web.Request) -> web.StreamResponse:
        match request.path.split("/")[2:]:
            case ["sno", "estimated-payout"]:
                return await self._estimate(request.query["id"])(request)
            case ["sno", "satellites", _, "pricing"] if self.generation is Generation.V1_143:
                return web.json_response(PRICES)
            case ["heldamount", "periods"]:
                return web.json_response(self.periods or None)
            case ["heldamount", "paystubs", first, last] if first <= last:
                stubs = [stub for stub in self.stubs if first <= stub["period"] <= last]
                return web.json_response(stubs or None)
            case ["heldamount", "payout-history", period]:
                return web.json_response(self._payouts(period) or None)
            case ["heldamount", "held-history"]:
                return web.json_response(self.held or None)
            case _:
                return await web_page(request)

    def _estimate(self, satellite_id: str) -> Fault:
        for trusted in self.trusted:
            if trusted.satellite_id == satellite_id:
                return disqualified if trusted.disqualified else says(self.estimates[satellite_id])
        return untrusted

    def _payouts(self, period: str) -> list[Answer]:
        known = {trusted.satellite_id for trusted in self.trusted}
        return [
            payout
            for payout in self.payouts.get(period, ())
            if self.generation is Generation.V1_143 or payout["satelliteID"] in known
        ]

    def dashboard(self) -> Answer:
        """What `/api/sno/` says."""
        answer: Answer = {
            "nodeID": NODE_ID,
            "wallet": "0x0000000000000000000000000000000000000000",
            "walletFeatures": None,
            "satellites": [self._listed(trusted) for trusted in self.trusted] or None,
            "diskSpace": self._disk(),
            "bandwidth": {"used": 23_775_641_088, "available": 0},
            "lastPinged": "2026-03-04T10:11:12.345678912Z",
            "version": self.generation.value,
            "allowedVersion": "1.24.0",
            "upToDate": True,
            "startedAt": STARTED_AT,
            "configuredPort": "28967",
        }
        if self.generation is Generation.V1_55:
            return answer | {"quicEnabled": True}
        return answer | {"quicStatus": "OK", "lastQuicPingedAt": NEVER}

    def satellite(self, trusted: Trusted) -> Answer:
        """What `/api/sno/satellite/{id}` says."""
        answer: Answer = self._month() | {
            "id": trusted.satellite_id,
            "audits": _audits(trusted),
            "auditHistory": {"score": trusted.online, "windows": None},
            "priceModel": PRICE_MODEL,
            "nodeJoinedAt": JOINED_AT,
        }
        if self.generation is Generation.V1_143:
            return answer | {"vettedAt": trusted.vetted}
        return answer | {"currentStorageUsed": 12_177_187_840}

    def satellites(self) -> Answer:
        """What `/api/sno/satellites` says."""
        audits = [_audits(trusted) for trusted in self.trusted] or None
        return self._month() | {"earliestJoinedAt": JOINED_AT, "audits": audits}

    def _listed(self, trusted: Trusted) -> Answer:
        answer: Answer = {
            "id": trusted.satellite_id,
            "url": trusted.url,
            "disqualified": trusted.disqualified,
            "suspended": trusted.suspended,
        }
        if self.generation is Generation.V1_143:
            return answer | {"vettedAt": trusted.vetted}
        return answer | {"currentStorageUsed": 12_177_187_840}

    def _disk(self) -> Answer:
        if self.generation is not Generation.V1_143:
            return {"used": PIECES, "available": ALLOCATED, "trash": TRASH, "overused": 0}
        used = PIECES + TRASH + OVERHEAD
        return {
            "allocated": ALLOCATED,
            "used": used,
            "available": ALLOCATED - used,
            "trash": TRASH,
            "reclaimable": RECLAIMABLE,
            "overused": 0,
        }

    def _month(self) -> Answer:
        day: Answer = {"atRestTotal": 2.3665407627637134e12, "intervalStart": NEVER}
        answer: Answer = {
            "storageDaily": [day],
            "bandwidthDaily": None,
            "storageSummary": 2.3665407627637134e12,
            "bandwidthSummary": 0,
            "egressSummary": 0,
            "ingressSummary": 0,
        }
        if self.generation is not Generation.V1_55:
            day["atRestTotalBytes"] = 98_605_865_115.15
            answer["averageUsageBytes"] = 98_605_865_115.15
        return answer


def path_of(trusted: Trusted) -> str:
    """Return the path of the endpoint of one satellite."""
    return f"/api/sno/satellite/{trusted.satellite_id}"


def _audits(trusted: Trusted) -> Answer:
    return {
        "auditScore": trusted.audit,
        "suspensionScore": trusted.suspension,
        "onlineScore": trusted.online,
        "satelliteName": trusted.url,
    }


def says(answer: object, status: int = 200, content_type: str = "application/json") -> Fault:
    """Answer with this instead: JSON, or bytes as they are."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    async def answers(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, content_type=content_type)

    return answers


web_page = says(b"<!doctype html><title>Node</title>", content_type="text/html")
empty = says(b"")
broken = says({"error": "consoleapi storagenode: database is locked\n\x1b[1m"}, status=500)
disqualified = says(
    {"error": "consoleapi payouts: estimation: node was disqualified on satellite"}, status=500
)
untrusted = says({"error": "trust: satellite is untrusted"}, status=404)
not_a_number = says(b'{"nodeID": NaN, "audits": NaN}')


def redirect_to(location: str) -> Fault:
    """Answer that it is elsewhere."""

    async def answers(_: web.Request) -> web.StreamResponse:
        return web.Response(status=301, headers={"Location": location})

    return answers


async def huge(request: web.Request) -> web.StreamResponse:
    """Answer with 17 MB."""
    return await says(b'{"nodeID":"' + b"1" * 17_000_000 + b'"}')(request)


async def hang(_: web.Request) -> web.StreamResponse:
    """Take the request, and never answer."""
    await asyncio.Event().wait()
    raise AssertionError


async def _stream(request: web.Request, length: int | None) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = length
    await response.prepare(request)
    return response


async def _break_off(request: web.Request, *, length: int | None) -> web.StreamResponse:
    response = await _stream(request, length)
    await response.write(b'{"nodeID": "12Q6')
    assert request.transport is not None
    request.transport.close()
    return response


#: Half an answer, and the connection is closed: with its length said before, and without.
half = partial(_break_off, length=1_000)
half_of_a_stream = partial(_break_off, length=None)


async def half_that_looks_whole(_: web.Request) -> web.StreamResponse:
    """Answer with half of the JSON, properly ended."""
    return web.json_response(text='{"nodeID": "12Q6')


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection without a word."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def drip(request: web.Request) -> web.StreamResponse:
    """Answer for ever, a byte at a time."""
    response = await _stream(request, None)
    with suppress(ConnectionError):
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)
    return response
