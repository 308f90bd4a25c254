from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.errors import Problem
from storj_monitor.exports.pipeline import Export
from storj_monitor.exports.preview import PREVIEW, ROWS, looked_at, preview_of
from storj_monitor.plugin import Column, Filter, Format, Kind, Table
from storj_monitor.plugin.batches import batches_of_rows
from tests.exports.offers import NOW, asked, asked_report, format_, report, source
from tests.records import ListeningHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.store import Store

NUMBER = (Column(key="number", label="Number", kind=Kind.INTEGER),)
HTML = Format(
    name="html",
    title="Page",
    media_type="text/html",
    render=lambda _: [b"<p>"],
    options=(
        Filter(name="toc", summary="Contents", choices=("on", "off"), default="on"),
        Filter(name="theme", summary="Colours"),
    ),
)


def looked(store: Store, request: ExportRequest) -> Any:
    export = Export(preview_of(request, {}), store, ListeningHost(), NOW)
    return json.loads(b"".join(export.chunks()))


def numbers(size: int, in_each: int) -> Table:
    rows = ((number,) for number in range(size))
    return Table.stream("numbers", "Numbers", NUMBER, batches_of_rows(NUMBER, rows, in_each))


def test_rows_are_spelt_for_people_and_formulas_are_left_as_they_are(store: Store) -> None:
    kinds = {
        Kind.TEXT: "=1+1 <b>\N{SNOWMAN}",
        Kind.INTEGER: 12_345,
        Kind.NUMBER: math.nan,
        Kind.MONEY: Decimal("3.125"),
        Kind.BYTES: 1_250_000_000,
        Kind.RATIO: 0.98,
        Kind.DURATION: 1_500,
        Kind.TIMESTAMP: datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC),
        Kind.DATE: date(2026, 3, 4),
        Kind.FLAG: True,
    }
    columns = [Column(key=f"of_{kind}", label=kind.title(), kind=kind) for kind in kinds]
    rows = [tuple(kinds.values()), (None,) * len(kinds)]
    guarded = format_("csv", spreadsheet=True)
    made = source(columns=columns, rows=lambda *_: rows)
    seen = looked(store, asked(made, guarded, timezone="Asia/Kolkata"))
    assert seen["columns"][4] == {
        "key": "of_bytes",
        "label": "Bytes",
        "kind": "bytes",
        "unit": "",
    }
    first = ["=1+1 <b>\N{SNOWMAN}", "12,345", "n/a", "$3.12", "1.25 GB", "98.00 %", "1.5 s"]
    assert seen["rows"] == [
        [*first, "2026-03-04 15:41:12", "2026-03-04", "yes"],
        ["n/a"] * len(kinds),
    ]
    assert seen["has_more"] is False


def test_personal_columns_are_shown_to_who_asks_for_them(store: Store) -> None:
    def keys(**words: Any) -> list[str]:
        return [column["key"] for column in looked(store, asked(**words))["columns"]]

    assert keys() == ["node", "count"]
    assert keys(personal="1") == ["node", "count", "address"]
    assert keys(columns="count,node") == ["count", "node"]


def test_an_endless_source_is_left_after_its_first_rows(store: Store) -> None:
    left: list[str] = []

    def endless(*_: object) -> Iterator[tuple[int]]:
        try:
            for number in count():
                yield (number,)
        finally:
            left.append("closed")

    seen = looked(store, asked(source(columns=NUMBER, rows=endless), format_("csv")))
    assert seen["rows"] == [[str(number)] for number in range(ROWS)]
    assert seen["has_more"] is True
    assert left == ["closed"]


@given(size=st.integers(0, 60), in_each=st.integers(1, 25))
def test_whether_there_are_more_is_true_however_they_come(size: int, in_each: int) -> None:
    seen = looked_at(numbers(size, in_each), math.inf)
    assert seen["rows"] == [[str(number)] for number in range(min(size, ROWS))]
    assert seen["has_more"] is (size > ROWS)


def test_rows_that_are_hard_to_find_are_not_looked_for_for_ever() -> None:
    seen = looked_at(numbers(6, in_each=2), until=0)
    assert seen["rows"] == [["0"], ["1"]]
    assert seen["has_more"] is True


@pytest.mark.parametrize("name", ["csv", "html"])
def test_a_source_is_looked_at_the_same_in_whatever_format_it_is_asked_for(name: str) -> None:
    request = preview_of(asked(source(), format_("csv"), HTML, format=name), {})
    assert (request.format, dict(request.options)) == (PREVIEW, {})


def test_a_report_is_looked_at_as_a_page_or_as_an_image() -> None:
    svg = format_("svg")
    offered = (source(), format_("pdf"), HTML, svg, report())
    formats = {"html": HTML, "svg": svg}

    def shown(**words: Any) -> tuple[str, dict[str, str]]:
        request = preview_of(asked_report(*offered, **words), formats)
        return request.format.name, dict(request.options)

    assert shown() == ("html", {"toc": "on"})
    assert shown(format="pdf", option__guard="off") == ("html", {"toc": "on"})
    assert shown(format="html", option__toc="off") == ("html", {"toc": "off"})
    assert shown(format="svg", option__head="x") == ("svg", {"guard": "on", "head": "x"})


def test_a_report_without_a_format_to_look_at_it_is_refused() -> None:
    with pytest.raises(Problem, match="there is no format 'html'") as raised:
        preview_of(asked_report(), {})
    assert raised.value.code == "unknown_format"
    assert raised.value.hint


def test_no_plugin_can_take_its_name() -> None:
    with pytest.raises(ValueError, match="format name '_preview' is not allowed"):
        format_(PREVIEW.name)


def test_the_zone_is_that_of_the_request() -> None:
    column = Column(key="at", label="At", kind=Kind.TIMESTAMP)
    table = Table.of("times", "Times", [column], [(NOW,)])
    table = table.through(lambda batches: batches, ZoneInfo("America/St_Johns"))
    assert looked_at(table, math.inf)["rows"] == [["2026-03-04 08:30:00"]]
