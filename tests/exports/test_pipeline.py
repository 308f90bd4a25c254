from __future__ import annotations

import errno
import gc
import threading
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from structlog.testing import capture_logs

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.documents import Canceled
from storj_monitor.exports.pipeline import Export
from storj_monitor.plugin import Column, Kind, OptionError
from storj_monitor.plugin.batches import batches_of_rows
from storj_monitor.store import News
from storj_monitor.store.connection import Connection
from tests.exports.offers import COLUMNS, NOW, ROWS, asked, format_, lines, source
from tests.records import ListeningHost, transfers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storj_monitor.plugin import Document, Format, Source
    from storj_monitor.store import Store


class Desk:
    """Makes exports over one store, and hears how they end."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.host = ListeningHost()

    def export(self, *items: Source | Format, **words: Any) -> Export:
        offered = items or (source(), format_("csv"))
        kinds = {type(item) for item in offered}
        more = [item for item in (source(), format_("csv")) if type(item) not in kinds]
        return Export(asked(*offered, *more, **words), self.store, self.host, NOW)

    def file(self, *items: Source | Format, **words: Any) -> bytes:
        export = self.export(*items, **words)
        export.begin()
        return b"".join(export.chunks())

    def problem(self, *items: Source | Format, **words: Any) -> Problem:
        """Return what an export fails with before it gave anything."""
        export = self.export(*items, **words)
        with pytest.raises(Problem) as problem:
            export.begin()
        assert list(export.chunks()) == []
        return problem.value

    @property
    def statuses(self) -> list[str]:
        return [outcome.status for outcome in self.host.outcomes]


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold every test to its threads having ended and its connections being closed."""
    opened: list[Connection] = []
    closed: list[Connection] = []

    def init(self: Connection, *arguments: Any) -> None:
        real_init(self, *arguments)
        opened.append(self)

    def close(self: Connection) -> None:
        closed.append(self)
        real_close(self)

    real_init, real_close = Connection.__init__, Connection.close
    monkeypatch.setattr(Connection, "__init__", init)
    monkeypatch.setattr(Connection, "close", close)
    before = set(threading.enumerate())
    yield
    assert [thread.name for thread in set(threading.enumerate()) - before] == []
    assert {id(connection) for connection in opened} == {id(connection) for connection in closed}


def endless(*_: object) -> Iterator[tuple[object, ...]]:
    while True:
        yield ROWS[0]


def failing(*rows: tuple[object, ...], error: BaseException) -> Callable[..., Any]:
    def give(*_: object) -> Iterator[tuple[object, ...]]:
        yield from rows
        raise error

    return give


# What is in a file


def test_a_file_has_the_columns_asked_for_and_nothing_personal(desk: Desk) -> None:
    assert desk.file() == b"node|count\nn1|1\n=n2|-2\nNone|None\n"
    assert desk.file(columns="count") == b"count\n1\n-2\nNone\n"
    assert desk.file(columns="address,node", personal="1") == (
        b"address|node\n192.0.2.1|n1\n192.0.2.2|=n2\nNone|None\n"
    )


def test_a_spreadsheet_is_guarded_and_says_so(desk: Desk) -> None:
    seen: list[Document] = []

    def render(document: Document) -> Iterator[bytes]:
        seen.append(document)
        return lines(document)

    sheet = format_("csv", spreadsheet=True, render=render)
    assert desk.file(sheet) == b"node|count\nn1|1\n'=n2|-2\nNone|None\n"
    assert desk.file(sheet, option__guard="off") == b"node|count\nn1|1\n=n2|-2\nNone|None\n"
    assert [document.metadata["formula_guard"] for document in seen] == ["on", "off"]
    assert [document.options["guard"] for document in seen] == ["on", "off"]


def test_a_document_says_what_it_is_about(desk: Desk) -> None:
    with desk.store.writer() as writer:
        writer.write([News(node="n2", transfers=transfers([{}]))])
        writer.write([News(node="n1", transfers=transfers([{}]))])
    seen: list[Document] = []

    def render(document: Document) -> list[bytes]:
        seen.append(document)
        return []

    words = {"timezone": "Europe/Berlin", "start": "2026-01-01", "max_days": 31}
    assert desk.file(format_("csv", render=render), **words) == b""
    assert desk.file(format_("csv", render=render), node="n2") == b""
    first, second = seen
    assert (first.title, first.generated_at) == ("Things", NOW)
    assert first.timezone == ZoneInfo("Europe/Berlin")
    assert first.span
    assert first.span.end == datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert (first.nodes, second.nodes) == (("n1", "n2"), ("n2",))
    assert (first.metadata["source"], first.metadata["clamped"]) == ("things", "true")
    assert "clamped" not in second.metadata
    assert "formula_guard" not in second.metadata
    assert first.sole_table
    assert (first.sole_table.name, first.sole_table.title) == ("things", "Things")


