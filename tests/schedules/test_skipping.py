"""A schedule that sends nothing if there is nothing to tell: what counts as that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings
from tests.builtin_reports.building import hear
from tests.records import at
from tests.schedules.offices import ANN, Office, due
from tests.sources.statements import statement, tell
from tests.store.databases import write

if TYPE_CHECKING:
    from storj_monitor.store import Store

#: Reports, and a period that is over for the office: it is the 23rd of November 2026.
PERIODS = (
    ("daily_summary", "yesterday"),
    ("weekly_performance", "last-week"),
    ("custom_range", "last-week"),
    ("monthly_financial", "last-month"),
)
LONG_AGO, IN_THE_WEEK = at("2020-01-01T10:00"), at("2026-11-22T10:00")


@pytest.fixture
def office(store: Store) -> Office:
    """Give an office that has all that is built in."""
    offered = PluginHost(PluginSettings()).catalogue
    kinds = {"sources": offered.sources, "formats": offered.formats, "reports": offered.reports}
    return Office(store, offered=kinds)


async def sent(office: Office, name: str, period: str, *nodes: str) -> tuple[str, str | None]:
    """Send a report as JSON, and return what became of it."""
    asked = {"report": name, "source": None, "format": "json", "nodes": list(nodes) or None}
    office.schedule(**asked, period=period, recipients=[ANN], skip_empty=True)
    [one] = await due(office)
    return one.state, one.error


@pytest.mark.parametrize("nodes", [(), ("n1",)])
@pytest.mark.parametrize(("name", "period"), PERIODS)
async def test_a_report_is_not_sent_where_nothing_is_known(
    office: Office, name: str, period: str, nodes: tuple[str, ...]
) -> None:
    write(office.store, {"at": LONG_AGO})
    assert await sent(office, name, period, *nodes) == ("skipped", "there is nothing to tell")


@pytest.mark.parametrize("nodes", [(), ("n1",)])
@pytest.mark.parametrize(("name", "period"), PERIODS[:3])
async def test_a_report_with_one_transfer_is_sent(
    office: Office, name: str, period: str, nodes: tuple[str, ...]
) -> None:
    write(office.store, {"at": IN_THE_WEEK})
    assert await sent(office, name, period, *nodes) == ("sent", None)


async def test_a_month_of_which_a_statement_is_known_is_sent(office: Office) -> None:
    tell(office.store, paystubs=[statement("2026-10")])
    assert (await sent(office, "monthly_financial", "last-month"))[0] == "sent"


async def test_a_day_on_which_a_node_was_heard_and_did_nothing_is_sent(office: Office) -> None:
    hear(office.store, "2026-11-22T00:00", 24)
    assert (await sent(office, "daily_summary", "yesterday"))[0] == "sent"


@pytest.mark.parametrize(("at_us", "state"), [(LONG_AGO, "skipped"), (IN_THE_WEEK, "sent")])
async def test_an_export_is_sent_if_it_has_rows(office: Office, at_us: int, state: str) -> None:
    write(office.store, {"at": at_us})
    office.schedule(source="events", recipients=[ANN], skip_empty=True)
    assert [one.state for one in await due(office)] == [state]


@pytest.mark.parametrize(("name", "period"), PERIODS)
async def test_a_report_of_an_empty_database_is_not_sent(
    office: Office, name: str, period: str
) -> None:
    assert (await sent(office, name, period))[0] == "skipped"
