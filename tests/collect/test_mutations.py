"""A damaged line never raises, and never becomes what no line said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.parser import LogParser
from tests.collect.carriers import CARRIERS, JSON_ENCODINGS, RETYPED
from tests.collect.log_lines import GENERATIONS, compaction, line, scores, transfer

if TYPE_CHECKING:
    from storj_monitor.collect.gathered import Gathered
    from storj_monitor.collect.parser import Counts

ENCODINGS = (bytes, *JSON_ENCODINGS)
KNOWN = (
    *[transfer(generation=generation) for generation in GENERATIONS],
    transfer("download failed", "ERROR", error="file does not exist", errorVerbose="a\n\tb:1"),
    line("upload rejected, too many requests", live_requests=8, request_limit=7),
    scores(),
    compaction(),
    line("finished", logger="orders", count=2052),
    line("Configuration loaded", logger="", Location="/app/config/config.yaml"),
)
CARRY = (*CARRIERS.values(), lambda text: [text], *[lambda text, w=w: [w(text)] for w in RETYPED])


def read(*lines: bytes) -> tuple[Gathered, Counts]:
    parser = LogParser()
    parser.read(lines)
    counts = parser.counts
    told = counts.transfers + counts.other + counts.noise + counts.not_understood
    assert counts.lines == told == len(lines)
    gathered = parser.gathered()
    gathered.news("node 1")
    return gathered, counts


@st.composite
def mutated(draw: st.DrawFn, raw: bytes) -> bytes:
    """Cut some bytes out of a line, put others in, or flip one."""
    at = draw(st.integers(0, len(raw) - 1))
    cut = draw(st.integers(0, 8))
    put = draw(st.binary(max_size=3))
    return raw[:at] + put + raw[at + cut :]


@given(st.binary(), st.binary(), st.sampled_from(KNOWN), st.data())
def test_no_bytes_raise_before_after_or_instead_of_a_line(
    before: bytes, after: bytes, known: bytes, data: st.DataObject
) -> None:
    encode = data.draw(st.sampled_from(ENCODINGS))
    carry = data.draw(st.sampled_from(tuple(CARRIERS.values())))
    text = encode(known)
    read(before, after, before + text, text + after, before + text + after)
    read(*carry(before), *carry(before + text + after))


@given(st.sampled_from(KNOWN), st.sampled_from(ENCODINGS), st.data())
def test_a_mutated_line_is_understood_or_counted(
    known: bytes, encode: type[bytes], data: st.DataObject
) -> None:
    carry = data.draw(st.sampled_from(tuple(CARRIERS.values())))
    *begun, last = carry(encode(known))
    found, _counts = read(*begun, data.draw(mutated(last)))
    assert len(found.transfers) <= 1


@given(st.sampled_from(GENERATIONS), st.sampled_from(ENCODINGS), st.data())
def test_a_transfer_that_lost_a_byte_is_never_noise(
    generation: str, encode: type[bytes], data: st.DataObject
) -> None:
    raw = encode(transfer(generation=generation))
    at = data.draw(st.integers(0, len(raw) - 1))
    put = data.draw(st.binary(max_size=1))
    _found, counts = read(raw[:at] + put + raw[at + 1 :])
    assert counts.noise == 0


@given(st.sampled_from(KNOWN), st.sampled_from(ENCODINGS), st.data())
def test_a_line_that_was_cut_is_no_transfer(
    known: bytes, encode: type[bytes], data: st.DataObject
) -> None:
    raw = encode(known)
    carry = data.draw(st.sampled_from(tuple(CARRIERS.values())))
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]
    news = read(*carry(cut))[0].news("node 1")
    assert (news.transfers, news.scores, news.compactions) == (None, [], [])


@given(st.sampled_from(GENERATIONS), st.integers(0, 4), st.data())
def test_a_line_that_lost_a_column_says_nothing_else(
    generation: str, column: int, data: st.DataObject
) -> None:
    whole = transfer(generation=generation)
    columns = whole.split(b"\t")
    del columns[column]
    gap = data.draw(st.sampled_from((b"\t", b"  ", b"\t\t", b"#011")))
    found, counts = read(gap.join(columns))
    if column == 2:  # the logger, which may be missing
        assert found.transfers == read(whole)[0].transfers
    else:
        assert (len(found.transfers), counts.not_understood) == (0, 1)


@given(st.sampled_from(GENERATIONS), st.sampled_from(ENCODINGS), st.data())
def test_a_flipped_bit_changes_the_one_thing_that_it_is_in(
    generation: str, encode: type[bytes], data: st.DataObject
) -> None:
    whole = encode(transfer(generation=generation))
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytes([whole[at] ^ 1 << data.draw(st.integers(0, 7))])
    (expected,) = read(whole)[0].transfers
    for found in read(whole[:at] + flipped + whole[at + 1 :])[0].transfers:
        parts = ("at", "satellite", "action", "status", "size", "piece_id", "remote_ip", "error")
        differing = [part for part in parts if getattr(found, part) != getattr(expected, part)]
        assert len(differing) <= 1
