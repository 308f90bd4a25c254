"""The words of a body ask for the same as those of a query."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from storj_monitor.errors import Problem
from storj_monitor.exports.request import Limits
from storj_monitor.web.bodies import Wanted, decoded
from storj_monitor.web.wanted import parser_of
from tests.web.rooms import CSV, ETERNAL, HEARD, NODES, NUMBERS, PSV, catalogue_of
from tests.web.test_reports import COUNTED, PDF

if TYPE_CHECKING:
    from storj_monitor.exports.request import ExportRequest

SPAN = {"start": "2026-03-01", "end": "2026-03-02"}
CATALOGUE = catalogue_of((NUMBERS, ETERNAL), (CSV, PSV, PDF), reports=(COUNTED,))


def requested(source: str | None, report: str | None, words: Any) -> ExportRequest | str:
    """Return what is asked for, or the code of the problem that is found first."""
    limits = Limits(now=HEARD, nodes=[node.name for node in NODES], max_days=31)
    try:
        parse, subject = parser_of(source, report)
        return parse(subject, words, CATALOGUE, limits)
    except Problem as problem:
        return problem.code


def by_body(body: dict[str, Any]) -> ExportRequest | str:
    wanted = decoded(json.dumps(body).encode(), Wanted)
    return requested(wanted.source, wanted.report_type, wanted.words())


def by_query(body: dict[str, Any]) -> ExportRequest | str:
    """Ask for the same with the words of a URL."""
    query: MultiDict[str] = MultiDict()
    for name in ("start", "end", "period", "days", "format", "timezone", "preset"):
        if name in body:
            query.add(name, str(body[name]))
    for name in ("personal", "strict", "manifest"):
        if body.get(name):
            query.add(name, "1")
    query.extend(MultiDict([("node", name) for name in body.get("node_names", ())]))
    if "columns" in body:
        query.add("columns", ",".join(body["columns"]))
    query.extend(MultiDict([("metrics", name) for name in body.get("metrics", ())]))
    query.extend(body.get("filters", {}))
    query.extend({f"option.{name}": value for name, value in body.get("options", {}).items()})
    words = {name: query.getall(name) for name in query}
    return requested(body.get("source"), body.get("report_type"), words)


SPANS = st.sampled_from(
    [
        {},
        SPAN,
        {"period": "2026-02"},
        {"period": "last-week"},
        {"days": 3},
        {"days": 99},
        {"days": 0},
        {"end": "2026-03-01"},
    ]
)
OTHERS = st.fixed_dictionaries(
    {},
    optional={
        "format": st.sampled_from(["csv", "psv", "pdf", "doc"]),
        "timezone": st.sampled_from(["UTC", "Asia/Kolkata", "Mars"]),
        "preset": st.sampled_from(["bare", "x"]),
        "node_names": st.lists(st.sampled_from([node.name for node in NODES]), min_size=1),
        "columns": st.lists(st.sampled_from(["text", "number", "remote_ip"]), min_size=1),
        "metrics": st.lists(st.sampled_from(["traffic", "storage.used_bytes"]), min_size=1),
        "filters": st.dictionaries(
            st.sampled_from(["status", "satellite", "bucket"]),
            st.sampled_from(["failed", "success,failed", "day", ""]),
        ),
        "options": st.dictionaries(st.just("guard"), st.sampled_from(["on", "off", "x"])),
        "personal": st.booleans(),
        "strict": st.booleans(),
        "manifest": st.booleans(),
    },
)
SUBJECTS = st.sampled_from(
    [{"source": "numbers"}, {"source": "eternal"}, {"report_type": "counted"}]
)


@given(subject=SUBJECTS, span=SPANS, others=OTHERS)
def test_a_body_asks_for_the_same_as_a_query(
    subject: dict[str, Any], span: dict[str, Any], others: dict[str, Any]
) -> None:
    body = subject | span | others
    assert by_body(body) == by_query(body)
