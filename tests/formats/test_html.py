"""The format html: one page, read back with a parser that forgives less than a browser."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import NoReturn
from zoneinfo import ZoneInfo

import pytest
from lxml import etree, html  # type: ignore[import-untyped]  # without types

from storj_monitor.plugin import (
    Column,
    Document,
    Figure,
    Figures,
    Kind,
    Note,
    Span,
    Table,
)
from tests.formats.html_pages import (
    BERLIN,
    HOSTILE,
    PNG,
    chart_over,
    days,
    page_of,
    payments,
    render,
    texts,
)


def test_figures_are_a_list_of_terms_with_their_change_in_words() -> None:
    changes = (0.123, -0.0321, 0.0, None, float("nan"), 12.0)
    items = tuple(
        Figure(f"f{index}", f"Figure {index}", Decimal(index), Kind.MONEY, change)
        for index, change in enumerate(changes)
    )
    page = page_of(Figures("At a glance", (*items, Figure("g", "Held", None, Kind.MONEY))))
    assert texts(page, "//dl[@class='figures']//dt")[-2:] == ["Figure 5", "Held"]
    assert texts(page, "//dd[@class='change']") == [
        *("▲ up 12 %", "▼ down 3.2 %", "= unchanged", "▲ up 1,200 %")
    ]
    assert texts(page, "//dl[@class='figures']//dd[not(@class)]")[-1] == "n/a"
    assert all(span.get("aria-hidden") for span in page.xpath("//dd/span"))


def test_a_chart_is_drawn_for_wide_and_narrow_screens_with_its_numbers_below() -> None:
    table = days()
    page = page_of(chart_over(table), table)
    images = page.xpath("//svg")
    assert [image.get("class") for image in images] == ["wide", "narrow"]
    for image in images:
        assert texts(page, f"//*[@id='{image.get('aria-labelledby')}']") == ["Most on Sunday"]
        (words,) = texts(page, f"//*[@id='{image.get('aria-describedby')}']")
        assert "highest 6 B" in words
    assert texts(page, "//h3") == ["By the day"]
    assert len(page.xpath("//table")) == 1


def test_the_numbers_of_a_chart_are_there_even_if_its_table_is_no_block_and_a_stream() -> None:
    stream = Table.stream("days", "By the day", days().columns, days().batches)
    page = page_of(chart_over(stream))
    assert len(page.xpath("//tbody/tr")) == 7
    assert len(page.xpath("//svg")) == 2


def test_a_chart_without_data_says_so() -> None:
    page = page_of(chart_over(Table.of("days", "By the day", days().columns, [])))
    assert not page.xpath("//svg")
    assert "No data." in texts(page, "//p")
    assert "No rows in this span." in texts(page, "//p")


def test_notes_that_follow_each_other_share_a_box() -> None:
    notes = (Note("Prices of March"), Note("7 hours without data", "warning"))
    page = page_of(Note("Alone"), days(), *notes)
    alone, box = page.xpath("//*[@role='note']")
    assert alone.text_content().strip() == "Alone"
    assert texts(box, ".//h2") == ["Data quality"]
    assert texts(box, ".//li") == ["Prices of March", "Warning: 7 hours without data"]


def test_the_page_says_what_it_is() -> None:
    span = Span(datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))
    page = page_of(
        days(),
        span=span,
        nodes=tuple(f"node-{index}" for index in range(9)),
        metadata={"storj-monitor": "9.9", "hash": "abc123"},
        brand="ACME <b>",
        logo=PNG,
    )
    assert page.get("lang") == "en"
    assert texts(page, "//title") == texts(page, "//h1") == ["Title"]
    header = texts(page, "//header/p")
    assert header == [
        "ACME <b>",
        "1 March 2026 to 31 March 2026 (Europe/Berlin)",
        "Nodes: node-0, node-1, node-2, node-3, node-4, node-5 and 3 more",
    ]
    (logo,) = page.xpath("//img")
    assert logo.get("src", "").startswith("data:image/png;base64,")
    terms = dict(zip(texts(page, "//footer//dt"), texts(page, "//footer//dd"), strict=True))
    assert terms["From"] == "2026-03-01 00:00:00+01:00"
    assert terms["Generated at"] == "2026-03-09 13:30:15+01:00"
    assert terms["storj-monitor"] == "9.9"
    assert terms["Hash"] == "abc123"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((2026, 3, 4), (2026, 3, 5), "4 March 2026 (UTC)"),
        ((2026, 3, 4, 6), (2026, 3, 5), "4 March 2026 06:00 to 5 March 2026 00:00 (UTC)"),
        ((2026, 3, 4), (2026, 3, 4), "4 March 2026 00:00 to 4 March 2026 00:00 (UTC)"),
    ],
)
def test_a_span_is_said_in_days_if_it_is_made_of_days(
    start: tuple[int, int, int], end: tuple[int, int, int], said: str
) -> None:
    span = Span(datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))
    page = page_of(span=span, nodes=(), timezone=ZoneInfo("UTC"))
    assert texts(page, "//header/p") == [said, "All nodes"]


def test_a_picture_of_another_kind_is_left_out() -> None:
    assert not page_of(days(), logo=b"<svg onload=x>").xpath("//img")


def test_headings_are_in_order_and_long_pages_have_contents() -> None:
    blocks = [chart_over(days()), Figures("Glance", ()), days(), Note("a"), Note("b")]
    page = page_of(*blocks)
    levels = [int(item.tag[1]) for item in page.xpath("//h1|//h2|//h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    links = [link.get("href")[1:] for link in page.xpath("//nav//a")]
    assert len(links) == 4
    assert set(links) <= set(ids)
    assert page.xpath("//a[@class='skip']/@href") == ["#content"]
    assert not page_of(days(), Note("a")).xpath("//nav")


@pytest.mark.parametrize("name", HOSTILE)
def test_text_is_never_markup_and_nothing_is_fetched_or_run(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> NoReturn:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    node = Column(key="node", label=name, description=name)
    table = Table.of("t", name, (node, *days().columns), [(name, date(2026, 3, 1), 1)])
    figures = Figures(name, (Figure("f", name, name, Kind.TEXT),))
    for blocks in ((figures, chart_over(table), table, Note(name), Note(name)), (table,)):
        document = Document(
            name, blocks, nodes=(name,), metadata={name: name}, brand=name, timezone=BERLIN
        )
        content = render(document)
        page = html.fromstring(content)
        shown = name.replace("\x00", "\ufffd")
        assert texts(page, "//h1") == [shown]
        assert shown in texts(page, "//tbody//th")
        assert not page.xpath("//script|//link|//img|//iframe|//b|//object|//form|//@src|//@style")
        assert all(address.startswith("#") for address in page.xpath("//@href"))
        assert not any("url(" in style or "@import" in style for style in texts(page, "//style"))
        assert not [key for item in page.iter() for key in item.attrib if key.startswith("on")]


def test_the_page_forbids_what_it_does_not_need() -> None:
    (policy,) = page_of(days()).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_the_markup_is_closed_as_it_was_opened() -> None:
    blocks = (
        Figures("G", (Figure("f", "F", 1, Kind.INTEGER, 0.5),)),
        chart_over(days()),
        Note("a"),
    )
    for chosen in (blocks, (payments(("a", "b", None)),)):
        content = render(Document("<&>", chosen, nodes=("<",))).decode()
        # As XML, what HTML leaves open is closed by hand.
        closed = re.sub(r"<(meta|img)\b([^>]*)>", r"<\1\2/>", content).removeprefix(
            "<!DOCTYPE html>"
        )
        assert etree.fromstring(closed).tag == "html"


def test_the_same_document_gives_the_same_bytes() -> None:
    blocks = (chart_over(days()), Note("x"))
    assert render(Document("D", blocks)) == render(Document("D", blocks))


def test_the_module_loads_no_heavy_library_by_being_imported_nor_reportlab_for_a_table() -> None:
    script = """
import sys
from storj_export_plugins.formats.html import render
import storj_export_plugins.formats.svg
assert not {"pyarrow", "reportlab"} & set(sys.modules)
from storj_monitor.plugin import Column, Document, Table
table = Table.of("t1", "T", [Column(key="node", label="Node")], [["a"]])
assert b"".join(render(Document("D", (table,))))
assert "reportlab" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
