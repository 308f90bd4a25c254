"""One client leaves places for others; who asks through a proxy that is trusted is one each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.exports.jobs import seats
from storj_monitor.settings import ExportSettings, WebSettings
from tests.web.rooms import Gate, problem, room
from tests.web.test_downloads import URL, held

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_aiohttp.plugin import AiohttpClient

    from tests.web.rooms import Client

EXPORTS = ExportSettings(workers=1, queue=3)
WANTED = {"source": "numbers", "format": "held"}


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    monkeypatch.setattr(seats, "_OWN_PATIENCE_SECONDS", 0.01)
    gate = Gate()
    yield gate
    gate.open()


def of(address: str) -> Mapping[str, str]:
    return {"X-Forwarded-For": address}


async def started(client: Client, address: str) -> int:
    return (await client.post("/api/reports/start", json=WANTED, headers=of(address))).status


async def test_a_client_with_too_many_exports_is_refused_and_no_other(
    aiohttp_client: AiohttpClient, gate: Gate
) -> None:
    client = await aiohttp_client(room(held(gate), exports=EXPORTS).app)
    ann, bob = "198.51.100.1", "198.51.100.2"
    assert [await started(client, ann) for _ in range(3)] == [202, 202, 429]
    refused = await client.get(URL, headers=of(ann))
    assert (refused.status, refused.headers["Retry-After"]) == (429, "5")
    said = problem(await refused.text())
    assert (said["code"], said["detail"]) == (
        "busy",
        "2 exports of yours are running or waiting already: one client may have no more",
    )
    assert await started(client, bob) == 202
    metrics = await (await client.get("/metrics")).text()
    assert "storj_monitor_exports_refused_total 2.0" in metrics


async def test_behind_a_proxy_that_is_not_trusted_all_are_one_client(
    aiohttp_client: AiohttpClient, gate: Gate
) -> None:
    unknown = WebSettings(trusted_proxies=())
    client = await aiohttp_client(room(held(gate), exports=EXPORTS, web=unknown).app)
    assert [await started(client, f"198.51.100.{last}") for last in range(3)] == [202, 202, 429]
