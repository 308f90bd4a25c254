"""A log read piece by piece, resumed, or followed by another one."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.parser import LogParser
from tests.collect.ground_truth import LogWriter
from tests.collect.log_lines import AT, GENERATIONS, SATELLITE, line, transfer
from tests.collect.parsing import transfers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.collect.transfers import Transfer

REJECTED = "upload rejected, too many requests"
START = datetime(2026, 3, 29, 0, 59, 58, tzinfo=UTC)


def at_second(number: int, piece: str = "A", *, rejected: bool = False) -> bytes:
    """Write a line of this second after START; pieces tell lines apart."""
    time = (START + timedelta(seconds=number)).isoformat()
    if rejected:
        return line(REJECTED, time=time, live_requests=8)
    return transfer(time=time, piece_id=piece * 52)


#: Few lines, of which many are alike: what is hard to tell apart.
few_lines = st.lists(
    st.builds(at_second, st.integers(0, 2), st.sampled_from("ABC"), rejected=st.booleans()),
    max_size=12,
).map(lambda lines: sorted(lines, key=lambda text: text.split(b"\t")[0]))


def identities(transfers: Sequence[Transfer]) -> list[tuple[int, int, int]]:
    return [(one.at, one.fingerprint, one.occurrence) for one in transfers]


def is_plain(text: bytes) -> bool:
    """Say whether a line is of the console encoding, with nothing before it."""
    columns = text.split(b"\t")
    return len(columns) == 5 and columns[0][:2] == b"20" and b" " not in columns[0]


def resumed(pieces: Sequence[Sequence[bytes]]) -> list[Transfer]:
    """Read a log in pieces, each with a parser that has only the memory of the one before."""
    found, memory = [], ""
    for piece in pieces:
        parser = LogParser(memory)
        parser.read(piece)
        found += parser.gathered().transfers
        memory = parser.memory()
    return found


def in_one_go(logs: Sequence[Sequence[bytes]]) -> list[Transfer]:
    """Read several logs of a node with one parser."""
    parser, found = LogParser(), []
    for log in logs:
        parser.next_log()
        parser.read(log)
        found += parser.gathered().transfers
    return found


@given(lines=few_lines, cuts=st.lists(st.integers(0, 12), max_size=3))
def test_a_log_goes_on_exactly_where_an_earlier_parser_stopped(
    lines: list[bytes], cuts: list[int]
) -> None:
    edges = [0, *sorted(cuts), len(lines)]
    pieces = [lines[first:last] for first, last in itertools.pairwise(edges)]
    assert identities(resumed(pieces)) == identities(transfers_of(lines))


@given(cut=st.integers(0, 400))
def test_a_lost_race_is_counted_once_also_when_the_parser_is_replaced_in_between(cut: int) -> None:
    lines = LogWriter(5).write(150).lines
    assert identities(resumed([lines[:cut], lines[cut:]])) == identities(transfers_of(lines))


def test_the_memory_of_a_busy_second_is_small() -> None:
    parser = LogParser()
    parser.read([at_second(number // 200, str(number)) for number in range(2_000)])
    assert len(parser.memory()) < 10_000


def test_what_is_no_memory_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        LogParser("{")


@given(lines=few_lines)
def test_the_same_log_again_gives_the_same(lines: list[bytes]) -> None:
    both = identities(in_one_go([lines, lines]))
    assert both == identities(transfers_of(lines)) * 2


@given(lines=few_lines.map(lambda lines: sorted(set(lines))), cut=st.integers(0, 12))
def test_a_rotated_log_goes_on_where_the_one_before_it_ends(lines: list[bytes], cut: int) -> None:
    assert identities(in_one_go([lines[:cut], lines[cut:]])) == identities(transfers_of(lines))


def test_rejections_on_both_sides_of_a_rotation_are_as_many_uploads() -> None:
    first = [at_second(0), at_second(1, rejected=True), at_second(1, rejected=True)]
    second = [at_second(1, rejected=True), at_second(1, "B")]
    assert identities(in_one_go([first, second])) == identities(transfers_of(first + second))


def test_the_same_line_on_both_sides_of_a_rotation_is_one_transfer() -> None:
    first, second = [at_second(0), at_second(1, "B")], [at_second(1, "B"), at_second(2)]
    assert set(identities(in_one_go([first, second]))) == {
        *identities(transfers_of(first)),
        *identities(transfers_of(second)),
    }


def test_a_log_that_begins_before_the_end_of_the_other_repeats_it() -> None:
    first = [at_second(0), at_second(1, rejected=True)]
    second = [line("version", logger="version", time="2026-03-29T00:59:58Z"), first[1], first[1]]
    assert set(identities(in_one_go([first, second]))) == set(identities(transfers_of(second))) | {
        *identities(transfers_of(first))
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_short_way_gives_what_the_long_way_gives(seed: int) -> None:
    lines = LogWriter(seed).write(200).lines
    prefixed = [b"storagenode  | " + one if is_plain(one) else one for one in lines]
    assert sum(map(is_plain, lines)) > len(lines) // 10
    assert transfers_of(lines) == transfers_of(prefixed)


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize(
    "damage",
    [
        {"size": -1},
        {"size": 2**63},
        {"size": "12"},
        {"piece_id": ""},
        {"piece_id": "x\n"},
        {"satellite_id": None},
        {"action": 5},
        {"remote_address": "\u202e"},
        {"error": "é\0"},
    ],
)
def test_the_short_way_refuses_what_the_long_way_refuses(
    generation: str, damage: dict[str, Any]
) -> None:
    text = transfer(generation=generation, **damage)
    assert transfers_of([text]) == transfers_of([b"storagenode  | " + text])


def test_the_first_and_the_last_time_are_kept_whatever_their_order() -> None:
    parser = LogParser()
    parser.read([transfer(time=f"2025-10-06T07:00:{second}Z") for second in (14, 12, 15)])
    assert parser.counts.first == AT - 2_000_000
    assert parser.counts.last == AT + 1_000_000


def test_what_was_handed_over_is_not_handed_over_again() -> None:
    parser = LogParser()
    parser.read([transfer()])
    assert len(parser.gathered().transfers) == 1
    assert not parser.gathered()
    parser.read([transfer()])
    (hour,) = parser.gathered().news("attic").hours
    assert (hour.first_at, hour.last_at) == (AT, AT)


def test_all_that_a_log_tells_waits_to_be_stored_and_not_its_transfers_alone() -> None:
    parser = LogParser()
    scores: dict[str, Any] = {"satellite_id": SATELLITE, "audit_score": 1, "total_audits": 5}
    text = line("node scores updated", logger="reputation:service", **scores)
    parser.read([text] * 1_000)
    assert parser.waiting() > 1_000
    parser.gathered()
    assert parser.waiting() == 0


def test_whether_times_have_zones_is_told_of_each_log() -> None:
    parser = LogParser()
    parser.read([transfer(time="2025-10-06T07:00:14")])
    assert parser.times.without_zone
    parser.next_log()
    parser.read([transfer(time="2025-10-06T07:00:15Z")])
    assert not parser.times.without_zone
