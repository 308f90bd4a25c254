"""GET /metrics, over a real database and one that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from storj_monitor.errors import Failure, OperatorError
from storj_monitor.meters import Meters
from storj_monitor.settings import Settings, WebSettings
from storj_monitor.store import AlertChanges, Finding, News
from storj_monitor.store.news import HeardHour
from storj_monitor.web.app import create_app
from tests.web.rooms import HEARD, HEARD_US, FakeHost, catalogue_of, problem, room

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store
    from tests.web.rooms import Client

TOKEN = "a-token-of-the-tests"
REFUSED = Failure(
    plugin="yaml",
    distribution="storj-yaml",
    version="1",
    stage="import",
    reason="there is no module yaml",
    hint="Install it.",
)


async def told(client: Client) -> dict[str, float]:
    """Return what a scrape reads, by name and labels."""
    response = await client.get("/metrics")
    assert response.status == 200
    return {
        ",".join((one.name, *one.labels.values())): one.value
        for family in text_string_to_metric_families(await response.text())
        for one in family.samples
    }


@pytest.fixture
async def client(store: Store, aiohttp_client: AiohttpClient) -> Client:
    host = cast("PluginHost", FakeHost(catalogue_of(failures=(REFUSED,))))
    return await aiohttp_client(create_app(Settings(), host, store, meters=Meters()))


async def test_it_tells_what_the_database_knows_at_that_moment(
    client: Client, store: Store
) -> None:
    before = await told(client)
    assert before["storj_monitor_up"] == 1
    assert before["storj_monitor_alerts_open,critical"] == 0
    hour_at = HEARD_US - HEARD_US % 3_600_000_000
    disk = Finding(0, 0, "disk", "critical", "The disk is full", "It is.")
    with store.writer() as writer:
        writer.write([News(node="attic", hours=(HeardHour(hour_at, HEARD_US, HEARD_US),))])
        writer.update_alerts(AlertChanges(raised=[disk]), HEARD_US)
    after = await told(client)
    assert after["storj_monitor_last_heard_timestamp_seconds,attic"] == HEARD.timestamp()
    assert after["storj_monitor_alerts_open,critical"] == 1
    assert after["storj_monitor_alerts_open,warning"] == 0
    assert after["storj_monitor_database_bytes"] == store.path.stat().st_size


async def test_it_tells_what_became_of_the_plugins(client: Client) -> None:
    values = await told(client)
    assert values["storj_monitor_plugins,loaded"] == 1
    assert values["storj_monitor_plugins,refused"] == 1
    assert values["storj_monitor_plugins,blocked"] == 0
    assert values["storj_monitor_plugin_refusals,storj-yaml,import"] == 1


async def test_it_is_text_that_nobody_keeps_and_a_program_may_ask_for_openmetrics(
    client: Client,
) -> None:
    response = await client.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    accept = {"Accept": "application/openmetrics-text;version=1.0.0"}
    response = await client.get("/metrics", headers=accept)
    assert response.headers["Content-Type"].startswith("application/openmetrics-text")
    assert (await response.text()).endswith("# EOF\n")


async def test_without_a_database_the_rest_is_told_and_the_log_says_why(
    aiohttp_client: AiohttpClient,
) -> None:
    made = room()
    made.store.error = OperatorError("the database is locked")
    client = await aiohttp_client(made.app)
    with capture_logs() as logs:
        values = await told(client)
    assert values["storj_monitor_up"] == 0
    assert values["storj_monitor_plugins,loaded"] == 1
    assert not [name for name in values if "last_heard" in name or "alerts_open" in name]
    [entry] = [entry for entry in logs if entry["event"] == "store.unreadable"]
    assert entry["error"] == "the database is locked"


async def test_it_needs_the_token_like_everything_else(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(web=WebSettings(token=TOKEN)).app)
    refused = await client.get("/metrics")
    assert (refused.status, problem(await refused.text())["code"]) == (401, "unauthorized")
    response = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status == 200
