"""The drawing of a chart that pdf, html and svg share."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.graphics.shapes import Circle, Path, PolyLine, Rect, String

from storj_export_plugins.formats.charts import DARK, LIGHT, held
from storj_export_plugins.formats.charts.markup import shapes_markup
from storj_export_plugins.formats.charts.words import described
from storj_monitor.plugin import Chart, Column, Document, Kind, Table
from tests.formats.drawn import (
    DAY,
    DAYS,
    LEAST_CONTRAST,
    NODE,
    SHAPES,
    by_day,
    chart_of,
    coloured,
    drawn,
    number,
    shapes_of,
    texts_of,
)
from tests.formats.samples import VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.formats.drawn import (
        Shape,
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rows", [[], [(DAYS[0], None)], [(None, 1)], [(DAYS[0], None)] * 3])
def test_a_chart_without_a_number_says_so(shape: Shape, rows: Sequence[Sequence[object]]) -> None:
    chart = chart_of((DAY, number("aa")), rows, shape)
    assert texts_of(chart) == ["no data"]
    assert described(chart).endswith(": no data")


def test_a_line_is_interrupted_where_a_value_is_missing() -> None:
    lines = coloured(drawn(by_day(1, 2, None, 4, 5, 6)), LIGHT.series[0])
    points = sorted(len(line.points) // 2 for line in lines)
    assert points == [2, 2, 3]  # the sample of the legend, and two runs


def test_a_value_alone_is_a_marker() -> None:
    image = drawn(by_day(None, 2, None))
    assert len(coloured(image, LIGHT.series[0])) == 1  # the sample of the legend
    assert len(coloured(image, LIGHT.series[0], Path)) == 2


def test_thresholds_and_forecasts_are_dashed_lines_even_among_bars() -> None:
    columns = (DAY, number("used"), number("used_forecast"), number("full_threshold"))
    image = drawn(chart_of(columns, [(day, 5, 6, 9) for day in DAYS], "stacked"))
    dashed = [line for line in shapes_of(image, PolyLine) if line.strokeDashArray]
    colours = {f"#{line.strokeColor.hexval()[2:]}" for line in dashed}
    assert len(dashed) == 4  # two, and their samples
    assert colours == {LIGHT.ink, LIGHT.series[0]}


def test_a_forecast_has_the_colour_of_what_it_forecasts() -> None:
    columns = (DAY, number("free_bytes"), number("used_bytes"), number("used_forecast"))
    image = drawn(chart_of(columns, [(day, 1, 5, 6) for day in DAYS]))
    dashed = [line for line in shapes_of(image, PolyLine) if line.strokeDashArray]
    assert {f"#{line.strokeColor.hexval()[2:]}" for line in dashed} == {LIGHT.series[1]}


def test_stacked_bars_end_at_their_sum() -> None:
    columns = (DAY, number("aa"), number("bb"), number("cc"))
    image = drawn(chart_of(columns, [(DAYS[0], 10, 20, None), (DAYS[1], 30, -30, 70)], "stacked"))
    labels = {shape.text: shape.y for shape in shapes_of(image, String)}
    scale = (labels["100 B"] - labels["0"]) / 100
    tops = [max(path.points[1::2]) for path in shapes_of(image, Path)[:5:2]]
    zero = labels["0"] + 0.34 * 8
    # Patterns lie between the bars: what matters is where the highest bar ends.
    highest = max(max(path.points[1::2]) for path in shapes_of(image, Path))
    assert highest == pytest.approx(zero + 100 * scale, abs=0.1)
    assert tops[0] == pytest.approx(zero + 30 * scale, abs=0.1)
    assert min(min(path.points[1::2]) for path in shapes_of(image, Path)) < zero - 29 * scale


def test_each_series_has_a_look_of_its_own_without_colour() -> None:
    keys = [f"s{index}" for index in range(6)]
    columns = (DAY, *(number(key) for key in keys))
    rows = [(day, *range(1, 7)) for day in DAYS[:3]]
    bars = drawn(chart_of(columns, rows, "stacked"), width=900)
    patterns = [
        len(path.points) for path in shapes_of(bars, Path) if path.fillColor is None
    ]  # strokes over bars and samples, none for the plain one
    assert len(patterns) == 10
    lines = drawn(chart_of(columns, rows), width=900)
    outlines = {
        tuple(
            (round(x - path.points[0], 1), round(y - path.points[1], 1))
            for x, y in zip(path.points[::2], path.points[1::2], strict=True)
        )
        for path in shapes_of(lines, Path)
    }
    assert len({len(outline) for outline in outlines}) >= 4
    assert len(outlines) >= 6


def test_wide_charts_name_their_lines_beside_them_and_narrow_ones_above() -> None:
    columns = (DAY, number("aa", label="First"), number("bb", label="Second"))
    chart = chart_of(columns, [(day, 1, 9) for day in DAYS])
    wide = {shape.text: shape for shape in shapes_of(drawn(chart, 520), String)}
    narrow = {shape.text: shape for shape in shapes_of(drawn(chart, 250), String)}
    assert wide["First"].x == wide["Second"].x > 400
    assert wide["First"].y < wide["Second"].y
    assert narrow["First"].y == narrow["Second"].y > 180


@given(st.data(), st.sampled_from(SHAPES))
def test_any_values_give_a_drawing_and_the_same_one_twice(
    data: st.DataObject, shape: Shape
) -> None:
    kinds = data.draw(st.lists(st.sampled_from([*VALUES]), min_size=2, max_size=5))
    columns = tuple(
        Column(key=f"c{index}", label="L" * index + "x", kind=kind)
        for index, kind in enumerate(kinds)
    )
    row = st.tuples(*(st.none() | VALUES[kind] for kind in kinds))
    chart = chart_of(columns, data.draw(st.lists(row, max_size=6)), shape)
    width = data.draw(st.sampled_from([90.0, 300.0, 520.0]))
    first, again = (shapes_markup(drawn(chart, width), LIGHT) for _ in range(2))
    assert first == again
    assert "nan" not in first
    assert "inf" not in first
    assert described(chart) == described(chart)


def test_many_points_are_thinned_without_losing_a_peak() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    column = Column(key="at", label="At", kind=Kind.TIMESTAMP)
    rows = [(start + timedelta(seconds=count), 1) for count in range(30_000)]
    rows[12_345] = (rows[12_345][0], 100)
    image = drawn(chart_of((column, number("aa")), rows))
    line = max(shapes_of(image, PolyLine), key=lambda one: len(one.points))
    assert len(line.points) < 6_000
    assert max(line.points[1::2]) > 150


def test_names_from_outside_are_cut_to_the_room_and_stay_text() -> None:
    names = ["<b>x", "n" * 200, "مرحبا بالعالم", "\x00\n\t", "🏠" * 50]
    columns = (
        NODE,
        *(number(f"s{index}", label=name.strip() or "?") for index, name in enumerate(names)),
    )
    chart = chart_of(columns, [(name, 1, 2, 3, 4, 5) for name in names], "bar")
    for width in (150.0, 520.0):
        labels = texts_of(chart, width)
        assert "n" * 200 not in labels
        assert any(text.startswith("n") and text.endswith("…") for text in labels)
    assert "&lt;b&gt;x" in shapes_markup(drawn(chart), LIGHT)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_colour_stands_out_from_the_ground(theme: Any) -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(colour: str) -> float:
        high, low = sorted((luminance(colour), luminance(theme.ground)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    assert all(contrast(colour) >= LEAST_CONTRAST for colour in theme.series)
    assert contrast(theme.ink) >= 7
    assert contrast(theme.quiet) >= 4.5
    assert len(theme.roles) == 10


def test_the_words_of_a_chart_tell_its_ends() -> None:
    chart = by_day(10, 40, None, 20, shape="bar")
    assert described(chart) == (
        "Bar chart, Day from 2026-03-01 to 2026-03-04. aa: lowest 10 B, highest 40 B, last 20 B."
    )


def test_a_streamed_table_is_held_so_that_it_can_be_drawn_and_written() -> None:
    columns = (DAY, number("aa", Kind.MONEY))
    source = Table.of("t", "T", columns, [(DAYS[0], Decimal(3))])
    stream = Table.stream("t", "T", columns, source.batches)
    chart = Chart("A title", stream, "day", ("aa",))
    document = held(Document("D", (chart, stream)))
    (again, table) = document.blocks
    assert isinstance(again, Chart)
    assert isinstance(table, Table)
    assert again.table is table
    assert list(table.rows()) == list(table.rows()) == [(DAYS[0], Decimal(3))]


def test_numbers_that_are_none_are_gaps_and_infinite_ones_too() -> None:
    chart = by_day(1.0, math.inf, math.nan, 1e200, 2.0, kind=Kind.NUMBER)
    image = drawn(chart)
    assert len(coloured(image, LIGHT.series[0])) == 1
    assert not shapes_of(image, Rect)


def test_charts_load_reportlab_when_the_first_is_drawn() -> None:
    script = (
        "import sys, storj_export_plugins.formats.charts; assert 'reportlab' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_forecast_of_one_value_is_a_dash() -> None:
    columns = (DAY, number("used"), number("used_forecast"))
    image = drawn(chart_of(columns, [(DAYS[0], 5, None), (DAYS[1], None, 7)]))
    (dash, _) = [line for line in shapes_of(image, PolyLine) if line.strokeDashArray]
    assert dash.points[2] - dash.points[0] == 2 * 8


def test_the_bars_of_few_rows_are_no_slabs() -> None:
    image = drawn(by_day(3, 4, shape="bar"))
    xs = shapes_of(image, Path)[0].points[::2]
    assert xs[1] - xs[0] == 9 * 8


def test_a_drawing_is_the_same_in_markup() -> None:
    image = drawn(by_day(3, 4, shape="bar"))
    markup = shapes_markup(image, LIGHT)
    assert markup.count("<path") == len(shapes_of(image, Path))
    assert markup.count("<polyline") == len(shapes_of(image, PolyLine))
    assert markup.count("<rect") == len(shapes_of(image, Rect)) == 1
    image.add(Circle(1, 1, 1))
    with pytest.raises(TypeError, match="a chart draws no Circle"):
        shapes_markup(image, LIGHT)
