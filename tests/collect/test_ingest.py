"""Whole logs into a real store: what is counted, what is kept, what is refused."""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from storj_monitor.collect.ingest import Summary, describe, ingest
from storj_monitor.errors import OperatorError
from storj_monitor.schema import event_hours
from storj_monitor.store import Node
from tests.collect.ground_truth import LogWriter
from tests.collect.log_lines import PIECE, line, transfer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storj_monitor.store import Store
    from tests.collect.ground_truth import Truth

    Rows = list[dict[str, object]]
    WriteLog = Callable[..., str]
    Stored = Callable[[], Rows]

NODE = "node 1"


def new_and_known(summary: Summary) -> tuple[int, int]:
    return summary.new, summary.known


@pytest.mark.parametrize("seed", range(3))
def test_a_log_of_known_content_is_found_to_hold_it(
    seed: int, store: Store, log: WriteLog, stored: Stored
) -> None:
    truth = LogWriter(seed).write(600)
    summary = ingest(store, NODE, log(truth.content))
    assert summary.lines == len(truth.lines)
    assert new_and_known(summary) == (truth.transfers.total(), 0)
    assert (summary.other, summary.noise) == (truth.other, truth.noise)
    assert summary.not_understood == truth.not_understood
    assert_stored(stored(), truth)


def assert_stored(rows: Rows, truth: Truth) -> None:
    count: Counter[tuple[object, ...]] = Counter()
    sizes: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        key = (row["satellite"], row["action"], row["status"])
        count[key] += 1
        if isinstance(row["size"], int):
            sizes[key] += row["size"]
    assert count == truth.transfers
    assert sizes == truth.sizes
    assert sum(row["duration_ms"] is not None for row in rows) == truth.timed


def test_ingesting_again_adds_nothing_in_any_form(
    store: Store, log: WriteLog, monkeypatch: pytest.MonkeyPatch, stored: Stored
) -> None:
    truth = LogWriter(7).write(300)
    total = truth.transfers.total()
    assert new_and_known(ingest(store, NODE, log(truth.content))) == (total, 0)
    rows = stored()
    for path in (
        log(truth.content),
        log(truth.content, "renamed.log.1"),
        log(gzip.compress(truth.content), "storagenode.log.gz"),
        log(gzip.compress(truth.content), "packed-without-a-suffix"),
        log(truth.content.replace(b"\n", b"\r\n"), "windows.log"),
    ):
        assert new_and_known(ingest(store, NODE, path)) == (0, total)
    for content in (truth.content, gzip.compress(truth.content)):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        assert new_and_known(ingest(store, NODE, "-")) == (0, total)
    assert stored() == rows


def test_another_node_has_transfers_of_its_own(store: Store, log: WriteLog) -> None:
    path = log(transfer() + b"\n")
    assert new_and_known(ingest(store, NODE, path)) == (1, 0)
    assert new_and_known(ingest(store, "another", path)) == (1, 0)
    assert [node.name for node in store.nodes()] == ["another", NODE]


def test_a_grown_log_adds_what_it_grew_by(store: Store, log: WriteLog) -> None:
    truth = LogWriter(3).write(200)
    half = b"".join(text + b"\n" for text in truth.lines[:300])
    first = ingest(store, NODE, log(half))
    second = ingest(store, NODE, log(truth.content))
    assert second.known == first.new
    assert first.new + second.new == truth.transfers.total()


def test_identical_lines_of_one_log_are_transfers_of_their_own(store: Store, log: WriteLog) -> None:
    path = log((transfer() + b"\n") * 2)
    assert new_and_known(ingest(store, NODE, path)) == (2, 0)
    assert new_and_known(ingest(store, NODE, path)) == (0, 2)


def test_an_unfinished_last_line_counts_once_it_is_finished(store: Store, log: WriteLog) -> None:
    whole = transfer(offset=256)
    begun = ingest(store, NODE, log(transfer() + b"\n" + whole[:-10]))
    assert (begun.new, begun.lines, begun.unfinished) == (1, 1, 1)
    without_end = ingest(store, NODE, log(transfer() + b"\n" + whole))
    assert (without_end.new, without_end.known, without_end.unfinished) == (0, 1, 1)
    finished = ingest(store, NODE, log(transfer() + b"\n" + whole + b"\n"))
    assert (finished.new, finished.known, finished.unfinished) == (1, 1, 0)


def test_rejected_uploads_are_rows_and_sums_without_a_satellite(
    store: Store, log: WriteLog, stored: Stored
) -> None:
    rejected = line("upload rejected, too many requests", live_requests=8) + b"\n"
    assert new_and_known(ingest(store, NODE, log(rejected * 3))) == (3, 0)
    assert {(row["status"], row["satellite"], row["action"]) for row in stored()} == {
        ("rejected", None, None)
    }
    counted = select(func.sum(event_hours.c.count).label("count"))
    with store.reader() as reader:
        assert reader.fetch(counted).to_pydict() == {"count": [3]}


