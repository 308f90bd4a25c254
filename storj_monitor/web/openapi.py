"""The OpenAPI 3.1 description, made from the catalogue: what is installed is described."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from storj_monitor.exports.spans import DEFAULT_DAYS, DEFAULT_PERIOD
from storj_monitor.reports.calendar import PERIOD_FORMS
from storj_monitor.web.schemas import (
    EXPORT_REFUSALS,
    NAMED_REFUSALS,
    REFUSALS,
    REPORT_REFUSALS,
    SWITCH,
    TEXT,
    json_answer,
    nodes_schema,
    object_of,
    problem_schema,
    refusal,
    refusals,
    statuses,
    time_schema,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.plugin import Filter, Format, Source
    from storj_monitor.registry import Catalogue
    from storj_monitor.web.schemas import Json


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
            "schemas": {"Problem": problem_schema(), "Time": time_schema()},
            "responses": {str(status): refusal(status) for status in sorted(statuses())},
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
    healthy = json_answer("The store can be read", object_of(status=TEXT, version=TEXT))
    failing = json_answer("The store can't be read", object_of(status=TEXT, version=TEXT))
    health = _operation("health", "Whether all is well", {"200": healthy, "503": failing})
    health["security"] = []
    return exports | {
        "/api/reports/generate": {"post": _report(catalogue)},
        "/api/catalogue": {"get": _plain("catalogue", "What is installed", {"type": "object"})},
        "/api/nodes": {"get": _plain("nodes", "The nodes known", nodes_schema())},
        "/api/alerts/{id}/acknowledge": {"post": _acknowledging()},
        "/api/openapi.json": {"get": _plain("openapi", "This", {"type": "object"})},
        "/healthz": {"get": health},
    }


def _operation(name: str, summary: str, responses: Json) -> Json:
    return {"operationId": name, "summary": summary, "responses": responses}


def _plain(name: str, summary: str, schema: Json) -> Json:
    return _operation(name, summary, {"200": json_answer(summary, schema), **refusals(REFUSALS)})


def _acknowledging() -> Json:
    """Describe how an alert is marked as known."""
    at = {"type": "string", "format": "date-time"}
    known = object_of(id={"type": "integer"}, acknowledged_at=at)
    responses = {"200": json_answer("Since when it is known", known), **refusals(NAMED_REFUSALS)}
    text = "As the export of alerts has it"
    alert_id = {"name": "id", "in": "path", "required": True, "description": text}
    return _operation("acknowledge_alert", "Mark an alert as known", responses) | {
        "description": "It stays open until it is no longer so.",
        "parameters": [alert_id | {"schema": {"type": "integer", "minimum": 1}}],
    }


def _export(source: Source, formats: Mapping[str, Format]) -> Json:
    summary = f"Export {source.title}"
    responses = {"200": _file(formats), **refusals(EXPORT_REFUSALS)}
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
            name: {"description": text, "required": required, "schema": TEXT}
            for name, (text, required) in headers.items()
        },
        "content": {format_.media_type: {} for format_ in formats.values()},
    }


def _report(catalogue: Catalogue) -> Json:
    """Describe how a report is asked for."""
    responses = {"200": _file(catalogue.formats), **refusals(REPORT_REFUSALS)}
    text = "Nodes, spans and formats mean what they mean for exports. null is the same as nothing."
    schema = {
        "type": "object",
        "properties": _report_properties(catalogue),
        "required": ["report_type"],
        "additionalProperties": False,
    }
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return _operation("generate_report", "Generate a report", responses) | {
        "description": text,
        "requestBody": body,
    }


def _report_properties(catalogue: Catalogue) -> Json:
    kinds = "; ".join(f"{item.name}: {item.summary}" for item in catalogue.reports.values())
    formats = {"type": ["string", "null"], "enum": [*catalogue.formats, None]}
    text: Json = {"type": ["string", "null"]}
    texts: Json = {"type": ["array", "null"], "items": TEXT, "minItems": 1}
    either = "Instead of start and end"
    return {
        "report_type": TEXT | {"enum": list(catalogue.reports), "description": kinds},
        "format": formats | {"description": "pdf, if not said"},
        "start": text | {"description": "The first moment: a date, or an ISO time"},
        "end": text | {"description": "The end, not included; a date is. Now, if not said"},
        "period": text
        | {"description": f"{either}: {PERIOD_FORMS}. The last complete one, if nothing is said"},
        "days": {"type": ["integer", "null"], "minimum": 1}
        | {"description": f"{either}: today and the days before it, so many in all"},
        "timezone": text | {"description": "The zone of days and times; UTC, if not said"},
        "node_names": texts | {"description": "Exact names of nodes; all, if not said"},
        "metrics": texts
        | {"description": "What a report of any span is to show: traffic, storage.used_bytes"},
        "preset": text | {"description": _preset_text(catalogue.formats)},
        "options": {"type": ["object", "null"], "additionalProperties": TEXT}
        | {"description": "Options of the format"},
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
        _list("nodes", "Names of nodes, split at commas. All, if left out.", TEXT),
        _parameter(
            "node", "The exact name of a node; may be repeated", {"type": "array", "items": TEXT}
        ),
        _list("columns", "Which columns, in this order", {"type": "string", "enum": keys}),
        _parameter("personal", "Whether to include personal columns (addresses, places)", SWITCH),
        _parameter("preset", _preset_text(formats), {"type": "string", "enum": presets})
        if presets
        else _parameter("preset", "No installed format has one", TEXT),
        _parameter("strict", "Whether a span that is too long is refused, not shortened", SWITCH),
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
        _parameter("start", f"The first moment. {moment}", TEXT),
        _parameter("end", f"The end, not included; a date is. {moment} Now, if left out.", TEXT),
        _parameter(
            "period",
            f"{instead} of start and end: {PERIOD_FORMS}",
            TEXT | ({"default": DEFAULT_PERIOD} if monthly else {}),
        ),
        _parameter(
            "days",
            f"{instead} of start and end: today and the days before it, so many in all",
            days if monthly else days | {"default": DEFAULT_DAYS},
        ),
        _parameter("timezone", written, TEXT | {"default": "UTC"}),
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
    schema: Json = dict(TEXT)
    if all(option.choices for _, option in having):
        schema["enum"] = sorted({choice for _, option in having for choice in option.choices})
    return _parameter(f"option.{name}", text, schema)


def _choice(declared: Filter) -> Json:
    return {"type": "string", "enum": list(declared.choices)} if declared.choices else TEXT


def _parameter(name: str, text: str, schema: Mapping[str, object]) -> Json:
    return {"name": name, "in": "query", "description": text, "schema": dict(schema)}


def _list(name: str, text: str, items: Mapping[str, object]) -> Json:
    schema = {"type": "array", "items": dict(items), "minItems": 1}
    return _parameter(name, text, schema) | {"style": "form", "explode": False}
