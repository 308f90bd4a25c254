"""What the OpenAPI description says of the overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.web.answers import REFUSALS, json_answer, refusals, text_answer
from storj_monitor.web.schemas import TEXT, object_of, reference

if TYPE_CHECKING:
    from storj_monitor.web.schemas import Json

_COUNT = {"type": "integer", "minimum": 0}
_MAYBE_TEXT = {"type": ["string", "null"]}
_MAYBE_INTEGER = {"type": ["integer", "null"]}
_MAYBE_NUMBER = {"type": ["number", "null"]}
_FLAG = {"type": "boolean"}
_STATUS = {"type": "string", "enum": ["well", "look", "act"]}
_JUDGED = {
    "type": ["string", "null"],
    "enum": ["well", "look", "act", None],
    "description": "Against the thresholds of the settings; null where it can't be judged",
}
_USD = _MAYBE_NUMBER | {"description": "USD"}


def paths() -> Json:
    """Return the description of its routes."""
    return {"/api/overview": {"get": _overview()}, "/api/overview/events": {"get": _events()}}


def _overview() -> Json:
    node = {
        "name": "node",
        "in": "query",
        "description": "The exact name of a node; may be repeated. All, if left out.",
        "schema": {"type": "array", "items": TEXT},
    }
    return {
        "operationId": "overview",
        "summary": "How the nodes are now",
        "description": "Nodes that need an eye come first. What isn't known is null, never 0.",
        "parameters": [node],
        "responses": {
            "200": json_answer("How the nodes are", _schema()),
            **refusals(REFUSALS),
        },
    }


def _events() -> Json:
    text = (
        "An event `changed` at once, and whenever /api/overview answers something else; its id "
        "and data are the new version. A comment comes where there was none for a while."
    )
    answer = text_answer("Events without an end", {"text/event-stream": TEXT})
    return {
        "operationId": "overview_events",
        "summary": "Word of every change of the overview",
        "description": text,
        "responses": {"200": answer, **refusals((*REFUSALS, 429))},
    }


def _schema() -> Json:
    trouble = object_of(reason=TEXT, hint=TEXT)
    return object_of(
        version=TEXT | {"description": "Another one says something else"},
        made_at=reference("Time"),
        status=_STATUS | {"description": "The worst of nodes and alerts"},
        problem={
            "oneOf": [trouble, {"type": "null"}],
            "description": "Why nothing is known: the database can't be read",
        },
        totals=_totals(),
        nodes=_list_of(_node()),
        alerts=_list_of(_alert()),
    )


def _totals() -> Json:
    names = (
        *("used_bytes", "allocated_bytes", "free_bytes"),
        *("so_far_usd", "expected_usd", "paid_usd", "sent_usd"),
        *("egress_bytes", "ingress_bytes"),
    )
    of_nodes = _COUNT | {"description": "Of so many nodes it is known"}
    return object_of(
        nodes=_COUNT,
        well=_COUNT,
        look=_COUNT,
        act=_COUNT,
        **{name: object_of(value=_MAYBE_NUMBER, nodes=of_nodes) for name in names},
        downloads_ratio=_MAYBE_NUMBER,
        uploads_ratio=_MAYBE_NUMBER,
    )


def _node() -> Json:
    api = object_of(url=TEXT, state=TEXT, reason=_MAYBE_TEXT, version=_MAYBE_TEXT)
    return object_of(
        name=TEXT,
        status=_STATUS | {"description": "Made from its open alerts"},
        heard_at=reference("Time"),
        satellites=_list_of(_satellite()),
        disk={"oneOf": [_disk(), {"type": "null"}]},
        money=_money(),
        downloads=_transfers(),
        uploads=_transfers(),
        logs=_list_of(
            object_of(log=TEXT, state=TEXT, reason=_MAYBE_TEXT, behind_bytes=_MAYBE_INTEGER)
        ),
        api={"oneOf": [api, {"type": "null"}]},
        alerts=_list_of({"type": "integer"}) | {"description": "Ids of its open alerts"},
    )


def _satellite() -> Json:
    number = {"type": "number"}
    score = object_of(name=TEXT, value=number, warning=number, critical=number, status=_JUDGED)
    return object_of(
        name=TEXT,
        said_at=reference("Time"),
        is_stale=_FLAG | {"description": "Said so long ago that it tells nothing of now"},
        scores=_list_of(score),
        disqualified_at=reference("Time"),
        suspended_at=reference("Time"),
    )


def _disk() -> Json:
    outlooks = ["unknown", "full", "steady", "distant", "growing"]
    return object_of(
        said_at=reference("Time"),
        is_stale=_FLAG,
        allocated_bytes=_MAYBE_INTEGER,
        used_bytes=_MAYBE_INTEGER,
        free_bytes=_MAYBE_INTEGER,
        trash_bytes=_MAYBE_INTEGER,
        used_ratio=_MAYBE_NUMBER,
        status=_JUDGED,
        daily_bytes=_MAYBE_INTEGER | {"description": "Growth a day, by the last 14 days"},
        outlook={"type": "string", "enum": outlooks},
        full_on={"type": ["string", "null"], "format": "date"},
    )


def _money() -> Json:
    return object_of(
        month=TEXT | {"description": "This UTC month; so far and at its end are estimates"},
        so_far_usd=_USD,
        expected_usd=_USD,
        last_month=TEXT | {"description": "Of which statements tell what was paid and sent"},
        paid_usd=_USD,
        sent_usd=_USD,
        statements=_COUNT,
        awaited=_COUNT,
    )


def _transfers() -> Json:
    return object_of(
        ended=_COUNT,
        succeeded=_COUNT,
        success_ratio=_MAYBE_NUMBER,
        size_bytes=_MAYBE_INTEGER | {"description": "Of those that succeeded"},
        status=_JUDGED,
    ) | {"description": "Today, since 00:00 UTC, without audits"}


def _alert() -> Json:
    return object_of(
        id={"type": "integer"},
        at=reference("Time"),
        node=_MAYBE_TEXT,
        satellite=_MAYBE_TEXT,
        type=TEXT,
        severity={"type": "string", "enum": ["info", "warning", "critical"]},
        title=TEXT,
        message=TEXT,
        acknowledged_at=reference("Time"),
    )


def _list_of(items: Json) -> Json:
    return {"type": "array", "items": items}
