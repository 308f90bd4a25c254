"""Makes sense of requests whose parts are valid, each by itself; schemathesis loads this.

A description can't say that a span is said in one of three ways, or which format an option is of;
and of so many parameters schemathesis mostly uses none. What is to be refused is left as it is.
"""

from __future__ import annotations

import itertools
import os
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import schemathesis
from schemathesis import GenerationMode

from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemathesis import Case, HookContext

    from storj_monitor.plugin import Filter, Format, Source

    Words = dict[str, Any]

#: The variables that say which file is there to be asked for again, and the query of its link.
FILE, LINK = "CONTRACT_FILE", "CONTRACT_LINK"
CATALOGUE = PluginHost(PluginSettings()).catalogue
NODES = ("beta", "alpha")
#: Of no schedule and of no delivery.
NO_ID = 10**17
#: Names of schedules are made of these, each once.
NUMBERS = itertools.count(1)
SATELLITES = ("us1",)
ZONES = ("UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia")
METRICS = ("traffic", "storage.used_bytes", "earnings")
RANGES = ("bytes=0-9", "bytes=20-", "bytes=-5", "bytes=99999999-", "lines=1-2")
PERIODS = ("2026-03", "2026-W10", "2026-03-04", "yesterday", "last-week", "this-month")
SPANS: Sequence[Words] = (
    {},
    {"days": 31},
    {"start": "2026-03-01", "end": "2026-03-08"},
    {"start": "2026-03-04T10:00:00+01:00", "end": "2026-03-04 23:30"},
    *({"period": period} for period in PERIODS),
)


@schemathesis.hook
def map_case(_: HookContext, case: Case[Any]) -> Case[Any]:
    """Return the request as somebody could have meant it."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return case
    # The same for the same request.
    dice = Random(repr((case.query, case.body, dict(case.headers))))
    if case.path.startswith("/api/export/"):
        source = CATALOGUE.sources[case.path.rpartition("/")[2]]
        _ask(case, sensible_query(source, dict(case.query), dice))
    elif case.path in {"/api/estimate", "/api/preview"}:
        _ask(case, sensible_look(dict(case.query), dice))
    elif case.path == "/api/overview":
        _ask(case, {"node": dice.choice(NODES)})
    elif case.path == "/api/reports/generate" and isinstance(case.body, dict):
        case.body = sensible_body(dict(case.body), dice)
    elif case.path == "/api/reports/start" and isinstance(case.body, dict):
        case.body = sensible_body({**case.body, "report_type": "custom_range"}, dice)
        case.body |= dict.fromkeys(("source", "columns", "filters"))
    elif case.path.startswith(("/api/schedules", "/api/deliveries")):
        _schedule(case)
    elif case.path.startswith(("/api/files/", "/api/reports/{id}")) and case.method != "DELETE":
        _look_up(case)
    if "Range" in case.headers or dice.random() < 0.2:
        case.headers["Range"] = dice.choice(RANGES)
        case.headers.pop("If-Range", None)
    return case


def _look_up(case: Case[Any]) -> None:
    """Let a request be for the file that is there, by a link that was made for it."""
    case.path_parameters = {"id": os.environ[FILE]}
    if case.path.startswith("/api/files/"):
        _ask(case, dict(parse_qsl(os.environ[LINK])))


def _schedule(case: Case[Any]) -> None:
    """Let a request about schedules make sense, and nothing be sent."""
    if case.path.endswith(("/run", "/again")):
        case.path_parameters = {"id": NO_ID}
        if isinstance(case.body, dict) and case.body.get("recipient") is not None:
            case.body = case.body | {"test": True}
    elif case.method in {"POST", "PUT"} and isinstance(case.body, dict):
        case.body = sensible_schedule(dict(case.body))


def _ask(case: Case[Any], words: Words) -> None:
    """Let a request have these parameters."""
    # In place, and as they are sent: not to be looked at once more as if they were made up.
    case.freeze_metadata()
    case.query.clear()
    case.query.update(words)


def sensible_look(words: Words, dice: Random) -> Words:
    """Return what is asked about one source, or about a report."""
    if dice.random() < 0.3:
        asked = {"report_type": "custom_range", "metrics": dice.choice(METRICS)}
        return _with_a_span(asked, dice)
    source = dice.choice(list(CATALOGUE.sources.values()))
    filters = {item.name for one in CATALOGUE.sources.values() for item in one.filters}
    others = {"report_type", "metrics", "columns", "as_of", *filters}
    words = {name: value for name, value in words.items() if name not in others}
    return sensible_query(source, words, dice) | {"source": source.name}


def sensible_query(source: Source, words: Words, dice: Random) -> Words:
    """Return an export's parameters with others beside them and without what excludes another."""
    made_up = {declared.name for declared in source.filters if _takes_one_of_few(declared)}
    words = {name: value for name, value in words.items() if name not in made_up}
    words = _with_a_span(words, dice) | _more(source, dice)
    if words.pop("node", None) or words.pop("nodes", None):
        words.pop("nodes", None)
        words |= dice.choice(({"node": NODES}, {"node": NODES[:1]}, {"nodes": ",".join(NODES)}))
    if any(column.personal for column in source.columns) and "columns" in words:
        words["personal"] = "1"
    return _of_its_format(CATALOGUE.formats[words.get("format", "csv")], words, dice)


