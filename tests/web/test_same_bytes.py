"""HTTP and the command line give the same bytes for the same request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.cli import main
from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings, Settings
from storj_monitor.web.app import create_app
from tests.cli.conftest import transfer

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.store import Store


@pytest.mark.parametrize("format_", ["csv", "json", "ndjson", "parquet", "xlsx", "pdf"])
async def test_a_file_is_the_same_from_http_and_from_the_command_line(
    aiohttp_client: AiohttpClient,
    monkeypatch: pytest.MonkeyPatch,
    store: Store,
    tmp_path: Path,
    format_: str,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772700000")
    log, file = tmp_path / "node.log", tmp_path / "file"
    log.write_text("".join(transfer(second) for second in range(99)), encoding="utf-8")
    database = ("--database", str(store.path))
    assert main(["ingest", f"attic:{log}", *database]) == 0
    period = ("--period", "2026-03", "--timezone", "Asia/Kolkata", "--filter", "status=success")
    assert main(["export", "events", "-f", format_, *period, "-o", str(file), *database]) == 0

    client = await aiohttp_client(create_app(Settings(), PluginHost(PluginSettings()), store))
    words = {"format": format_, "period": "2026-03", "timezone": "Asia/Kolkata"}
    response = await client.get("/api/export/events", params=words | {"status": "success"})

    assert response.status == 200
    assert await response.read() == file.read_bytes()
