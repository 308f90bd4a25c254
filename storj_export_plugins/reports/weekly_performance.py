"""The report `weekly_performance`: how the nodes did day by day, and when their disks are full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters import latency
from storj_export_plugins.reports.chapters.coverage import Coverage, worst_first
from storj_export_plugins.reports.chapters.disks import Disks
from storj_export_plugins.reports.chapters.scores import Scores
from storj_export_plugins.reports.chapters.storage import (
    days_left,
    growth_by_day,
    outlooks,
    when_full,
)
from storj_export_plugins.reports.chapters.traffic import TrafficChapter
from storj_export_plugins.reports.chapters.transfers import Transfers, beside
from storj_export_plugins.reports.spans import compared, so_far
from storj_monitor.plugin import Document, Figures, Report, hookimpl

if TYPE_CHECKING:
    from storj_monitor.plugin import Block, Catalogue, Query

STORJ_PLUGIN_API = 1

TITLE = "Weekly performance"


def build(catalogue: Catalogue, asked: Query) -> Document:
    """Return the document: figures, then a chart and a table for each idea, then how good it is."""
    query, earlier = so_far(asked), compared(asked)
    coverage = Coverage(catalogue, asked, earlier)
    transfers = Transfers(catalogue, query, with_durations=True)
    traffic = TrafficChapter(transfers, coverage)
    disks = Disks(catalogue, query, coverage.nodes)
    expected = outlooks(disks)
    scores = Scores(catalogue, query)
    figures = (
        *beside(catalogue, transfers, coverage, earlier),
        disks.figure(),
        days_left(disks, expected),
        scores.figure(),
    )
    blocks: tuple[Block, ...] = (
        *coverage.opening(),
        Figures("At a glance", figures),
        *traffic.egress(),
        *traffic.ingress(),
        *traffic.success(),
        *growth_by_day(disks, expected),
        when_full(disks, expected),
        *scores.by_day(),
        scores.changes(),
        *latency.latency(transfers),
        traffic.by_action(),
        traffic.by_node(),
        *worst_first(
            *coverage.notes(),
            *coverage.comparison(),
            *disks.notes(),
            *latency.unknown(transfers),
        ),
    )
    return Document(TITLE, blocks)


@hookimpl
def storj_reports() -> list[Report]:
    """Offer the report."""
    return [
        Report(
            name="weekly_performance",
            title=TITLE,
            summary="A week: traffic by the day, growth and full disks, scores, and latency",
            build=build,
            period="week",
        )
    ]
