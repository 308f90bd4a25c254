"""However a log is cut, copied, packed, interrupted and pruned, its transfers count once."""

from __future__ import annotations

import gzip
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storj_monitor.collect import ingest as ingesting
from storj_monitor.collect import reading
from storj_monitor.collect.ingest import ingest
from storj_monitor.collect.parser import LogParser
from storj_monitor.plugin.query import microseconds
from storj_monitor.schema import event_hours, events
from storj_monitor.store import Store
from tests.collect.log_lines import line, transfer
from tests.collect.parsing import transfers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

START = datetime(2026, 3, 4, 9, 59, 57, tzinfo=UTC)
HOUR_US = 3_600_000_000
HOURS = 3
#: A few lines.
BLOCK = 1_000


class Piece(NamedTuple):
    """A part of the log in a file of its own, cut anywhere, be it in the middle of a line."""

    first: float
    last: float
    packed: bool
    #: Whether the program is killed after its first block, which is its first transaction.
    killed: bool


class Prune(NamedTuple):
    """The removal of what is older than so many hours after START."""

    hours: int


def line_at(seconds: int, number: int, *, rejected: bool) -> bytes:
    time = (START + timedelta(seconds=seconds)).isoformat()
    if rejected:
        return line("upload rejected, too many requests", time=time, live_requests=8)
    return transfer(time=time, offset=number)


#: Lines around full hours, several of them in one second, and some exactly alike.
logs = st.lists(
    st.builds(
        line_at,
        st.integers(0, HOURS - 1).flatmap(
            lambda hour: st.integers(0, 5).map((3600 * hour).__add__)
        ),
        st.integers(0, 2),
        rejected=st.booleans(),
    ),
    min_size=1,
    max_size=20,
).map(lambda lines: sorted(lines, key=lambda text: text.split(b"\t")[0]))
shares = st.floats(0, 1)
pieces = st.builds(Piece, shares, shares, st.booleans(), st.booleans())
WHOLE = Piece(0, 1, packed=False, killed=False)


class Killed(Exception):  # noqa: N818  nothing went wrong
    """The program ends here."""


def cut(content: bytes, piece: Piece) -> bytes:
    """Return the part that a file would hold; a part always begins with a whole line."""
    first, last = sorted((piece.first, piece.last))
    start = content.rfind(b"\n", 0, int(first * len(content))) + 1
    return content[start : int(last * len(content))]


def read(store: Store, folder: Path, number: int, content: bytes, piece: Piece) -> None:
    part = cut(content, piece)
    path = folder / f"log.{number}"
    path.write_bytes(gzip.compress(part) if piece.packed else part)

    def progress(_done: int, _total: int | None) -> None:
        if piece.killed:
            raise Killed

    try:
        ingest(store, "attic", str(path), progress)
    except Killed:
        assert piece.killed


def identities(lines: Sequence[bytes]) -> set[tuple[int, int, int]]:
    return {(one.at, one.fingerprint, one.occurrence) for one in transfers_of(lines)}


def stored(store: Store) -> tuple[set[tuple[int, int, int]], Counter[int]]:
    """Return what identifies the events, and the sums of the hours."""
    with store.reader() as reader:
        rows = reader.fetch(select(events.c.at, events.c.fingerprint, events.c.occurrence))
        hours = reader.fetch(select(event_hours.c.hour_at, event_hours.c.count))
    sums: Counter[int] = Counter()
    for row in hours.to_pylist():
        sums[row["hour_at"]] += row["count"]
    return {tuple(row.values()) for row in rows.to_pylist()}, sums


def hour_of(at: int) -> int:
    return at - at % HOUR_US


@settings(max_examples=30)
@given(
    lines=logs,
    steps=st.lists(pieces | st.builds(Prune, st.integers(0, HOURS)), max_size=6),
)
def test_every_transfer_counts_once_whatever_was_read_before(
    lines: list[bytes], steps: list[Piece | Prune]
) -> None:
    content = b"".join(text + b"\n" for text in lines)
    known: set[tuple[int, int, int]] = set()
    sealed: Counter[int] = Counter()
    with (
        tempfile.TemporaryDirectory() as name,
        patch.object(reading, "_BLOCK", BLOCK),
        patch.object(ingesting, "_BATCH", 1),
    ):
        store = Store.open(Path(name) / "monitor.db", create=True)
        for number, step in enumerate([*steps, WHOLE, WHOLE]):
            if isinstance(step, Piece):
                read(store, Path(name), number, content, step)
                was_read = cut(content, step)[: BLOCK if step.killed else None]
                finished = was_read.split(b"\n")[:-1]
                known |= {one for one in identities(finished) if hour_of(one[0]) not in sealed}
            else:
                before = hour_of(microseconds(START + timedelta(hours=step.hours)))
                with store.writer() as writer:
                    writer.prune(before)
                gone = {one for one in known if one[0] < before}
                sealed.update(hour_of(at) for at, _, _ in gone)
                known -= gone
            found, sums = stored(store)
            assert found == known
            assert sums == sealed + Counter(hour_of(at) for at, _, _ in known)


def test_a_kill_between_two_transactions_loses_and_doubles_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingesting, "_BATCH", 1_000)
    lines = [line_at(number // 500, number, rejected=False) for number in range(30_000)]
    path = tmp_path / "node.log"
    path.write_bytes(b"".join(text + b"\n" for text in lines))
    ticks = iter(range(100))

    def progress(_done: int, _total: int | None) -> None:
        if next(ticks) == 3:
            raise Killed

    with suppress(Killed):
        ingest(store, "attic", str(path), progress)
    found, _ = stored(store)
    assert 0 < len(found) < len(lines)
    summary = ingest(store, "attic", str(path))
    assert (summary.new, summary.known) == (len(lines) - len(found), len(found))


def test_rotated_logs_that_are_given_together_are_as_one(store: Store, tmp_path: Path) -> None:
    lines = [line_at(number // 4, 0, rejected=True) for number in range(20)]
    parser = LogParser()
    for number, part in enumerate((lines[:6], lines[6:15], lines[15:])):
        path = tmp_path / f"node.log.{3 - number}"
        path.write_bytes(b"".join(text + b"\n" for text in part))
        ingest(store, "attic", str(path), parser=parser)
    assert len(stored(store)[0]) == 20


@given(
    lines=logs.map(lambda lines: sorted(set(lines))),
    cuts=st.lists(shares, max_size=4).map(sorted),
)
@settings(max_examples=40)
def test_a_log_that_is_cut_anywhere_is_whole_when_its_pieces_are_read_together(
    lines: list[bytes], cuts: list[float]
) -> None:
    content = b"".join(text + b"\n" for text in lines)
    edges = [0, *(int(cut * len(content)) for cut in cuts), len(content)]
    parser = LogParser()
    with tempfile.TemporaryDirectory() as name:
        store = Store.open(Path(name) / "monitor.db", create=True)
        for number, (first, last) in enumerate(pairwise(edges)):
            path = Path(name) / f"log.{number}"
            path.write_bytes(content[first:last])
            ingest(store, "attic", str(path), parser=parser)
        assert stored(store)[0] == identities(lines)