def test_values_of_every_kind_reach_a_format_as_they_were(desk: Desk) -> None:
    moment = datetime(2026, 3, 4, 10, 11, 12, 345678, tzinfo=UTC)
    values: dict[Kind, object] = {
        Kind.TEXT: "é",
        Kind.INTEGER: 2**62,
        Kind.NUMBER: 0.1,
        Kind.MONEY: Decimal("0.100001"),
        Kind.BYTES: 0,
        Kind.RATIO: 1.0,
        Kind.DURATION: 5,
        Kind.TIMESTAMP: moment,
        Kind.DATE: date(2026, 3, 4),
        Kind.FLAG: False,
    }
    columns = tuple(Column(key=f"a_{kind}", label="x", kind=kind) for kind in values)
    seen: list[tuple[object, ...]] = []

    def render(document: Document) -> Iterator[bytes]:
        for table in document.tables():
            seen.extend(table.rows())
        yield b"x"

    rows = [tuple(values.values()), (None,) * len(columns)]
    given = source(columns=columns, rows=lambda *_: rows)
    desk.file(given, format_("csv", render=render), timezone="Asia/Tokyo")
    assert seen == rows
    assert str(seen[0][7]).endswith("+09:00")


def test_a_source_may_give_a_list_or_batches(desk: Desk) -> None:
    batches = source(batches=lambda *_: list(batches_of_rows(COLUMNS, ROWS)))
    assert desk.file(batches) == desk.file(source(rows=lambda *_: list(ROWS)))


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([], b""),
        ([b"", b""], b""),
        ([b"a", b"", bytearray(b"b"), memoryview(b"c")], b"abc"),
        ([memoryview(b"abcdefgh").cast("I")], b"abcdefgh"),
    ],
)
def test_any_bytes_make_a_file_and_each_is_counted(
    desk: Desk, chunks: list[Any], expected: bytes
) -> None:
    export = desk.export(format_("csv", render=lambda _: chunks))
    export.begin()
    assert b"".join(export.chunks()) == expected
    assert export.bytes == len(expected)


# When the first bytes are given


def test_begin_reads_and_encodes_the_first_rows_but_not_all_of_them(desk: Desk) -> None:
    export = desk.export(source(rows=endless))
    export.begin()
    assert export.rows == 5_000
    with closing(export.chunks()) as chunks:
        assert next(chunks) == b"node|count\n"
        assert next(chunks) == b"n1|1\n"


def test_begin_looks_past_batches_without_rows(desk: Desk) -> None:
    def batches(*_: object) -> Iterator[pa.RecordBatch]:
        [batch] = batches_of_rows(COLUMNS, ROWS)
        yield batch.slice(0, 0)
        yield batch.slice(0, 0)
        raise LookupError("late")

    def render(document: Document) -> Iterator[bytes]:
        [table] = document.tables()
        for batch in table.batches:
            yield f"{batch.num_rows} rows\n".encode()

    problem = desk.problem(source(batches=batches), format_("csv", render=render))
    assert problem.code == "export_failed"


def test_begin_of_a_file_without_rows_makes_it_whole(desk: Desk) -> None:
    export = desk.export(source(rows=lambda *_: []))
    export.begin()
    assert desk.statuses == ["done"]
    assert list(export.chunks()) == [b"node|count\n"]


# What can go wrong


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (failing(error=LookupError("no luck")), "LookupError: no luck"),
        (failing(error=SystemExit(0)), "SystemExit: 0"),
        (lambda *_: None, "TypeError: 'NoneType' object is not iterable"),
        (
            lambda *_: [("n1", "one", None)],
            "TypeError: column 'count' (integer) expects int or None, not 'one'",
        ),
        (
            lambda *_: [("n1", 2**63, None)],
            "ValueError: column 'count' (integer): Python int too large to convert to C long",
        ),
        (
            lambda *_: [("n1", 1)],
            "ValueError: a row must have 3 values, one for each column: ('n1', 1)",
        ),
        (
            lambda *_: ["abc"],
            "ValueError: a row must have 3 values, one for each column: 'abc'",
        ),
    ],
)
def test_a_source_that_fails_is_named_and_gives_nothing(
    desk: Desk, rows: Callable[..., Any], said: str
) -> None:
    problem = desk.problem(source(rows=rows))
    assert (problem.code, problem.status) == ("export_failed", 500)
    assert problem.detail == f"source 'things' failed: {said}"
    assert problem.hint == "The log has the details; other sources may work."
    assert desk.statuses == ["failed"]


