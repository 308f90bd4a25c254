"""HTTP, the command line and schedules give the same bytes for the same request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from storj_monitor.cli import main
from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings, Settings
from storj_monitor.web.app import create_app
from tests.cli.conftest import transfer
from tests.schedules.offices import ANN, Clock, Office, due

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.store import Store
    from tests.web.rooms import Client

#: A Monday, six o'clock in India.
NOW = datetime(2026, 4, 6, 0, 30, tzinfo=UTC)
ZONE = "Asia/Kolkata"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path) -> None:
    """Let it be that time, and transfers be known of a node."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
    log = tmp_path / "node.log"
    log.write_text("".join(transfer(second) for second in range(99)), encoding="utf-8")
    assert main(["ingest", f"n1:{log}", "--database", str(store.path)]) == 0


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, store: Store) -> Client:
    return await aiohttp_client(create_app(Settings(), PluginHost(PluginSettings()), store))


@pytest.fixture
def office(store: Store) -> Office:
    """Give an office that has all that is built in."""
    offered = PluginHost(PluginSettings()).catalogue
    kinds = {"sources": offered.sources, "formats": offered.formats, "reports": offered.reports}
    return Office(store, clock=Clock(NOW), offered=kinds)


def from_the_command_line(store: Store, file: Path, *words: str) -> bytes:
    """Return the file that a command writes."""
    period = ("--period", "2026-03", "--timezone", ZONE, "--node", "n1")
    assert main([*words, *period, "-o", str(file), "--database", str(store.path)]) == 0
    return file.read_bytes()


async def by_schedule(office: Office, format_: str, **words: object) -> bytes:
    """Return the file that is sent of the month before."""
    asked: dict[str, object] = {"timezone": ZONE, "period": "last-month", "nodes": ["n1"]}
    office.schedule(**asked | words, format=format_, recipients=[ANN])
    [sent] = await due(office)
    assert (sent.state, sent.error) == ("sent", None)
    [content] = office.post.contents
    return content


@pytest.mark.parametrize("format_", ["csv", "json", "ndjson", "parquet", "xlsx", "pdf"])
async def test_an_export_is_the_same_wherever_it_comes_from(
    client: Client, office: Office, tmp_path: Path, format_: str
) -> None:
    words = ("export", "events", "-f", format_, "--filter", "status=success")
    written = from_the_command_line(office.store, tmp_path / "file", *words)

    asked = {"format": format_, "period": "2026-03", "timezone": ZONE, "node": "n1"}
    response = await client.get("/api/export/events", params=asked | {"status": "success"})
    assert response.status == 200
    assert await response.read() == written

    status = {"status": ["success"]}
    assert await by_schedule(office, format_, source="events", parameters=status) == written


@pytest.mark.parametrize("format_", ["csv", "xlsx", "pdf"])
async def test_a_report_is_the_same_wherever_it_comes_from(
    client: Client, office: Office, tmp_path: Path, format_: str
) -> None:
    name = "weekly_performance"
    words = ("report", name, "-f", format_)
    written = from_the_command_line(office.store, tmp_path / "file", *words)

    asked = {"format": format_, "period": "2026-03", "timezone": ZONE, "node_names": ["n1"]}
    response = await client.post("/api/reports/generate", json=asked | {"report_type": name})
    assert response.status == 200
    assert await response.read() == written

    assert await by_schedule(office, format_, report=name, source=None) == written
