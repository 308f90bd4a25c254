"""What lines tell that end no transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.entries import Entry, Outcome
from storj_monitor.collect.lines import LineReader
from storj_monitor.collect.observations import Observations, Sign
from storj_monitor.collect.times import Times
from storj_monitor.store.news import Compaction, Scores
from tests.collect.carriers import JSON_ENCODINGS
from tests.collect.log_lines import (
    AT,
    GENERATIONS,
    OLDER,
    SATELLITE,
    TIME,
    compaction,
    line,
    scores,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def told(raw: bytes) -> object:
    entry = LineReader(Times()).read(raw)
    assert isinstance(entry, Entry)
    return Observations().read(entry)


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("encode", [bytes, *JSON_ENCODINGS])
@pytest.mark.parametrize("message", ["node scores updated", "node scores worsened"])
def test_scores_are_read_of_both_generations_and_all_encodings(
    message: str, encode: Callable[[bytes], bytes], generation: str
) -> None:
    assert told(encode(scores(message, "WARN", generation=generation))) == Scores(
        AT, SATELLITE, 1.0, 1.0, 0.998938522777532, 3383, 3380
    )


def test_a_score_that_is_not_told_is_none() -> None:
    raw = scores(audit_score=None, total_audits=None, online_score=None)
    assert told(raw) == Scores(AT, SATELLITE, None, 1.0, None, None, 3380)


@pytest.mark.parametrize(
    "given",
    [
        {"satellite_id": None},
        {"satellite_id": ""},
        {"satellite_id": "A" * 101},
        {"satellite_id": "\u202e12Eay"},
        {"satellite_id": "A\n"},
        {"satellite_id": 5},
        {"audit_score": 1.0000001},
        {"suspension_score": -0.1},
        {"online_score": float("nan")},
        {"online_score": "1"},
        {"total_audits": -1},
        {"total_audits": 1.5},
        {"successful_audits": 2**70},
        {"audit_score": None, "suspension_score": None, "online_score": None},
    ],
)
def test_scores_that_cannot_be_are_not_understood(given: dict[str, object]) -> None:
    for generation in GENERATIONS:
        assert told(scores(generation=generation, **given)) is Outcome.NOT_UNDERSTOOD  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize("encode", [bytes, *JSON_ENCODINGS])
def test_a_compaction_is_read_of_all_encodings(encode: Callable[[bytes], bytes]) -> None:
    assert told(encode(compaction())) == Compaction(
        at=AT,
        satellite=SATELLITE,
        store="s1",
        duration_ms=68_935,
        reclaimed_bytes=2_576_980_378,
        rewritten_bytes=966_367_642,
        table_load=0.4233,
        trash_ratio=0.029,
        error=None,
    )


def test_a_compaction_that_failed_says_why() -> None:
    found = told(compaction(error="context\0canceled " + "x" * 2_000, stats=None, duration=None))
    assert isinstance(found, Compaction)
    assert found.error is not None
    assert found.error.startswith("context\ufffdcanceled x")
    assert len(found.error) == 1_000
    assert (found.duration_ms, found.reclaimed_bytes, found.table_load) == (None, None, None)


@pytest.mark.parametrize(
    "given",
    [
        {"satellite": None},
        {"store": None},
        {"store": "s\n"},
        {"duration": "5"},
        {"duration": 5},
        {"stats": {"DataReclaimed": "much"}},
        {"stats": {"DataRewritten": "-1 B"}},
        {"stats": {"TrashPercent": 2}},
        {"stats": {"Table": {"Load": -1}}},
        {"stats": []},
    ],
)
def test_a_compaction_that_cannot_be_is_not_understood(given: dict[str, object]) -> None:
    assert told(compaction(**given)) is Outcome.NOT_UNDERSTOOD  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("started", line("Configuration loaded", logger="", Location="/app/config/config.yaml")),
        ("started", f"{TIME}\tINFO\tConfiguration loaded from: /app/config.yaml".encode()),
        ("started", f"{TIME}\tINFO\tpublic/a.go:1\tPublic server started on [::]:28967".encode()),
        ("started", line("Public server started on [::]:28967", logger="process/exec.go:99")),
        ("stopped", f'{TIME}\tINFO\tGot a signal from the OS: "terminated"'.encode()),
        ("stopped", line('Got a signal from the OS: "interrupt"', logger="")),
        ("stopped", line("Stop/Shutdown request received.", logger="")),
        ("traffic", line("sending", "DEBUG", logger="orders", satelliteID=SATELLITE, count=2052)),
        ("traffic", line("finished", logger="orders", satelliteID=SATELLITE, count=1)),
        ("traffic", line("sending", logger=f"orders.{SATELLITE}", generation=OLDER, count=1)),
        ("traffic", line("finished", logger="orders:service", count=1)),
    ],
)
@pytest.mark.parametrize("encode", [bytes, *JSON_ENCODINGS])
def test_a_line_shows_how_the_node_lives(
    encode: Callable[[bytes], bytes], kind: str, raw: bytes
) -> None:
    assert told(encode(raw)) == Sign(AT, kind)  # type: ignore[arg-type]  # one of the three


@pytest.mark.parametrize(
    "raw",
    [
        line("Configuration loaded", logger="", Process="storagenode-updater"),
        line('Got a signal from the OS: "terminated"', logger="", Process="storagenode-updater"),
        line("Configuration loaded", logger="lazyfilewalker.gc-filewalker.subprocess"),
        line("Configuration loaded", logger="", Process=5),
        line("sending", "DEBUG", logger="orders"),
        line("finished", logger="orders", count=0),
        line("finished", logger="orders", count=-1),
        line("finished", logger="orders", count="5"),
        line("finished", logger="retain", count=5),
        line("no orders to send", "DEBUG", logger="orders", count=5),
        line("beginning compaction", logger="hashstore", satellite=SATELLITE, store="s0"),
        line("hashtbl rewritten", logger="hashstore", satellite=SATELLITE, store="s0"),
        line("Database started", logger=""),
    ],
)
def test_other_lines_tell_nothing(raw: bytes) -> None:
    assert told(raw) is None


@given(
    st.sampled_from(
        (
            *(b"node scores updated", b"finished compaction", b"sending", b"finished"),
            *(b"Configuration loaded", b"Got a signal from the OS: x", b"else"),
        )
    ),
    st.binary() | st.sampled_from((b"", b"{}", b"null", b"[]", b'{"a":' + b"[" * 100_000)),
    st.sampled_from((b"", b"orders", b"hashstore")),
)
def test_no_entry_raises(message: bytes, fields: bytes, logger: bytes) -> None:
    found = Observations().read(Entry(AT, b"INFO", logger, b"", message, fields))
    assert found is None or isinstance(found, Sign) or found is Outcome.NOT_UNDERSTOOD