def test_batches_of_other_types_than_declared_name_the_column(desk: Desk) -> None:
    def batches(*_: object) -> Iterator[pa.RecordBatch]:
        yield pa.record_batch(
            {
                "node": pa.array(["n1"]),
                "count": pa.array([1], pa.int32()),
                "address": pa.array(["x"]),
            }
        )

    problem = desk.problem(source(batches=batches))
    assert problem.code == "export_failed"
    assert "source 'things' failed: TypeError:" in problem.detail
    assert problem.detail.endswith("count is int32 instead of int64")


def text_chunks(_: Document) -> Iterator[Any]:
    yield "text"


def failing_first(_: Document) -> Iterator[bytes]:
    raise LookupError("first")
    yield b""


def leaving(_: Document) -> Iterator[bytes]:
    raise SystemExit(0)


@pytest.mark.parametrize(
    ("render", "said"),
    [
        (text_chunks, "TypeError: render must yield bytes, not str"),
        (lambda _: "text", "TypeError: render must yield bytes, not str"),
        (lambda _: b"bytes", "TypeError: render must yield bytes, not int"),
        (lambda _: None, "TypeError: 'NoneType' object is not iterable"),
        (lambda _: 5, "TypeError: 'int' object is not iterable"),
        (failing_first, "LookupError: first"),
        (leaving, "SystemExit: 0"),
    ],
)
def test_a_format_that_fails_is_named_and_gives_nothing(
    desk: Desk, render: Callable[..., Any], said: str
) -> None:
    problem = desk.problem(format_("csv", render=render))
    assert (problem.code, problem.detail) == ("export_failed", f"format 'csv' failed: {said}")
    assert desk.statuses == ["failed"]


def test_a_header_that_was_made_before_a_failure_is_not_given(desk: Desk) -> None:
    problem = desk.problem(source(rows=failing(error=LookupError("late"))), format_("csv"))
    assert problem.detail == "source 'things' failed: LookupError: late"


def test_a_failure_after_the_first_chunks_is_a_problem_too(desk: Desk) -> None:
    def render(document: Document) -> Iterator[bytes]:
        for number, line in enumerate(lines(document)):
            if number == 3:
                raise LookupError("late")
            yield line

    export = desk.export(format_("csv", render=render))
    export.begin()
    chunks = export.chunks()
    assert [next(chunks) for _ in range(3)] == [b"node|count\n", b"n1|1\n", b"=n2|-2\n"]
    with pytest.raises(Problem, match="format 'csv' failed: LookupError: late"):
        next(chunks)
    [outcome] = desk.host.outcomes
    assert (outcome.status, outcome.error) == (
        "failed",
        "format 'csv' failed: LookupError: late",
    )


def test_an_option_that_a_format_refuses_is_the_callers_problem(desk: Desk) -> None:
    def render(_: Document) -> Iterator[bytes]:
        raise OptionError("long")
        yield b""

    problem = desk.problem(format_("csv", render=render))
    assert (problem.code, problem.detail) == ("bad_option", "long")
    assert problem.hint == "Change the request; /api/catalogue has the choices."


def test_a_filter_that_a_source_refuses_is_the_callers_problem(desk: Desk) -> None:
    refusing = source(rows=failing(error=OptionError("no such colour")))
    problem = desk.problem(refusing)
    assert (problem.code, problem.detail) == ("bad_filter", "no such colour")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_without_space_is_said_as_that(desk: Desk, number: int) -> None:
    def render(_: Document) -> Iterator[bytes]:
        raise OSError(number, "no space")
        yield b""

    problem = desk.problem(format_("csv", render=render))
    assert (problem.code, problem.status) == ("no_space", 507)
    assert problem.detail == "there is no space left for the file"
    assert problem.hint == "Free some space."


def test_another_error_of_the_disk_is_a_failure(desk: Desk) -> None:
    def render(_: Document) -> Iterator[bytes]:
        raise OSError(errno.EIO, "bad disk")
        yield b""

    assert desk.problem(format_("csv", render=render)).code == "export_failed"


