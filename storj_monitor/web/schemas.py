"""What the description says of JSON: problems, nodes, the catalogue, the manifest of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.errors import PROBLEMS
from storj_monitor.plugin import API_VERSION, Kind

if TYPE_CHECKING:
    Json = dict[str, Any]

TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_FLAG = {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0}
_MAYBE_COUNT = {"type": ["integer", "null"], "minimum": 0}
_SECONDS = {"type": ["number", "null"], "minimum": 0}
_ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_MAYBE_SHA256 = {"oneOf": [_SHA256, {"type": "null"}]}
_MOMENT = {"type": "string", "format": "date-time"}
_TEXTS = {"type": "array", "items": TEXT}


def components() -> Json:
    """Return the schemas that answers refer to."""
    return {
        "Problem": _problem(),
        "Time": {"type": ["string", "null"], "format": "date-time"},
        "Nodes": object_of(nodes=_list_of(_node())),
        "Column": object_of(**_column()),
        "Filter": _filter(),
        "Catalogue": _catalogue(),
        "Manifest": _manifest(),
        "Estimate": _estimate(),
        "Preview": _preview(),
        "Progress": _progress(),
        "Reports": object_of(reports=_list_of(_entry())),
    }


def reference(name: str) -> Json:
    """Return where a schema stands that several answers share."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(**properties: object) -> Json:
    """Return the schema of an object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list_of(items: Json) -> Json:
    return {"type": "array", "items": items}


def _map_of(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}


def _problem() -> Json:
    """Describe an error (RFC 9457)."""
    return object_of(
        type={"const": "about:blank"},
        title=TEXT,
        status={"type": "integer"},
        detail=TEXT | {"description": "What is wrong, and why"},
        code={"type": "string", "enum": sorted(PROBLEMS)},
        hint=TEXT | {"description": "What would work"},
        request_id=TEXT | {"description": "What the log calls the request, and X-Request-ID"},
    )


def _node() -> Json:
    return object_of(
        name=TEXT,
        first_heard_at=reference("Time"),
        last_heard_at=reference("Time"),
        logs=_list_of(_log()),
        api={"oneOf": [_api(), {"type": "null"}]},
    )


def _api() -> Json:
    """Describe how a node's API answered the last time."""
    return object_of(
        url=TEXT | {"description": "Where it was asked"},
        state={"type": "string", "enum": ["answering", "failing"]},
        reason=_MAYBE_TEXT | {"description": "Why it failed, or what was missing"},
        version=_MAYBE_TEXT | {"description": "The storagenode's, as it last said"},
        answered_at=reference("Time"),
        checked_at=reference("Time"),
    )


def _log() -> Json:
    """Describe how a log is followed."""
    return object_of(
        log=TEXT | {"description": "The file, or HOST:PORT, as the operator named it"},
        state={"type": "string", "enum": ["following", "waiting", "failing"]},
        reason=_MAYBE_TEXT | {"description": "Why it waits or fails"},
        behind_bytes={
            "type": ["integer", "null"],
            "minimum": 0,
            "description": "Not read yet; null where that can't be known, as of a stream",
        },
        checked_at=reference("Time"),
    )


def _column() -> Json:
    return {
        "key": TEXT,
        "label": TEXT,
        "kind": {"type": "string", "enum": list(map(str, Kind))},
        "unit": TEXT,
        "description": TEXT,
        "personal": _FLAG | {"description": "Whether it is left out unless asked for"},
    }


def _filter() -> Json:
    """Describe a filter of a source or an option of a format."""
    choices = _TEXTS | {"description": "What it can be; anything, if there are none"}
    return object_of(name=TEXT, summary=TEXT, choices=choices, default=_MAYBE_TEXT)


def _catalogue() -> Json:
    """Describe what is installed."""
    period = {"type": "string", "enum": ["day", "week", "month", "custom"]}
    max_days = {"type": ["integer", "null"], "description": "Of one request; null is no limit"}
    return object_of(
        api_version={"const": API_VERSION},
        sources=_offered(
            summary=TEXT,
            max_days=max_days,
            period={"type": "string", "enum": ["month", "custom"]},
            columns=_list_of(reference("Column")),
            filters=_list_of(reference("Filter")),
        ),
        formats=_offered(
            media_type=TEXT,
            suffix=TEXT,
            spreadsheet=_FLAG | {"description": "Whether formulas are guarded against"},
            options=_list_of(reference("Filter")),
            presets=_map_of(_map_of(TEXT)),
        ),
        reports=_offered(summary=TEXT, period=period),
        channels=_offered(
            is_set_up=_FLAG | {"description": "Whether what must be set is"},
            settings=_list_of(
                object_of(name=TEXT, summary=TEXT, secret=_FLAG, default=_MAYBE_TEXT)
            ),
        ),
        plugins=_list_of(_plugin()),
    )


def _offered(**properties: object) -> Json:
    """Describe what plugins offer of one kind."""
    return _list_of(object_of(name=TEXT, title=TEXT, distribution=_MAYBE_TEXT, **properties))


