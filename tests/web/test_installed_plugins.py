from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from openapi_spec_validator import validate

from storj_monitor.plugin.query import microseconds
from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings, Settings
from storj_monitor.store import (
    TRANSFERS,
    Compaction,
    FreeSpace,
    HeardHour,
    News,
    PastAlert,
    Paystub,
    Scores,
    Store,
)
from storj_monitor.web.app import create_app
from tests.records import US1
from tests.web.rooms import HEARD

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_aiohttp.plugin import AiohttpClient

    from tests.web.rooms import Client

PSV = """
from storj_monitor.plugin import Format, hookimpl, machine_text

def render(document):
    for table in document.tables():
        yield ("|".join(column.key for column in table.columns) + "\\n").encode()
        for row in table.rows():
            yield ("|".join(map(machine_text, row)) + "\\n").encode()

@hookimpl
def storj_formats():
    return [Format(name="psv", title="Pipe-separated", media_type="text/plain", render=render)]
"""


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, tmp_path: Path) -> Client:
    """Serve the real plugins and two files: one that works and one that doesn't."""
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "psv.py").write_text(PSV, encoding="utf-8")
    (plugins / "broken.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    settings = Settings(plugins=PluginSettings(directory=plugins))
    store = Store.open(tmp_path / "storj-monitor.db", create=True)
    with store.writer() as writer:
        for node in ("alpha", "Ångström"):
            writer.write([news(node)])
    return await aiohttp_client(create_app(settings, PluginHost(settings.plugins), store))


def news(node: str) -> News:
    """Return some of everything that a source gives, all of one moment."""
    heard = microseconds(HEARD)
    return News(
        node=node,
        transfers=pa.RecordBatch.from_pylist([transfer()], schema=TRANSFERS),
        hours=[HeardHour(heard // 3_600_000_000 * 3_600_000_000, heard, heard)],
        scores=[Scores(heard, US1, 1.0, 1.0, 0.99, 3383, 3380)],
        free_space=[FreeSpace(heard, 10**12)],
        compactions=[Compaction(heard, US1, "s0", 26_051, 2**30, 0, 0.43, 0.07, None)],
        paystubs=[Paystub("2026-03", US1, "api", heard, earned=5_000_000, paid=5_000_000)],
        past_alerts=[PastAlert(heard, US1, "uptime", "warning", "Uptime", "Low.")],
    )


def transfer() -> dict[str, object]:
    return {
        "at": microseconds(HEARD),
        "satellite": US1,
        "action": "GET",
        "status": "success",
        "size": 2_319_360,
        "piece_id": "A",
        "fingerprint": 1,
        "occurrence": 0,
    }


@pytest.mark.no_cover  # it is long
async def test_every_source_comes_in_every_format(client: Client) -> None:
    catalogue = await (await client.get("/api/catalogue")).json()
    formats = {item["name"]: item for item in catalogue["formats"]}
    assert {"csv", "json", "ndjson", "parquet", "xlsx", "pdf", "psv"} <= set(formats)
    assert {item["name"] for item in catalogue["sources"]} == {
        *("events", "traffic", "reputation", "storage", "compactions", "coverage"),
        *("alerts", "earnings", "profit", "prices"),
    }
    for source in catalogue["sources"]:
        for name, format_ in formats.items():
            words = {"format": name, "period": "2026-03-04"}
            response = await client.get(f"/api/export/{source['name']}", params=words)
            body = await response.read()
            assert response.status == 200, body
            assert response.headers["Content-Type"] == format_["media_type"]
            assert f".{format_['suffix']}" in response.headers["Content-Disposition"]
            assert body


@pytest.mark.no_cover  # it is long
async def test_every_report_comes_in_every_format(client: Client) -> None:
    catalogue = await (await client.get("/api/catalogue")).json()
    reports = [item["name"] for item in catalogue["reports"]]
    assert set(reports) >= {
        *("daily_summary", "weekly_performance", "monthly_financial", "custom_range"),
    }
    for report in reports:
        for format_ in catalogue["formats"]:
            wanted = {"report_type": report, "format": format_["name"], "period": "2026-03-04"}
            response = await client.post("/api/reports/generate", json=wanted)
            body = await response.read()
            assert response.status == 200, body
            assert response.headers["Content-Type"] == format_["media_type"]
            assert f".{format_['suffix']}" in response.headers["Content-Disposition"]
            assert body


async def test_a_format_of_fifteen_lines_is_everywhere(client: Client) -> None:
    words = {"format": "psv", "period": "2026-03-04", "node": "Ångström", "columns": "node,action"}
    response = await client.get("/api/export/events", params=words)
    assert await response.text() == "node|action\nÅngström|GET\n"
    described = await (await client.get("/api/openapi.json")).json()
    validate(described)
    parameters = described["paths"]["/api/export/events"]["get"]["parameters"]
    assert "psv" in parameters[0]["schema"]["enum"]
    assert '<option value="psv" >Pipe-separated</option>' in await (await client.get("/")).text()


async def test_a_broken_plugin_is_named_and_all_else_works(client: Client) -> None:
    catalogue = await (await client.get("/api/catalogue")).json()
    broken = next(item for item in catalogue["plugins"] if item["name"] == "broken")
    assert (broken["state"], broken["failure"]["stage"]) == ("refused", "admit")
    assert "nothing_of_that_name" in broken["failure"]["reason"]
    assert "nothing_of_that_name" in await (await client.get("/")).text()


async def test_rows_over_http_are_those_of_the_store(client: Client) -> None:
    words = {"format": "json", "period": "2026-03-04", "columns": "timestamp,node,size_bytes"}
    rows = json.loads(await (await client.get("/api/export/events", params=words)).text())
    time = "2026-03-04T10:11:12.000+00:00"
    assert rows == [
        {"timestamp": time, "node": "alpha", "size_bytes": 2_319_360},
        {"timestamp": time, "node": "Ångström", "size_bytes": 2_319_360},
    ]