def test_a_database_that_went_away_is_said_in_its_own_words(desk: Desk) -> None:
    gone = OperatorError("the database is gone", "Bring it back.")

    def rows(*_: object) -> Iterator[tuple[object, ...]]:
        raise gone
        yield ()

    problem = desk.problem(source(rows=rows))
    assert (problem.code, problem.detail) == ("export_failed", "the database is gone")
    assert problem.hint == "Bring it back."


# Ending early


def test_closing_early_counts_as_canceled(desk: Desk) -> None:
    ended = threading.Event()

    def rows(*_: object) -> Iterator[tuple[object, ...]]:
        try:
            yield from endless()
        finally:
            ended.set()

    export = desk.export(source(rows=rows))
    export.begin()
    chunks = export.chunks()
    next(chunks)
    chunks.close()
    assert ended.is_set()
    assert desk.statuses == ["canceled"]
    assert desk.host.outcomes[0].error is None


def test_an_export_that_is_left_alone_ends_by_itself(desk: Desk) -> None:
    export = desk.export(source(rows=endless))
    export.begin()
    del export
    gc.collect()
    assert desk.statuses == ["canceled"]


def test_a_format_that_gives_nothing_is_stopped_at_its_next_batch(desk: Desk) -> None:
    def gathering(document: Document) -> Iterator[bytes]:
        assert document.sole_table is not None
        for _ in document.sole_table.rows():
            export.cancel()
        yield b"never"

    export = desk.export(source(rows=endless), format_("csv", render=gathering))
    with pytest.raises(Canceled):
        export.begin()
    assert list(export.chunks()) == []
    assert desk.statuses == ["canceled"]


def test_an_interrupt_counts_as_canceled(desk: Desk) -> None:
    def render(_: Document) -> Iterator[bytes]:
        raise KeyboardInterrupt
        yield b""

    export = desk.export(format_("csv", render=render))
    with pytest.raises(KeyboardInterrupt):
        export.begin()
    assert desk.statuses == ["canceled"]


def test_a_format_that_never_reads_its_table_is_no_failure(desk: Desk) -> None:
    assert desk.file(source(rows=endless), format_("csv", render=lambda _: [b"x"])) == b"x"
    assert desk.statuses == ["done"]


def test_a_format_that_stops_reading_and_keeps_the_table_leaves_no_thread(desk: Desk) -> None:
    kept: list[object] = []

    def render(document: Document) -> Iterator[bytes]:
        [table] = document.tables()
        rows = table.rows()
        kept.append(rows)
        yield str(next(rows)).encode()

    assert desk.file(source(rows=endless), format_("csv", render=render)) == b"('n1', 1)"
    assert desk.statuses == ["done"]


# What is told of it


def test_each_export_is_two_log_events_and_one_outcome(desk: Desk) -> None:
    with capture_logs() as logs:
        desk.file(node="n2", period="2026-02")
    started, finished = logs
    about = {
        "subject": "things",
        "format": "csv",
        "nodes": ["n2"],
        "span": "2026-02-01T00:00:00+00:00/2026-03-01T00:00:00+00:00",
        "log_level": "info",
    }
    assert started == about | {"event": "export.started"}
    seconds = finished.pop("seconds")
    assert seconds >= 0
    assert finished == about | {
        "event": "export.finished",
        "status": "done",
        "rows": 3,
        "bytes": len(b"node|count\nn1|1\n=n2|-2\nNone|None\n"),
    }
    [outcome] = desk.host.outcomes
    assert (outcome.subject, outcome.format, outcome.nodes) == ("things", "csv", ("n2",))
    assert (outcome.rows, outcome.bytes) == (3, finished["bytes"])
    assert (outcome.status, outcome.error) == ("done", None)


def test_a_failure_is_logged_with_its_traceback_and_ends_in_the_same_event(desk: Desk) -> None:
    with capture_logs() as logs:
        desk.problem(source(rows=failing(error=LookupError("no luck"))))
    assert [log["event"] for log in logs] == ["export.started", "export.error", "export.finished"]
    assert logs[0]["nodes"] == "all"
    assert logs[1]["log_level"] == "error"
    assert isinstance(logs[1]["exc_info"], LookupError)
    assert (logs[2]["status"], logs[2]["error"]) == (
        "failed",
        "source 'things' failed: LookupError: no luck",
    )


def test_what_a_caller_got_wrong_is_no_error_in_the_log(desk: Desk) -> None:
    with capture_logs() as logs:
        desk.problem(source(rows=failing(error=OptionError("no such colour"))))
    assert [log["log_level"] for log in logs] == ["info", "info"]
