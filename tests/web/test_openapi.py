from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest
from openapi_spec_validator import validate

from storj_monitor.errors import PROBLEMS
from storj_monitor.settings import WebSettings
from storj_monitor.web.openapi import openapi
from tests.web.rooms import MONTHLY, NUMBERS, catalogue_of, format_of, room

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Format, Source


@pytest.mark.parametrize("formats", [(), (format_of("psv", list),)])
@pytest.mark.parametrize("sources", [(), (NUMBERS,)])
@pytest.mark.parametrize("needs_token", [False, True])
def test_the_description_is_valid_whatever_is_installed(
    sources: tuple[Source, ...], formats: tuple[Format, ...], needs_token: bool
) -> None:
    validate(openapi(catalogue_of(sources, formats), needs_token=needs_token))


async def parameters_of(client: Any, path: str) -> dict[str, Any]:
    described = await (await client.get("/api/openapi.json")).json()
    validate(described)
    return {item["name"]: item for item in described["paths"][path]["get"]["parameters"]}


async def test_a_third_party_format_describes_itself(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(format_of("yaml", list)).app)
    parameters = await parameters_of(client, "/api/export/numbers")
    assert parameters["format"]["schema"] == {
        "type": "string",
        "enum": ["csv", "psv", "yaml"],
        "default": "csv",
    }
    assert parameters["option.guard"]["schema"] == {"type": "string", "enum": ["off", "on"]}
    assert parameters["preset"]["schema"]["enum"] == ["bare"]
    assert parameters["status"]["schema"]["items"]["enum"] == ["success", "failed"]
    assert parameters["columns"]["schema"]["items"]["enum"] == [
        column.key for column in NUMBERS.columns
    ]
    assert "satellite" not in await parameters_of(client, "/api/export/eternal")


async def test_months_are_described_as_whole_and_of_utc(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(catalogue=catalogue_of((NUMBERS, MONTHLY))).app)
    monthly = await parameters_of(client, "/api/export/monthly")
    assert monthly["period"]["schema"]["default"] == "this-month"
    assert monthly["period"]["description"].startswith("Every UTC month that is touched")
    assert "default" not in monthly["days"]["schema"]
    assert monthly["start"]["description"].endswith("is one of UTC.")
    assert monthly["timezone"]["description"] == "What times are written in"
    numbers = await parameters_of(client, "/api/export/numbers")
    assert numbers["days"]["schema"]["default"] == 7
    assert "default" not in numbers["period"]["schema"]


async def test_every_refusal_is_described_and_fits_its_schema(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room(web=WebSettings(token="secret")).app)
    described = openapi(catalogue_of(), needs_token=True)
    operation = described["paths"]["/api/export/numbers"]["get"]
    assert set(operation["responses"]) == {"200", "400", "401", "403", "405", "429", "500", "507"}
    refused = await (await client.get("/api/nodes")).json()
    problem = described["components"]["schemas"]["Problem"]
    assert problem["properties"]["code"]["enum"] == sorted(PROBLEMS)
    jsonschema.validate(refused, problem)


async def test_the_nodes_fit_their_schema(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room().app)
    described = await (await client.get("/api/openapi.json")).json()
    ok = described["paths"]["/api/nodes"]["get"]["responses"]["200"]
    schema = ok["content"]["application/json"]["schema"] | {"components": described["components"]}
    answer = await (await client.get("/api/nodes")).json()
    jsonschema.validate(answer, schema)
    answer["nodes"][0]["logs"][0]["state"] = "lost"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answer, schema)


def test_the_token_is_asked_for_where_one_is_set() -> None:
    assert openapi(catalogue_of(), needs_token=True)["security"] == [{"token": []}]
    assert "security" not in openapi(catalogue_of(), needs_token=False)
