"""The mail of a schedule as it arrives: looked at as rendered, its file opened."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from email import message_from_bytes, policy
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec.structs import replace as changed
from openpyxl import load_workbook
from pypdf import PdfReader

from storj_monitor.plugin import display_text
from storj_monitor.registry import PluginHost
from storj_monitor.schedules.runs import run_due
from storj_monitor.settings import PluginSettings
from tests.browser.conftest import news_of
from tests.browser.served import Visit
from tests.builtin_reports.building import built, figures
from tests.channels.mail_servers import Mailbox, mail_server
from tests.records import EU1
from tests.schedules.offices import ANN, Clock, Office
from tests.sources.statements import statement, tell

if TYPE_CHECKING:
    from email.message import EmailMessage

    from playwright.sync_api import Browser

    from storj_monitor.store import Store

#: Monday, six o'clock: the week from the second to the eighth of March is over, and February is.
DUE = datetime(2026, 3, 9, 6, tzinfo=UTC)
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WEEK = ("2026-03-02", "2026-03-09")
ROWS = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"


@pytest.fixture
def office(store: Store) -> Office:
    """Give a database of two nodes that sends by the built-in plugins."""
    with store.writer() as writer:
        writer.write([news_of("attic"), news_of("nas <i>two</i>")])
    tell(store, "attic", paystubs=[statement("2026-02"), statement("2026-02", EU1, paid=123_456)])
    offered = PluginHost(PluginSettings()).catalogue
    kinds = ("sources", "formats", "reports", "channels")
    office = Office(store, clock=Clock(DUE), offered={one: getattr(offered, one) for one in kinds})
    office.set(first_retry_seconds=1, most_retry_seconds=1)
    return office


def mailed(office: Office, **schedule: Any) -> list[EmailMessage]:
    """Send what is due, refused for now the first time; return what the server was given."""
    office.schedule(channel="email", recipients=[ANN], **schedule)
    mailbox = Mailbox(answers={"data": "451 later"})

    async def sent() -> None:
        async with mail_server(mailbox) as settings:
            office.settings = changed(office.settings, channels={"email": settings})
            async with office.work() as work:
                await run_due(work)
                mailbox.answers.clear()
                office.clock.pass_(minutes=1)
                await run_due(work)

    # Playwright has an event loop of its own in this thread.
    with ThreadPoolExecutor(1) as another:
        another.submit(asyncio.run, sent()).result()
    assert office.states() == {ANN: "sent"}
    contents = [cast("bytes", envelope.content) for envelope in mailbox.envelopes]
    return [message_from_bytes(content, policy=policy.default) for content in contents]


def text_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def attached(message: EmailMessage) -> tuple[str | None, str, bytes]:
    """Return name, media type and bytes of the one file."""
    [part] = message.iter_attachments()
    return part.get_filename(), part.get_content_type(), part.get_content()


def rendered(browser: Browser, html: str, width: int) -> list[list[str]]:
    """Look at a mail as a program for mail shows it; return the rows of its table."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    visited = Visit(context.new_page(), "about:")
    visited.page.set_content(html, wait_until="networkidle")
    assert visited.page.evaluate("document.documentElement.scrollWidth") == width
    assert visited.page.locator("img, link, script, iframe").count() == 0
    assert visited.violations() == []
    rows: list[list[str]] = visited.page.locator("table tr").evaluate_all(ROWS)
    context.close()
    assert (visited.strangers, visited.complaints) == ([], [])
    return rows


def test_a_weekly_report_says_the_same_in_text_in_html_and_in_its_pdf(
    browser: Browser, office: Office
) -> None:
    refused, message = mailed(office, report="weekly_performance", source=None, format="pdf")
    assert refused["Message-ID"] == message["Message-ID"]
    assert message["Subject"] == "Weekly performance: 2 to 8 Mar 2026"

    found = figures(built(office.store, "weekly_performance", *WEEK, now=f"{DUE:%Y-%m-%dT%H:%M}"))
    shown = [(one.label, display_text(one.value, one.kind)) for one in found.values()]
    assert len(shown) > 3
    name, media_type, content = attached(message)
    assert (name, media_type) == ("weekly_performance_all_2026-03-02_2026-03-08.pdf", PDF)
    pages = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    lines = text_of(message, "plain").splitlines()
    for label, value in shown:
        assert [line for line in lines if line.startswith(f"{label}: {value}")]
        assert label in pages
        assert value in pages
    for width in (600, 320):
        rows = rendered(browser, text_of(message, "html"), width)
        assert [(label, value) for label, value, _ in rows] == shown


def test_the_workbook_of_earnings_that_arrives_has_their_rows(
    browser: Browser, office: Office
) -> None:
    monthly = {"when": "monthly 9 06:00", "format": "xlsx"}
    refused, message = mailed(office, source="earnings", **monthly)
    assert refused["Message-ID"] == message["Message-ID"]
    name, media_type, content = attached(message)
    assert (name, media_type) == ("earnings_all_2026-02-01_2026-02-28.xlsx", XLSX)
    keys, *rows = load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    found = [dict(zip(keys, row, strict=True)) for row in rows]
    assert {(one["satellite"], Decimal(str(one["paid_usd"]))) for one in found} == {
        ("us1", Decimal("0.4")),
        ("eu1", Decimal("0.123456")),
    }
    assert f"{len(rows)} rows" in text_of(message, "plain")
    for width in (600, 320):
        assert rendered(browser, text_of(message, "html"), width) == []
