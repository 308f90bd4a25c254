"""Lines come out of what wraps them, and are put together where they were cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.entries import Outcome
from storj_monitor.collect.wrapping import Wrapping
from tests.collect.carriers import json_file, json_file_of_windows, kubernetes

PART = 16 * 1024


def wrapped(log: object, **others: object) -> bytes:
    return json.dumps({"log": log} | others).encode()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (wrapped("a\tb\n", stream="stderr"), b"a\tb"),
        (wrapped("a\r\n"), b"a"),
        (wrapped("a"), b"a"),
        (wrapped("\n"), b""),
        (wrapped("é\u2028\n"), "é\u2028".encode()),
        (wrapped("a\nstack\ntrace\n"), b"a"),
        (b'{"stream":"stderr","attrs":{"tag":"x"},"log":"a\\n"}', b"a"),
        (b'{"log":"\xff\\n"}', "\ufffd".encode()),
        (b'{"MESSAGE":"a","PRIORITY":"6"}', b"a"),
        (b'{"MESSAGE":[97,255]}', b"a\xff"),
        (b'{"a":1}', None),
        (b'{"log":5}', None),
        (b'{"log":"a', None),
        (b'{"MESSAGE":[256]}', None),
        (b'{"MESSAGE":null}', None),
        (b'{"a":' + b"[" * 100_000, None),
        (b"{", None),
    ],
)
def test_a_line_comes_out_of_its_wrapper(raw: bytes, expected: bytes | None) -> None:
    assert Wrapping().unwrap(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"2025-10-06T07:00:14.123456789Z stderr F a b", b"a b"),
        (b"2025-10-06T07:00:14.123456789+02:00 stdout F ", b""),
        (b"2025-10-06T07:00:14.123456789Z stdout F:tag a", b"a"),
        (b"2025-10-06T07:00:14.123456789Z stderr X a", None),
        (b"2025-10-06T07:00:14.123456789Z a", None),
        (b"", None),
    ],
)
def test_a_line_comes_after_its_tag(raw: bytes, expected: bytes | None) -> None:
    assert Wrapping().without_tag(raw) == expected


@given(st.binary(max_size=5), st.integers(0, 3), st.integers(0, 9))
def test_a_line_that_was_cut_is_put_together(end: bytes, parts: int, more: int) -> None:
    text = (b"x" * (PART * parts + more) + end).replace(b"\n", b"").replace(b"\r", b"")
    text = text.decode(errors="ignore").encode()
    for carry in (json_file, json_file_of_windows):
        wrapping = Wrapping()
        *begun, last = [wrapping.unwrap(part) for part in carry(text)]
        assert (begun, last) == ([Outcome.OTHER] * len(begun), text)
    wrapping = Wrapping()
    *begun, last = [wrapping.without_tag(part) for part in kubernetes(text)]
    assert (begun, last) == ([Outcome.OTHER] * len(begun), text)


def test_the_parts_of_both_streams_are_told_apart() -> None:
    wrapping = Wrapping()
    wrapping.unwrap(wrapped("a" * PART, stream="stderr"))
    wrapping.unwrap(wrapped("b" * PART, stream="stdout"))
    assert wrapping.unwrap(wrapped("c\n", stream="stdout")) == b"b" * PART + b"c"
    assert wrapping.unwrap(wrapped("d\n", stream="stderr")) == b"a" * PART + b"d"
    assert wrapping.unwrap(wrapped("e\n", stream="stderr")) == b"e"


def test_a_line_without_an_end_is_a_part_only_at_the_length_that_is_cut() -> None:
    wrapping = Wrapping()
    assert wrapping.unwrap(wrapped("a" * (PART - 1))) == b"a" * (PART - 1)
    assert wrapping.unwrap(wrapped("b\n")) == b"b"


def test_a_line_without_end_takes_no_more_memory_than_a_long_line() -> None:
    wrapping = Wrapping()
    for _ in range(70):
        assert wrapping.unwrap(wrapped("a" * PART, stream="stderr")) is Outcome.OTHER
    longest = wrapping.unwrap(wrapped("b\n", stream="stderr"))
    assert longest == b"a" * (1 << 20) + b"b"


@given(st.binary())
def test_no_bytes_raise(raw: bytes) -> None:
    wrapping = Wrapping()
    for line in (raw, b'{"log":"' + raw + b'"}', b'{"MESSAGE":[' + raw + b"]}"):
        wrapping.unwrap(line)
        wrapping.without_tag(line)
