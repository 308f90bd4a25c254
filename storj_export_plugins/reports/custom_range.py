"""The report `custom_range`: any span, and what one likes to see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.reports.chapters import earnings, money_notes
from storj_export_plugins.reports.chapters.alerts import Alerts
from storj_export_plugins.reports.chapters.coverage import Coverage, worst_first
from storj_export_plugins.reports.chapters.disks import Disks
from storj_export_plugins.reports.chapters.metric import metric
from storj_export_plugins.reports.chapters.months import is_whole, whole_months
from storj_export_plugins.reports.chapters.payouts import Payouts
from storj_export_plugins.reports.chapters.scores import Scores
from storj_export_plugins.reports.chapters.storage import growth_by_day, outlooks, when_full
from storj_export_plugins.reports.chapters.traffic import TrafficChapter
from storj_export_plugins.reports.chapters.transfers import Transfers, beside
from storj_export_plugins.reports.spans import compared, so_far
from storj_monitor.plugin import Document, Figures, OptionError, Report, hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storj_monitor.plugin import Block, Catalogue, Figure, Note, Query

STORJ_PLUGIN_API = 1

TITLE = "Custom range"
_MOST_FIGURES = 6


class _Request(NamedTuple):
    """What a part of the report is made from."""

    catalogue: Catalogue
    #: Of what of the span is over.
    query: Query
    #: The one that was asked for.
    asked: Query
    earlier: Query | None
    coverage: Coverage


class _Part(NamedTuple):
    """A part of the report."""

    blocks: tuple[Block, ...]
    figures: tuple[Figure, ...] = ()
    notes: tuple[Note, ...] = ()


def _traffic(request: _Request) -> _Part:
    transfers = Transfers(request.catalogue, request.query)
    coverage = request.coverage
    egress, _, success = beside(request.catalogue, transfers, coverage, request.earlier)
    chapter = TrafficChapter(transfers, coverage)
    blocks = (*chapter.in_and_out(), chapter.by_action(), chapter.by_node())
    return _Part(blocks, (egress, success), tuple(coverage.comparison()))


def _storage(request: _Request) -> _Part:
    disks = Disks(request.catalogue, request.query, request.coverage.nodes)
    expected = outlooks(disks)
    blocks = (*growth_by_day(disks, expected), when_full(disks, expected))
    return _Part(blocks, (disks.figure(),), tuple(disks.notes()))


def _reputation(request: _Request) -> _Part:
    scores = Scores(request.catalogue, request.query)
    return _Part((*scores.by_day(), scores.changes()), (scores.figure(),))


def _earnings(request: _Request) -> _Part:
    payouts = Payouts(request.catalogue, whole_months(request.asked))
    blocks = (
        *earnings.by_month(payouts),
        *earnings.by_satellite(payouts),
        earnings.by_node_and_satellite(payouts),
        earnings.transactions(payouts),
        earnings.profit(payouts),
    )
    return _Part(
        blocks,
        payouts.figures()[:2],
        (*money_notes.opening(payouts), *money_notes.notes(payouts, request.asked)),
    )


def _alerts(request: _Request) -> _Part:
    alerts = Alerts(request.catalogue, request.query)
    return _Part((alerts.table(),), (alerts.figure(is_watched=request.coverage.is_any_known()),))


def _coverage(request: _Request) -> _Part:
    return _Part((request.coverage.table(),))


def _parts() -> Mapping[str, Callable[[_Request], _Part]]:
    """Return what each word among the metrics stands for."""
    return {
        "traffic": _traffic,
        "storage": _storage,
        "reputation": _reputation,
        "earnings": _earnings,
        "alerts": _alerts,
        "coverage": _coverage,
    }


def build(catalogue: Catalogue, asked: Query) -> Document:
    """Return the document, in the order of the metrics; raise OptionError for one there isn't."""
    metrics = asked.filters.get("metrics") or _usual(asked)
    known = _parts()
    for name in metrics:
        if name not in known and "." not in name:
            message = (
                f"metrics: there is no {name!r}; there is {', '.join(known)}, and any number of a "
                "source, such as storage.used_bytes"
            )
            raise OptionError(message)
    query, earlier = so_far(asked), compared(asked)
    coverage = Coverage(catalogue, asked, earlier)
    request = _Request(catalogue, query, asked, earlier, coverage)
    parts = [
        known[name](request) if name in known else _Part(metric(catalogue, query, name))
        for name in dict.fromkeys(metrics)
    ]
    figures = tuple(figure for part in parts for figure in part.figures)[:_MOST_FIGURES]
    notes = (note for part in parts for note in part.notes)
    blocks = (
        *((Figures("At a glance", figures),) if figures else ()),
        *(block for part in parts for block in part.blocks),
        *worst_first(*coverage.opening(), *notes, *coverage.notes()),
    )
    return Document(TITLE, blocks)


def _usual(query: Query) -> tuple[str, ...]:
    """Return what is shown when nothing is named: earnings where the span is whole months."""
    usual = ("traffic", "storage", "reputation")
    return ("earnings", *usual) if is_whole(query.span) else usual


@hookimpl
def storj_reports() -> list[Report]:
    """Offer the report."""
    return [
        Report(
            name="custom_range",
            title=TITLE,
            summary="Any span, and of it what the metrics name: traffic, storage.used_bytes, ...",
            build=build,
        )
    ]