def test_a_log_larger_than_a_block_and_a_batch_is_read_whole(
    store: Store, log: WriteLog, stored: Stored
) -> None:
    texts = [transfer(offset=number, error="é" * (number % 50)) for number in range(21_000)]
    progress: list[tuple[int, int | None]] = []
    path = log(b"\n".join(texts) + b"\n")
    summary = ingest(store, NODE, path, lambda done, total: progress.append((done, total)))
    assert new_and_known(summary) == (21_000, 0)
    assert len(stored()) == 21_000
    size = os.path.getsize(path)  # noqa: PTH202  the path is text
    assert progress[-1] == (size, size)
    assert len(progress) > 2


def test_progress_of_a_gz_counts_its_own_bytes(store: Store, log: WriteLog) -> None:
    progress: list[tuple[int, int | None]] = []
    packed = gzip.compress((transfer() + b"\n") * 1000)
    ingest(store, NODE, log(packed), lambda done, total: progress.append((done, total)))
    assert progress[-1] == (len(packed), len(packed))


def test_progress_of_a_pipe_has_no_total(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, transfer() + b"\n")
    os.close(writing)
    progress: list[tuple[int, int | None]] = []
    with open(reading, "rb") as pipe:  # noqa: PTH123  a file descriptor
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=pipe))
        summary = ingest(store, NODE, "-", lambda done, total: progress.append((done, total)))
    assert summary.new == 1
    assert progress == [(len(transfer()) + 1, None)]


def test_an_empty_log_is_fine(store: Store, log: WriteLog) -> None:
    assert ingest(store, NODE, log(b"")) == Summary()


def test_a_log_without_transfers_is_fine(store: Store, log: WriteLog) -> None:
    summary = ingest(store, NODE, log(line("no orders to send", logger="orders") + b"\n"))
    at = datetime(2025, 10, 6, 7, 0, 14, tzinfo=UTC)
    assert summary == Summary(lines=1, other=1, started_at=at, ended_at=at)


def test_the_hole_that_truncating_leaves_is_skipped(store: Store, log: WriteLog) -> None:
    summary = ingest(store, NODE, log(b"\0" * 3_000_000 + transfer() + b"\n"))
    assert (summary.lines, summary.new) == (1, 1)


def test_a_line_without_end_does_not_fill_the_memory(store: Store, log: WriteLog) -> None:
    summary = ingest(
        store, NODE, log(transfer() + b"\n" + b"x" * 5_000_000 + b"\n" + transfer() + b"\n")
    )
    assert (summary.lines, summary.new, summary.noise) == (3, 2, 1)


def refusal(store: Store, path: str) -> str:
    with pytest.raises(OperatorError) as caught:
        ingest(store, NODE, path)
    assert caught.value.hint
    return caught.value.reason


def test_a_log_that_is_not_there_is_refused(store: Store, tmp_path: Path) -> None:
    path = str(tmp_path / "no.log")
    assert refusal(store, path) == f"{path} can't be read: No such file or directory"


def test_a_folder_is_refused(store: Store, tmp_path: Path) -> None:
    assert refusal(store, str(tmp_path)) == f"{tmp_path} is a folder, not a log"


def test_a_log_that_may_not_be_read_is_refused(
    store: Store, log: WriteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log(b"")

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", forbidden)
    assert refusal(store, path) == f"{path} can't be read: Permission denied"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(256)) * 20, "it holds binary data"),
        (b"SQLite format 3\x00\x10\x00" + bytes(4096), "it holds binary data"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF no line end", "it holds binary data"),
        ((transfer().decode() + "\n").encode("utf-16"), "it holds binary data"),
        (b"name,amount\nx,1\n", "no line begins with a time and a level"),
        pytest.param(
            b"words\n" * 400_000,
            "no line begins with a time and a level",
            marks=pytest.mark.no_cover,  # it is long
        ),
    ],
)
def test_what_is_no_log_is_refused_and_nothing_is_written(
    content: bytes, why: str, store: Store, log: WriteLog
) -> None:
    for path in (log(content), log(gzip.compress(content, 1), "x.gz")):
        assert refusal(store, path) == f"{path} is no log of a storagenode: {why}"
    assert store.nodes() == ()


