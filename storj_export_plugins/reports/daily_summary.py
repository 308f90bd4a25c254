"""The report `daily_summary`: what happened yesterday, and what needs an eye today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters.alerts import Alerts
from storj_export_plugins.reports.chapters.coverage import Coverage, worst_first
from storj_export_plugins.reports.chapters.disks import Disks
from storj_export_plugins.reports.chapters.scores import Scores
from storj_export_plugins.reports.chapters.storage import space_by_node
from storj_export_plugins.reports.chapters.traffic import TrafficChapter
from storj_export_plugins.reports.chapters.transfers import Transfers, beside
from storj_export_plugins.reports.spans import compared, so_far
from storj_monitor.plugin import Document, Figures, Report, hookimpl

if TYPE_CHECKING:
    from storj_monitor.plugin import Block, Catalogue, Query

STORJ_PLUGIN_API = 1

TITLE = "Daily summary"
#: What was said of a disk so long ago still counts when the day begins.
_DISK_HISTORY = timedelta(days=2)


def build(catalogue: Catalogue, asked: Query) -> Document:
    """Return the document: figures, traffic, storage, scores, alerts, and how good the data is."""
    query, earlier = so_far(asked), compared(asked)
    coverage = Coverage(catalogue, asked, earlier)
    transfers = Transfers(catalogue, query)
    traffic = TrafficChapter(transfers, coverage)
    disks = Disks(catalogue, query, coverage.nodes, _DISK_HISTORY)
    scores = Scores(catalogue, query)
    alerts = Alerts(catalogue, query)
    figures = (
        *beside(catalogue, transfers, coverage, earlier),
        disks.figure(),
        scores.figure(),
        alerts.figure(is_watched=coverage.is_any_known()),
    )
    blocks: tuple[Block, ...] = (
        *coverage.opening(),
        Figures("At a glance", figures),
        *traffic.in_and_out(),
        *space_by_node(disks),
        *scores.by_satellite(),
        traffic.by_action(),
        traffic.by_node(),
        scores.now(),
        alerts.table(),
        *worst_first(*coverage.notes(), *coverage.comparison(), *disks.notes()),
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
