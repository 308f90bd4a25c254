"""What a report is held to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import time_machine

from storj_monitor.plugin import (
    Chart,
    Document,
    Figures,
    Kind,
    Note,
    OptionError,
    Query,
    Report,
    Span,
    Table,
)
from storj_monitor.testing.admission import Conformance, WithoutNetwork
from storj_monitor.testing.building import built, check_figure
from storj_monitor.testing.fakes import FakeCatalogue
from storj_monitor.testing.rules import broken, unbroken
from storj_monitor.testing.stores import NODES, SAMPLE_NOW, SAMPLE_SPAN, WithDatabases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.store import Store
    from storj_monitor.testing.building import WrittenDocument

_MONTH = Span(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
_SPANS = {
    "three days": SAMPLE_SPAN,
    "an hour": Span(SAMPLE_SPAN.start, SAMPLE_SPAN.start + timedelta(hours=1)),
    "two months": _MONTH,
    "long ago": Span(datetime(1999, 12, 31, tzinfo=UTC), datetime(2000, 1, 2, tzinfo=UTC)),
    "a year": Span(datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)),
}
_NUMBERS = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.BYTES, Kind.RATIO, Kind.DURATION)


class ReportConformance(Conformance[Report], WithDatabases, WithoutNetwork):
    """Holds a report to everything that the program and its users rely on, over real databases.

        import storj_audits
        from storj_monitor.testing import ReportConformance

        class TestAudits(ReportConformance):
            plugin = storj_audits

    It may ask for every source that is installed, and for those of the plugin itself.
    """

    kind = "reports"

    @pytest.mark.parametrize("database", ["sample", "empty", "awkward"])
    def test_it_builds_a_document_that_can_be_written(
        self, stores: Mapping[str, Store], database: str
    ) -> None:
        self._written(stores[database], Query(span=SAMPLE_SPAN))

    @pytest.mark.parametrize("span", _SPANS)
    @pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
    def test_any_span_and_zone_will_do(
        self, stores: Mapping[str, Store], span: str, zone: str
    ) -> None:
        query = Query(span=_SPANS[span], timezone=ZoneInfo(zone), personal=True)
        self._written(stores["sample"], query)

    def test_over_an_empty_database_it_says_so(self, stores: Mapping[str, Store]) -> None:
        document = self._written(stores["empty"], Query(span=SAMPLE_SPAN)).document
        if not any(isinstance(block, Note) for block in document.blocks):
            broken(
                "Over an empty database there is no word about that.",
                "a report says what its numbers rest on: put a Note where there is nothing.",
            )

    def test_a_chart_and_its_table_are_one(self, stores: Mapping[str, Store]) -> None:
        document = self._written(stores["sample"], Query(span=SAMPLE_SPAN)).document
        tables = {block.name: block for block in document.blocks if isinstance(block, Table)}
        for chart in (block for block in document.blocks if isinstance(block, Chart)):
            beside = tables.get(chart.table.name)
            if beside is not None and beside is not chart.table:
                broken(
                    f"The chart {chart.title!r} draws another table {beside.name!r} than the one "
                    "beside it.",
                    "a chart and the table that it draws are the same object, so that formats "
                    "write its numbers once; another table has another name.",
                )

    def test_charts_draw_numbers(self, stores: Mapping[str, Store]) -> None:
        document = self._written(stores["sample"], Query(span=SAMPLE_SPAN)).document
        for chart in (block for block in document.blocks if isinstance(block, Chart)):
            kinds = {column.key: column.kind for column in chart.table.columns}
            if wrong := [key for key in chart.y if kinds[key] not in _NUMBERS]:
                broken(
                    f"The chart {chart.title!r} draws {wrong}, which are no numbers.",
                    "y of a chart names columns of numbers, x what stands along the bottom.",
                )

    def test_figures_are_what_their_kinds_say(self, stores: Mapping[str, Store]) -> None:
        for store in stores.values():
            document = self._written(store, Query(span=SAMPLE_SPAN)).document
            for figures in (block for block in document.blocks if isinstance(block, Figures)):
                for figure in figures.items:
                    check_figure(figure)

    def test_only_the_nodes_asked_for_are_told_of(self, stores: Mapping[str, Store]) -> None:
        query = Query(span=_MONTH, nodes=NODES[:1])
        written = self._written(stores["sample"], query)
        if others := sorted(written.texts_of("node") & {*NODES[1:]}):
            broken(
                f"Asked for node {NODES[0]}, it has rows of {', '.join(others)}.",
                "query.nodes names the nodes that are wanted: ask the catalogue with the query "
                "you are given, or with one made of it by dataclasses.replace.",
            )

    def test_the_same_question_has_the_same_answer_at_another_time(
        self, stores: Mapping[str, Store]
    ) -> None:
        made = []
        for moment in (SAMPLE_NOW, SAMPLE_NOW + timedelta(days=400, seconds=7)):
            with time_machine.travel(moment, tick=False):
                made.append(self._written(stores["sample"], Query(span=SAMPLE_SPAN)).lines)
        if made[0] != made[1]:
            first = next(pair for pair in zip(*made, strict=False) if pair[0] != pair[1])
            broken(
                f"Built 400 days later, it says {first[1]!r} where it said {first[0]!r}.",
                "a report depends on the database and the query alone: no clock, no random "
                "numbers, no order of a set. What time it is, the format knows from the host.",
            )

    def test_without_its_sources_it_does_without_or_says_which_it_needs(self) -> None:
        rule = "a source that isn't installed is a LookupError: let it through, or do without it."
        with unbroken("build, with no source installed,", rule, (LookupError,)):
            try:
                document = self.offered.build(FakeCatalogue({}), Query(span=SAMPLE_SPAN))
            except LookupError as error:
                if isinstance(error, KeyError | IndexError):  # one of its own
                    broken(f"With no source installed build raised {error!r}.", rule)
                return
        if not isinstance(document, Document):
            broken(f"build returned {document!r}.", "a report is a Document.")

    def test_a_metric_that_there_is_not_is_refused_or_ignored(
        self, stores: Mapping[str, Store]
    ) -> None:
        if self.offered.period != "custom":
            pytest.skip("only reports with period='custom' are asked for metrics")
        query = replace(Query(span=SAMPLE_SPAN), filters={"metrics": ("no.such_metric",)})
        try:
            self._written(stores["sample"], query)
        except OptionError as error:
            if "no.such_metric" not in str(error):
                broken(
                    f"The refusal of the metric no.such_metric says only: {error}",
                    "a refusal names what can't be served, and what could be.",
                )

    def _written(self, store: Store, query: Query) -> WrittenDocument:
        return built(store, self.offered, query, self.plugin)
