"""What the description says of requests: the parameters of exports, the body of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.exports.spans import DEFAULT_DAYS, DEFAULT_PERIOD, LONGEST_DAYS
from storj_monitor.reports.calendar import PERIOD_FORMS
from storj_monitor.web.history import DEFAULT_LIMIT, MOST
from storj_monitor.web.schemas import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storj_monitor.plugin import Filter, Format, Source
    from storj_monitor.registry import Catalogue
    from storj_monitor.web.schemas import Json

_SWITCH = {"type": "string", "enum": ["0", "1", "false", "true"], "default": "0"}
_DAYS = {"type": "integer", "minimum": 1, "maximum": LONGEST_DAYS}
_NAME = {"type": "string", "minLength": 1}
#: One of those that stand between commas.
_ITEM = {"type": "string", "pattern": "^[^,]+$"}


def request_id() -> Json:
    """Return the header that names a request, whatever it asks for."""
    text = "What to call the request; a new name takes the place of a strange one"
    return _header("X-Request-ID", text)


def range_headers() -> list[Json]:
    """Return the headers that ask for a part of a file."""
    return [
        _header("Range", "One part of the file, in bytes; what isn't understood means all of it"),
        _header("If-Range", "The ETag of the file that the part is to be of; of another, all"),
    ]


def file_id() -> Json:
    """Return what a finished file is called in its path."""
    text = "As the ETag and the Content-Location of an export have it"
    return _path("id", text, {"type": "string", "pattern": "^[0-9a-f]{32}$"})


def link_signature() -> list[Json]:
    """Return what a link to a file has in its query."""
    seconds = {"type": "integer", "minimum": 0, "maximum": 99_999_999_999}
    digits = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    expires = _query("expires", "When the link ends, in seconds since 1970 UTC", seconds)
    signature = _query("signature", "Of the file and that time", digits)
    return [expires | {"required": True}, signature | {"required": True}]


def alert_id() -> Json:
    """Return what an alert is called in its path."""
    schema = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    return _path("id", "As the export of alerts has it", schema)


def export_parameters(source: Source, formats: Mapping[str, Format]) -> list[Json]:
    """Return all that an export of a source can be asked for."""
    keys = [column.key for column in source.columns]
    common = _common(_span(source.period), keys, formats)
    format_ = _query("format", "How the file is written", _format(formats, "csv"))
    return [format_, *common, *_filters([source]), *_options(formats), *range_headers()]


def wanted_parameters(catalogue: Catalogue) -> list[Json]:
    """Return all that can be said of a file that isn't made yet: of what, and the words of both."""
    sources, formats = catalogue.sources, catalogue.formats
    keys = {column.key: None for source in sources.values() for column in source.columns}
    metrics = _list("metrics", "What a report of any span is to show", _ITEM)
    return [
        _query("source", "What is exported; or report_type", TEXT | _one_of(sources)),
        _query("report_type", "Which report; or source", TEXT | _one_of(catalogue.reports)),
        _query("format", "How the file is written; csv, or pdf of a report", _format(formats)),
        *_common(_span(None), list(keys), formats),
        metrics,
        *_filters(sources.values()),
        *_options(formats),
    ]


def limit() -> Json:
    """Return how many entries of the history are asked for."""
    schema = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}
    return _query("limit", "How many at most", schema)


def as_of() -> Json:
    """Return what makes a picture another one to a browser."""
    about = "Of a report: whatever is said; another value has a browser fetch the picture anew"
    return _query("as_of", about, {"type": "string"})


def report_body(catalogue: Catalogue) -> Json:
    """Return the body that asks for a report; null is the same as nothing."""
    return _body(_report_properties(catalogue), ["report_type"])


def start_body(catalogue: Catalogue) -> Json:
    """Return the body that starts an export or a report."""
    names = {name: f"{name}: {item.summary}" for name, item in catalogue.sources.items()}
    source = {"type": ["string", "null"], "description": "; ".join(names.values())}
    reports = {"type": ["string", "null"], **_one_of([*catalogue.reports, None])}
    keys = {column.key: None for item in catalogue.sources.values() for column in item.columns}
    columns = {"type": "string", **_one_of(keys)}
    properties = _report_properties(catalogue) | {
        "source": source | _one_of([*names, None]),
        "report_type": reports | {"description": "Instead of a source"},
        "format": {"type": ["string", "null"], "description": "csv, or pdf of a report"}
        | _one_of([*catalogue.formats, None]),
        "columns": {"type": ["array", "null"], "items": columns, "minItems": 1}
        | {"uniqueItems": True, "description": "Which columns of a source, in this order"},
        "filters": {"type": ["object", "null"], "additionalProperties": TEXT}
        | {"description": "Filters of the source, each with its values split at commas"},
    }
    return _body(properties, [])


def _body(properties: Json, required: list[str]) -> Json:
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _one_of(names: Iterable[str | None]) -> Json:
    """Return that a text is one of these, if there are any."""
    return {"enum": list(names)} if list(names) else {}