def _takes_one_of_few(declared: Filter) -> bool:
    """Tell whether a description says less of a filter's values than its source."""
    return declared.default is not None or not declared.choices


def _more(source: Source, dice: Random) -> Words:
    """Return some of what an export can be asked for besides."""
    keys = [column.key for column in source.columns]
    offered: dict[str, Sequence[str]] = {
        "format": list(CATALOGUE.formats),
        "columns": (keys[0], ",".join(reversed(keys)), ",".join(keys[1::2])),
        "timezone": ZONES,
        "node": NODES,
        "manifest": ("1", "true"),
        **{item.name: item.choices for item in source.filters if item.choices},
    }
    if any(declared.name == "satellite" for declared in source.filters):
        offered["satellite"] = SATELLITES
    return {name: dice.choice(values) for name, values in offered.items() if dice.random() < 0.4}


def _of_its_format(format_: Format, words: Words, dice: Random) -> Words:
    """Return the parameters without the options and presets of other formats."""
    options = {f"option.{option.name}" for option in format_.options}
    if words.get("preset") not in format_.presets:
        words.pop("preset", None)
    elif dice.random() < 0.5:
        options = set()
    else:
        del words["preset"]
    if words.get("option.delimiter", "comma") == "comma":
        words.pop("option.decimal", None)  # a comma can't be both
    return {
        name: value
        for name, value in words.items()
        if name in options or not name.startswith("option.")
    }


def sensible_body(words: Words, dice: Random) -> Words:
    """Return what is asked of a report without what excludes another."""
    words = _with_a_span(words, dice) | {"preset": None, "options": {}}
    if words.get("node_names"):
        words["node_names"] = NODES
    if words.get("metrics"):
        custom = CATALOGUE.reports[words["report_type"]].period == "custom"
        words["metrics"] = [dice.choice(METRICS)] if custom else None
    if words.get("format") == "csv":
        words["preset"] = "excel-eu"
    return words


def sensible_schedule(words: Words) -> Words:
    """Return a schedule that can be made, by a name of its own."""
    about = {"report": None, "source": "traffic", "format": None, "parameters": None}
    said = {"name": f"schedule {next(NUMBERS)}", "when": "daily 06:00", "nodes": None}
    whom = {"channel": "email", "recipients": ["ann@example.org"], "timezone": "Asia/Kolkata"}
    return words | about | said | whom


def _with_a_span(words: Words, dice: Random) -> Words:
    """Return the words with one span, and a zone that there is."""
    for name in ("start", "end", "period", "days"):
        words.pop(name, None)
    if "timezone" in words:
        words["timezone"] = dice.choice(ZONES)
    return words | dice.choice(SPANS)
