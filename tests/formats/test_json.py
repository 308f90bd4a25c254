"""The formats json and ndjson, read back with Python's json module."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import example, given

from storj_export_plugins.formats import json as json_format
from storj_export_plugins.formats import ndjson as ndjson_format
from storj_monitor.plugin import (
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Kind,
    Note,
    Span,
    Table,
    machine_text,
)
from tests.formats.samples import AT, BERLIN, HOSTILE, columns_of, table_of, tables, written

(JSON,) = json_format.storj_formats()
(NDJSON,) = ndjson_format.storj_formats()
NODE = Column(key="node", label="Node")
PAID = Column(key="paid_usd", label="Paid", kind=Kind.MONEY, unit="USD")
HOSTILE_ROWS = table_of(columns_of(Kind.TEXT, Kind.TEXT), [(text, None) for text in HOSTILE])


def json_value(value: object, kind: Kind) -> object:
    """What a value is after `json.loads(..., parse_float=Decimal)`."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if kind is Kind.MONEY:
        return Decimal(machine_text(value, kind))
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return Decimal(machine_text(value))
    return machine_text(value)


def expected_objects(table: Table) -> list[dict[str, object]]:
    return [
        {
            column.key: json_value(value, column.kind)
            for column, value in zip(table.columns, row, strict=True)
        }
        for row in table.rows()
    ]


def loads(text: bytes | str) -> Any:
    return json.loads(text, parse_float=Decimal)


@given(tables())
@example(HOSTILE_ROWS)
def test_json_of_a_plain_export_is_an_array_of_its_rows(table: Table) -> None:
    objects = loads(written(JSON, table))
    assert objects == expected_objects(table)
    keys = [column.key for column in table.columns]
    assert all(list(item) == keys for item in objects)


@given(tables())
@example(HOSTILE_ROWS)
def test_ndjson_is_one_row_a_line(table: Table) -> None:
    file = written(NDJSON, table)
    assert [loads(line) for line in file.split(b"\n")[:-1]] == expected_objects(table)


@given(tables())
def test_numbers_come_back_as_the_very_same_floats(table: Table) -> None:
    for item, row in zip(json.loads(written(JSON, table)), table.rows(), strict=True):
        for column, value in zip(table.columns, row, strict=True):
            if column.kind in (Kind.NUMBER, Kind.RATIO) and isinstance(value, float):
                assert item[column.key] == (value if math.isfinite(value) else None)


def test_a_plain_export_is_valid_json_with_one_object_a_line() -> None:
    columns = (Column(key="at", label="At", kind=Kind.TIMESTAMP), NODE, PAID)
    table = table_of(columns, [(AT, 'a"b', Decimal("-0.5")), (None, None, None)], BERLIN)
    assert written(JSON, table).decode() == (
        '[\n{"at":"2026-03-04T11:11:12.987+01:00","node":"a\\"b","paid_usd":-0.500000},\n'
        '{"at":null,"node":null,"paid_usd":null}\n]\n'
    )
    assert written(NDJSON, table).decode() == (
        '{"at":"2026-03-04T11:11:12.987+01:00","node":"a\\"b","paid_usd":-0.500000}\n'
        '{"at":null,"node":null,"paid_usd":null}\n'
    )


def test_no_rows_are_an_empty_array_and_no_lines() -> None:
    assert written(JSON, table_of([NODE], [])) == b"[]\n"
    assert written(NDJSON, table_of([NODE], [])) == b""


def test_control_characters_are_escaped_and_everything_else_is_left_alone() -> None:
    text = "".join(map(chr, range(32))) + '"\\\x7f\u2028é😀'
    file = written(NDJSON, table_of([NODE], [(text,)]))
    assert file.decode() == f'{{"node":{json.dumps(text, ensure_ascii=False)}}}\n'


def report() -> Document:
    totals = table_of([NODE, PAID], [("alpha", Decimal("1.25"))], title="Totals")
    hours = table_of([NODE], [("beta",)], title="Hours")
    return Document(
        'A "report"',
        (
            Figures(
                "What matters",
                (
                    Figure("paid", "Paid", Decimal(3), Kind.MONEY, 0.5),
                    Figure("since", "Since", AT, Kind.TIMESTAMP),
                    Figure("score", "Score", float("nan"), Kind.RATIO),
                    Figure("fine", "Fine", value=True, kind=Kind.FLAG),
                ),
            ),
            Chart("Paid", totals, "node", ("paid_usd",), "bar"),
            Chart("By hour", hours, "node", ("node",)),
            totals,
            Note("nothing before\n08:00", "warning"),
        ),
        generated_at=AT,
        span=Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)),
        timezone=BERLIN,
        nodes=("alpha", "beta"),
    )


