"""The report `daily_summary`: what happened yesterday, and what needs an eye today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters.alerts import Alerts
from storj_export_plugins.reports.chapters.coverage import Coverage
from storj_export_plugins.reports.chapters.disks import Disks
from storj_export_plugins.reports.chapters.scores import Scores
from storj_export_plugins.reports.chapters.storage import space_by_node
from storj_export_plugins.reports.chapters.traffic import TrafficChapter
from storj_export_plugins.reports.chapters.transfers import Transfers
from storj_export_plugins.reports.spans import before
from storj_monitor.plugin import Document, Figures, Report, hookimpl

if TYPE_CHECKING:
    from storj_monitor.plugin import Block, Catalogue, Query

STORJ_PLUGIN_API = 1

TITLE = "Daily summary"
#: What was said of a disk so long ago still counts when the day begins.
_DISK_HISTORY = timedelta(days=2)


def build(catalogue: Catalogue, query: Query) -> Document:
    """Return the document: figures, traffic, storage, scores, alerts, and how good the data is."""
    coverage = Coverage(catalogue, query)
    transfers = Transfers(catalogue, query)
    traffic = TrafficChapter(transfers, coverage)
    disks = Disks(catalogue, query, _DISK_HISTORY)
    scores = Scores(catalogue, query)
    alerts = Alerts(catalogue, query)
    figures = (
        *transfers.figures(Transfers(catalogue, before(query)), is_read=coverage.is_any_read()),
        disks.figure(),
        scores.figure(),
        alerts.figure(),
    )
    blocks: tuple[Block, ...] = (
        Figures("At a glance", figures),
        *traffic.in_and_out(),
        *space_by_node(disks),
        *scores.by_satellite(),
        traffic.by_action(),
        traffic.by_node(),
        scores.now(),
        alerts.table(),
        *coverage.notes(),
    )
    return Document(TITLE, blocks)


@hookimpl
def storj_reports() -> list[Report]:
    """Offer the report."""
    return [
        Report(
            name="daily_summary",
            title=TITLE,
            summary="A day: traffic and what succeeded, disk space, scores, and alerts",
            build=build,
            period="day",
        )
    ]
