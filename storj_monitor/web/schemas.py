"""What the parts of the OpenAPI description share: answers, refusals and schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.errors import PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    Json = dict[str, Any]

TEXT = {"type": "string"}
SWITCH = {"type": "string", "enum": ["0", "1", "false", "true"], "default": "0"}
#: The statuses that an export, a report, or any other request can be refused with.
EXPORT_REFUSALS = (400, 401, 403, 405, 429, 500, 507)
REPORT_REFUSALS = (*EXPORT_REFUSALS, 404, 413)
REFUSALS = (401, 403, 405, 500)
NAMED_REFUSALS = (*REFUSALS, 404)


def statuses() -> set[int]:
    """Return every status that some request can be refused with."""
    return {*REPORT_REFUSALS, *NAMED_REFUSALS}


def refusals(statuses: Iterable[int]) -> Json:
    """Return the answers to a request that is refused, each by reference."""
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def refusal(status: int) -> Json:
    """Return the answer of one status."""
    codes = [code for code, (of_it, _) in PROBLEMS.items() if of_it == status]
    refusal: Json = {
        "description": f"A problem: {', '.join(codes)}",
        "content": {"application/problem+json": {"schema": reference("Problem")}},
    }
    if status == PROBLEMS["busy"][0]:
        seconds = {"description": "Seconds to wait", "schema": {"type": "integer"}}
        refusal["headers"] = {"Retry-After": seconds}
    return refusal


def json_answer(text: str, schema: Json) -> Json:
    """Return an answer in JSON."""
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def reference(name: str) -> Json:
    """Return where a schema stands that several answers share."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(**properties: object) -> Json:
    """Return the schema of an object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def problem_schema() -> Json:
    """Return the schema of an error."""
    return object_of(
        type={"const": "about:blank"},
        title=TEXT,
        status={"type": "integer"},
        detail=TEXT | {"description": "What is wrong, and why"},
        code={"type": "string", "enum": sorted(PROBLEMS)},
        hint=TEXT | {"description": "What would work"},
    )


def time_schema() -> Json:
    """Return the schema of a time that may be unknown."""
    return {"type": ["string", "null"], "format": "date-time"}


def nodes_schema() -> Json:
    """Return the schema of the nodes known."""
    return object_of(nodes={"type": "array", "items": _node_schema()})


def _node_schema() -> Json:
    return object_of(
        name=TEXT,
        first_heard_at=reference("Time"),
        last_heard_at=reference("Time"),
        logs={"type": "array", "items": _log_schema()},
        api={"oneOf": [_api_schema(), {"type": "null"}]},
    )


def _api_schema() -> Json:
    """Describe how a node's API answered the last time."""
    return object_of(
        url=TEXT | {"description": "Where it was asked"},
        state={"type": "string", "enum": ["answering", "failing"]},
        reason={"type": ["string", "null"], "description": "Why it failed, or what was missing"},
        version={"type": ["string", "null"], "description": "The storagenode's, as it last said"},
        answered_at=reference("Time"),
        checked_at=reference("Time"),
    )


def _log_schema() -> Json:
    """Describe how a log is followed."""
    return object_of(
        log=TEXT | {"description": "The file, or HOST:PORT, as the operator named it"},
        state={"type": "string", "enum": ["following", "waiting", "failing"]},
        reason={"type": ["string", "null"], "description": "Why it waits or fails"},
        behind_bytes={
            "type": ["integer", "null"],
            "minimum": 0,
            "description": "Not read yet; null where that can't be known, as of a stream",
        },
        checked_at=reference("Time"),
    )
