"""The report `monthly_financial`: what the nodes earned, what of it is paid, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters import earnings, money_notes
from storj_export_plugins.reports.chapters.coverage import Coverage, worst_first
from storj_export_plugins.reports.chapters.months import whole_months
from storj_export_plugins.reports.chapters.payouts import Payouts
from storj_export_plugins.reports.chapters.prices import prices
from storj_monitor.plugin import Document, Figures, Report, hookimpl

if TYPE_CHECKING:
    from storj_monitor.plugin import Block, Catalogue, Query

STORJ_PLUGIN_API = 1

TITLE = "Monthly financial report"


def build(catalogue: Catalogue, query: Query) -> Document:
    """Return the document, of whole months in UTC: these are its span, whatever was asked for."""
    months = whole_months(query)
    payouts, coverage = Payouts(catalogue, months), Coverage(catalogue, months)
    blocks: tuple[Block, ...] = (
        *money_notes.opening(payouts),
        Figures("At a glance", payouts.figures()),
        *earnings.by_month(payouts),
        *earnings.by_component(payouts),
        *earnings.by_satellite(payouts),
        earnings.by_node_and_satellite(payouts),
        earnings.transactions(payouts),
        earnings.profit(payouts),
        earnings.usage(payouts),
        prices(catalogue, months),
        *worst_first(*money_notes.notes(payouts, query), *coverage.opening(), *coverage.notes()),
    )
    return Document(TITLE, blocks, span=months.span)


@hookimpl
def storj_reports() -> list[Report]:
    """Offer the report."""
    return [
        Report(
            name="monthly_financial",
            title=TITLE,
            summary="A month: paid and estimated, held and given back, costs, profit, and prices",
            build=build,
            period="month",
        )
    ]
