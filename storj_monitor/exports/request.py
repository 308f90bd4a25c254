"""One parser for what HTTP, the command line and schedules ask for."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from storj_monitor.errors import Problem
from storj_monitor.exports.spans import REPORT_PERIODS, asked_months, asked_span, says_span
from storj_monitor.plugin import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from storj_monitor.exports.spans import Asked
    from storj_monitor.plugin import Column, Filter, Format, Report, Source, Span
    from storj_monitor.registry import Catalogue

    Words = Mapping[str, Sequence[str]]
    #: `parse_export` or `parse_report`.
    Parse = Callable[[str, Words, Catalogue, "Limits"], "ExportRequest"]

T = TypeVar("T")

#: Words of a request that may be given once.
_SINGLE = (
    *("format", "start", "end", "period", "days", "nodes"),
    *("timezone", "personal", "preset", "strict", "columns", "manifest"),
)
#: What is chosen of a source, and what of a report that is about any span.
_COLUMNS, _METRICS = "columns", "metrics"
_METRIC = re.compile(r"[a-z0-9_.]{1,64}")
_OPTION = "option."
#: The limit of a source that states none of its own; the setting takes its place.
_ORDINARY_DAYS = 31


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """A request that makes sense: names are looked up, spans are moments, options are chosen."""

    subject: Source | Report
    format: Format
    query: Query
    options: Mapping[str, str]
    clamped: bool
    #: The span that was asked for, where it was made shorter.
    asked: Span | None = None
    #: Whether a manifest is wanted beside the file.
    manifest: bool = False


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What surrounds a request: the time, the nodes there are, and how long a span may be."""

    now: datetime
    nodes: Sequence[str]
    #: The longest span in calendar days; None (the command line) is without limit.
    max_days: int | None = None


def parse_export(subject: str, words: Words, catalogue: Catalogue, limits: Limits) -> ExportRequest:
    """Return what is asked for, or raise the Problem that says what is wrong and what would work.

    `words` has the parameters of DESIGN's HTTP interface, each with its values in order.
    """
    source = _named("source", subject, catalogue.sources)
    single = _single(words)
    format_ = _named("format", single.get("format", "csv"), catalogue.formats)
    filters = [declared.name for declared in source.filters]
    _refuse_unknown(words, f"An export of {source.name!r}", (*_SINGLE, "node", *filters))
    personal = _switch(single, "personal")
    columns = _columns(single.get(_COLUMNS), source, personal=personal)
    asked = _span(single, source.period, _max_days(source, limits), limits)
    query = Query(
        span=asked.span,
        nodes=_nodes(words, limits.nodes),
        filters=_filters(words, source),
        timezone=_zone(single),
        columns=tuple(column.key for column in columns),
        personal=personal,
    )
    return _request(source, format_, query, asked, words)


def parse_report(subject: str, words: Words, catalogue: Catalogue, limits: Limits) -> ExportRequest:
    """Return what is asked for of a report, or raise the Problem likewise.

    `words` are those of `parse_export` without columns and filters; a report of any span (its
    period is custom) takes `metrics` as well, and is given them as a filter of its query.
    """
    report = _named("report", subject, catalogue.reports)
    single = _single(words)
    format_ = _named("format", single.get("format", "pdf"), catalogue.formats)
    if _METRICS in words and report.period != "custom":
        hint = "Leave them out, or ask for a report of any span, such as custom_range."
        raise Problem("unknown_filter", f"report {report.name!r} takes no metrics", hint)
    known = (*(name for name in _SINGLE if name != _COLUMNS), "node", _METRICS)
    _refuse_unknown(words, f"Report {report.name!r}", known)
    usual = REPORT_PERIODS[report.period]
    said = single if usual is None or says_span(single) else {**single, "period": usual}
    asked = _span(said, report.period, limits.max_days, limits)
    query = Query(
        span=asked.span,
        nodes=_nodes(words, limits.nodes),
        filters=_metrics(words),
        timezone=_zone(single),
        personal=_switch(single, "personal"),
    )
    return _request(report, format_, query, asked, words)


def _request(
    subject: Source | Report,
    format_: Format,
    query: Query,
    asked: Asked,
    words: Words,
) -> ExportRequest:
    options = _options(words, format_)
    return ExportRequest(
        subject=subject,
        format=format_,
        query=query,
        options=options,
        clamped=asked.clamped,
        asked=asked.whole,
        manifest=_switch(_single(words), "manifest"),
    )


def _named(kind: str, name: str, offered: Mapping[str, T]) -> T:
    if name in offered:
        return offered[name]
    raise Problem(
        f"unknown_{kind}", f"unknown {kind} {name!r}", _choices("Installed", name, offered)
    )


def _choices(which: str, given: str, known: Collection[str]) -> str:
    """Say what there is, and what was probably meant."""
    near = difflib.get_close_matches(given, list(known), n=1)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    shown = ", ".join(sorted(known)[:20]) or "none"
    return f"{meant}{which}: {shown}{', ...' if len(known) > 20 else ''}."  # noqa: PLR2004


def _single(words: Words) -> dict[str, str]:
    for name in _SINGLE:
        if len(words.get(name, ())) > 1:
            raise Problem("bad_request", f"{name} is given more than once", "Give it once.")
    return {name: words[name][0] for name in _SINGLE if words.get(name)}


def _refuse_unknown(words: Words, who: str, known: Collection[str]) -> None:
    for word in words:
        if word not in known and not word.startswith(_OPTION):
            hint = _choices(f"{who} takes", word, known)
            raise Problem("unknown_filter", f"unknown parameter {word!r}", hint)