def test_a_report_is_one_object_with_its_blocks_in_order() -> None:
    columns = [
        {"key": "node", "label": "Node", "kind": "text", "unit": ""},
        {"key": "paid_usd", "label": "Paid", "kind": "money", "unit": "USD"},
    ]
    figure = {"kind": "money", "change": 0.5}
    assert json.loads(b"".join(JSON.render(report()))) == {
        "title": 'A "report"',
        "span": {"start": "2026-03-01T01:00:00.000+01:00", "end": "2026-03-02T01:00:00.000+01:00"},
        "timezone": "Europe/Berlin",
        "nodes": ["alpha", "beta"],
        "generated_at": "2026-03-04T11:11:12.987+01:00",
        "blocks": [
            {
                "type": "figures",
                "title": "What matters",
                "items": [
                    {"key": "paid", "label": "Paid", "value": 3, **figure},
                    {
                        "key": "since",
                        "label": "Since",
                        "kind": "timestamp",
                        "change": None,
                        "value": "2026-03-04T10:11:12.987+00:00",
                    },
                    {
                        "key": "score",
                        "label": "Score",
                        "kind": "ratio",
                        "change": None,
                        "value": None,
                    },
                    {
                        "key": "fine",
                        "label": "Fine",
                        "kind": "flag",
                        "change": None,
                        "value": True,
                    },
                ],
            },
            {
                "type": "chart",
                "title": "Paid",
                "shape": "bar",
                "table": "totals",
                "x": "node",
                "y": ["paid_usd"],
            },
            {
                "type": "chart",
                "title": "By hour",
                "shape": "line",
                "table": "hours",
                "x": "node",
                "y": ["node"],
                "columns": columns[:1],
                "rows": [{"node": "beta"}],
            },
            {
                "type": "table",
                "name": "totals",
                "title": "Totals",
                "columns": columns,
                "rows": [{"node": "alpha", "paid_usd": 1.25}],
            },
            {"type": "note", "level": "warning", "text": "nothing before\n08:00"},
        ],
    }


def test_money_in_a_report_has_six_digits_everywhere() -> None:
    file = b"".join(JSON.render(report()))
    assert b'"value":3.000000,' in file
    assert b'{"node":"alpha","paid_usd":1.250000}' in file


def test_a_report_without_anything_says_null_and_has_no_blocks() -> None:
    assert json.loads(b"".join(JSON.render(Document("Nothing", ())))) == {
        "title": "Nothing",
        "span": None,
        "timezone": None,
        "nodes": None,
        "generated_at": None,
        "blocks": [],
    }


def test_two_charts_of_one_stream_give_its_rows_once() -> None:
    columns = columns_of(Kind.INTEGER)
    stream = Table.stream("hours", "Hours", columns, table_of(columns, [(1,)]).batches)
    charts = [Chart(title, stream, "integer_0", ()) for title in ("One", "Two")]
    blocks = json.loads(b"".join(JSON.render(Document("Charts", tuple(charts)))))["blocks"]
    assert [block.get("rows") for block in blocks] == [[{"integer_0": 1}], None]


def test_each_line_of_a_report_in_ndjson_names_its_table() -> None:
    lines = b"".join(NDJSON.render(report())).decode().splitlines()
    assert lines[4:] == [
        '{"_table":"hours","_title":"Hours","node":"beta"}',
        '{"_table":"totals","_title":"Totals","node":"alpha","paid_usd":1.250000}',
        '{"_table":"note","_title":"Note","level":"warning","text":"nothing before\\n08:00"}',
    ]
    assert {json.loads(line)["_title"] for line in lines[:4]} == {"What matters"}


def test_their_media_types_are_the_registered_ones() -> None:
    assert (JSON.media_type, NDJSON.media_type) == ("application/json", "application/x-ndjson")
