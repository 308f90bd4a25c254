"""What a transfer is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.collect.log_lines import (
    AT,
    GENERATIONS,
    NEWER,
    OLDER,
    PIECE,
    SATELLITE,
    line,
    transfer,
)
from tests.collect.parsing import transfers_of

if TYPE_CHECKING:
    from storj_monitor.collect.transfers import Transfer

EARLIER = "2025-10-06T00:00:12-07:00"
#: Of `transfer()`; a database holds such numbers for years.
FINGERPRINT = 2319311862770150317


def only(*lines: bytes) -> Transfer:
    (found,) = transfers_of(lines)
    return found


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_download_has_all_that_its_line_says(generation: str) -> None:
    found = only(transfer(generation=generation))
    assert (found.at, found.satellite, found.action) == (AT, SATELLITE, "GET")
    assert (found.status, found.size, found.piece_id) == ("success", 6912, PIECE)
    assert (found.remote_ip, found.error, found.duration_ms) == ("109.61.92.70", None, None)


def test_a_download_of_v1_61_has_neither_size_nor_address() -> None:
    found = only(
        line(
            "download failed",
            "ERROR",
            time="2022-08-22T03:57:02.545+0200",
            generation=OLDER,
            piece_id=PIECE,
            satellite_id=SATELLITE,
            action="GET_AUDIT",
            error="file does not exist",
            errorVerbose="file does not exist\n\tstorj.io/common/rpc/rpcstatus.Wrap:73",
        )
    )
    assert (found.at, found.action, found.error) == (
        *(1661133422_545000, "GET_AUDIT", "file does not exist"),
    )
    assert (found.size, found.remote_ip) == (None, None)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("109.61.92.70:40624", "109.61.92.70"),
        ("[2a01:4f9::2]:28967", "2a01:4f9::2"),
        ("[fe80::1%eth0]:28967", "fe80::1%eth0"),
        ("109.61.92.70", "109.61.92.70"),
        ("2a01:4f9::2", "2a01:4f9::2"),
        ("[2a01:4f9::2]", "2a01:4f9::2"),
        (":28967", None),
    ],
)
def test_the_port_is_taken_off_the_address(address: str, expected: str | None) -> None:
    assert only(transfer(remote_address=address)).remote_ip == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("GET_REPAIR", "GET_REPAIR"),
        ("PUT_GRACEFUL_EXIT", "PUT_GRACEFUL_EXIT"),
        ("INVALID", "INVALID"),
        ("Action(17)", "OTHER"),
        ("get", "OTHER"),
        ("A" * 41, "OTHER"),
        ("GET\n", "OTHER"),
    ],
)
def test_an_unknown_action_is_kept_where_it_is_a_word(action: str, expected: str) -> None:
    assert only(transfer(action=action)).action == expected


def test_the_reason_of_a_canceled_download_is_its_error() -> None:
    assert only(transfer("download canceled", reason="context canceled")).error == (
        "context canceled"
    )


def test_a_long_error_is_cut_and_holds_no_nul() -> None:
    error = only(transfer("download failed", "ERROR", error="a\0" + "b" * 5000)).error
    assert error is not None
    assert error.startswith("a\ufffdbbb")
    assert len(error) == 1000


def test_invalid_utf8_in_an_error_is_replaced() -> None:
    raw = transfer("download failed", "ERROR", error="open ???").replace(b"???", b"\xff")
    assert only(raw).error == "open \ufffd"


def test_a_started_line_gives_the_duration() -> None:
    found = only(transfer("download started", "DEBUG", time=EARLIER), transfer())
    assert found.duration_ms == 2000


def test_milliseconds_count_where_the_log_has_them() -> None:
    started = transfer("upload started", time="2022-08-22T03:57:02.481+0200", size=None)
    ended = transfer("uploaded", time="2022-08-22T03:57:02.545+0200")
    assert only(started, ended).duration_ms == 64


def test_parallel_downloads_of_a_piece_are_told_apart_by_offset_and_address() -> None:
    durations = [
        one.duration_ms
        for one in transfers_of(
            [
                transfer("download started", time="2025-10-06T00:00:10-07:00"),
                transfer("download started", time="2025-10-06T00:00:11-07:00", offset=256),
                transfer("download started", time=EARLIER, remote_address="1.2.3.4:5"),
                transfer(),
                transfer(remote_address="1.2.3.4:5"),
                transfer(offset=256),
                transfer(offset=512),
            ]
        )
    ]
    assert durations == [4000, 2000, 3000, None]


def test_a_start_serves_one_end() -> None:
    first, second = transfers_of(
        [transfer("download started", time=EARLIER), transfer(), transfer()]
    )
    assert (first.duration_ms, second.duration_ms) == (2000, None)


def test_an_end_before_its_start_has_no_duration() -> None:
    assert only(transfer("download started"), transfer(time=EARLIER)).duration_ms is None


def test_the_fingerprint_is_the_same_in_every_process_and_release() -> None:
    assert only(transfer()).fingerprint == FINGERPRINT


@pytest.mark.parametrize(
    "other",
    [
        transfer(generation=OLDER),
        transfer(logger="piecestore:endpoint"),
        transfer(time="2026-01-01T00:00:00Z"),
        transfer().replace(b'", "', b'","').replace(b'": ', b'":'),
        transfer(new_field=1),
    ],
)
def test_the_fingerprint_does_not_depend_on_the_encoding(other: bytes) -> None:
    assert only(other).fingerprint == only(transfer()).fingerprint


def test_the_fingerprint_does_not_depend_on_the_start() -> None:
    found = only(transfer("download started", time=EARLIER), transfer())
    assert found.fingerprint == only(transfer()).fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        {"piece_id": "A" * 52},
        {"satellite_id": SATELLITE[:-1] + "T"},
        {"action": "GET_REPAIR"},
        {"offset": 256},
        {"offset": None},
        {"size": 1},
        {"remote_address": "109.61.92.70:40625"},
        {"error": "x"},
    ],
)
def test_the_fingerprint_depends_on_every_field(changed: dict[str, Any]) -> None:
    assert only(transfer(**changed)).fingerprint != only(transfer()).fingerprint


def test_identical_lines_of_a_moment_are_numbered() -> None:
    found = transfers_of(
        [
            transfer(),
            transfer(offset=256),
            transfer(),
            transfer(time=EARLIER),
            transfer(),
        ]
    )
    assert [one.occurrence for one in found] == [0, 0, 1, 0, 2]


def test_the_same_moment_written_in_another_zone_is_the_same_moment() -> None:
    found = transfers_of([transfer(), transfer(time="2025-10-06T07:00:14Z")])
    assert [one.occurrence for one in found] == [0, 1]


def test_both_generations_may_stand_in_one_log() -> None:
    lines = [transfer(generation=name) for name in (OLDER, NEWER, NEWER, OLDER)]
    assert [one.piece_id for one in transfers_of(lines)] == [PIECE] * 4


def test_keys_spelled_in_a_mixture_are_understood() -> None:
    raw = transfer().replace(b'"piece_id"', b'"Piece ID"').replace(b'"size"', b'"SIZE"')
    assert (only(raw).piece_id, only(raw).size) == (PIECE, 6912)
