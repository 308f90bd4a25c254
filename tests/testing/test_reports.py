"""Each rule for reports, and a report that breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.plugin import (
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Kind,
    Note,
    OptionError,
    Report,
    Table,
)
from storj_monitor.testing import ReportConformance
from tests.testing.plugins import broken_rule, held, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storj_monitor.plugin import Catalogue, Query
    from storj_monitor.store import Store

    Stores = Mapping[str, Store]

    Build = Callable[[Any, Any], Any]

pytest_plugins = ["pytester"]
COLUMNS = (Column(key="node", label="Node"), Column(key="size", label="Size", kind=Kind.BYTES))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    return ReportConformance.databases_in(tmp_path_factory.mktemp("databases"))


def kit_for(build: Build, **fields: Any) -> ReportConformance:
    report = Report(name="made_up", title="Made up", summary="Made up", build=build, **fields)
    return held(ReportConformance, report)


def made_of(*blocks: Any) -> Build:
    return lambda _catalogue, _query: Document("Made up", blocks)


def sizes(name: str = "sizes") -> Table:
    return Table.of(name, "Sizes", COLUMNS, [("alpha", 1)])


def test_something_else_than_a_document_is_caught(stores: Stores) -> None:
    kit = kit_for(lambda _catalogue, _query: "a document")
    said = broken_rule(kit.test_it_builds_a_document_that_can_be_written, stores, "sample")
    assert "build returned 'a document' instead of a Document" in said


def test_a_report_that_stumbles_over_an_empty_database_is_caught(stores: Stores) -> None:
    def build(catalogue: Catalogue, query: Query) -> Document:
        [first, *_] = catalogue.table("events", query).rows()
        return Document("First", (Note(str(first)),))

    kit = kit_for(build)
    kit.test_it_builds_a_document_that_can_be_written(stores, "sample")
    said = broken_rule(kit.test_it_builds_a_document_that_can_be_written, stores, "empty")
    assert "over an empty database as well" in said


def test_a_stream_that_was_read_while_building_is_caught(stores: Stores) -> None:
    def build(catalogue: Catalogue, query: Query) -> Document:
        table = catalogue.table("events", query)
        return Document("Twice", (Note(str(sum(1 for _ in table.rows()))), table))

    said = broken_rule(
        kit_for(build).test_it_builds_a_document_that_can_be_written, stores, "sample"
    )
    assert "once if it is a stream" in said


def test_a_span_that_a_report_can_not_do_is_caught(stores: Stores) -> None:
    def build(_: Catalogue, query: Query) -> Document:
        days = (query.span.end - query.span.start).days
        return Document("Mean", (Note(str(1 / days)),))

    said = broken_rule(kit_for(build).test_any_span_and_zone_will_do, stores, "an hour", "UTC")
    assert "ZeroDivisionError" in said


def test_silence_over_an_empty_database_is_caught(stores: Stores) -> None:
    kit = kit_for(made_of(Figures("None", ())))
    said = broken_rule(kit.test_over_an_empty_database_it_says_so, stores)
    assert "put a Note" in said


def test_a_chart_of_a_copy_of_its_table_is_caught(stores: Stores) -> None:
    chart = Chart("Drawn", sizes(), "node", ("size",))
    said = broken_rule(kit_for(made_of(chart, sizes())).test_a_chart_and_its_table_are_one, stores)
    assert "The chart 'Drawn' draws another table 'sizes'" in said
    kit_for(made_of(chart, chart.table)).test_a_chart_and_its_table_are_one(stores)
    kit_for(made_of(chart, sizes("others"))).test_a_chart_and_its_table_are_one(stores)


def test_a_chart_of_texts_is_caught(stores: Stores) -> None:
    chart = Chart("Drawn", sizes(), "size", ("node",))
    assert "draws ['node']" in broken_rule(kit_for(made_of(chart)).test_charts_draw_numbers, stores)


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ("12", Kind.INTEGER, "expects int or None, not '12'"),
        (1.5, Kind.BYTES, "expects int or None, not 1.5"),
        (datetime(2026, 3, 1), Kind.TIMESTAMP, "a time without a zone"),  # noqa: DTZ001  that is it
    ],
)
def test_a_figure_of_another_kind_is_caught(
    stores: Stores, value: object, kind: Kind, words: str
) -> None:
    figures = Figures("In short", (Figure("it", "It", value, kind),))
    test = kit_for(made_of(figures)).test_figures_are_what_their_kinds_say
    assert words in broken_rule(test, stores)


def test_other_nodes_than_those_asked_for_are_caught(stores: Stores) -> None:
    def build(catalogue: Catalogue, query: Query) -> Document:
        everybody = replace(query, nodes=())
        return Document("All", (catalogue.table("storage", everybody),))

    said = broken_rule(kit_for(build).test_only_the_nodes_asked_for_are_told_of, stores)
    assert "Asked for node alpha, it has rows of beta, gamma" in said


def test_a_report_of_another_time_that_says_otherwise_is_caught(stores: Stores) -> None:
    def build(_: Catalogue, __: Query) -> Document:
        return Document("Now", (Note(f"It is {datetime.now()}"),))  # noqa: DTZ005  as strangers do it

    test = kit_for(build).test_the_same_question_has_the_same_answer_at_another_time
    assert "Built 400 days later" in broken_rule(test, stores)


def test_a_source_that_is_missing_may_be_done_without_or_be_a_lookup_error() -> None:
    def asking(catalogue: Catalogue, query: Query) -> Document:
        return Document("Events", (catalogue.table("events", query),))

    def stumbling(_: Catalogue, __: Query) -> Document:
        known: dict[str, Document] = {}
        return known["events"]

    test = "test_without_its_sources_it_does_without_or_says_which_it_needs"
    for good in (asking, made_of(Note("Nothing."))):
        getattr(kit_for(good), test)()
    assert "KeyError('events')" in broken_rule(getattr(kit_for(stumbling), test))
    assert "build returned 7" in broken_rule(getattr(kit_for(lambda *_: 7), test))


def test_a_metric_that_there_is_not_may_be_refused_by_its_name(stores: Stores) -> None:
    def refusing(words: str) -> Build:
        def build(_: Catalogue, query: Query) -> Document:
            raise OptionError(words.format(*query.filters["metrics"]))

        return build

    test = "test_a_metric_that_there_is_not_is_refused_or_ignored"
    getattr(kit_for(refusing("no metric {}; there are: traffic")), test)(stores)
    said = broken_rule(getattr(kit_for(refusing("no")), test), stores)
    assert "says only: no" in said
    with pytest.raises(pytest.skip.Exception, match="period='custom'"):
        getattr(kit_for(refusing("no"), period="week"), test)(stores)


def test_a_whole_class_passes_as_an_author_writes_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_storj_disks="""
        from storj_monitor.plugin import Document, Note, Report, hookimpl
        from storj_monitor.testing import ReportConformance

        def build(catalogue, query):
            table = catalogue.fetch("storage", query)
            known = sum(1 for _ in table.rows())
            return Document("Disks", (table, Note(f"{known} rows are known.")))

        class Plugin:
            @hookimpl
            def storj_reports(self):
                return [Report(name="disks", title="Disks", summary="Disks", build=build)]

        class TestDisks(ReportConformance):
            plugin = Plugin()
        """
    )
    assert set(run(pytester).parseoutcomes()) == {"passed"}