def _report_properties(catalogue: Catalogue) -> Json:
    kinds = "; ".join(f"{item.name}: {item.summary}" for item in catalogue.reports.values())
    formats = {"type": ["string", "null"], "enum": [*catalogue.formats, None]}
    text: Json = {"type": ["string", "null"]}
    switch: Json = {"type": ["boolean", "null"]}
    texts: Json = {"type": ["array", "null"], "items": _NAME, "minItems": 1}
    either = "Instead of start and end"
    return {
        "report_type": TEXT | {"enum": list(catalogue.reports), "description": kinds},
        "format": formats | {"description": "pdf, if not said"},
        "start": text | {"description": "The first moment: a date, or an ISO time"},
        "end": text | {"description": "The end, not included; a date is. Now, if not said"},
        "period": text
        | {"description": f"{either}: {PERIOD_FORMS}. The last complete one, if nothing is said"},
        "days": _DAYS
        | {"type": ["integer", "null"]}
        | {"description": f"{either}: today and the days before it, so many in all"},
        "timezone": text | {"description": "The zone of days and times; UTC, if not said"},
        "node_names": texts | {"description": "Exact names of nodes; all, if not said"},
        "metrics": texts
        | {"description": "What a report of any span is to show: traffic, storage.used_bytes"},
        "preset": text | {"description": _preset_text(catalogue.formats)},
        "options": {"type": ["object", "null"], "additionalProperties": TEXT}
        | {"description": "Options of the format"},
        "manifest": switch
        | {"description": "Whether the answer is to say, by Link, where the file's manifest is"},
        "personal": switch | {"description": "Whether to include personal data"},
        "strict": switch | {"description": "Whether a span that is too long is refused"},
    }


def _format(formats: Mapping[str, Format], usual: str = "") -> Json:
    return {"type": "string", "enum": list(formats)} | (
        {"default": usual} if usual in formats else {}
    )


def _common(span: list[Json], keys: list[str], formats: Mapping[str, Format]) -> list[Json]:
    """Return the parameters that every source has, but for its format."""
    presets = sorted({preset for item in formats.values() for preset in item.presets})
    columns = _list("columns", "Which columns, in this order", {"type": "string"} | _one_of(keys))
    columns["schema"]["uniqueItems"] = True
    link = "Whether the answer is to say, by Link, where the file's manifest is"
    return [
        *span,
        _list("nodes", "Names of nodes, split at commas. All, if left out.", _ITEM),
        _query(
            "node",
            "The exact name of a node; may be repeated",
            {"type": "array", "items": _NAME, "minItems": 1},
        ),
        columns,
        _query("personal", "Whether to include personal columns (addresses, places)", _SWITCH),
        _query("preset", _preset_text(formats), {"type": "string", "enum": presets})
        if presets
        else _query("preset", "No installed format has one", TEXT),
        _query("strict", "Whether a span that is too long is refused, not shortened", _SWITCH),
        _query("manifest", link, _SWITCH),
    ]


def _span(of: str | None) -> list[Json]:
    """Return the ways to say a span, and its zone; `of` a source's period, None for anything."""
    zone = "UTC" if of == "month" else "`timezone`"
    moment = f"A date, or an ISO time. A time without an offset is one of {zone}."
    instead = "Every UTC month that is touched; instead" if of == "month" else "Instead"
    written = "What times are written in"
    if of != "month":
        written = "Whose calendar days are meant, and what times are written in"
    return [
        _query("start", f"The first moment. {moment}", TEXT),
        _query("end", f"The end, not included; a date is. {moment} Now, if left out.", TEXT),
        _query(
            "period",
            f"{instead} of start and end: {PERIOD_FORMS}",
            TEXT | ({"default": DEFAULT_PERIOD} if of == "month" else {}),
        ),
        _query(
            "days",
            f"{instead} of start and end: today and the days before it, so many in all",
            _DAYS | ({"default": DEFAULT_DAYS} if of == "custom" else {}),
        ),
        _query("timezone", written, TEXT | {"default": "UTC"}),
    ]


def _filters(sources: Iterable[Source]) -> list[Json]:
    """Return each filter once, though several sources may have one of that name."""
    owners: dict[str, list[Filter]] = {}
    for source in sources:
        for declared in source.filters:
            owners.setdefault(declared.name, []).append(declared)
    return [
        _list(name, "; ".join(dict.fromkeys(item.summary for item in having)), _choice(having))
        for name, having in owners.items()
    ]


def _preset_text(formats: Mapping[str, Format]) -> str:
    having = (
        f"{item.name}: {', '.join(item.presets)}" for item in formats.values() if item.presets
    )
    return f"A name for several options of a format ({'; '.join(having)})"


def _options(formats: Mapping[str, Format]) -> list[Json]:
    """Return each option once, though several formats may have one of that name."""
    owners: dict[str, list[tuple[Format, Filter]]] = {}
    for format_ in formats.values():
        for option in format_.options:
            owners.setdefault(option.name, []).append((format_, option))
    return [_option(name, having) for name, having in owners.items()]


def _option(name: str, having: list[tuple[Format, Filter]]) -> Json:
    text = " ".join(f"{format_.name}: {option.summary}." for format_, option in having)
    schema: Json = dict(_NAME)
    if all(option.choices for _, option in having):
        schema = {
            "type": "string",
            "enum": sorted({choice for _, option in having for choice in option.choices}),
        }
    return _query(f"option.{name}", text, schema)


def _choice(having: list[Filter]) -> Json:
    if not all(declared.choices for declared in having):
        return _ITEM
    choices = {choice: None for declared in having for choice in declared.choices}
    return {"type": "string", "enum": list(choices)}


def _query(name: str, text: str, schema: Mapping[str, object]) -> Json:
    return {"name": name, "in": "query", "description": text, "schema": dict(schema)}


def _list(name: str, text: str, items: Mapping[str, object]) -> Json:
    schema = {"type": "array", "items": dict(items), "minItems": 1}
    return _query(name, text, schema) | {"style": "form", "explode": False}


def _header(name: str, text: str) -> Json:
    return {"name": name, "in": "header", "description": text, "schema": dict(TEXT)}


def _path(name: str, text: str, schema: Mapping[str, object]) -> Json:
    described = {"name": name, "in": "path", "required": True, "description": text}
    return described | {"schema": dict(schema)}
