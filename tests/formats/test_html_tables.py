"""Tables of the format html: cells, totals, links, and that they stream."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from storj_export_plugins.formats.html import storj_formats
from storj_monitor.plugin import (
    Column,
    Kind,
    Note,
    display_text,
)
from tests.formats.html_pages import (
    ALL_KINDS,
    BERLIN,
    MADE_AT,
    NODE,
    PAID,
    page_of,
    payments,
    texts,
)
from tests.formats.samples import table_of
from tests.formats.test_streaming import Source


def test_a_table_has_a_caption_scopes_and_values_spelt_for_people_in_its_zone() -> None:
    row = ("alpha", 12_345, 1.5, Decimal("3.13"), 1_250_000_000, 0.982, 1_500, MADE_AT)
    rows = [(*row, date(2026, 3, 1), True), (None,) * len(ALL_KINDS)]
    page = page_of(table_of(ALL_KINDS, rows, BERLIN))
    assert texts(page, "//caption") == ["Things"]
    assert texts(page, "//thead//th[@scope='col']") == [kind.title() for kind in Kind]
    first = [
        *("alpha", "12,345", "1.50", "$3.13", "1.25 GB", "98.20 %", "1.5 s"),
        *("2026-03-09 13:30:15", "2026-03-01", "yes"),
    ]
    assert texts(page, "//tbody/tr[1]/*") == first
    assert texts(page, "//tbody/tr[2]/*") == ["n/a"] * len(ALL_KINDS)
    assert len(page.xpath("//tbody/tr[2]/*/abbr[@title='not available']")) == len(ALL_KINDS)
    assert texts(page, "//tbody/tr/th[@scope='row']") == ["alpha", "n/a"]
    assert "2 rows." in texts(page, "//p")


def test_every_finite_value_is_what_display_text_says() -> None:
    values = [0.1, float("nan"), float("inf"), -2.5e9]
    page = page_of(table_of((NODE, ALL_KINDS[2]), [("a", value) for value in values]))
    assert texts(page, "//tbody//td") == [display_text(value, Kind.NUMBER) for value in values]


def test_units_stand_above_a_column_unless_each_value_has_them() -> None:
    load = Column(key="load", label="Load", kind=Kind.NUMBER, unit="1/min")
    assert texts(page_of(table_of((load, PAID), [])), "//th") == ["Load (1/min)", "Paid"]


def test_totals_are_marked_and_estimates_too() -> None:
    rows = [
        ("Totality", "estimate", None),
        ("alpha", "paystub", Decimal(1)),
        ("Total", None, None),
        ("Total of all", None, Decimal(1)),
    ]
    page = page_of(payments(*rows), Note("x"))
    classes = [row.get("class") for row in page.xpath("//tbody/tr")]
    assert classes == ["estimate", None, "total", "total"]
    assert texts(page, "//tr[@class='total'][1]/*") == ["Total", "", "n/a"]
    # In a plain export a node may be called so.
    assert not page_of(payments(("Total", None, None))).xpath("//tr[@class='total']")


def test_only_receipts_over_https_are_links() -> None:
    columns = (NODE, Column(key="receipt_url", label="Receipt"))
    addresses = [
        *("https://example.org/tx/0x1?a=1&b=2", "http://127.0.0.1:9/x", "javascript:alert(1)"),
        *('https://x"onclick=alert(1)', "https://x <b>", None),
    ]
    page = page_of(table_of(columns, [("https://a.example", address) for address in addresses]))
    (link,) = page.xpath("//tbody//a")
    assert link.get("href") == link.text == addresses[0]
    assert link.get("rel") == "noopener noreferrer"


def test_what_the_columns_mean_is_said_in_a_plain_export() -> None:
    page = page_of(payments())
    assert texts(page, "//details//dt") == ["Paid"]
    assert texts(page, "//details//dd") == ["In dollars."]
    assert texts(page, "//tbody/tr") == []


def test_a_plain_table_streams_batch_by_batch() -> None:
    (offered,) = storj_formats()
    source = Source(0, 20_000, 20_000, 20_000, 20_000)
    chunks = iter(source.rendered(offered))
    assert next(chunks) == b""
    first = next(chunks)
    assert first.startswith(b"<!DOCTYPE html>")
    assert source.read == 2
    rest = b"".join(chunks)
    assert source.most_alive <= 2
    assert (first + rest).count(b"<tr>") == 80_001
    assert b"80,000 rows." in rest


def test_a_failing_source_leaves_no_page_that_looks_whole() -> None:
    (offered,) = storj_formats()
    part = b""
    with pytest.raises(OSError, match="the disk is gone"):  # noqa: PT012  the loop is what raises
        for chunk in Source(9, fails=True).rendered(offered):
            part += chunk
    assert b"</table>" not in part
