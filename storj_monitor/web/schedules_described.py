"""What the description says of schedules and deliveries: their paths, bodies and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.schedules.answers import STATES
from storj_monitor.schedules.periods import PERIODS
from storj_monitor.schedules.when import FORMS
from storj_monitor.web import answers
from storj_monitor.web.answers import json_answer, refusals, started_answer
from storj_monitor.web.schedules import DEFAULT_LIMIT, MOST
from storj_monitor.web.schemas import TEXT, object_of, reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.registry import Catalogue
    from storj_monitor.web.schemas import Json

_FLAG = {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0}
_TEXTS = {"type": "array", "items": TEXT}
#: What of an answer means nothing when it is sent back.
_ANSWERED = ("id", "next", "deliveries", "problem")
#: What a body may be refused with, besides.
_BODY = (413,)


def paths(catalogue: Catalogue) -> Json:
    """Return the operations of each path."""
    schedule, sent = reference("Schedule"), _deliveries()
    body = _json_body(_asked(catalogue))
    run = _json_body(_run(), required=False)
    return {
        "/api/schedules": {
            "get": _operation("schedules", "What is sent by itself", _schedules()),
            "post": _operation("add_schedule", "Add a schedule", schedule, 201, more=_BODY) | body,
        },
        "/api/schedules/{id}": {
            "get": _of_id("schedule", "One schedule", schedule),
            "put": _of_id("replace_schedule", "Let a schedule be as this says", schedule, _BODY)
            | body
            | {"description": "A recipient that is sent back as it was shown stays who it was."},
            "delete": _removal(),
        },
        "/api/schedules/{id}/run": {
            "post": _sending("run_schedule", "Send it now, or a test of it", sent, (*_BODY, 429))
            | run
        },
        "/api/schedules/{id}/deliveries": {"get": _history()},
        "/api/deliveries/{id}/again": {
            "post": _sending(
                "deliver_again", "Send a delivery once more", reference("Delivery"), (429,)
            )
        },
    }


def components() -> Json:
    """Return the schemas that the answers refer to."""
    span = object_of(start=reference("Time"), end=reference("Time"))
    return {
        "Schedule": _schedule(span | {"description": "Half-open, in UTC"}),
        "Delivery": _delivery(span | {"description": "What it is about: half-open, in UTC"}),
    }


def _schedule(span: Json) -> Json:
    known: Json = {
        "id": {"type": "integer", "minimum": 1},
        "name": TEXT,
        "format": TEXT,
        "nodes": _TEXTS | {"description": "Empty for all of them"},
        "when": TEXT,
        "timezone": TEXT,
        "period": {"type": "string", "enum": list(PERIODS)},
        "channel": TEXT,
        "recipients": _TEXTS | {"description": "What of each may be seen"},
        "skip_empty": _FLAG,
        "enabled": _FLAG,
        "parameters": {"type": "object", "additionalProperties": _TEXTS},
        "next": _list_of(object_of(at=reference("Time"), span=span))
        | {"description": "The next runs, each with the period that it will cover"},
        "deliveries": _list_of(reference("Delivery")) | {"description": "The last ones"},
        "problem": {"type": ["string", "null"], "description": "Why it can't be made as it is"},
    }
    described = object_of(**known)
    described["properties"] |= {"report": TEXT, "source": TEXT}
    return described | {"oneOf": [{"required": ["report"]}, {"required": ["source"]}]}


def _delivery(span: Json) -> Json:
    maybe_text, maybe_count = {"type": ["string", "null"]}, {"type": ["integer", "null"]}
    return object_of(
        id={"type": "integer", "minimum": 1},
        schedule_id=_COUNT,
        name=TEXT | {"description": "The schedule's, then"},
        channel=TEXT,
        recipient=TEXT | {"description": "What of it may be seen"},
        span=span,
        edition=TEXT | {"description": "Empty for the schedule's own; again-N, test-..."},
        due_at=reference("Time"),
        late=_FLAG | {"description": "Whether it was made long after it was due"},
        state={"type": "string", "enum": list(STATES)}
        | {"description": "maybe_sent: nobody can know, and only a person has it sent again"},
        attempts=_COUNT,
        next_attempt_at=reference("Time"),
        sent_at=reference("Time"),
        error=maybe_text | {"description": "Why it was not sent, the last time"},
        subject_line=maybe_text,
        file_name=maybe_text,
        rows=maybe_count,
        bytes=maybe_count,
        link_until=reference("Time"),
    )


def _asked(catalogue: Catalogue) -> Json:
    """Describe the body of a schedule; null is the same as nothing."""
    value = {"type": ["array", "string", "boolean"], "items": TEXT, "minItems": 1}
    flag = {"type": ["boolean", "null"]}
    properties: Json = {
        "name": TEXT | {"minLength": 1, "maxLength": 100},
        "report": _choice(catalogue.reports),
        "source": _choice(catalogue.sources),
        "format": _choice(catalogue.formats) | {"description": "pdf of a report, csv of a source"},
        "nodes": {"type": ["array", "null"], "items": TEXT, "description": "All, if not said"},
        "when": TEXT | {"description": FORMS},
        "timezone": {"type": ["string", "null"], "description": "Of `when` and `period`; UTC"},
        "period": {"type": ["string", "null"], "enum": [*PERIODS, None]}
        | {"description": "The last whole one when it is due; as `when` suggests, if not said"},
        "channel": TEXT | ({"enum": list(catalogue.channels)} if catalogue.channels else {}),
        "recipients": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 100},
        "skip_empty": flag | {"description": "Send nothing where there is nothing to tell"},
        "enabled": flag | {"default": True},
        "parameters": {"type": ["object", "null"], "additionalProperties": value}
        | {"description": "Further words of the request: columns, preset, option.NAME, filters"},
        **{name: {"description": "Of an answer: it means nothing here"} for name in _ANSWERED},
    }
    described = {"type": "object", "properties": properties, "additionalProperties": False}
    return described | {"required": ["name", "when", "channel", "recipients"]}


def _run() -> Json:
    flag = {"type": ["boolean", "null"]}
    properties: Json = {
        "again": flag | {"description": "Once more, though its period was dealt with"},
        "test": flag | {"description": "As a test, which counts as no run"},
        "recipient": {"type": ["string", "null"], "description": "Of a test: only this one"},
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _history() -> Json:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}
    asked = {"name": "limit", "in": "query", "description": "How many at most", "schema": limit}
    described = _of_id("deliveries", "What a schedule delivered", _deliveries())
    return described | {"parameters": [_id(), asked]}


def _removal() -> Json:
    header = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
    responses = {
        "204": {"description": "It is gone; what it delivered stays known", "headers": header},
        **refusals(answers.NAMED_REFUSALS),
    }
    summary = "Remove a schedule"
    described = {"operationId": "remove_schedule", "summary": summary, "responses": responses}
    return described | {"parameters": [_id()]}


def _operation(
    name: str, summary: str, schema: Json, status: int = 200, more: Iterable[int] = ()
) -> Json:
    # What a body names may not be there: an unknown report is a 404.
    refused = answers.NAMED_REFUSALS if more else answers.REFUSALS
    responses = {str(status): json_answer(summary, schema), **refusals((*refused, *more))}
    return {"operationId": name, "summary": summary, "responses": responses}


def _of_id(name: str, summary: str, schema: Json, more: Iterable[int] = ()) -> Json:
    described = _operation(name, summary, schema, more=(404, *more))
    return described | {"parameters": [_id()]}


def _sending(name: str, summary: str, schema: Json, more: Iterable[int]) -> Json:
    described = _of_id(name, summary, schema, more)
    begun = "It goes on, also without you: what stands so far"
    described["responses"]["202"] = started_answer(begun, schema)
    return described | {
        "description": "It answers how it went, or after some seconds how far it is"
    }


def _id() -> Json:
    schema = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    return {"name": "id", "in": "path", "required": True, "schema": schema}


def _json_body(schema: Json, *, required: bool = True) -> Json:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": required, "content": content}}


def _schedules() -> Json:
    return object_of(
        schedules=_list_of(reference("Schedule")),
        followed={"type": "boolean", "description": "Whether this server sends what is due"},
        not_followed={"type": ["string", "null"]}
        | {"description": "Why it doesn't, and what would change that"},
    )


def _deliveries() -> Json:
    return object_of(deliveries=_list_of(reference("Delivery")))


def _list_of(items: Json) -> Json:
    return {"type": "array", "items": items}


def _choice(offered: Iterable[str]) -> Json:
    return {"type": ["string", "null"], "enum": [*offered, None]}
