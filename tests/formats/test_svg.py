"""The format svg: charts as one image, read back as XML."""

from __future__ import annotations

import socket
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import pytest

from storj_export_plugins.formats.charts import DARK, LIGHT
from storj_export_plugins.formats.svg import NOTHING, storj_formats
from storj_monitor.plugin import Chart, Column, Document, Kind, Note, Span, Table
from tests.formats.samples import columns_of, table_of

DAY = Column(key="day", label="Day", kind=Kind.DATE)
AT = Column(key="timestamp", label="Time", kind=Kind.TIMESTAMP)
NODE = Column(key="node", label="Node")
USED = Column(key="used_bytes", label="Used", kind=Kind.BYTES)
HOSTILE = ["<b>x", "=1+1", "<img src=http://127.0.0.1:9/x>", "🏠", "مرحبا", "n" * 200, "\x00]]>&"]
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def render(document: Document) -> bytes:
    (offered,) = storj_formats()
    return b"".join(offered.render(document))


def texts_of(image: bytes) -> list[str]:
    """Return the texts that are shown; refuses what no browser would read."""
    root = ET.fromstring(image)
    return [item.text or "" for item in root.iter(f"{SVG}text")]


def part(image: bytes, tag: str) -> str:
    found = ET.fromstring(image).find(f"{SVG}{tag}")
    assert found is not None
    return found.text or ""


def chart_called(title: str, label: str = "Used") -> Chart:
    columns = (DAY, Column(key="used", label=label, kind=Kind.BYTES))
    rows = [(date(2026, 3, 1) + timedelta(days=index), index * 10**9) for index in range(9)]
    return Chart(title, Table.of("t", "T", columns, rows), "day", ("used",))


def test_all_charts_stand_below_each_other_with_their_titles() -> None:
    charts = [chart_called(f"Chart {index}") for index in range(3)]
    image = render(Document("Three charts", (*charts, Note("x"))))
    texts = texts_of(image)
    assert texts[0] == "Three charts"
    assert [text for text in texts if text.startswith("Chart ")] == [
        "Chart 0",
        "Chart 1",
        "Chart 2",
    ]
    assert texts.count("8 GB") == 3
    heights = [float(ET.fromstring(image).get("height", "")), _height(charts[:1])]
    assert heights[0] > 2 * heights[1]


def _height(charts: list[Chart]) -> float:
    return float(ET.fromstring(render(Document("D", tuple(charts)))).get("height", ""))


def test_the_title_is_left_out_where_it_stands_beside_the_image() -> None:
    chart = chart_called("More every day")
    shown, bare = (
        render(Document("Storage", (chart,), options={"title": title})) for title in ("on", "off")
    )
    assert "Storage" in texts_of(shown)
    assert "Storage" not in texts_of(bare)
    assert part(bare, "title") == "Storage"
    heights = [float(ET.fromstring(image).get("height", "")) for image in (shown, bare)]
    assert heights == [_height([chart]), _height([chart]) - 30]


def test_on_a_phone_it_is_half_as_wide_with_letters_of_the_same_size() -> None:
    blocks = (chart_called("Used"),)
    title = "A title that is too long for a phone, and not for a page"
    wide, narrow = (
        ET.fromstring(render(Document(title, blocks, options={"width": width})))
        for width in ("wide", "narrow")
    )
    assert [image.get("width") for image in (wide, narrow)] == ["720", "360"]
    assert [image.get("font-size") for image in (wide, narrow)] == ["11", "11"]
    assert wide.get("height") == narrow.get("height")
    for image in (wide, narrow):
        across = [float(text.get("x", "0")) for text in image.iter(f"{SVG}text")]
        assert max(across) < float(image.get("width", ""))
    assert [next(image.iter(f"{SVG}text")).text for image in (wide, narrow)] == [
        title,
        "A title that is too long for a phone, and…",
    ]


def test_a_charts_title_that_is_too_long_goes_on_in_a_second_line() -> None:
    long = "Egress and ingress by the day: 106.81 GB of egress, 3 % more than before"
    image, short = (
        render(Document("D", (chart_called(title),), options={"width": "narrow"}))
        for title in (long, "Egress")
    )
    said = texts_of(image)[1:3]
    assert " ".join(said) == long
    assert all(said)
    heights = [float(ET.fromstring(one).get("height", "")) for one in (image, short)]
    assert heights[0] == heights[1] + 16
    endless = texts_of(render(Document("D", (chart_called("word " * 90),))))
    assert (endless[1][-4:], endless[2][-1]) == ("word", "…")


def test_someone_who_cannot_see_it_is_told_what_it_shows() -> None:
    image = render(Document("Storage", (chart_called("More every day"),)))
    root = ET.fromstring(image)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title words"
    assert part(image, "title") == "Storage"
    assert part(image, "desc") == (
        "More every day. Line chart, Day from 2026-03-01 to 2026-03-09. "
        "Used: lowest 0 B, highest 8.00 GB, last 8.00 GB."
    )