def _zone(single: Mapping[str, str]) -> ZoneInfo:
    name = single.get("timezone", "UTC")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        hint = "Give a name such as Europe/Berlin or UTC."
        raise Problem("bad_timezone", f"there is no time zone {name!r}", hint) from error


def _switch(single: Mapping[str, str], name: str) -> bool:
    value = single.get(name, "0").lower()
    if value not in ("0", "1", "true", "false"):
        raise Problem("bad_request", f"{name}={value!r} is neither yes nor no", "Give 1 or 0.")
    return value in ("1", "true")


def _span(single: Mapping[str, str], period: str, max_days: int | None, limits: Limits) -> Asked:
    strict = _switch(single, "strict")
    if period == "month":
        return asked_months(single, limits.now, max_days, strict=strict)
    return asked_span(single, _zone(single), limits.now, max_days, strict=strict)


def _max_days(source: Source, limits: Limits) -> int | None:
    """Return the longest span: a source's own limit stands above the setting."""
    if limits.max_days is None or source.max_days == _ORDINARY_DAYS:
        return limits.max_days
    return source.max_days


def _columns(text: str | None, source: Source, *, personal: bool) -> tuple[Column, ...]:
    allowed = {column.key: column for column in source.columns if personal or not column.personal}
    if text is None:
        return tuple(allowed.values())
    keys = text.split(",")
    for key in keys:
        if key in allowed:
            continue
        hint = _choices(f"Source {source.name!r} has", key, allowed)
        if any(column.key == key for column in source.columns):
            hint = "It is personal: ask for it with personal=1."
        raise Problem("unknown_column", f"unknown column {key!r}", hint)
    if len(set(keys)) < len(keys):
        raise Problem("bad_request", f"columns={text!r} names one twice", "Name each once.")
    return tuple(allowed[key] for key in keys)


def _nodes(words: Words, known: Sequence[str]) -> tuple[str, ...]:
    """Return the nodes that are named, each once; () means all of them."""
    if "nodes" in words and "node" in words:
        detail = "nodes and node are both given"
        raise Problem("bad_request", detail, "Use nodes=A,B or node=A, not both.")
    if "nodes" not in words and "node" not in words:
        return ()
    split = [name for text in words.get("nodes", ()) for name in text.split(",")]
    named = words.get("node", split)
    if not all(named) or not named:
        detail = "a node without a name is asked for" if named else "no node is asked for"
        raise Problem("bad_request", detail, "Leave the parameter out to get all nodes.")
    for name in named:
        if name not in known:
            raise Problem("unknown_node", f"unknown node {name!r}", _choices("Known", name, known))
    return tuple(dict.fromkeys(named))


def _filters(words: Words, source: Source) -> Mapping[str, tuple[str, ...]]:
    chosen = {}
    for declared in source.filters:
        if declared.name in words:
            values = [value for text in words[declared.name] for value in text.split(",")]
            chosen[declared.name] = _checked(declared, values)
        elif declared.default is not None:
            chosen[declared.name] = (declared.default,)
    return MappingProxyType(chosen)


def _checked(declared: Filter, values: Iterable[str]) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(values))
    for value in unique:
        if not value or (declared.choices and value not in declared.choices):
            hint = _choices("Allowed", value, declared.choices) if declared.choices else ""
            detail = f"{declared.name}={value!r} is no value of the filter"
            raise Problem("bad_filter", detail, hint or "Give a value, or leave it out.")
    return unique


def _metrics(words: Words) -> Mapping[str, tuple[str, ...]]:
    """Return what a report of any span is to show; nothing if that is left to it."""
    if _METRICS not in words:
        return MappingProxyType({})
    named = [name for text in words[_METRICS] for name in text.split(",")]
    for name in named:
        if not _METRIC.fullmatch(name):
            hint = "A metric is a word such as traffic or storage.used_bytes."
            raise Problem("bad_filter", f"metrics: {name!r} is none", hint)
    if not named:
        raise Problem("bad_filter", "metrics names none", "Name some, or leave it out.")
    return MappingProxyType({_METRICS: tuple(dict.fromkeys(named))})


def _options(words: Words, format_: Format) -> Mapping[str, str]:
    """Return the format's options: its defaults, then the preset's, then those asked for."""
    declared = {option.name: option for option in format_.options}
    chosen = {
        name: option.default for name, option in declared.items() if option.default is not None
    }
    for preset in words.get("preset", ()):
        if preset not in format_.presets:
            hint = _choices(f"Format {format_.name!r} has the presets", preset, format_.presets)
            raise Problem("unknown_preset", f"unknown preset {preset!r}", hint)
        chosen |= format_.presets[preset]
    for word, values in words.items():
        if word.startswith(_OPTION):
            name = word.removeprefix(_OPTION)
            chosen[name] = _option(name, values, declared, format_)
    return MappingProxyType(chosen)


def _option(
    name: str, values: Sequence[str], declared: Mapping[str, Filter], format_: Format
) -> str:
    if name not in declared:
        hint = _choices(f"Format {format_.name!r} has the options", name, declared)
        raise Problem("bad_option", f"unknown option {name!r}", hint)
    choices = declared[name].choices
    if len(values) != 1 or not values[0] or (choices and values[0] not in choices):
        hint = _choices("Allowed", "".join(values), choices) if choices else "Give one value."
        raise Problem("bad_option", f"option {name}={','.join(values)!r} can't be used", hint)
    return values[0]
