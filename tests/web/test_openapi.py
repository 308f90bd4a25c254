from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import validate

from storj_monitor.errors import PROBLEMS
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


def test_every_problem_is_described_once_with_its_status() -> None:
    described = openapi(catalogue_of(), needs_token=True)
    operation = described["paths"]["/api/export/numbers"]["get"]
    refusals = {"400", "401", "403", "405", "416", "429", "500", "507"}
    assert set(operation["responses"]) == {"200", "206", *refusals}
    told = {
        code: int(status)
        for status, answer in described["components"]["responses"].items()
        for code in answer["content"]["application/problem+json"]["schema"]["allOf"][1][
            "properties"
        ]["code"]["enum"]
    }
    assert told == {code: status for code, (status, _) in PROBLEMS.items()}


async def test_the_description_says_where_the_client_finds_the_server(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(room().app)
    for prefix, url in (("", "/"), ("/storj", "/storj"), ("/a/b/", "/a/b")):
        answer = await client.get("/api/openapi.json", headers={"X-Forwarded-Prefix": prefix})
        assert (await answer.json())["servers"] == [{"url": url}]


def test_the_token_is_asked_for_where_one_is_set() -> None:
    assert openapi(catalogue_of(), needs_token=True)["security"] == [{"token": []}]
    assert "security" not in openapi(catalogue_of(), needs_token=False)