def test_the_theme_is_the_readers_unless_one_is_asked_for() -> None:
    def style(**options: str) -> str:
        return part(render(Document("D", (chart_called("x"),), options=options)), "style")

    assert LIGHT.ink in style()
    assert DARK.ink in style()
    assert "prefers-color-scheme:dark" in style()
    assert LIGHT.ink in style(theme="light")
    assert DARK.ink not in style(theme="light")
    assert LIGHT.quiet not in style(theme="dark")
    assert "prefers" not in style(theme="dark")


@pytest.mark.parametrize("name", HOSTILE)
def test_text_is_never_markup_and_nothing_is_fetched(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> NoReturn:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    image = render(Document(name, (chart_called(name, label=name),)))
    root = ET.fromstring(image)
    tags = {item.tag.rpartition("}")[2] for item in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "g", "text", "path", "polyline"}
    attributes = {str(name) for item in root.iter() for name in item.attrib}
    assert not [one for one in attributes if "href" in one or one.startswith("on")]
    assert part(image, "title") == name.replace("\x00", "\ufffd")


def test_the_same_document_gives_the_same_bytes() -> None:
    assert render(Document("D", (chart_called("x"),))) == render(
        Document("D", (chart_called("x"),))
    )


@pytest.mark.parametrize(
    "blocks",
    [
        (),
        (Note("x"),),
        (Table.of("t", "T", (NODE,), [("a",)]),),
        (Table.of("t", "T", (AT, NODE), [(NOON, "a")]),),
        (Table.of("t", "T", (NODE, USED), [("a", 1)]),),
    ],
)
def test_what_has_nothing_to_draw_says_so(blocks: tuple[Any, ...]) -> None:
    image = render(Document("D", blocks))
    assert texts_of(image) == ["D", NOTHING]
    assert part(image, "desc") == NOTHING


def test_a_plain_table_is_drawn_with_a_line_for_each_node() -> None:
    rows = [
        (NOON + timedelta(hours=hour, seconds=late), node, used + hour * 10**9)
        for hour in range(4)
        for late, (node, used) in enumerate([("attic", 5 * 10**9), ("cellar", 2 * 10**9)])
    ]
    image = render(Document("Storage", (table_of((AT, NODE, USED), rows),)))
    texts = texts_of(image)
    assert texts[:2] == ["Storage", "Used"]
    assert {"attic", "cellar"} <= set(texts)
    assert "attic: lowest 5.00 GB, highest 8.00 GB, last 8.00 GB." in part(image, "desc")
    assert "not" not in part(image, "desc")


def test_rows_of_one_time_are_averaged_and_lines_too_many_are_left_out_and_both_are_said() -> None:
    rows = [(NOON + timedelta(minutes=m), f"n{n}", n) for m in (0, 9) for n in range(9)]
    rows.append((NOON, "n8", 98))
    image = render(Document("D", (table_of((AT, NODE, USED), rows),)))
    texts = texts_of(image)
    assert texts[-1] == (
        "Each point is the average of the rows of its hour. "
        "The 6 lines with most rows are drawn, 3 are not."
    )
    assert "n8: lowest 38 B" in part(image, "desc")
    assert "n6" not in texts


def test_times_are_rounded_on_the_clock_of_the_table_as_the_span_is_long() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    start = datetime(2026, 1, 1, tzinfo=kathmandu)
    rows = [(start + timedelta(hours=hour), 100 + hour // 24) for hour in range(24 * 60)]
    table = table_of((AT, USED), rows, kathmandu)
    span = Span(start, start + timedelta(days=360))
    image = render(Document("D", (table,), span=span, timezone=kathmandu))
    assert "Time from 2026-01-01 00:00:00 to 2026-03-01 00:00:00." in part(image, "desc")
    assert "average of the rows of its 24 hours" in part(image, "desc")


def test_every_kind_of_number_is_drawn() -> None:
    columns = (AT, *columns_of(Kind.INTEGER, Kind.MONEY, Kind.RATIO, Kind.DURATION, Kind.NUMBER))
    rows = [(NOON, 3, Decimal("1.50"), 0.25, 1_500, 2.5), (NOON, 4, Decimal(2), 0.75, 500, None)]
    words = part(render(Document("D", (table_of(columns, rows),))), "desc")
    for spelt in ("3.50", "$1.75", "50.00 %", "1.0 s", "2.50"):
        assert f"lowest {spelt}, highest {spelt}" in words


def test_many_rows_of_a_stream_are_drawn_in_a_small_image() -> None:
    rows = [(NOON + timedelta(seconds=index), index) for index in range(20_000)]
    table = table_of((AT, USED), rows)
    stream = Table.stream("t", "T", table.columns, table.batches)
    assert len(render(Document("D", (stream,)))) < 20_000
