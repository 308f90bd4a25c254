"""A parser finds in a log of every variant just what was written into it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from storj_monitor.collect.parser import LogParser
from storj_monitor.collect.reading import open_log
from storj_monitor.store.news import SLOT_US
from tests.collect.ground_truth import LogWriter

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.collect.gathered import Gathered
    from tests.collect.ground_truth import Truth

HOUR_US = 3_600_000_000


def assert_found(parser: LogParser, gathered: Gathered, truth: Truth) -> None:
    counts, news = parser.counts, gathered.news("node 1")
    assert counts.lines == len(truth.lines)
    assert (counts.other, counts.noise) == (truth.other, truth.noise)
    assert counts.not_understood == truth.not_understood
    found: Counter[tuple[str | None, str | None, str]] = Counter()
    sizes: Counter[tuple[str | None, str | None, str]] = Counter()
    for transfer in gathered.transfers:
        key = (transfer.satellite, transfer.action, transfer.status)
        found[key] += 1
        if transfer.size is not None:
            sizes[key] += transfer.size
    assert found == truth.transfers
    assert sizes == truth.sizes
    assert sum(transfer.duration_ms is not None for transfer in gathered.transfers) == truth.timed
    assert [one[:7] for one in news.scores] == truth.scores
    assert {one.origin for one in news.scores} <= {"log"}
    assert news.compactions == truth.compactions
    last_of_slots = {at // SLOT_US: (at, free) for at, free in sorted(truth.free_space, key=_at)}
    assert {space.at // SLOT_US: space[:2] for space in news.free_space} == last_of_slots
    for kind in ("started", "stopped", "traffic"):
        last_of_hours = {at // HOUR_US: at for at in sorted(truth.signs.get(kind, []))}
        seen = {hour.hour_at // HOUR_US: getattr(hour, f"{kind}_at") for hour in news.hours}
        assert {hour: at for hour, at in seen.items() if at is not None} == last_of_hours


def _at(space: tuple[int, int]) -> int:
    return space[0]


@pytest.mark.parametrize("seed", range(6))
def test_a_log_of_every_variant_is_read_exactly(seed: int) -> None:
    truth = LogWriter(seed).write(400)
    parser = LogParser()
    parser.read(truth.lines)
    assert_found(parser, parser.gathered(), truth)


def test_line_ends_of_both_kinds_and_an_unfinished_line_change_nothing(tmp_path: Path) -> None:
    truth = LogWriter(8).write(200)
    path = tmp_path / "storagenode.log"
    path.write_bytes(truth.untidy)
    parser = LogParser()
    with open_log(str(path)) as log:
        for lines in log.blocks():
            parser.read(lines)
    assert log.unfinished
    assert_found(parser, parser.gathered(), truth)
