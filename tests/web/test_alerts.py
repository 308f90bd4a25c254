"""Acknowledging alerts, and noting how exports ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NoReturn, cast

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest
from aiohttp import ClientError
from structlog.testing import capture_logs

from storj_monitor.plugin import OptionError
from storj_monitor.plugin.query import moment
from storj_monitor.settings import ExportSettings, Settings, WebSettings
from storj_monitor.store import AlertChanges, Finding
from storj_monitor.web.app import create_app
from storj_monitor.web.keys import RECORDED
from storj_monitor.web.openapi import openapi
from tests.store.databases import rows_of
from tests.web.rooms import (
    CSV,
    FakeHost,
    Gate,
    catalogue_of,
    endless,
    format_of,
    problem,
    room,
)
from tests.web.rooms import (
    rows_of as rows_of_document,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Document, Format
    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store
    from tests.web.rooms import Client

URL = "/api/export/numbers"
LOW = Finding(1, 1, "audit_score", "warning", "Low", "It is low.")


def app_of(
    store: Store, *formats: Format, web: WebSettings | None = None, **exports: Any
) -> web.Application:
    host = FakeHost(catalogue_of(formats=(CSV, *formats)))
    settings = Settings(
        web=web or WebSettings(), exports=ExportSettings(processes=False, **exports)
    )
    return create_app(settings, cast("PluginHost", host), store)


@pytest.fixture
def raised(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772619072")
    with store.writer() as writer:
        writer.update_alerts(AlertChanges([LOW]), 5)
    return store


async def test_an_alert_is_acknowledged_once(
    aiohttp_client: AiohttpClient, raised: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await aiohttp_client(app_of(raised))
    for _ in range(2):
        response = await client.post("/api/alerts/1/acknowledge")
        assert response.status == 200
        assert await response.json() == {
            "id": 1,
            "acknowledged_at": "2026-03-04T10:11:12.000+00:00",
        }
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772619999")
    [row] = rows_of(raised.path, "SELECT acknowledged_at, resolved_at FROM alerts")
    assert row == {"acknowledged_at": 1772619072_000000, "resolved_at": None}


@pytest.mark.parametrize("alert_id", ["2", "0", "999999999999999999"])
async def test_an_alert_that_is_not_there_is_not_found(
    aiohttp_client: AiohttpClient, raised: Store, alert_id: str
) -> None:
    client = await aiohttp_client(app_of(raised))
    response = await client.post(f"/api/alerts/{alert_id}/acknowledge")
    said = problem(await response.text())
    assert (response.status, said["code"]) == (404, "not_found")
    assert said["detail"] == f"there is no alert {int(alert_id)}"
    assert said["hint"] == "GET /api/export/alerts has the ids of alerts."


@pytest.mark.parametrize("alert_id", ["x", "-1", "1.0", "1000000000000000000000", "%F0%9F%92%A9"])
async def test_what_is_no_id_is_no_place(
    aiohttp_client: AiohttpClient, raised: Store, alert_id: str
) -> None:
    client = await aiohttp_client(app_of(raised))
    response = await client.post(f"/api/alerts/{alert_id}/acknowledge")
    assert (response.status, problem(await response.text())["code"]) == (404, "not_found")


async def test_acknowledging_is_for_those_who_may_and_for_no_other_site(
    aiohttp_client: AiohttpClient, raised: Store
) -> None:
    path = "/api/alerts/1/acknowledge"
    client = await aiohttp_client(app_of(raised, web=WebSettings(token="secret")))
    assert (await client.post(path)).status == 401
    known = {"Authorization": "Bearer secret"}
    assert (
        await client.post(path, headers=known | {"Origin": "http://evil.example"})
    ).status == 403
    assert (await client.get(path, headers=known)).status == 405
    assert rows_of(raised.path, "SELECT acknowledged_at AS at FROM alerts") == [{"at": None}]
    assert (await client.post(path, headers=known)).status == 200


async def test_the_answer_fits_its_description(
    aiohttp_client: AiohttpClient, raised: Store
) -> None:
    operation = openapi(catalogue_of(), needs_token=False)["paths"]["/api/alerts/{id}/acknowledge"][
        "post"
    ]
    assert set(operation["responses"]) == {"200", "400", "401", "403", "404", "405", "500"}
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    client = await aiohttp_client(app_of(raised))
    answer = await (await client.post("/api/alerts/1/acknowledge")).json()
    jsonschema.validate(answer, schema)
    assert moment(1772619072_000000).isoformat(timespec="milliseconds") in answer.values()


def broken(document: Document) -> Iterator[bytes]:
    yield str(next(rows_of_document(document))).encode()
    message = "the second row is bad"
    raise ValueError(message)


def choosy(_: Document) -> Iterator[bytes]:
    message = "not these"
    raise OptionError(message)


async def outcomes_of(app: web.Application, store: Store) -> list[dict[str, Any]]:
    """Return what was noted, when all is."""
    await asyncio.to_thread(app[RECORDED].close)
    return rows_of(store.path, "SELECT kind, subject, failures, error FROM outcomes")


async def failed(client: Client, format_: str = "bad") -> None:
    """Ask for what fails: with an error, or in the middle, as it happens to be heard of."""
    response = await client.get(URL, params={"format": format_})
    if response.status == 200:
        with pytest.raises(ClientError):
            await response.read()
    else:
        assert response.status == 500


async def test_an_export_that_fails_is_noted_each_time(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    app = app_of(store, format_of("bad", broken))
    client = await aiohttp_client(app)
    for _ in range(3):
        await failed(client)
    assert (await client.get(URL)).status == 200
    error = "format 'bad' failed: ValueError: the second row is bad"
    assert await outcomes_of(app, store) == [
        {"kind": "export", "subject": "numbers as bad", "failures": 3, "error": error}
    ]


async def test_a_success_is_noted_where_one_failed_before_even_in_another_run(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    with store.writer() as writer:
        writer.note_outcome("export", "numbers as csv", 1, "bad")
        writer.note_outcome("delivery", "numbers as csv", 1, "bad")
    app = app_of(store)
    client = await aiohttp_client(app)
    assert await (await client.get(URL)).read()
    assert [(row["kind"], row["failures"]) for row in await outcomes_of(app, store)] == [
        ("delivery", 1),
        ("export", 0),
    ]


async def test_a_bad_request_and_a_client_that_goes_are_no_failures(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    app = app_of(store, format_of("choosy", choosy), format_of("endless", endless))
    client = await aiohttp_client(app)
    assert (await client.get(URL, params={"format": "choosy"})).status == 400
    assert (await client.get(URL, params={"format": "none"})).status == 400
    response = await client.get(URL, params={"format": "endless"})
    await response.content.readexactly(1_000)
    response.close()
    assert await (await client.get(URL)).read()
    assert await outcomes_of(app, store) == []


async def test_a_format_that_hangs_is_a_failure(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    gate = Gate()

    def hanging(_: Document) -> Iterator[bytes]:
        gate.wait()
        yield b"at last"

    app = app_of(store, format_of("bad", hanging), workers=1, stall_seconds=0.05)
    client = await aiohttp_client(app)
    assert (await client.get(URL, params={"format": "bad"})).status == 500
    gate.open()
    [row] = await outcomes_of(app, store)
    assert (row["failures"], row["subject"]) == (1, "numbers as bad")


def unwritable() -> NoReturn:
    message = "no disk"
    raise OSError(message)


async def test_an_outcome_that_cannot_be_noted_costs_no_export(
    aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = room(format_of("bad", broken))
    monkeypatch.setattr(made.store, "writer", unwritable)
    client = await aiohttp_client(made.app)
    with capture_logs() as logs:
        await failed(client)
        assert await (await client.get(URL)).read()
        await asyncio.to_thread(made.app[RECORDED].close)
        assert (await client.get(URL)).status == 200
    noted = [entry["error"] for entry in logs if entry["event"] == "export.not_recorded"]
    assert noted[:4] == ["no disk"] * 4  # both of both
