"""What a source is held to."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import isnan
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

import pytest

from storj_monitor.plugin import Kind, OptionError, Source, Span
from storj_monitor.testing.admission import Conformance
from storj_monitor.testing.asking import ask, begin, values_of
from storj_monitor.testing.fakes import WatchedReader
from storj_monitor.testing.rules import broken
from storj_monitor.testing.stores import NODES, SAMPLE_SPAN, WithDatabases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.store import Store
    from storj_monitor.testing.asking import Rows

_ODD_ZONES = ("Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati")


class SourceConformance(Conformance[Source], WithDatabases):
    """Holds a source to everything that the program and its users rely on, over real databases.

        import storj_uptime
        from storj_monitor.testing import SourceConformance

        class TestUptime(SourceConformance):
            plugin = storj_uptime

    The databases are read by the program's own reader: one with three usual days, one empty, one
    with awkward names. `add_to_sample` may add what only your source reads. A row's time is its
    first column, if that is a TIMESTAMP. What your source does otherwise for a good reason, the
    attributes below say.
    """

    kind = "sources"
    #: Some rows are of a time before the span, such as alerts that are still open.
    earlier_rows: ClassVar[bool] = False
    #: Rows come in the order of their times.
    in_order: ClassVar[bool] = True
    #: The first row comes before all are read; False for a source of a few sums.
    streams: ClassVar[bool] = True

    @pytest.mark.parametrize("database", ["sample", "empty", "awkward"])
    @pytest.mark.parametrize("personal", [False, True])
    def test_rows_are_as_the_columns_declare(
        self, stores: Mapping[str, Store], database: str, *, personal: bool
    ) -> None:
        found = ask(stores[database], self.offered, personal=personal)
        for column in self.offered.columns:
            for value in found.of(column.key) if column.key in found.keys else ():
                _check_value(column.key, column.kind, value)

    def test_rows_are_of_the_span(self, stores: Mapping[str, Store]) -> None:
        at = self._time_column()
        for row_at in ask(stores["sample"], self.offered).of(at):
            is_early = row_at < SAMPLE_SPAN.start and not self.earlier_rows
            if is_early or row_at >= SAMPLE_SPAN.end:
                broken(
                    f"A row of {row_at} was given for {SAMPLE_SPAN.start} to {SAMPLE_SPAN.end}.",
                    "rows are of query.span: compare the database's times with query.span.start_us "
                    "and query.span.end_us. (Where older rows belong to it, the class says "
                    "earlier_rows = True.)",
                )

    def test_a_span_has_its_start_and_not_its_end(self, stores: Mapping[str, Store]) -> None:
        at = self._time_column()
        times = sorted(set(ask(stores["sample"], self.offered).of(at)))
        if not times:
            pytest.skip("the sample has no rows for this source: override `add_to_sample`")
        middle = times[len(times) // 2]
        before = ask(stores["sample"], self.offered, Span(SAMPLE_SPAN.start, middle)).of(at)
        after = ask(stores["sample"], self.offered, Span(middle, SAMPLE_SPAN.end)).of(at)
        if middle in before or middle not in after:
            broken(
                f"A row of {middle} is in the span that ends then, or isn't in the one that begins "
                "then.",
                "a span is half-open, so that two in a row have each row once: compare with "
                "`>= query.span.start_us` and `< query.span.end_us`.",
            )

    def test_an_empty_span_has_no_rows(self, stores: Mapping[str, Store]) -> None:
        self._time_column()
        moment = SAMPLE_SPAN.start + timedelta(hours=12)
        if not self.earlier_rows and ask(stores["sample"], self.offered, Span(moment, moment)):
            broken("A span without any time in it has rows.", "rows are of the span that is asked.")

    def test_rows_come_in_order_of_time(self, stores: Mapping[str, Store]) -> None:
        if not self.in_order:
            pytest.skip("the class says in_order = False")
        times = ask(stores["sample"], self.offered).of(self._time_column())
        if times != sorted(times):
            broken(
                "Rows don't come in the order of their times.",
                "what is exported is in order, so that files can be compared and appended to: "
                "reader.scan() orders by its key, and what you make yourself you sort. (Where "
                "there is another order, the class says in_order = False.)",
            )

    def test_the_same_question_has_the_same_answer(self, stores: Mapping[str, Store]) -> None:
        first, second = (ask(stores["sample"], self.offered) for _ in range(2))
        if first != second:
            broken(
                "Asked twice, it gave other rows, or the same in another order.",
                "rows depend on the database and the query alone: no clock, no set's order.",
            )

    def test_only_the_nodes_asked_for_are_told_of(self, stores: Mapping[str, Store]) -> None:
        whole = ask(stores["sample"], self.offered)
        if "node" not in whole.keys:
            pytest.skip("it has no column `node`")
        for asked in (NODES[:1], NODES[1:]):
            found = ask(stores["sample"], self.offered, nodes=asked)
            index = whole.keys.index("node")
            given = Counter(row for row in found if row[index] is not None)
            if given != Counter(row for row in whole if row[index] in asked):
                others = sorted({row[index] for row in given} - {*asked})
                broken(
                    f"Asked for {', '.join(asked)}, it gave {given.total()} rows, of which some "
                    f"are of {others or 'them and some are missing'}.",
                    "query.nodes names the nodes that are wanted, and is empty for all of them: "
                    "filter by it. (A row that is about no node may be there or not.)",
                )

    def test_every_filter_takes_what_it_says(self, stores: Mapping[str, Store]) -> None:
        whole = ask(stores["sample"], self.offered)
        for declared in self.offered.filters:
            for value in declared.choices or values_of(whole, declared.name):
                found = ask(stores["sample"], self.offered, filters={declared.name: (value,)})
                _check_filtered(whole, found, declared.name, value)

    def test_a_value_that_nobody_knows_finds_nothing_or_is_refused(
        self, stores: Mapping[str, Store]
    ) -> None:
        for declared in self.offered.filters:
            if declared.choices:
                continue
            asked = {declared.name: ("no-such-value",)}
            try:
                found = ask(stores["sample"], self.offered, filters=asked)
            except OptionError:
                continue
            if declared.name in found.keys and "no-such-value" in found.of(declared.name):
                broken(f"{declared.name} is a value that nobody knows.", "filters choose rows.")

    def test_columns_that_are_not_kept_change_nothing(self, stores: Mapping[str, Store]) -> None:
        whole = ask(stores["sample"], self.offered, personal=True)
        for column in self.offered.columns:
            alone = ask(stores["sample"], self.offered, personal=True, columns=(column.key,))
            if alone.of(column.key) != whole.of(column.key):
                broken(
                    f"Column {column.key!r} has other values when it is asked for alone.",
                    "query.columns is a hint, of what will be kept: all columns are yielded, and "
                    "those that are kept have the same values.",
                )

    @pytest.mark.parametrize("zone", _ODD_ZONES)
    def test_days_may_be_those_of_any_zone(self, stores: Mapping[str, Store], zone: str) -> None:
        ask(stores["sample"], self.offered, timezone=ZoneInfo(zone))

    @pytest.mark.parametrize("year", [1971, 2100])
    def test_long_ago_and_far_ahead_there_are_no_rows_and_no_errors(
        self, stores: Mapping[str, Store], year: int
    ) -> None:
        start = datetime(year, 1, 1, tzinfo=UTC)
        ask(stores["sample"], self.offered, Span(start, start + timedelta(days=2)))

    def test_closing_it_early_ends_its_reading(self, stores: Mapping[str, Store]) -> None:
        with stores["sample"].reader() as real:
            reader = WatchedReader(real)
            rows = begin(self.offered, reader)
            next((batch for batch in rows if batch.num_rows), None)
            rows.close()
            if reader.open_scans:
                broken(
                    f"An export was broken off, and {reader.open_scans} scans are still open.",
                    "whoever stops reading rows closes them, and the scan has to be closed by "
                    "that: loop over reader.scan(...) within the generator that yields the rows.",
                )

    def test_the_first_row_comes_before_all_are_read(self, stores: Mapping[str, Store]) -> None:
        if not self.streams:
            pytest.skip("the class says streams = False")
        with stores["sample"].reader() as real:
            reader = WatchedReader(real)
            rows = begin(self.offered, reader)
            next((batch for batch in rows if batch.num_rows), None)
            pieces_before = reader.pieces
            for _ in rows:
                pass
        if pieces_before == reader.pieces > 1:
            broken(
                "All rows were read before the first was given.",
                "a source hands rows on as it reads them, so that a year fits in memory and the "
                "file begins at once: yield within the loop over reader.scan(...). (A source of a "
                "few sums over many rows says streams = False in its conformance class.)",
            )

    def _time_column(self) -> str:
        """Return the key of the column that has a row's time; skip where there is none."""
        first = self.offered.columns[0]
        if first.kind is not Kind.TIMESTAMP or self.offered.period == "month":
            pytest.skip("its rows are not of a time: the first column is no TIMESTAMP")
        return first.key


def _check_value(key: str, kind: Kind, value: object) -> None:
    if not isinstance(value, float):
        return
    if isnan(value):
        broken(f"Column {key!r} holds NaN.", "what isn't known is None (null), and never NaN or 0.")
    if kind is Kind.RATIO and not 0 <= value <= 1:
        broken(
            f"Column {key!r} is a RATIO and holds {value}.", "a ratio is from 0 to 1: 0.5 is 50 %."
        )


def _check_filtered(whole: Rows, found: Rows, name: str, value: str) -> None:
    """Hold rows to a filter with the name of a column; others can't be judged from outside."""
    if name not in whole.keys:
        return
    index = whole.keys.index(name)
    wanted = Counter(row for row in whole if row[index] == value)
    others = {row[index] for row in found} - {value, None}
    if others or wanted - Counter(found):
        lost = (wanted - Counter(found)).total()
        broken(
            f"With {name}={value} it gave rows of {sorted(others)}, and left out {lost}.",
            f"query.filters[{name!r}] has the values that are wanted: of a filter that is called "
            "like a column, the rows with one of them in it.",
        )
