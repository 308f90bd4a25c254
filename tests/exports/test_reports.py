"""Reports through the pipeline: what they are given, what a format is given, what can go wrong."""

from __future__ import annotations

import gc
import threading
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from storj_monitor.errors import Problem
from storj_monitor.exports import sources
from storj_monitor.exports.brand import Brand
from storj_monitor.exports.documents import Canceled
from storj_monitor.exports.pipeline import Export
from storj_monitor.plugin import (
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Kind,
    Note,
    OptionError,
    Span,
    Table,
)
from storj_monitor.plugin.batches import batches_of_rows
from tests.exports.offers import COLUMNS, NOW, ROWS, asked_report, format_, report, source
from tests.records import ListeningHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storj_monitor.plugin import Catalogue, Format, Query, Reader, Report, Source
    from storj_monitor.store import Store

NODE = (Column(key="node", label="Node"),)
RISKY = Table.of("risky", "Risky", NODE, [("=1+1",), ("n1",)])


class Desk:
    """Makes reports over one store, and hears how they end."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.hosts: list[ListeningHost] = []

    def export(
        self, *items: Source | Format | Report, brand: Brand | None = None, **words: Any
    ) -> Export:
        kinds = {type(item) for item in items}
        more = [item for item in (source(), format_("pdf"), report()) if type(item) not in kinds]
        self.hosts.append(ListeningHost(*items, *more))
        request = asked_report(*items, *more, **words)
        return Export(request, self.store, self.hosts[-1], NOW, brand or Brand())

    def file(self, *items: Source | Format | Report, **words: Any) -> bytes:
        export = self.export(*items, **words)
        export.begin()
        return b"".join(export.chunks())

    def document(self, *items: Source | Report, **words: Any) -> Document:
        """Return what a format is given, its tables read to the end."""
        seen: list[Document] = []

        def render(document: Document) -> Iterator[bytes]:
            seen.append(document)
            yield b"x"

        spreadsheet = words.pop("spreadsheet", False)
        self.file(*items, format_("pdf", render=render, spreadsheet=spreadsheet), **words)
        return seen[0]

    def problem(self, *items: Source | Format | Report, **words: Any) -> Problem:
        """Return what a report fails with before it gave anything."""
        export = self.export(*items, **words)
        with pytest.raises(Problem) as problem:
            export.begin()
        assert list(export.chunks()) == []
        assert [outcome.status for outcome in self.hosts[-1].outcomes] == ["failed"]
        return problem.value


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    gc.collect()
    assert set(threading.enumerate()) <= before


def built_by(build: Callable[[Catalogue, Query], Any], **changes: Any) -> Report:
    return report(build=build, **changes)


def document_of(*blocks: Any, **fields: Any) -> Report:
    return built_by(lambda _, __: Document("A title", blocks, **fields))


def rows_of(name: str = "things", **changes: Any) -> Report:
    """Return a report that is one table of a source, asked for with some changes."""

    def build(catalogue: Catalogue, query: Query) -> Document:
        return Document("Rows", (catalogue.fetch(name, replace(query, **changes)),))

    return built_by(build)


# What is in a file


def test_a_report_is_a_file_of_all_its_blocks(desk: Desk) -> None:
    assert desk.file() == (
        b"figure|label|value|kind|change\ncount|Count|3|integer|None\n"
        b"node|count\nn1|1\n=n2|-2\nNone|None\n"
        b"level|text\ninfo|all is well\n"
    )
    (outcome,) = desk.hosts[-1].outcomes
    assert (outcome.subject, outcome.format, outcome.status) == ("tally", "pdf", "done")
    assert outcome.rows == 3


def test_what_a_document_leaves_out_is_filled_in(desk: Desk) -> None:
    document = desk.document(
        document_of(RISKY, metadata={"origin": "made up", "report": "mine"}),
        brand=Brand("Attic & Co", b"picture"),
        timezone="Europe/Berlin",
        start="2026-01-01",
        max_days=31,
        node="n2",
    )
    assert document.title == "A title"
    assert (document.generated_at, document.timezone) == (NOW, ZoneInfo("Europe/Berlin"))
    assert document.span
    assert document.span.end == datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert document.nodes == ("n2",)
    assert (document.brand, document.logo) == ("Attic & Co", b"picture")
    assert dict(document.options) == {"guard": "on"}
    about = dict(document.metadata)
    assert about.pop("storj-monitor")
    assert about == {"report": "tally", "origin": "made up", "clamped": "true"}


def test_what_a_document_says_itself_stays(desk: Desk) -> None:
    said = {
        "generated_at": datetime(2020, 1, 1, tzinfo=UTC),
        "span": Span(datetime(2020, 1, 1, tzinfo=UTC), NOW),
        "timezone": ZoneInfo("Asia/Tokyo"),
        "nodes": (),
        "brand": "Ours",
        "logo": b"ours",
    }
    document = desk.document(document_of(**said), brand=Brand("Other", b"other"))
    assert {name: getattr(document, name) for name in said} == said


def test_rows_are_counted_once_however_often_a_table_is_read(desk: Desk) -> None:
    def render(document: Document) -> Iterator[bytes]:
        chart, table, _ = document.blocks
        assert isinstance(chart, Chart)
        assert chart.table is table
        assert len(list(document.tables())) == 2
        for _ in range(3):
            assert len(list(chart.table.rows())) == 2
        yield b"x"

    charted = document_of(Chart("C", RISKY, "node", ("node",)), RISKY, Note("n"))
    export = desk.export(charted, format_("pdf", render=render))
    export.begin()
    assert export.rows == 2


def test_texts_are_guarded_for_a_spreadsheet_and_numbers_are_not(desk: Desk) -> None:
    figures = (
        Figure("a", "=label", "@value", Kind.TEXT),
        Figure("b", "Loss", Decimal("-1.5"), Kind.MONEY, -0.5),
    )
    risky = document_of(Figures("F", figures), RISKY, Note("+note", "warning"))
    guarded = desk.document(risky, spreadsheet=True)
    guarded_figures, _, guarded_note = guarded.blocks
    assert isinstance(guarded_figures, Figures)
    assert guarded_figures.items[0] == Figure("a", "'=label", "'@value", Kind.TEXT)
    assert guarded_figures.items[1] == figures[1]
    assert guarded_note == Note("'+note", "warning")
    assert guarded.metadata["formula_guard"] == "on"
    table = b"node\n'=1+1\nn1\n"
    assert table in desk.file(risky, format_("pdf", spreadsheet=True))
    for plain in (
        desk.document(risky),
        desk.document(risky, spreadsheet=True, option__guard="off"),
    ):
        assert plain.blocks[0] == Figures("F", figures)
        assert plain.blocks[2] == Note("+note", "warning")


def test_times_are_in_the_zone_of_the_request_in_a_report_and_in_its_file(desk: Desk) -> None:
    columns = (Column(key="at_time", label="At", kind=Kind.TIMESTAMP),)
    seen: list[object] = []

    def build(catalogue: Catalogue, query: Query) -> Document:
        for read in (catalogue.fetch, catalogue.table):
            seen.extend(value for row in read("things", query).rows() for value in row)
        return Document("T", (catalogue.table("things", query),))

    clock = source(columns=columns, rows=lambda *_: [(NOW,)])
    assert b"21:00:00+09:00" in desk.file(clock, built_by(build), timezone="Asia/Tokyo")
    assert [str(value) for value in seen] == ["2026-03-04 21:00:00+09:00"] * 2


# What a report may read


def test_a_report_reads_a_source_as_often_as_it_likes(desk: Desk) -> None:
    def build(catalogue: Catalogue, query: Query) -> Document:
        first, second = catalogue.table("things", query), catalogue.table("things", query)
        pairs = list(zip(first.rows(), second.rows(), strict=True))
        held = catalogue.fetch("things", replace(query, columns=("count",)))
        assert list(held.rows()) == list(held.rows()) == [(1,), (-2,), (None,)]
        return Document("Twice", (Note(str(len(pairs))), held))

    assert b"info|3\ncount\n1\n" in desk.file(built_by(build))


def test_one_stream_is_read_once(desk: Desk) -> None:
    def build(catalogue: Catalogue, query: Query) -> Document:
        table = catalogue.table("things", query)
        assert len(list(table.rows())) == 3
        return Document("Twice", (table,))

    problem = desk.problem(built_by(build))
    assert "table 'things' is a stream and was read before" in problem.detail


def test_a_source_sees_the_query_of_the_report_with_its_own_defaults(desk: Desk) -> None:
    seen: list[Query] = []

    def rows(_: Reader, query: Query) -> list[tuple[object, ...]]:
        seen.append(query)
        return []

    changed: dict[str, Any] = {
        "filters": {"status": ("good", "bad")},
        "columns": ("count",),
        "nodes": ("n2",),
    }
    assert desk.file(source(rows=rows), rows_of(**changed)) == b"count\n"
    assert desk.file(source(rows=rows), rows_of(), metrics="traffic") == b"node|count\n"
    first, second = seen
    assert dict(first.filters) == {"bucket": ("hour",), "status": ("good", "bad")}
    assert (first.columns, first.nodes) == (("count",), ("n2",))
    assert dict(second.filters) == {"bucket": ("hour",)}
    assert second.columns == ("node", "count")


def test_a_source_by_months_is_asked_for_whole_months(desk: Desk) -> None:
    seen: list[Span] = []

    def rows(_: Reader, query: Query) -> list[tuple[object, ...]]:
        seen.append(query.span)
        return []

    monthly = source(rows=rows, period="month")
    desk.file(monthly, rows_of(), start="2026-01-31", end="2026-02-01")
    first = datetime(2026, 3, 1, tzinfo=UTC)
    empty = Span(first, first)
    desk.file(monthly, rows_of(span=empty))
    whole = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    assert seen == [whole, empty]


def test_personal_columns_are_there_only_if_the_export_was_asked_for_them(desk: Desk) -> None:
    seen: list[bool] = []

    def rows(_: Reader, query: Query) -> list[tuple[object, ...]]:
        seen.append(query.personal)
        return list(ROWS)

    curious = rows_of(personal=True)
    assert b"192.0.2.1" not in desk.file(source(rows=rows), curious)
    assert b"n1|1|192.0.2.1" in desk.file(source(rows=rows), rows_of(personal=False), personal="1")
    assert seen == [False, True]
    problem = desk.problem(rows_of(columns=("node", "address")))
    assert "source 'things' has no columns ['address'], or they are personal" in problem.detail


def test_what_is_held_in_memory_has_a_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_ROWS_HELD", 2)
    problem = desk.problem(rows_of())
    assert problem.detail == (
        "report 'tally' failed: ValueError: 'things' has over 2 rows here: read them with table()"
    )


# What can go wrong


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object) -> Document:
        raise error

    return fail


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (built_by(failing(ZeroDivisionError("by zero"))), "ZeroDivisionError: by zero"),
        (built_by(failing(SystemExit(3))), "SystemExit: 3"),
        (
            built_by(lambda _, __: [1]),
            "TypeError: build must return a Document, not list",
        ),
        (
            rows_of("thing"),
            "UnknownSourceError: there is no source 'thing'; installed: things",
        ),
        (
            rows_of(filters={"state": ("x",)}),
            "LookupError: source 'things' has no filter 'state'; it has: status, colour, bucket",
        ),
        (
            rows_of(filters={"bucket": ("year",)}),
            "ValueError: filter 'bucket' of source 'things' doesn't take ['year']",
        ),
        (
            rows_of(filters={"bucket": "day"}),
            "TypeError: filter 'bucket' of 'things': give a tuple of str, even of one, not 'day'",
        ),
    ],
)
def test_a_report_that_fails_is_named_and_gives_nothing(
    desk: Desk, broken: Report, said: str
) -> None:
    problem = desk.problem(broken)
    assert (problem.code, problem.status) == ("export_failed", 500)
    assert problem.detail == f"report 'tally' failed: {said}"
    assert problem.hint == "The log has the details; other reports may work."


def test_a_source_that_fails_in_a_report_is_named(desk: Desk) -> None:
    problem = desk.problem(source(rows=failing(LookupError("no luck"))), rows_of())
    assert (problem.code, problem.detail) == (
        "export_failed",
        "source 'things' failed: LookupError: no luck",
    )


def test_a_stream_that_fails_while_the_format_reads_it_is_named(desk: Desk) -> None:
    def build(catalogue: Catalogue, query: Query) -> Document:
        return Document("Late", (catalogue.table("things", query),))

    problem = desk.problem(source(rows=failing(LookupError("late"))), built_by(build))
    assert problem.detail == "source 'things' failed: LookupError: late"


@pytest.mark.parametrize(
    "items",
    [
        (built_by(failing(OptionError("no metric is called so"))),),
        (source(rows=failing(OptionError("no metric is called so"))), rows_of()),
    ],
)
def test_a_filter_that_can_not_be_served_is_the_callers_fault(
    desk: Desk, items: tuple[Any, ...]
) -> None:
    problem = desk.problem(*items)
    assert (problem.code, problem.detail) == ("bad_filter", "no metric is called so")


def test_a_report_may_do_without_a_source_that_is_not_installed(desk: Desk) -> None:
    def build(catalogue: Catalogue, query: Query) -> Document:
        try:
            catalogue.fetch("prices", query)
        except LookupError as error:
            return Document("Without", (Note(str(error)),))
        raise AssertionError

    assert b"there is no source 'prices'; installed: things" in desk.file(built_by(build))


def test_streams_that_nobody_read_to_the_end_are_closed(desk: Desk) -> None:
    closed: list[str] = []
    kept: list[object] = []

    def rows(*_: object) -> Iterator[tuple[object, ...]]:
        try:
            while True:
                yield ROWS[0]
        finally:
            closed.append("source")

    def build(catalogue: Catalogue, query: Query) -> Document:
        begun, never = catalogue.table("things", query), catalogue.table("things", query)
        kept.append(reading := begun.rows())
        assert len(list(islice(reading, 2))) == 2
        return Document("Some", (Note("n"), never))

    def render(_: Document) -> Iterator[bytes]:
        assert closed == []
        yield b"x"

    assert desk.file(source(rows=rows), built_by(build), format_("pdf", render=render)) == b"x"
    assert closed == ["source"]


def test_a_report_stops_at_its_next_batch_when_it_is_canceled(desk: Desk) -> None:
    def batches(*_: object) -> Iterator[Any]:
        while True:
            export.cancel()
            yield from batches_of_rows(COLUMNS, ROWS)

    export = desk.export(source(batches=batches), rows_of())
    with pytest.raises(Canceled):
        export.begin()
    assert [outcome.status for outcome in desk.hosts[-1].outcomes] == ["canceled"]


def test_reading_counts_as_progress_before_anything_is_given(desk: Desk) -> None:
    export = desk.export()
    export.begin()
    assert export.batches_read >= 2