def _plugin() -> Json:
    """Describe what became of a plugin."""
    failure = object_of(stage=TEXT, reason=TEXT, hint=TEXT)
    return object_of(
        name=TEXT,
        distribution=TEXT,
        version=TEXT,
        state={"type": "string", "enum": ["loaded", "refused", "blocked"]},
        offers=_map_of(_TEXTS),
        failure={"oneOf": [failure, {"type": "null"}]},
    )


def _manifest() -> Json:
    """Describe what is in a file."""
    kind = {"type": "string", "enum": ["source", "report"]}
    arrow = TEXT | {"description": "The type in Arrow"}
    table = object_of(
        name=TEXT,
        title=TEXT,
        rows=_COUNT,
        columns=_list_of(object_of(**_column(), type=arrow)),
    )
    figure = object_of(
        label=TEXT,
        value=TEXT | {"description": "As people read it"},
        change={"type": ["number", "null"], "description": "A ratio: 0.12 is +12 %"},
    )
    return object_of(
        file=TEXT,
        media_type=TEXT,
        bytes=_COUNT,
        sha256=_SHA256,
        rows=_COUNT,
        is_empty=_FLAG | {"description": "Whether it tells of nothing, whatever its rows"},
        generated_at=_MOMENT,
        subject=object_of(kind=kind, name=TEXT, title=TEXT),
        format=object_of(name=TEXT, options=_map_of(TEXT)),
        span=_span(),
        clamped=_FLAG | {"description": "Whether the span was shortened to what is allowed"},
        timezone=TEXT,
        nodes=_nodes(),
        filters=_map_of(_TEXTS),
        personal=_FLAG,
        formula_guard=_FLAG,
        title=TEXT | {"description": "Of the document"},
        figures=_list_of(figure),
        warnings=_TEXTS,
        tables=_list_of(table),
        made_by=_map_of(TEXT),
    )


def _span() -> Json:
    return object_of(start=_MOMENT, end=_MOMENT) | {"description": "Half-open, in UTC"}


def _nodes() -> Json:
    return {"type": ["array", "null"], "items": TEXT, "description": "null is all"}


def _estimate() -> Json:
    """Describe what a file will be."""
    rows = object_of(
        count=_COUNT,
        is_exact=_FLAG | {"description": "Whether they were counted, not reckoned from a part"},
    )
    return object_of(
        file_name=TEXT,
        span=_span(),
        timezone=TEXT | {"description": "The zone of its calendar days"},
        days={"type": "integer", "minimum": 1, "description": "Calendar days that it touches"},
        clamped=_FLAG | {"description": "Whether the span was shortened to what is allowed"},
        nodes=_nodes(),
        media_type=TEXT,
        rows={"oneOf": [rows, {"type": "null"}], "description": "null if nobody knows so soon"},
    )


def _preview() -> Json:
    """Describe the first rows of an export."""
    kind = {"type": "string", "enum": list(map(str, Kind))}
    cells = _list_of(TEXT) | {"description": "A text for people in each column"}
    return object_of(
        columns=_list_of(object_of(key=TEXT, label=TEXT, kind=kind, unit=TEXT)),
        rows=_list_of(cells),
        has_more=_FLAG | {"description": "Whether the export may have more rows"},
    )


def _progress() -> Json:
    """Describe where an export that was started stands."""
    states = ["waiting", "running", "done", "failed", "canceled"]
    return object_of(
        id=_ID,
        state={"type": "string", "enum": states},
        rows=_COUNT,
        bytes=_COUNT,
        seconds=_SECONDS | {"description": "Since it was asked for; null if that is forgotten"},
        file_name=TEXT,
        sha256=_MAYBE_SHA256,
        problem={"oneOf": [reference("Problem"), {"type": "null"}], "description": "Why it failed"},
        is_kept=_FLAG | {"description": "Whether GET /api/reports/{id} answers the file"},
    )


def _entry() -> Json:
    """Describe an export or report that was asked for."""
    again = {"description": "The id of the finished file that was sent once more"}
    return object_of(
        id=_ID,
        again_of={"oneOf": [_ID, {"type": "null"}]} | again,
        part=_MAYBE_TEXT | {"description": "What of it was sent, such as bytes 0-99/1000"},
        asked_at=_MOMENT,
        who=TEXT | {"description": "How they were let in, and from which address"},
        kind={"type": "string", "enum": ["source", "report"]},
        subject=TEXT,
        title=TEXT,
        format=TEXT,
        nodes=_nodes(),
        span=_span(),
        timezone=TEXT,
        personal=_FLAG,
        status={"type": "string", "enum": ["running", "done", "failed", "canceled"]},
        rows=_MAYBE_COUNT,
        bytes=_MAYBE_COUNT,
        seconds=_SECONDS,
        sha256=_MAYBE_SHA256,
        error=_MAYBE_TEXT,
        deliveries=_map_of(_COUNT) | {"description": "How many, by their state"},
        file_name=TEXT,
        is_kept=_FLAG | {"description": "Whether GET /api/reports/{id} answers the file"},
    )
