"""What is answered is described, and what is described is answered."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from storj_monitor.errors import OperatorError
from storj_monitor.settings import ExportSettings, WebSettings
from tests.web.rooms import PATIENCE_SECONDS, Gate, catalogue_of, format_of, room
from tests.web.test_api import REFUSED
from tests.web.test_problems import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import ClientResponse
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Document
    from tests.web.rooms import Client

    Json = dict[str, Any]

#: What browsers are shown and send, and the source that isn't there.
NOT_DESCRIBED = {
    ("GET", "/"),
    ("GET", "/download"),
    ("GET", "/history"),
    ("GET", "/overview"),
    ("POST", "/overview/alerts/{id}/acknowledge"),
    ("GET", "/static/{name}"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("GET", "/schedules"),
    ("POST", "/schedules"),
    ("POST", "/schedules/{id}"),
    *(("POST", f"/schedules/{{id}}/{done}") for done in ("run", "enable", "disable", "remove")),
    ("POST", "/schedules/deliveries/{id}/again"),
    ("GET", "/api/export/{source}"),
}
EXPORT = "/api/export/numbers"
REPORT = "/api/reports/generate"
FILE = "/api/reports/{id}"
MANIFEST = "/api/reports/{id}/manifest"
NOWHERE = "0" * 32


async def description(client: Client) -> Json:
    """Return what the server says of itself."""
    described: Json = await (await client.get("/api/openapi.json")).json()
    return described


async def check(described: Json, path: str, response: ClientResponse) -> Any:
    """Hold an answer against the description of its path, and return its JSON, if it is that."""
    operations = described["paths"][path]
    # A method that isn't there is told of with those that are.
    operation = operations.get(response.method.lower()) or operations["get"]
    answer = resolved(described, operation["responses"][str(response.status)])
    for name, header in answer["headers"].items():
        header_ = resolved(described, header)
        if header_["required"] or name in response.headers:
            value = response.headers[name]
            typed = int(value) if header_["schema"]["type"] == "integer" else value
            jsonschema.validate(typed, header_["schema"])
    content = answer["content"][response.content_type]
    if not response.content_type.endswith("json"):
        return None
    document = await response.json(content_type=None)
    jsonschema.validate(document, content["schema"] | {"components": described["components"]})
    return document


def resolved(described: Json, part: Json) -> Json:
    """Return a part of the description that may stand elsewhere in it."""
    if "$ref" not in part:
        return part
    found = described
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


async def test_every_route_of_programs_is_described_and_nothing_else(
    aiohttp_client: AiohttpClient,
) -> None:
    app = room(web=WebSettings(token="secret")).app
    routes = {
        (route.method, route.resource.canonical) for route in app.router.routes() if route.resource
    }
    client = await aiohttp_client(app)
    answer = await client.get("/api/openapi.json", headers={"Authorization": "Bearer secret"})
    described = {
        (method.upper(), path)
        for path, item in (await answer.json())["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert described <= routes
    assert routes >= NOT_DESCRIBED
    # HEAD is GET without the body: where it is of use by itself, it is described by itself.
    untold = routes - described - NOT_DESCRIBED
    assert {method for method, _ in untold} == {"HEAD"}
    assert {("GET", path) for _, path in untold} <= routes


@pytest.mark.parametrize(
    ("words", "code"), [(url, code) for url, code, *_ in REFUSALS if url.startswith("?")]
)
async def test_a_refused_export_is_described(
    aiohttp_client: AiohttpClient, words: str, code: str
) -> None:
    client = await aiohttp_client(room().app)
    response = await client.get(EXPORT + words)
    assert (await check(await description(client), EXPORT, response))["code"] == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "bad_json"),
        ("{}", "bad_request"),
        ('{"report_type": "audits"}', "unknown_report"),
        (json.dumps({"report_type": "x" * 100_000}), "too_large"),
    ],
)
async def test_a_refused_report_is_described(
    aiohttp_client: AiohttpClient, body: str, code: str
) -> None:
    client = await aiohttp_client(room().app)
    response = await client.post(REPORT, data=body)
    assert (await check(await description(client), REPORT, response))["code"] == code


@pytest.mark.parametrize(
    ("method", "path", "headers", "code"),
    [
        ("GET", "/api/nodes", {"Host": "evil.example"}, "forbidden"),
        ("POST", REPORT, {"Origin": "http://evil.example"}, "forbidden"),
        ("GET", EXPORT, {"Host": "evil.example"}, "forbidden"),
        ("DELETE", "/metrics", {}, "method_not_allowed"),
        ("GET", FILE, {}, "not_found"),
        ("GET", MANIFEST, {}, "not_found"),
    ],
)
async def test_what_is_refused_before_it_is_looked_at_is_described(
    aiohttp_client: AiohttpClient, method: str, path: str, headers: dict[str, str], code: str
) -> None:
    client = await aiohttp_client(room().app)
    response = await client.request(method, path.replace("{id}", NOWHERE), headers=headers)
    assert (await check(await description(client), path, response))["code"] == code


@pytest.mark.parametrize("path", ["/api/nodes", "/metrics", EXPORT])
async def test_that_a_token_is_wanted_is_described(
    aiohttp_client: AiohttpClient, path: str
) -> None:
    client = await aiohttp_client(room(web=WebSettings(token="secret")).app)
    known = await client.get("/api/openapi.json", headers={"Authorization": "Bearer secret"})
    described = await known.json()
    assert (await check(described, path, await client.get(path)))["code"] == "unauthorized"
    page = await client.get(path, headers={"Accept": "text/html"})
    assert page.content_type == "text/html"
    await check(described, path, page)


async def test_files_their_parts_and_their_manifests_are_described(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room().app)
    described = await description(client)
    words = {"start": "2026-01-01", "end": "2026-03-31", "manifest": "1"}
    first = await client.get(EXPORT, params=words)
    await first.read()
    assert first.headers["Export-Clamped"] == "true"
    await check(described, EXPORT, first)
    place = first.headers["Content-Location"]
    for url, path in ((first.url.relative(), EXPORT), (place, FILE)):
        part = await client.get(url, headers={"Range": "bytes=3-9"})
        assert part.status == 206
        await check(described, path, part)
        beyond = await client.get(url, headers={"Range": "bytes=99999-"})
        assert (await check(described, path, beyond))["code"] == "bad_range"
    await check(described, FILE, await client.get(place))
    manifest = await check(described, MANIFEST, await client.get(f"{place}/manifest"))
    assert manifest["clamped"] is True
    head = await client.head(place)
    told = described["paths"][FILE]["head"]["responses"][str(head.status)]["headers"]
    assert [name for name in told if name not in head.headers] == []


async def test_what_there_is_is_described(aiohttp_client: AiohttpClient) -> None:
    made = room(catalogue=catalogue_of(failures=(REFUSED,)))
    client = await aiohttp_client(made.app)
    described = await description(client)
    for path in ("/api/catalogue", "/api/nodes", "/api/openapi.json", "/metrics", "/healthz"):
        await check(described, path, await client.get(path))
    accept = {"Accept": "application/openmetrics-text"}
    await check(described, "/metrics", await client.get("/metrics", headers=accept))
    nodes = await (await client.get("/api/nodes")).json()
    nodes["nodes"][0]["logs"][0]["state"] = "lost"
    schema = {"$ref": "#/components/schemas/Nodes", "components": described["components"]}
    with pytest.raises(jsonschema.ValidationError, match="lost"):
        jsonschema.validate(nodes, schema)


async def test_failures_are_described(aiohttp_client: AiohttpClient) -> None:
    made = room(exports=ExportSettings(keep_free_bytes=2**60))
    client = await aiohttp_client(made.app)
    described = await description(client)
    full = await client.get(EXPORT)
    assert (await check(described, EXPORT, full))["code"] == "no_space"
    made.store.error = OperatorError("the database is locked", "Wait.")
    for path in (EXPORT, "/api/nodes"):
        failed = await client.get(path)
        assert (await check(described, path, failed))["code"] == "export_failed"
    health = await client.get("/healthz")
    assert health.status == 503
    await check(described, "/healthz", health)


async def test_that_too_many_wait_is_described(aiohttp_client: AiohttpClient) -> None:
    gate = Gate()

    def held(_: Document) -> Iterator[bytes]:
        gate.wait()
        yield b"at last"

    settings = ExportSettings(workers=1, queue=0)
    client = await aiohttp_client(room(format_of("held", held), exports=settings).app)
    asking = asyncio.create_task(client.get(EXPORT, params={"format": "held"}))
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE_SECONDS)
    busy = await client.get(EXPORT)
    gate.open()
    assert (await check(await description(client), EXPORT, busy))["code"] == "busy"
    await (await asking).read()