def test_a_gz_that_is_cut_short_keeps_what_was_read(store: Store, log: WriteLog) -> None:
    content = b"".join(transfer(offset=number) + b"\n" for number in range(20_000))
    path = log(gzip.compress(content, 1)[:-2000])
    with pytest.raises(OperatorError) as caught:
        ingest(store, NODE, path)
    again = ingest(store, NODE, log(content))
    assert 10_000 < again.known < 20_000
    assert caught.value.reason == (
        f"{path} is a .gz that is cut short or damaged;"
        f" what came before it is kept (transfers: {again.known:,})"
    )
    assert caught.value.hint == "Ingest it again once it is whole."


class FailingDisk(io.RawIOBase):
    """Gives one block, then fails as a broken disk does."""

    def __init__(self, block: bytes) -> None:
        self._block = block

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as io calls it
        if not self._block:
            raise OSError(5, "Input/output error")
        size = len(self._block)
        buffer[:size], self._block = self._block, b""
        return size


def test_a_disk_that_fails_keeps_what_was_read(
    store: Store, monkeypatch: pytest.MonkeyPatch, stored: Stored
) -> None:
    disk = io.BufferedReader(FailingDisk(transfer() + b"\n"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=disk))
    assert refusal(store, "-") == (
        "standard input can't be read to its end: Input/output error;"
        " what came before it is kept (transfers: 1)"
    )
    assert len(stored()) == 1


def test_a_gz_with_damage_inside_is_told_apart_from_a_bad_line(store: Store, log: WriteLog) -> None:
    packed = gzip.compress(transfer() + b"\n")
    path = log(packed[:20] + b"\xff\xff\xff" + packed[23:])
    assert "is a .gz that is cut short or damaged; what came before it is kept" in refusal(
        store, path
    )


def test_a_summary_is_told_in_a_few_lines(store: Store, log: WriteLog) -> None:
    lines = [
        transfer(),
        transfer(time="2025-10-06T09:00:00Z"),
        line("no orders to send", logger="orders"),
        b"goroutine 1 [running]:",
        transfer(piece_id=None),
        transfer(time="2025-10-06T09:00:00"),
    ]
    summary = ingest(store, NODE, log(b"\n".join(lines) + b"\n2025"))
    told = describe(summary).splitlines()
    assert told[:4] == [
        "6 lines read, from 2025-10-06 07:00:14 to 2025-10-06 09:00:00 UTC",
        "  3 transfers: 3 new, 0 known already",
        "  1 other log line, 1 line of something else",
        "  1 line not understood, such as:",
    ]
    assert told[4].startswith("    2025-10-06T00:00:14-07:00 INFO piecestore downloaded {")
    assert told[5:] == [
        "  The last line is not finished yet: ingest the log again when it is.",
        "  There are times without a zone: they were taken as UTC.",
    ]


def test_summaries_of_several_logs_add_up(store: Store, log: WriteLog) -> None:
    empty = ingest(store, NODE, log(b"", "empty.log"))
    first = ingest(store, NODE, log(transfer() + b"\n" + transfer(size=-1) + b"\n", "a.log"))
    second = ingest(store, NODE, log(transfer(time="2025-10-07T00:00:00Z") + b"\n2025", "b.log"))
    total = sum((empty, first, second), Summary())
    assert (total.lines, total.transfers, total.new, total.not_understood) == (3, 2, 2, 1)
    assert (total.started_at, total.ended_at) == (first.started_at, second.ended_at)
    assert total.examples == first.examples
    assert total.unfinished == 1


def test_a_lost_race_cut_in_two_by_rotation_is_one_transfer(
    store: Store, log: WriteLog, stored: Stored
) -> None:
    told = line("upload canceled (race lost or node shutdown)", piece_id=PIECE)
    twin = transfer("upload failed", "DEBUG", action="PUT", error="context canceled")
    assert new_and_known(ingest(store, NODE, log(told + b"\n", "node.log.1"))) == (1, 0)
    assert new_and_known(ingest(store, NODE, log(twin + b"\n", "node.log"))) == (0, 1)
    assert len(stored()) == 1


def test_a_node_that_is_idle_is_heard_by_its_other_lines(store: Store, tmp_path: Path) -> None:
    log = tmp_path / "idle.log"
    log.write_text(
        '2026-03-04T10:00:00Z\tINFO\tcollector\texpired pieces collection started\t{"a": 1}\n'
        '2026-03-04T11:30:00Z\tINFO\tbandwidth\tPersisting bandwidth usage cache to db\t{"a": 1}\n',
        encoding="utf-8",
    )

    ingest(store, "idle", str(log))

    assert store.nodes() == (
        Node(
            "idle",
            datetime(2026, 3, 4, 10, 0, tzinfo=UTC),
            datetime(2026, 3, 4, 11, 30, tzinfo=UTC),
        ),
    )
