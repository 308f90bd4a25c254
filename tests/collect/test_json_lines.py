"""Lines in JSON: their names, levels and times."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.entries import Entry
from storj_monitor.collect.json_lines import JsonLines
from storj_monitor.collect.times import Times
from tests.collect.carriers import JSON_ENCODINGS
from tests.collect.log_lines import AT, TIME, transfer

if TYPE_CHECKING:
    from collections.abc import Callable

OWN = {"L": "INFO", "T": TIME, "N": "piecestore", "C": "piecestore/endpoint.go:1", "M": "uploaded"}


def read(**given: object) -> Entry | None:
    return JsonLines(Times()).read(json.dumps(given).encode())


def test_a_line_of_the_node_is_read_in_its_parts() -> None:
    raw = json.dumps(OWN | {"size": 5}).encode()
    assert JsonLines(Times()).read(raw) == Entry(
        AT, b"INFO", b"piecestore", b"piecestore/endpoint.go:1", b"uploaded", raw
    )


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("DEBUG", b"DEBUG"),
        ("info", b"INFO"),
        ("Warn", b"WARN"),
        ("error", b"ERROR"),
        ("dpanic", b"DPANIC"),
        ("panic", b"PANIC"),
        ("Fatal", b"FATAL"),
        ("WARNING", b"WARN"),
        ("CRITICAL", b"DPANIC"),
        ("ALERT", b"PANIC"),
        ("EMERGENCY", b"FATAL"),
        ("NOTICE", b"INFO"),
        ("DEFAULT", b"INFO"),
    ],
)
@pytest.mark.parametrize("name", ["L", "level", "severity", "logging.googleapis.com/severity"])
def test_a_level_of_a_cloud_is_one_of_the_node(name: str, level: str, expected: bytes) -> None:
    entry = read(**{name: level, "T": TIME, "M": "uploaded"})
    assert entry is not None
    assert entry.level == expected


@pytest.mark.parametrize("time", ["T", "timestamp", "time", "ts"])
@pytest.mark.parametrize("message", ["M", "message", "msg"])
@pytest.mark.parametrize("logger", ["N", "logger"])
def test_each_name_of_a_part_is_known(time: str, message: str, logger: str) -> None:
    entry = read(severity="INFO", **{time: TIME, message: "uploaded", logger: "piecestore"})
    assert entry is not None
    assert (entry.at, entry.message, entry.logger) == (AT, b"uploaded", b"piecestore")


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2025-10-06T00:00:14-07:00", AT),
        ("2025-10-06T07:00:14.083+0000", AT + 83_000),
        (1759734014, AT),
        (1759734014.25, AT + 250_000),
        (1759734014250, AT + 250_000),
        (1759734014250.5, AT + 250_500),
        (1759734014250_001, AT + 250_001),
        (1759734014_250_001_999, AT + 250_001),
        ({"seconds": 1759734014, "nanos": 250_001_999}, AT + 250_001),
        ({"seconds": 1759734014}, AT),
    ],
)
def test_a_time_is_a_text_or_a_number_of_any_unit(time: object, expected: int) -> None:
    entry = read(severity="INFO", timestamp=time, message="uploaded")
    assert entry is not None
    assert entry.at == expected


@pytest.mark.parametrize(
    "time",
    [
        *(0, -1759734014, 12, 17597340140, 10**19, 1e300, True, None, "", "now", [], {}),
        *({"seconds": 5}, {"seconds": 2**62}, {"seconds": "1759734014"}),
    ],
)
def test_a_line_without_a_time_is_none(time: object) -> None:
    assert read(severity="INFO", timestamp=time, message="uploaded") is None
    assert read(L="INFO", T=time, M="uploaded") is None


@pytest.mark.parametrize("missing", ["L", "T", "M"])
def test_a_line_without_level_or_message_is_none(missing: str) -> None:
    assert read(**{name: text for name, text in OWN.items() if name != missing}) is None


def test_fields_with_the_names_of_parts_are_no_parts() -> None:
    entry = read(**OWN, message="no", time="5s", level=5, timestamp="2020-01-01T00:00:00Z")
    assert entry is not None
    assert (entry.at, entry.message, entry.level) == (AT, b"uploaded", b"INFO")


def test_a_stack_trace_after_the_message_is_dropped() -> None:
    entry = read(severity="ERROR", time=TIME, message="download failed\nstorj.io/x.go:5")
    assert entry is not None
    assert entry.message == b"download failed"


def test_labels_are_fields() -> None:
    labels = {"piece_id": "A", "name": "piecestore", "caller": "x.go:5"}
    entry = read(
        severity="INFO",
        time=TIME,
        message="uploaded",
        size=5,
        **{"logging.googleapis.com/labels": labels},
    )
    assert entry is not None
    assert (entry.logger, entry.caller) == (b"piecestore", b"x.go:5")
    fields = json.loads(entry.fields)
    assert (fields["piece_id"], fields["size"]) == ("A", 5)


@pytest.mark.parametrize("encode", JSON_ENCODINGS)
def test_an_encoding_reads_the_same_whatever_came_before(encode: Callable[[bytes], bytes]) -> None:
    lines = JsonLines(Times())
    expected = JsonLines(Times()).read(encode(transfer()))
    for other in JSON_ENCODINGS:
        lines.read(other(transfer("upload failed", "ERROR")))
        assert lines.read(encode(transfer())) == expected


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    raw = json.dumps(OWN).encode().replace(b"uploaded", b"upl\xffded")
    entry = JsonLines(Times()).read(raw)
    assert entry is not None
    assert entry.message == "upl\ufffdded".encode()


@given(
    st.dictionaries(
        st.sampled_from((*OWN, "severity", "time", "ts", "logging.googleapis.com/labels")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
    )
)
def test_no_object_raises(said: dict[str, object]) -> None:
    entry = read(**(OWN | said))
    assert entry is None or isinstance(entry, Entry)
