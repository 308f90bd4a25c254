"""What the description says of requests: the parameters of exports, the body of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.exports.spans import DEFAULT_DAYS, DEFAULT_PERIOD, LONGEST_DAYS
from storj_monitor.reports.calendar import PERIOD_FORMS
from storj_monitor.web.schemas import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def alert_id() -> Json:
    """Return what an alert is called in its path."""
    schema = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    return _path("id", "As the export of alerts has it", schema)


def export_parameters(source: Source, formats: Mapping[str, Format]) -> list[Json]:
    """Return all that an export of a source can be asked for."""
    filters = [_list(item.name, item.summary, _choice(item)) for item in source.filters]
    return [*_common(source, formats), *filters, *_options(formats), *range_headers()]


def report_body(catalogue: Catalogue) -> Json:
    """Return the body that asks for a report; null is the same as nothing."""
    schema = {
        "type": "object",
        "properties": _report_properties(catalogue),
        "required": ["report_type"],
        "additionalProperties": False,
    }
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _report_properties(catalogue: Catalogue) -> Json:
    kinds = "; ".join(f"{item.name}: {item.summary}" for item in catalogue.reports.values())
    formats = {"type": ["string", "null"], "enum": [*catalogue.formats, None]}
    text: Json = {"type": ["string", "null"]}
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
        "manifest": {"type": ["boolean", "null"]}
        | {"description": "Whether the answer is to say, by Link, where the file's manifest is"},
    }


def _common(source: Source, formats: Mapping[str, Format]) -> list[Json]:
    """Return the parameters that every source has."""
    format_ = {"type": "string", "enum": list(formats)}
    if "csv" in formats:
        format_["default"] = "csv"
    presets = sorted({preset for item in formats.values() for preset in item.presets})
    columns = _list(
        "columns",
        "Which columns, in this order",
        {"type": "string", "enum": [column.key for column in source.columns]},
    )
    columns["schema"]["uniqueItems"] = True
    link = "Whether the answer is to say, by Link, where the file's manifest is"
    return [
        _query("format", "How the file is written", format_),
        *_span(source),
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


def _span(source: Source) -> list[Json]:
    """Return the ways to say a span, and the zone in which it is said."""
    monthly = source.period == "month"
    zone = "UTC" if monthly else "`timezone`"
    moment = f"A date, or an ISO time. A time without an offset is one of {zone}."
    instead = "Every UTC month that is touched; instead" if monthly else "Instead"
    written = "What times are written in"
    if not monthly:
        written = "Whose calendar days are meant, and what times are written in"
    return [
        _query("start", f"The first moment. {moment}", TEXT),
        _query("end", f"The end, not included; a date is. {moment} Now, if left out.", TEXT),
        _query(
            "period",
            f"{instead} of start and end: {PERIOD_FORMS}",
            TEXT | ({"default": DEFAULT_PERIOD} if monthly else {}),
        ),
        _query(
            "days",
            f"{instead} of start and end: today and the days before it, so many in all",
            _DAYS if monthly else _DAYS | {"default": DEFAULT_DAYS},
        ),
        _query("timezone", written, TEXT | {"default": "UTC"}),
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


def _choice(declared: Filter) -> Json:
    return {"type": "string", "enum": list(declared.choices)} if declared.choices else _ITEM


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
