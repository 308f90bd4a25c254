"""Each rule for sources, and a source that breaks it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from storj_monitor.plugin import Column, Filter, Kind, OptionError, Source
from storj_monitor.plugin.query import moment
from storj_monitor.schema import events, nodes
from storj_monitor.testing import SAMPLE_SPAN, SourceConformance
from tests.testing.plugins import broken_rule, held, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from storj_monitor.plugin import Query, Reader
    from storj_monitor.store import Store

    Stores = Mapping[str, Store]

COLUMNS = (
    Column(key="timestamp", label="Time", kind=Kind.TIMESTAMP),
    Column(key="node", label="Node"),
    Column(key="status", label="Status"),
    Column(key="size_bytes", label="Size", kind=Kind.BYTES),
)
pytest_plugins = ["pytester"]
STATUS = Filter(name="status", summary="How it ended", choices=("success", "failed"))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    return SourceConformance.databases_in(tmp_path_factory.mktemp("databases"))


def names_of(reader: Reader) -> dict[int, str]:
    found = reader.fetch(select(nodes.c.id, nodes.c.name)).to_pylist()
    return {row["id"]: row["name"] for row in found}


def rows(reader: Reader, query: Query) -> Iterator[tuple[object, ...]]:
    """Give rows as a good source does it."""
    yield from chosen(reader, query)


def chosen(  # noqa: PLR0913  the conditions that may be left out
    reader: Reader,
    query: Query,
    *,
    start: bool = True,
    until: Callable[[int, int], bool] = int.__lt__,
    nodes: bool = True,
    filters: bool = True,
) -> Iterator[tuple[object, ...]]:
    """Give rows, and leave out one of the conditions or another."""
    names = names_of(reader)
    asked = select(events.c.at, events.c.id, events.c.node_id, events.c.status, events.c.size)
    statuses = query.filters.get("status", ())
    for batch in reader.scan(asked):
        for row in batch.to_pylist():
            in_span = not start or row["at"] >= query.span.start_us
            in_span = in_span and until(row["at"], query.span.end_us)
            is_asked = not (nodes and query.nodes) or names[row["node_id"]] in query.nodes
            is_wanted = not (filters and statuses) or row["status"] in statuses
            if in_span and is_asked and is_wanted:
                yield moment(row["at"]), names[row["node_id"]], row["status"], row["size"]


def kit_for(given: Callable[[Any, Any], Any], **more: Any) -> SourceConformance:
    fields = {"columns": COLUMNS, "filters": (STATUS,), "rows": given} | more.pop("source", {})
    source = Source(name="made_up", title="Made up", summary="Made up", **fields)
    return held(SourceConformance, source, **more)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((datetime(2026, 3, 1), "a", "b", 1), "give it a time zone"),  # noqa: DTZ001  that is it
        ((SAMPLE_SPAN.start, "a", "b", "1"), "expects int or None, not '1'"),
        ((SAMPLE_SPAN.start, "a", "b", 1.0), "expects int or None, not 1.0"),
        ((SAMPLE_SPAN.start, b"a", "b", 1), "expects str or None"),
        ((SAMPLE_SPAN.start, "a", "b"), "a row must have 4 values"),
        ((SAMPLE_SPAN.start, "a", "b", 1, 1), "a row must have 4 values"),
        (("a", SAMPLE_SPAN.start, "b", 1), "expects datetime or None"),
    ],
)
def test_values_that_are_not_as_declared_are_caught(
    stores: Stores, values: tuple[object, ...], words: str
) -> None:
    kit = kit_for(lambda _reader, _query: [values])
    test = kit.test_rows_are_as_the_columns_declare
    assert words in broken_rule(test, stores, "sample", personal=False)


def test_batches_of_another_type_are_caught(stores: Stores) -> None:
    def batches(reader: Reader, _: Query) -> Iterator[Any]:
        yield from reader.scan(select(events.c.at, events.c.id))

    kit = kit_for(rows, source={"rows": None, "batches": batches})
    said = broken_rule(kit.test_rows_are_as_the_columns_declare, stores, "sample", personal=True)
    assert "columns at, id instead of timestamp, node, status, size_bytes" in said


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Kind.NUMBER, float("nan"), "holds NaN"),
        (Kind.RATIO, 98.2, "is a RATIO and holds 98.2"),
        (Kind.RATIO, -0.1, "is a RATIO and holds -0.1"),
    ],
)
def test_numbers_that_mean_nothing_are_caught(
    stores: Stores, kind: Kind, value: float, words: str
) -> None:
    columns = (Column(key="score", label="Score", kind=kind),)
    kit = kit_for(lambda _reader, _query: [(value,)], source={"columns": columns, "filters": ()})
    test = kit.test_rows_are_as_the_columns_declare
    assert words in broken_rule(test, stores, "sample", personal=False)


def test_an_error_over_an_empty_database_is_caught(stores: Stores) -> None:
    def given(reader: Reader, _: Query) -> Iterator[tuple[object, ...]]:
        first = min(names_of(reader))
        yield SAMPLE_SPAN.start, str(first), "a", 1

    kit = kit_for(given)
    kit.test_rows_are_as_the_columns_declare(stores, "sample", personal=False)
    said = broken_rule(kit.test_rows_are_as_the_columns_declare, stores, "empty", personal=False)
    assert "over an empty database as well" in said


@pytest.mark.parametrize(
    ("condition", "test"),
    [
        ({"start": False, "until": lambda *_: True}, "test_an_empty_span_has_no_rows"),
        ({"until": int.__le__}, "test_a_span_has_its_start_and_not_its_end"),
        ({"nodes": False}, "test_only_the_nodes_asked_for_are_told_of"),
        ({"filters": False}, "test_every_filter_takes_what_it_says"),
    ],
)
def test_a_condition_that_is_left_out_is_caught(
    stores: Stores, condition: dict[str, Any], test: str
) -> None:
    kit = kit_for(lambda reader, query: chosen(reader, query, **condition))
    broken_rule(getattr(kit, test), stores)


@pytest.mark.parametrize("days", [-1, 3])
def test_rows_beside_the_span_are_caught(stores: Stores, days: int) -> None:
    at = SAMPLE_SPAN.start + timedelta(days=days)
    kit = kit_for(lambda _reader, _query: [(at, "alpha", "success", 1)])
    said = broken_rule(kit.test_rows_are_of_the_span, stores)
    assert f"A row of {at} was given for" in said


def test_rows_of_before_may_be_declared(stores: Stores) -> None:
    at = SAMPLE_SPAN.start - timedelta(days=1)
    given = [(at, "alpha", "success", 1)]
    kit = kit_for(lambda _reader, _query: given, earlier_rows=True)
    kit.test_rows_are_of_the_span(stores)
    kit.test_an_empty_span_has_no_rows(stores)


def test_rows_in_no_order_are_caught_unless_the_class_says_so(stores: Stores) -> None:
    def given(reader: Reader, query: Query) -> list[tuple[object, ...]]:
        return list(rows(reader, query))[::-1]

    said = broken_rule(kit_for(given).test_rows_come_in_order_of_time, stores)
    assert "order of their times" in said
    with pytest.raises(pytest.skip.Exception, match="in_order = False"):
        kit_for(given, in_order=False).test_rows_come_in_order_of_time(stores)


def test_an_answer_that_depends_on_the_moment_is_caught(stores: Stores) -> None:
    kit = kit_for(lambda _reader, _query: [(datetime.now(UTC), "alpha", "success", 1)])
    said = broken_rule(kit.test_the_same_question_has_the_same_answer, stores)
    assert "no clock" in said


def test_a_filter_of_any_text_may_find_nothing_or_refuse(stores: Stores) -> None:
    def refusing(_: Reader, query: Query) -> Iterator[tuple[object, ...]]:
        if "no-such-value" in query.filters.get("status", ()):
            message = "there is no such status"
            raise OptionError(message)
        yield from ()

    def failing(_: Reader, query: Query) -> Iterator[tuple[object, ...]]:
        for status in query.filters.get("status", ()):
            yield SAMPLE_SPAN.start, "alpha", {"failed": "failed"}[status], 1

    free = {"filters": (Filter(name="status", summary="How it ended"),)}
    test = "test_a_value_that_nobody_knows_finds_nothing_or_is_refused"
    for good in (rows, refusing):
        getattr(kit_for(good, source=free), test)(stores)
    assert "KeyError" in broken_rule(getattr(kit_for(failing, source=free), test), stores)


def test_a_hint_that_changes_values_is_caught(stores: Stores) -> None:
    def given(_: Reader, query: Query) -> Iterator[tuple[object, ...]]:
        yield SAMPLE_SPAN.start, "alpha", "success" if "node" in query.columns else None, 1

    said = broken_rule(kit_for(given).test_columns_that_are_not_kept_change_nothing, stores)
    assert "Column 'status' has other values" in said


def test_a_scan_that_is_left_open_is_caught(stores: Stores) -> None:
    kept = []

    def given(reader: Reader, _: Query) -> Iterator[tuple[object, ...]]:
        kept.append(reader.scan(select(events.c.at, events.c.id)))
        for batch in kept[-1]:
            for row in batch.to_pylist():
                yield moment(row["at"]), "alpha", "success", 1

    said = broken_rule(kit_for(given).test_closing_it_early_ends_its_reading, stores)
    assert "1 scans are still open" in said
    kept.clear()


def test_a_source_that_holds_all_rows_is_caught_unless_it_is_of_sums(
    stores: Stores,
) -> None:
    def given(reader: Reader, query: Query) -> list[tuple[object, ...]]:
        return list(rows(reader, query))

    said = broken_rule(kit_for(given).test_the_first_row_comes_before_all_are_read, stores)
    assert "All rows were read before the first was given" in said
    with pytest.raises(pytest.skip.Exception, match="streams = False"):
        kit_for(given, streams=False).test_the_first_row_comes_before_all_are_read(stores)


def test_a_source_without_rows_in_the_sample_is_told_how_to_add_some(
    stores: Stores,
) -> None:
    with pytest.raises(pytest.skip.Exception, match="add_to_sample"):
        kit_for(lambda _reader, _query: []).test_a_span_has_its_start_and_not_its_end(stores)


def test_a_whole_class_passes_as_an_author_writes_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_storj_sizes="""
        from storj_monitor.plugin import Column, Kind, Source, hookimpl
        from storj_monitor.plugin.query import moment
        from storj_monitor.testing import SourceConformance

        def rows(reader, query):
            from sqlalchemy import select
            from storj_monitor.schema import events, nodes

            table = events.c
            asked = select(table.at, table.id, nodes.c.name, table.size).where(
                table.node_id == nodes.c.id,
                table.at >= query.span.start_us,
                table.at < query.span.end_us,
            )
            if query.nodes:
                asked = asked.where(nodes.c.name.in_(query.nodes))
            for batch in reader.scan(asked):
                for row in batch.to_pylist():
                    yield moment(row["at"]), row["name"], row["size"]

        class Plugin:
            @hookimpl
            def storj_sources(self):
                columns = (
                    Column(key="timestamp", label="Time", kind=Kind.TIMESTAMP),
                    Column(key="node", label="Node"),
                    Column(key="size_bytes", label="Size", kind=Kind.BYTES),
                )
                return [
                    Source(name="sizes", title="S", summary="Sizes", columns=columns, rows=rows)
                ]

        class TestSizes(SourceConformance):
            plugin = Plugin()
        """
    )
    result = run(pytester)
    assert set(result.parseoutcomes()) == {"passed"}
