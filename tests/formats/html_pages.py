"""Pages of the format html, parsed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lxml import html  # type: ignore[import-untyped]  # without types

from storj_export_plugins.formats.html import storj_formats
from storj_monitor.plugin import (
    Chart,
    Column,
    Document,
    Kind,
    Table,
)

BERLIN = ZoneInfo("Europe/Berlin")
MADE_AT = datetime(2026, 3, 9, 12, 30, 15, tzinfo=UTC)
ALL_KINDS = tuple(Column(key=f"the_{kind}", label=kind.title(), kind=kind) for kind in Kind)
NODE = Column(key="node", label="Node")
PAID = Column(key="paid_usd", label="Paid", kind=Kind.MONEY, unit="USD", description="In dollars.")
HOSTILE = ["<b>x", "=1+1", "<img src=http://127.0.0.1:9/x>", "🏠", "مرحبا", "n" * 200, "\x00</td>&"]
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 9


def render(document: Document) -> bytes:
    (offered,) = storj_formats()
    return b"".join(offered.render(document))


def page_of(*blocks: Any, **more: Any) -> html.HtmlElement:
    more = {"generated_at": MADE_AT, "timezone": BERLIN, **more}
    return html.fromstring(render(Document("Title", blocks, **more)))


def texts(page: html.HtmlElement, path: str) -> list[str]:
    return [" ".join(item.text_content().split()) for item in page.xpath(path)]


def payments(*rows: tuple[object, ...]) -> Table:
    return Table.of("pay", "Payments", (NODE, Column(key="state", label="State"), PAID), rows)


def chart_over(table: Table) -> Chart:
    return Chart("Most on Sunday", table, "day", ("used",), "bar")


def days() -> Table:
    columns = (
        Column(key="day", label="Day", kind=Kind.DATE),
        Column(key="used", label="Used", kind=Kind.BYTES),
    )
    rows = [(date(2026, 3, 1) + timedelta(days=index), index) for index in range(7)]
    return Table.of("days", "By the day", columns, rows)
