"""Answers held against what the server says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types

if TYPE_CHECKING:
    from aiohttp import ClientResponse

    from tests.web.rooms import Client


async def as_described(client: Client, path: str, response: ClientResponse) -> Any:
    """Return the JSON of an answer, after a look whether `path` is described as answering so."""
    described = await (await client.get("/api/openapi.json")).json()
    operation = described["paths"][path][response.method.lower()]
    said = operation["responses"][str(response.status)]
    if "$ref" in said:
        said = described["components"]["responses"][said["$ref"].rpartition("/")[2]]
    schema = said["content"][response.content_type]["schema"]
    answer = await response.json(content_type=response.content_type)
    jsonschema.validate(answer, schema | {"components": described["components"]})
    for name, header in said["headers"].items():
        described_header = described["components"]["headers"][header["$ref"].rpartition("/")[2]]
        assert name in response.headers or not described_header["required"]
    return answer
