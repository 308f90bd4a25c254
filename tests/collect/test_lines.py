"""The shapes that a line comes in, and what is no line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.parser import LogParser
from tests.collect.carriers import CARRIERS, JSON_ENCODINGS, RETYPED
from tests.collect.log_lines import GENERATIONS, PIECE, TIME, line, transfer
from tests.collect.parsing import transfers_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.collect.transfers import Transfer

WHOLE = transfer()
BEFORE_FIELDS = WHOLE.index(b"{")


def only(*lines: bytes) -> Transfer:
    (found,) = transfers_of(lines)
    return found


def counts(*lines: bytes) -> tuple[int, int, int, int]:
    parser = LogParser()
    parser.read(lines)
    found = parser.counts
    assert found.lines == len(lines)
    return found.transfers, found.other, found.noise, found.not_understood


@pytest.mark.parametrize(
    "raw",
    [
        WHOLE,
        WHOLE.replace(b"\tdownloaded", b"\tpiecestore/endpoint.go:367\tdownloaded"),
        transfer(logger=""),
        WHOLE + b"  ",
        b"\xef\xbb\xbf" + WHOLE,
        b"a\tprefix\twith\ttabs " + WHOLE,
        *[write(WHOLE) for write in RETYPED],
        *[
            write(transfer(generation=generation))
            for write in JSON_ENCODINGS
            for generation in GENERATIONS
        ],
    ],
)
def test_a_transfer_is_found_in_every_shape(raw: bytes) -> None:
    assert only(raw) == only(WHOLE)
    assert only(raw).piece_id == PIECE


ERROR = "write tcp: “use of closed network connection” \\ \n\t"


@pytest.mark.parametrize("carry", CARRIERS.values(), ids=CARRIERS)
@pytest.mark.parametrize("encode", [bytes, *JSON_ENCODINGS])
@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_transfer_has_one_fingerprint_in_every_encoding_and_wrapper(
    generation: str, encode: Callable[[bytes], bytes], carry: Callable[[bytes], list[bytes]]
) -> None:
    console = transfer("download failed", "ERROR", generation=generation, error=ERROR)
    longer = transfer("download failed", "ERROR", error=ERROR, errorVerbose=ERROR * 1_000)
    assert only(*carry(encode(console))) == only(console)
    assert only(*carry(encode(longer))) == only(longer) == only(console)


@pytest.mark.parametrize(
    "before",
    [b"storagenode  | ", b"2025-10-06T07:00:14.123456789Z ", b"Oct 06 00:00:14 host node[1]: "],
)
def test_a_line_behind_a_prefix_that_is_cut_is_not_understood(before: bytes) -> None:
    for encode in JSON_ENCODINGS:
        assert counts(before + encode(WHOLE)[:-60]) == (0, 0, 0, 1)
    assert counts(before + WHOLE[:-60]) == (0, 0, 0, 1)


def test_braces_before_a_json_line_are_passed_over() -> None:
    before = b'node: {a} {"log": 5} {"time":"?"} '
    assert only(before + JSON_ENCODINGS[0](WHOLE)) == only(WHOLE)


def test_lines_of_all_encodings_and_wrappers_stand_in_one_log() -> None:
    lines = [
        part
        for encode in (bytes, *JSON_ENCODINGS)
        for carry in CARRIERS.values()
        for part in carry(encode(WHOLE))
    ]
    assert counts(*lines) == (len(lines), 0, 0, 0)


@pytest.mark.parametrize(
    "raw",
    [
        f"{TIME}\tINFO\tNode 12Eay started".encode(),
        f"{TIME}\tINFO\tversion\trunning on version v1.137.5".encode(),
        f"{TIME}\tINFO\tversion\tchecker/checker.go:12\trunning on version v1.137.5".encode(),
        f"{TIME}\tFATAL\tUnrecoverable error\t{{}}".encode(),
        line("readability check done", "DEBUG", logger="piecestore:monitor", Duration="162.8µs"),
    ],
)
def test_other_lines_of_the_node_are_no_transfers(raw: bytes) -> None:
    assert counts(raw) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"goroutine 1 [running]:",
        b"\tstorj.io/storj/storagenode/piecestore.(*Endpoint).Upload:115",
        b"2025-10-06 07:00:11,123 INFO spawned: 'storagenode' with pid 51",
        b"2025-10-06T07:00:14.123456789Z 2025-10-06 07:00:11,123 INFO spawned",
        b"downloaded",
        b'{"a": 1}',
        b'{"a": ' + b"[" * 100_000,
        b'{"log":"2025-10-06 07:00:11,123 INFO spawned\\n","stream":"stdout"}',
        b'{"log":"","stream":"stdout"}',
        b'{"MESSAGE":"Started storagenode.service."}',
        b"2025-10-06T07:00:14.123456789Z stderr F goroutine 1 [running]:",
        b"\x1b[31mpanic: oh\x1b[0m",
        b"{" * 100_000,
        "ж\ud83d".encode(errors="surrogatepass"),
    ],
)
def test_what_is_no_log_line_is_noise(raw: bytes) -> None:
    assert counts(raw) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    "raw",
    [
        WHOLE[:-1],
        WHOLE[:-40],
        WHOLE[:BEFORE_FIELDS],
        WHOLE[:BEFORE_FIELDS] + b"null",
        WHOLE[:BEFORE_FIELDS] + b"{}",
        WHOLE[:BEFORE_FIELDS] + b'{"a": ' + b"[" * 100_000,
        WHOLE[: BEFORE_FIELDS - 1],
        WHOLE[:BEFORE_FIELDS] + WHOLE[BEFORE_FIELDS + 1 :],
        transfer(piece_id=None),
        transfer(satellite_id=None),
        transfer(action=None),
        transfer(piece_id=""),
        transfer(piece_id="A" * 101),
        transfer(piece_id="A\0B"),
        transfer(satellite_id="\u202e12Eay"),
        transfer(size="6912"),
        transfer(size=-1),
        transfer(size=2**63),
        transfer(size=10**400),
        transfer(size=1.5),
        transfer(offset=[]),
        transfer(error={}),
        transfer(error="?").replace(b'"?"', b'"\\ud800"'),
        line("upload rejected, too many requests", live_requests=2**70),
        line("upload canceled (race lost or node shutdown)"),
        line("download started", "DEBUG"),
        f"{TIME}\tINFO".encode(),
        f"{TIME}\tINFO\t{{}}".encode(),
        f"{TIME}\tNEWS\tpiecestore\tdownloaded\t{{}}".encode(),
        WHOLE.replace(b"2025-10-06", b"2025-13-06"),
        WHOLE.replace(b"2025-10-06", b"2025-1o-06"),
        WHOLE.replace(b"\tINFO", b"INFO"),
        b'{"L":"INFO","T":"2026-03-04T10:11:12Z","N":"piecestore","M":"uploaded"}',
        b'{"L":"INFO","T":"2026-03-04T10:',
        b'{"L":"NEWS","T":"2026-03-04T10:11:12Z","N":"piecestore","M":"uploaded"}',
        b'{"log":"2026-03-04T10:11:12Z\\tINFO\\tpiecestore\\tdownloaded\\t{}\\n"}',
        b'{"log":"2026-03-04T10:11:12Z\\tINFO\\tpiecest',
        b'{"MESSAGE":null,"PRIORITY":"6"}',
    ],
)
def test_a_damaged_line_is_counted_as_not_understood(raw: bytes) -> None:
    assert counts(raw) == (0, 0, 0, 1)


def test_three_examples_are_kept_short_and_printable() -> None:
    parser = LogParser()
    parser.read([transfer(piece_id=None, error=f"{number}\x1b[31m") for number in range(9)])
    parser.read([WHOLE[:30] + b"\x1b[31m\xff\tdownloaded\t{" + b"x" * 5000])
    assert len(parser.counts.examples) == 3
    assert all(len(text) <= 160 and text.isprintable() for text in parser.counts.examples)
    assert parser.counts.examples[0].startswith(f"{TIME} INFO piecestore downloaded {{")


@given(st.lists(st.binary() | st.sampled_from((WHOLE, WHOLE[:50], b"\t", b"{"))))
def test_no_bytes_raise_and_every_line_is_counted(lines: list[bytes]) -> None:
    assert sum(counts(*lines)) == len(lines)


@given(st.binary(max_size=80))
def test_no_fields_raise(raw: bytes) -> None:
    head = WHOLE[:BEFORE_FIELDS]
    transfers, _other, _noise, not_understood = counts(head + b"{" + raw.replace(b"\t", b""))
    assert transfers + not_understood == 1


@given(st.text().filter(lambda text: not re.search(r"[\t ]{1}", text)))
def test_any_prefix_is_dropped(prefix: str) -> None:
    raw = prefix.encode(errors="replace") + b" " + WHOLE
    assert counts(raw) == (1, 0, 0, 0)
