"""Pages in the system's Chromium: axe-core finds nothing serious, nothing is fetched."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]  # without types
    Axe,
)

from storj_export_plugins.formats.html import render
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
)

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

NAMES = ("<b>x", "=1+1", "<img src=http://127.0.0.1:9/x>", "🏠", "مرحبا بالعالم", "n" * 200)


def money_by_day() -> Table:
    columns = [Column(key="day", label="Day", kind=Kind.DATE)]
    columns += [
        Column(key=f"s{index}", label=name, kind=Kind.MONEY) for index, name in enumerate(NAMES)
    ]
    start = date(2026, 3, 1)
    rows = [
        (start + timedelta(days=day), *(Decimal(day + index) for index in range(len(NAMES))))
        for day in range(31)
    ]
    return Table.of("money", "Money by the day", columns, rows)


def payments() -> Table:
    columns = (
        Column(key="node", label="Node"),
        Column(key="state", label="State"),
        Column(key="paid_usd", label="Paid", kind=Kind.MONEY),
        Column(key="receipt_url", label="Receipt", description="Where it can be seen."),
    )
    rows = [(name, "estimate", None, "https://example.org/tx/1") for name in NAMES]
    return Table.of("pay", "Payments", columns, [*rows, ("Total", None, Decimal(3), None)])


def report() -> Document:
    table = money_by_day()
    keys = tuple(column.key for column in table.columns[1:])
    figures = tuple(
        Figure(f"f{index}", name, Decimal(index), Kind.MONEY, index - 2.5)
        for index, name in enumerate(NAMES)
    )
    return Document(
        "Monthly <b>report</b>",
        (
            Figures("At a glance", figures),
            Chart("Most on Sunday", table, "day", keys, "stacked"),
            table,
            Chart("The same as lines", table, "day", keys),
            payments(),
            Note("7 hours are without data.", "warning"),
            Note("March is still open."),
        ),
        generated_at=datetime(2026, 4, 1, tzinfo=UTC),
        span=Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
        timezone=ZoneInfo("UTC"),
        nodes=NAMES,
        brand="ACME",
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", ["report", "table"])
def test_a_page_is_accessible_fits_its_screen_and_fetches_nothing(
    browser: Browser, tmp_path: Path, name: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    document = report() if name == "report" else Document("Payments", (payments(),), nodes=NAMES)
    path = tmp_path / "page.html"
    path.write_bytes(b"".join(render(document)))
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    shown = page.locator("svg.wide" if width > 1000 else "svg.narrow")
    assert [image.is_visible() for image in shown.all()] == [True, True] * (name == "report")
    assert requests == [path.as_uri()]
    assert complaints == []
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["impact"], rule["nodes"][0]["html"]) for rule in found] == []
    context.close()
