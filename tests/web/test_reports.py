from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest
from aiohttp import ClientError
from openapi_spec_validator import validate

from storj_monitor.errors import OperatorError
from storj_monitor.plugin import Document, Figure, Figures, Format, Kind, Note, Report
from storj_monitor.settings import BrandSettings, ExportSettings, Settings
from storj_monitor.web.app import create_app
from storj_monitor.web.openapi import openapi
from tests.web.rooms import (
    CSV,
    ETERNAL,
    HOSTILE,
    NUMBERS,
    PATIENCE_SECONDS,
    PSV,
    FakeHost,
    FakeStore,
    Gate,
    catalogue_of,
    format_of,
    problem,
    render_lines,
    room,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Catalogue, Query
    from tests.web.rooms import Client, Room

URL = "/api/reports/generate"
PDF = Format(name="pdf", title="PDF", media_type="application/pdf", render=render_lines)
SPAN = {"start": "2026-03-01", "end": "2026-03-02"}


def build(catalogue: Catalogue, query: Query) -> Document:
    """Count the numbers, and show them."""
    table = catalogue.fetch("numbers", replace(query, columns=("text", "number")))
    count = sum(1 for _ in table.rows())
    wanted = " ".join(query.filters.get("metrics", ()))
    figures = Figures("In short", (Figure("count", "Count", count, Kind.INTEGER),))
    return Document("Counted", (figures, table, Note(f"wanted: {wanted}")))


def failing(catalogue: Catalogue, query: Query) -> Document:
    """Ask for a source that isn't there."""
    return Document("Never", (catalogue.table("number", query),))


COUNTED = Report(name="counted", title="Counted", summary="How many", build=build)
WEEKLY = Report(name="weekly", title="Weekly", summary="A week", build=build, period="week")
BROKEN = Report(name="broken", title="Broken", summary="No use", build=failing)


def reporting(*formats: Format, exports: ExportSettings | None = None) -> Room:
    """Return an application with three reports."""
    catalogue = catalogue_of(
        (NUMBERS, ETERNAL), (CSV, PSV, PDF, *formats), reports=(COUNTED, WEEKLY, BROKEN)
    )
    return room(catalogue=catalogue, exports=exports)


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(reporting().app)


async def test_a_report_is_answered_like_an_export(client: Client) -> None:
    wanted = {"report_type": "counted", "format": "csv", **SPAN, "timezone": "Europe/Berlin"}
    response = await client.post(URL, json=wanted)
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/csv"
    assert response.headers["Content-Disposition"].startswith(
        'attachment; filename="counted_all_2026-03-01_2026-03-02.csv"'
    )
    assert response.headers["Export-Span"] == (
        "2026-02-28T23:00:00+00:00/2026-03-02T23:00:00+00:00"
    )
    assert response.headers["Cache-Control"] == "no-store"
    assert "Export-Clamped" not in response.headers
    lines = (await response.text()).splitlines()
    assert lines[:4] == [
        "figure|label|value|kind|change",
        "count|Count|12|integer|",
        "text|number",
        "'=1+1|0",
    ]
    assert lines[-1] == "info|wanted: "


async def test_personal_data_and_a_whole_span_can_be_asked_for(
    aiohttp_client: AiohttpClient,
) -> None:
    made = reporting()
    client = await aiohttp_client(made.app)
    wanted = {"report_type": "counted", "format": "csv", "personal": True, **SPAN}
    response = await client.post(URL, json=wanted)
    assert response.status == 200
    await response.read()
    (entry,) = made.store.written.begun.values()
    assert entry.personal
    too_long = {"report_type": "counted", "days": 40, "strict": True}
    refused = problem(await (await client.post(URL, json=too_long)).text())
    assert (refused["status"], refused["code"]) == (400, "bad_span")


async def test_without_a_word_it_is_a_pdf_of_the_last_complete_week(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772700000")  # 2026-03-05
    nothing = dict.fromkeys(("start", "end", "period", "days", "node_names", "metrics", "manifest"))
    nothing["options"] = None
    for wanted in ({"report_type": "weekly"}, {"report_type": "weekly", **nothing}):
        response = await client.post(URL, json=wanted)
        assert response.headers["Content-Type"] == "application/pdf"
        assert "weekly_all_2026-02-23_2026-03-01.pdf" in response.headers["Content-Disposition"]


async def test_a_range_means_nothing_to_a_post_which_makes_a_new_file(client: Client) -> None:
    wanted = {"report_type": "counted", "format": "csv", **SPAN, "manifest": True}
    first = await client.post(URL, json=wanted)
    body = await first.read()
    again = await client.post(URL, json=wanted, headers={"Range": "bytes=0-9"})
    assert (again.status, await again.read()) == (200, body)
    assert again.headers["ETag"] != first.headers["ETag"]


async def test_everything_that_can_be_asked_for_reaches_the_report(client: Client) -> None:
    wanted = {
        "report_type": "counted",
        "period": "2026-03",
        "node_names": [HOSTILE],
        "metrics": ["traffic", "storage.used_bytes"],
        "format": "csv",
        "preset": "bare",
        "options": {"guard": "off"},
    }
    response = await client.post(URL, json=wanted)
    assert "counted_-b-x--b--- =1+1 - --..-_2026-03-01" in response.headers["Content-Disposition"]
    text = await response.text()
    assert "\n=1+1|0\n" in text
    assert text.endswith("info|wanted: traffic storage.used_bytes\n")


async def test_a_long_span_is_clamped_and_says_so(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(reporting(exports=ExportSettings(max_days=31)).app)
    wanted = {"report_type": "counted", "start": "2026-03-01", "end": "2026-05-01"}
    response = await client.post(URL, json=wanted)
    assert response.headers["Export-Clamped"] == "true"
    assert "counted_all_2026-03-01_2026-03-31.pdf" in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("body", "status", "code", "detail"),
    [
        ("", 400, "bad_json", "the body: Input data was truncated"),
        ("{", 400, "bad_json", "the body: Input data was truncated"),
        ("report_type=counted", 400, "bad_json", "the body: JSON is malformed"),
        (b"\xff", 400, "bad_json", "the body: JSON is malformed"),
        ('{"report_type": "\\ud800"}', 400, "bad_json", "the body: "),
        (b'{"report_type": "\xff"}', 400, "bad_json", "the body: "),
        ("[" * 30_000, 400, "bad_request", "the body: Expected `object`, got `array`"),
        ("[]", 400, "bad_request", "the body: Expected `object`, got `array`"),
        ("{}", 400, "bad_request", "the body: Object missing required field `report_type`"),
        ({"start": "2026-03-01"}, 400, "bad_request", "the body: Object missing required field"),
        ({"report_type": None}, 400, "bad_request", "the body: Expected `str`, got `null`"),
        ({"report_type": "counted", "node": "a"}, 400, "bad_request", "unknown field `node`"),
        ({"report_type": "counted", "days": "7"}, 400, "bad_request", "got `str` - at `$.days`"),
        ({"report_type": "counted", "days": True}, 400, "bad_request", "at `$.days`"),
        ({"report_type": "counted", "days": 10**50}, 400, "bad_request", "at `$.days`"),
        ({"report_type": "counted", "start": 2026}, 400, "bad_request", "at `$.start`"),
        ({"report_type": "counted", "node_names": "a"}, 400, "bad_request", "`$.node_names`"),
        ({"report_type": "counted", "metrics": [1]}, 400, "bad_request", "at `$.metrics[0]`"),
        ({"report_type": "counted", "options": []}, 400, "bad_request", "at `$.options`"),
        ({"report_type": "counted", "options": {"guard": 1}}, 400, "bad_request", "got `int`"),
        ({"report_type": "counted", "node_names": []}, 400, "bad_request", "no node is asked for"),
        ({"report_type": "counted", "node_names": [""]}, 400, "bad_request", "without a name"),
        ({"report_type": "counted", "node_names": ["x"]}, 400, "unknown_node", "unknown node 'x'"),
        ({"report_type": "count"}, 404, "unknown_report", "unknown report 'count'"),
        ({"report_type": "counted", "format": "doc"}, 400, "unknown_format", "format 'doc'"),
        ({"report_type": "counted", "days": 0}, 400, "bad_span", "days='0'"),
        ({"report_type": "counted", "end": "2026-03-01"}, 400, "bad_span", "but no start"),
        ({"report_type": "counted", "period": "x", "days": 1}, 400, "bad_span", "one way"),
        ({"report_type": "counted", "timezone": "Mars"}, 400, "bad_timezone", "'Mars'"),
        ({"report_type": "counted", "preset": "x"}, 400, "unknown_preset", "preset 'x'"),
        ({"report_type": "counted", "options": {"x": "1"}}, 400, "bad_option", "option 'x'"),
        ({"report_type": "counted", "metrics": []}, 400, "bad_filter", "metrics names none"),
        ({"report_type": "weekly", "metrics": ["a"]}, 400, "unknown_filter", "takes no metrics"),
        ({"report_type": "broken"}, 500, "export_failed", "there is no source 'number'"),
        ('{"report_type": "' + "a" * 70_000 + '"}', 413, "too_large", "the body is too large"),
    ],
)
async def test_each_thing_that_can_not_be_done_is_a_problem(
    client: Client, body: Any, status: int, code: str, detail: str
) -> None:
    sent = json.dumps(body) if isinstance(body, dict) else body
    response = await client.post(URL, data=sent)
    said = problem(await response.text())
    assert (response.status, said["code"]) == (status, code)
    assert detail in str(said["detail"])
    assert said["hint"]
    assert response.headers["Content-Type"] == "application/problem+json"


async def test_a_report_is_asked_for_by_post_alone_and_not_from_another_site(
    client: Client,
) -> None:
    response = await client.get(URL)
    assert (response.status, response.headers["Allow"]) == (405, "POST")
    response = await client.post(
        URL, json={"report_type": "counted"}, headers={"Origin": "http://elsewhere.example"}
    )
    assert (response.status, problem(await response.text())["code"]) == (403, "forbidden")


def failing_after_two(gate: Gate) -> Format:
    def render(document: Document) -> Iterator[bytes]:
        _, table, _ = document.tables()
        for _ in islice(table.rows(), 2):
            yield b"a row\n"
        gate.wait()
        message = "the third row is bad"
        raise ValueError(message)

    return format_of("bad", render)


async def test_a_failure_after_the_first_rows_breaks_the_connection(
    aiohttp_client: AiohttpClient,
) -> None:
    gate = Gate()
    made = reporting(failing_after_two(gate))
    client = await aiohttp_client(made.app)
    response = await client.post(URL, json={"report_type": "counted", "format": "bad"})
    assert response.status == 200
    gate.open()
    with pytest.raises(ClientError):
        await response.read()
    outcome = await asyncio.to_thread(made.outcome)
    assert (outcome.subject, outcome.status, outcome.bytes) == ("counted", "failed", 12)


async def test_reports_wait_and_are_refused_like_exports(aiohttp_client: AiohttpClient) -> None:
    gate = Gate()
    exports = ExportSettings(workers=1, queue=0)
    client = await aiohttp_client(reporting(failing_after_two(gate), exports=exports).app)
    wanted = {"report_type": "counted", "format": "bad"}
    first = await client.post(URL, json=wanted)
    refused = await client.post(URL, json=wanted)
    assert (refused.status, problem(await refused.text())["code"]) == (429, "busy")
    assert refused.headers["Retry-After"]
    gate.open()
    with pytest.raises(ClientError):
        await first.read()


async def test_http_1_0_gets_the_finished_report_with_its_length(client: Client) -> None:
    wanted = json.dumps({"report_type": "counted", "format": "psv", **SPAN})
    modern = await (await client.post(URL, data=wanted)).read()
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = f"POST {URL} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: {len(wanted)}\r\n\r\n"
    writer.write((head + wanted).encode())
    answer = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    writer.close()
    await writer.wait_closed()
    answered, _, body = answer.decode().partition("\r\n\r\n")
    assert f"Content-Length: {len(modern)}" in answered.splitlines()
    assert body.encode() == modern


async def test_the_openapi_has_the_reports_and_formats(client: Client) -> None:
    described = await (await client.get("/api/openapi.json")).json()
    validate(described)
    operation = described["paths"][URL]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["report_type"]["enum"] == ["counted", "weekly", "broken"]
    assert schema["properties"]["format"]["enum"] == ["csv", "psv", "pdf", None]
    statuses = {"200", "400", "401", "403", "404", "405", "413", "429", "500", "507"}
    assert set(operation["responses"]) == statuses
    jsonschema.validate({"report_type": "counted", "days": 7, "node_names": None}, schema)
    for wrong in ({}, {"report_type": "x"}, {"report_type": "counted", "node_names": []}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_the_description_is_valid_without_a_report() -> None:
    validate(openapi(catalogue_of(), needs_token=False))


# The page


async def test_the_form_offers_reports_and_what_is_usual_for_them(client: Client) -> None:
    text = await (await client.get("/")).text()
    assert re.search(r'<input type="radio" name="source" value="report:counted" [^>]+ >', text)
    assert "CSV, or PDF of a report" in text
    words = {"source": "report:weekly", "period": "", "format": "", "timezone": "UTC"}
    response = await client.get("/download", params=words)
    assert response.headers["Content-Type"] == "application/pdf"
    assert 'filename="weekly_all_' in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ({"source": "report:counted", "node": "x"}, 400, "unknown node &#39;x&#39;"),
        ({"source": "report:nothing"}, 404, "unknown report &#39;nothing&#39;"),
        ({"source": "report:broken"}, 500, "there is no source &#39;number&#39;"),
    ],
)
async def test_what_is_wrong_with_a_report_is_said_on_the_page(
    client: Client, words: dict[str, str], status: int, said: str
) -> None:
    response = await client.get("/download", params=words)
    assert response.status == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    text = await response.text()
    assert said in text
    if words["source"] == "report:counted":
        assert re.search(r'value="report:counted" [^>]+ checked>', text)


# The brand


def test_a_logo_that_can_not_be_used_is_refused_at_the_start(tmp_path: Path) -> None:
    settings = Settings(brand=BrandSettings(logo=tmp_path / "none.png"))
    with pytest.raises(OperatorError, match="can't be read"):
        create_app(settings, FakeHost(catalogue_of()), FakeStore())  # type: ignore[arg-type]  # fakes of both
