"""The OpenAPI 3.1 description, made from the catalogue: what is installed is described.

Pages are for browsers and not described: the first one, the log-in page, what these send.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from storj_monitor.exports.preview import REPORT_LOOKS
from storj_monitor.web import answers, schedules_described, schemas
from storj_monitor.web.answers import json_answer, refusals, text_answer
from storj_monitor.web.overview import description as overview
from storj_monitor.web.parameters import (
    alert_id,
    as_of,
    export_parameters,
    file_id,
    limit,
    link_signature,
    range_headers,
    report_body,
    request_id,
    start_body,
    wanted_parameters,
)
from storj_monitor.web.schemas import TEXT, object_of, reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.plugin import Format, Source
    from storj_monitor.registry import Catalogue
    from storj_monitor.web.schemas import Json
_UNAUTHORIZED = 401

_EITHER = "Give source or report_type, and the words of an export or report."


def openapi(catalogue: Catalogue, *, needs_token: bool, server: str = "/") -> Json:
    """Return the description of every route that programs use; `server` is where they begin."""
    document: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "storj-monitor",
            "version": version("storj-monitor"),
            "summary": "What your Storj storage nodes did and earned, in any installed format.",
        },
        "servers": [{"url": server}],
        "paths": {
            path: {"parameters": [{"$ref": "#/components/parameters/request_id"}], **operations}
            for path, operations in _paths(catalogue).items()
        },
        "components": {
            "schemas": schemas.components() | schedules_described.components(),
            "headers": answers.headers(),
            "parameters": {"request_id": request_id()},
            "responses": answers.responses(),
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
    nodes, anything = reference("Nodes"), {"type": "object"}
    return {
        **exports,
        "/api/reports/generate": {"post": _report(catalogue)},
        "/api/reports/start": {"post": _start(catalogue)},
        "/api/reports/list": {"get": _history()},
        "/api/reports/{id}": {
            "get": _kept(catalogue.formats),
            "head": _head_of_kept(),
            "delete": _discard(),
        },
        "/api/reports/{id}/progress": {"get": _progress()},
        "/api/reports/{id}/manifest": {"get": _manifest()},
        "/api/estimate": {"get": _estimate(catalogue)},
        "/api/preview": {"get": _preview(catalogue)},
        "/api/files/{id}": {"get": _linked(catalogue.formats)},
        "/api/catalogue": {"get": _plain("catalogue", "What is installed", reference("Catalogue"))},
        "/api/nodes": {"get": _plain("nodes", "The nodes known", nodes)},
        "/api/alerts/{id}/acknowledge": {"post": _acknowledging()},
        **schedules_described.paths(catalogue),
        "/api/openapi.json": {"get": _plain("openapi", "This", anything)},
        "/metrics": {"get": _metrics()},
        "/healthz": {"get": _health()},
        **overview.paths(),
    }


def _operation(name: str, summary: str, responses: Json) -> Json:
    return {"operationId": name, "summary": summary, "responses": responses}


def _plain(name: str, summary: str, schema: Json) -> Json:
    answer = json_answer(summary, schema)
    return _operation(name, summary, {"200": answer, **refusals(answers.REFUSALS)})


def _export(source: Source, formats: Mapping[str, Format]) -> Json:
    responses = {
        "200": answers.made(formats),
        "206": answers.part_of_made(formats),
        **refusals(answers.EXPORT_REFUSALS),
    }
    return _operation(f"export_{source.name}", f"Export {source.title}", responses) | {
        "description": source.summary,
        "parameters": export_parameters(source, formats),
    }


def _report(catalogue: Catalogue) -> Json:
    """Describe how a report is asked for."""
    answer = answers.made(catalogue.formats)
    responses = {"200": answer, **refusals(answers.REPORT_REFUSALS)}
    text = "Nodes, spans and formats mean what they mean for exports. null is the same as nothing."
    return _operation("generate_report", "Generate a report", responses) | {
        "description": text,
        "requestBody": report_body(catalogue),
    }


def _start(catalogue: Catalogue) -> Json:
    """Describe how an export or report is started."""
    answer = answers.started_answer("It is begun, or waits for its turn", reference("Progress"))
    responses = {"202": answer, **refusals(answers.REPORT_REFUSALS)}
    text = (
        "Give a source or a report_type. Ask for its progress until it is done, and then for the "
        "file: what nobody asks about for three minutes is canceled. null is the same as nothing."
    )
    return _operation("start_export", "Start an export or a report", responses) | {
        "description": text,
        "requestBody": start_body(catalogue),
    }


def _progress() -> Json:
    """Describe how it is asked how far an export is."""
    answer = json_answer("Where it stands", reference("Progress"))
    responses = {"200": answer, **refusals(answers.NAMED_REFUSALS)}
    summary = "How far an export or report is, or how it ended"
    return _operation("progress", summary, responses) | {"parameters": [file_id()]}


def _discard() -> Json:
    """Describe how an export is ended."""
    responses = {"204": answers.done(), **refusals(answers.NAMED_REFUSALS)}
    summary = "Cancel an export or report that runs, or remove its file"
    return _operation("discard", summary, responses) | {"parameters": [file_id()]}


def _history() -> Json:
    """Describe how it is asked what was exported."""
    summary = "The last exports and reports, newest first"
    answer = json_answer(summary, reference("Reports"))
    responses = {"200": answer, **refusals(answers.REFUSALS)}
    return _operation("history", summary, responses) | {"parameters": [limit()]}


def _estimate(catalogue: Catalogue) -> Json:
    """Describe how it is asked what a file will be."""
    answer = json_answer("What it will be", reference("Estimate"))
    responses = {"200": answer, **refusals(answers.REPORT_REFUSALS)}
    summary = "Span, name and rows of an export or report, before it is made"
    return _operation("estimate", summary, responses) | {
        "description": f"{_EITHER} Rows are counted for a moment, and reckoned from there.",
        "parameters": wanted_parameters(catalogue),
    }


def _preview(catalogue: Catalogue) -> Json:
    """Describe how something is looked at."""
    looks = {
        item.media_type: TEXT for item in catalogue.formats.values() if item.name in REPORT_LOOKS
    }
    answer = text_answer("A look at it", {"application/json": reference("Preview"), **looks})
    responses = {"200": answer, **refusals(answers.REPORT_REFUSALS)}
    return _operation("preview", "Look at an export or report", responses) | {
        "description": f"{_EITHER} JSON of the first rows of a source; the page that a report is "
        "as html, or its image if format is svg.",
        "parameters": [*wanted_parameters(catalogue), as_of()],
    }


def _kept(formats: Mapping[str, Format]) -> Json:
    """Describe how a finished file is asked for once more."""
    responses = {
        "200": answers.kept(formats),
        "206": answers.part_of_kept(formats),
        **refusals(answers.FILE_REFUSALS),
    }
    return _operation("file", "Download a finished export or report again", responses) | {
        "description": "The setting spool_hours under [exports] says how long files are kept.",
        "parameters": [file_id(), *range_headers()],
    }


def _linked(formats: Mapping[str, Format]) -> Json:
    """Describe how a file is asked for by a link that was sent; whoever has that may."""
    responses = {
        "200": answers.kept(formats),
        "206": answers.part_of_kept(formats),
        **refusals(status for status in answers.FILE_REFUSALS if status != _UNAUTHORIZED),
    }
    summary = "Download a file by the link that was sent instead of it"
    described = {"parameters": [file_id(), *link_signature(), *range_headers()], "security": []}
    return _operation("file_by_link", summary, responses) | described


def _head_of_kept() -> Json:
    """Describe how it is asked whether a file is still there; an answer to HEAD has no body."""
    bodiless = {
        str(status): {"description": "The same as of GET, without the body"}
        for status in answers.NAMED_REFUSALS
    }
    summary = "Whether a finished export or report is still there, and how long it is"
    responses = {"200": answers.head_of_kept(), **bodiless}
    return _operation("file_head", summary, responses) | {"parameters": [file_id()]}


def _manifest() -> Json:
    """Describe how it is asked what is in a finished file."""
    answer = json_answer("What is in the file", reference("Manifest"))
    responses = {"200": answer, **refusals(answers.NAMED_REFUSALS)}
    summary = "What is in a finished export or report, and its checksum"
    return _operation("manifest", summary, responses) | {"parameters": [file_id()]}


def _acknowledging() -> Json:
    """Describe how an alert is marked as known."""
    at = {"type": "string", "format": "date-time"}
    known = object_of(id={"type": "integer"}, acknowledged_at=at)
    answer = json_answer("Since when it is known", known)
    responses = {"200": answer, **refusals(answers.NAMED_REFUSALS)}
    return _operation("acknowledge_alert", "Mark an alert as known", responses) | {
        "description": "It stays open until it is no longer so.",
        "parameters": [alert_id()],
    }


def _metrics() -> Json:
    """Describe what Prometheus reads."""
    media_types = ("text/plain", "application/openmetrics-text")
    text = "All metrics; as OpenMetrics for who accepts that"
    answer = text_answer(text, dict.fromkeys(media_types, TEXT))
    responses = {"200": answer, **refusals(answers.REFUSALS)}
    return _operation("metrics", "What the program counts of its own work", responses)


def _health() -> Json:
    """Describe what tells whether all is well; anybody may ask."""
    schema = object_of(status={"enum": ["ok", "failing"]}, version=TEXT)
    responses = {
        "200": json_answer("The store can be read", schema),
        "503": json_answer("The store can't be read", schema),
        **refusals(answers.ANY_REFUSALS),
    }
    return _operation("health", "Whether all is well", responses) | {"security": []}
