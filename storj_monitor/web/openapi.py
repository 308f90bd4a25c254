"""The OpenAPI 3.1 description, made from the catalogue: what is installed is described."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from storj_monitor.errors import PROBLEMS
from storj_monitor.exports.spans import DEFAULT_DAYS, DEFAULT_PERIOD
from storj_monitor.reports.calendar import PERIOD_FORMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storj_monitor.plugin import Filter, Format, Source
    from storj_monitor.registry import Catalogue

    Json = dict[str, Any]

_TEXT = {"type": "string"}
_SWITCH = {"type": "string", "enum": ["0", "1", "false", "true"], "default": "0"}
#: The statuses that an export, or any other request, can be refused with.
_EXPORT_REFUSALS = (400, 401, 403, 405, 429, 500, 507)
_REFUSALS = (401, 403, 405, 500)
_NAMED_REFUSALS = (*_REFUSALS, 404)


def openapi(catalogue: Catalogue, *, needs_token: bool) -> Json:
    """Return the description of every route that programs use."""
    document: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "storj-monitor",
            "version": version("storj-monitor"),
            "summary": "What your Storj storage nodes did and earned, in any installed format.",
        },
        "servers": [{"url": "/"}],
        "paths": _paths(catalogue),
        "components": {
            "schemas": {"Problem": _problem_schema(), "Time": _time_schema()},
            "responses": {str(status): _refusal(status) for status in sorted(_statuses())},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    if needs_token:
        document["security"] = [{"token": []}]
    return document


def _paths(catalogue: Catalogue) -> Json:
    exports = {
        f"/api/export/{source.name}": {"get": _export(source, catalogue.formats)}
        for source in catalogue.sources.values()
    }
    healthy = _json("The store can be read", _object(status=_TEXT, version=_TEXT))
    failing = _json("The store can't be read", _object(status=_TEXT, version=_TEXT))
    health = _operation("health", "Whether all is well", {"200": healthy, "503": failing})
    health["security"] = []
    return exports | {
        "/api/catalogue": {"get": _plain("catalogue", "What is installed", {"type": "object"})},
        "/api/nodes": {"get": _plain("nodes", "The nodes known", _nodes_schema())},
        "/api/alerts/{id}/acknowledge": {"post": _acknowledging()},
        "/api/openapi.json": {"get": _plain("openapi", "This", {"type": "object"})},
        "/healthz": {"get": health},
    }


def _operation(name: str, summary: str, responses: Json) -> Json:
    return {"operationId": name, "summary": summary, "responses": responses}


def _plain(name: str, summary: str, schema: Json) -> Json:
    return _operation(name, summary, {"200": _json(summary, schema), **_refusals(_REFUSALS)})


def _acknowledging() -> Json:
    """Describe how an alert is marked as known."""
    at = {"type": "string", "format": "date-time"}
    known = _object(id={"type": "integer"}, acknowledged_at=at)
    responses = {"200": _json("Since when it is known", known), **_refusals(_NAMED_REFUSALS)}
    text = "As the export of alerts has it"
    alert_id = {"name": "id", "in": "path", "required": True, "description": text}
    return _operation("acknowledge_alert", "Mark an alert as known", responses) | {
        "description": "It stays open until it is no longer so.",
        "parameters": [alert_id | {"schema": {"type": "integer", "minimum": 1}}],
    }


def _export(source: Source, formats: Mapping[str, Format]) -> Json:
    summary = f"Export {source.title}"
    responses = {"200": _file(formats), **_refusals(_EXPORT_REFUSALS)}
    return _operation(f"export_{source.name}", summary, responses) | {
        "description": source.summary,
        "parameters": [*_common(source, formats), *_filters(source), *_options(formats)],
    }


def _file(formats: Mapping[str, Format]) -> Json:
    headers = {
        "Content-Disposition": ("The file's name, in both forms of RFC 6266", True),
        "Export-Span": ("START/END of the rows, ISO times with offset; half-open", True),
        "Export-Clamped": ("true if the span was shortened to what is allowed", False),
    }
    return {
        "description": "The file. It is whole if the transfer ends without an error.",
        "headers": {
            name: {"description": text, "required": required, "schema": _TEXT}
            for name, (text, required) in headers.items()
        },
        "content": {format_.media_type: {} for format_ in formats.values()},
    }


def _common(source: Source, formats: Mapping[str, Format]) -> list[Json]:
    """Return the parameters that every source has."""
    format_ = {"type": "string", "enum": list(formats)}
    if "csv" in formats:
        format_["default"] = "csv"
    presets = sorted({preset for item in formats.values() for preset in item.presets})
    keys = [column.key for column in source.columns]
    return [
        _parameter("format", "How the file is written", format_),
        *_span(source),
        _list("nodes", "Names of nodes, split at commas. All, if left out.", _TEXT),
        _parameter(
            "node", "The exact name of a node; may be repeated", {"type": "array", "items": _TEXT}
        ),
        _list("columns", "Which columns, in this order", {"type": "string", "enum": keys}),
        _parameter("personal", "Whether to include personal columns (addresses, places)", _SWITCH),
        _parameter("preset", _preset_text(formats), {"type": "string", "enum": presets})
        if presets
        else _parameter("preset", "No installed format has one", _TEXT),
        _parameter("strict", "Whether a span that is too long is refused, not shortened", _SWITCH),
    ]


def _span(source: Source) -> list[Json]:
    """Return the ways to say a span, and the zone in which it is said."""
    monthly = source.period == "month"
    zone = "UTC" if monthly else "`timezone`"
    moment = f"A date, or an ISO time. A time without an offset is one of {zone}."
    instead = "Every UTC month that is touched; instead" if monthly else "Instead"
    written = "What times are written in"
    if not monthly:
        written = "Whose calendar days are meant, and what times are written in"
    days: Json = {"type": "integer", "minimum": 1}
    return [
        _parameter("start", f"The first moment. {moment}", _TEXT),
        _parameter("end", f"The end, not included; a date is. {moment} Now, if left out.", _TEXT),
        _parameter(
            "period",
            f"{instead} of start and end: {PERIOD_FORMS}",
            _TEXT | ({"default": DEFAULT_PERIOD} if monthly else {}),
        ),
        _parameter(
            "days",
            f"{instead} of start and end: today and the days before it, so many in all",
            days if monthly else days | {"default": DEFAULT_DAYS},
        ),
        _parameter("timezone", written, _TEXT | {"default": "UTC"}),
    ]


def _preset_text(formats: Mapping[str, Format]) -> str:
    having = (
        f"{item.name}: {', '.join(item.presets)}" for item in formats.values() if item.presets
    )
    return f"A name for several options of a format ({'; '.join(having)})"


def _filters(source: Source) -> list[Json]:
    return [_list(item.name, item.summary, _choice(item)) for item in source.filters]


def _options(formats: Mapping[str, Format]) -> list[Json]:
    """Return each option once, though several formats may have one of that name."""
    owners: dict[str, list[tuple[Format, Filter]]] = {}
    for format_ in formats.values():
        for option in format_.options:
            owners.setdefault(option.name, []).append((format_, option))
    return [_option(name, having) for name, having in owners.items()]


def _option(name: str, having: list[tuple[Format, Filter]]) -> Json:
    text = " ".join(f"{format_.name}: {option.summary}." for format_, option in having)
    schema: Json = dict(_TEXT)
    if all(option.choices for _, option in having):
        schema["enum"] = sorted({choice for _, option in having for choice in option.choices})
    return _parameter(f"option.{name}", text, schema)


def _choice(declared: Filter) -> Json:
    return {"type": "string", "enum": list(declared.choices)} if declared.choices else _TEXT


def _parameter(name: str, text: str, schema: Mapping[str, object]) -> Json:
    return {"name": name, "in": "query", "description": text, "schema": dict(schema)}


def _list(name: str, text: str, items: Mapping[str, object]) -> Json:
    schema = {"type": "array", "items": dict(items), "minItems": 1}
    return _parameter(name, text, schema) | {"style": "form", "explode": False}


def _statuses() -> set[int]:
    return {*_EXPORT_REFUSALS, *_NAMED_REFUSALS}


def _refusals(statuses: Iterable[int]) -> Json:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _refusal(status: int) -> Json:
    codes = [code for code, (of_it, _) in PROBLEMS.items() if of_it == status]
    refusal: Json = {
        "description": f"A problem: {', '.join(codes)}",
        "content": {"application/problem+json": {"schema": _reference("Problem")}},
    }
    if status == PROBLEMS["busy"][0]:
        seconds = {"description": "Seconds to wait", "schema": {"type": "integer"}}
        refusal["headers"] = {"Retry-After": seconds}
    return refusal


def _json(text: str, schema: Json) -> Json:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: object) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _problem_schema() -> Json:
    return _object(
        type={"const": "about:blank"},
        title=_TEXT,
        status={"type": "integer"},
        detail=_TEXT | {"description": "What is wrong, and why"},
        code={"type": "string", "enum": sorted(PROBLEMS)},
        hint=_TEXT | {"description": "What would work"},
    )


def _time_schema() -> Json:
    return {"type": ["string", "null"], "format": "date-time"}


def _nodes_schema() -> Json:
    return _object(nodes={"type": "array", "items": _node_schema()})


def _node_schema() -> Json:
    return _object(
        name=_TEXT,
        first_heard_at=_reference("Time"),
        last_heard_at=_reference("Time"),
        logs={"type": "array", "items": _log_schema()},
        api={"oneOf": [_api_schema(), {"type": "null"}]},
    )


def _api_schema() -> Json:
    """Describe how a node's API answered the last time."""
    return _object(
        url=_TEXT | {"description": "Where it was asked"},
        state={"type": "string", "enum": ["answering", "failing"]},
        reason={"type": ["string", "null"], "description": "Why it failed, or what was missing"},
        version={"type": ["string", "null"], "description": "The storagenode's, as it last said"},
        answered_at=_reference("Time"),
        checked_at=_reference("Time"),
    )


def _log_schema() -> Json:
    """Describe how a log is followed."""
    return _object(
        log=_TEXT | {"description": "The file, or HOST:PORT, as the operator named it"},
        state={"type": "string", "enum": ["following", "waiting", "failing"]},
        reason={"type": ["string", "null"], "description": "Why it waits or fails"},
        behind_bytes={
            "type": ["integer", "null"],
            "minimum": 0,
            "description": "Not read yet; null where that can't be known, as of a stream",
        },
        checked_at=_reference("Time"),
    )
