"""The table of DOMAIN's messages, row by row, in both generations of names."""

from __future__ import annotations

from typing import Any

import pytest

from storj_monitor.collect.parser import LogParser
from tests.collect.log_lines import GENERATIONS, PIECE, SATELLITE, line, transfer
from tests.collect.parsing import transfers_of

LOST_DOWNLOAD = "download canceled (race lost or node shutdown)"
LOST_UPLOAD = "upload canceled (race lost or node shutdown)"
REJECTED = "upload rejected, too many requests"


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize(
    ("message", "level", "status"),
    [
        ("download started", "INFO", None),
        ("download started", "DEBUG", None),
        ("downloaded", "INFO", "success"),
        ("download canceled", "INFO", "canceled"),
        (LOST_DOWNLOAD, "INFO", "canceled"),
        ("download canceled", "DEBUG", None),
        ("download failed", "ERROR", "failed"),
        ("file found in trash", "WARN", None),
        ("upload started", "INFO", None),
        ("upload started", "DEBUG", None),
        ("uploaded", "INFO", "success"),
        ("upload canceled", "INFO", "canceled"),
        (LOST_UPLOAD, "INFO", "canceled"),
        ("upload failed", "DEBUG", "canceled"),
        ("upload failed", "WARN", "canceled"),
        ("upload failed", "ERROR", "failed"),
        (REJECTED, "ERROR", "rejected"),
        (REJECTED, "INFO", "rejected"),
        ("upload internal error", "ERROR", None),
        ("upload internal error", "WARN", None),
        ("deleted", "INFO", None),
        ("delete failed", "ERROR", None),
        ("failed to close piece reader", "ERROR", None),
        ("error sending hash and order limit", "ERROR", None),
        ("failed to add order", "ERROR", None),
        ("New bloomfilter is received", "INFO", None),
    ],
)
def test_a_message_means_what_the_table_says(
    message: str, level: str, status: str | None, generation: str
) -> None:
    parser = LogParser()
    parser.read([transfer(message, level, generation=generation)])
    found = parser.gathered().transfers
    assert [one.status for one in found] == ([status] if status else [])
    assert (parser.counts.other, parser.counts.not_understood) == (0 if status else 1, 0)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_lost_download_and_its_debug_line_count_once(generation: str) -> None:
    found = transfers_of(
        [
            transfer(LOST_DOWNLOAD, generation=generation),
            transfer("download canceled", "DEBUG", generation=generation, error="canceled"),
        ]
    )
    assert [one.status for one in found] == ["canceled"]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_lost_upload_names_its_piece_alone_and_its_debug_line_is_not_counted(
    generation: str,
) -> None:
    found = transfers_of(
        [
            line(LOST_UPLOAD, generation=generation, piece_id=PIECE),
            line("orders sent", logger="orders"),
            transfer("upload failed", "DEBUG", action="PUT", generation=generation, error="x"),
        ]
    )
    assert [(one.status, one.piece_id, one.satellite, one.action) for one in found] == [
        ("canceled", PIECE, SATELLITE, "PUT")
    ]


def test_a_lost_upload_learns_its_satellite_and_action_from_its_start() -> None:
    (found,) = transfers_of(
        [
            transfer("upload started", time="2025-10-06T00:00:10-07:00", action="PUT", size=None),
            line(LOST_UPLOAD, piece_id=PIECE),
        ]
    )
    assert (found.satellite, found.action, found.remote_ip) == (SATELLITE, "PUT", "109.61.92.70")
    assert found.duration_ms == 4000


def test_a_lost_upload_is_the_same_transfer_with_and_without_its_info_line() -> None:
    (told,) = transfers_of([line(LOST_UPLOAD, piece_id=PIECE)])
    (cut,) = transfers_of([transfer("upload failed", "DEBUG", action="PUT", error="x")])
    assert told.fingerprint == cut.fingerprint


def test_a_debug_upload_failed_of_another_piece_is_a_transfer_of_its_own() -> None:
    found = transfers_of(
        [
            line(LOST_UPLOAD, piece_id="A" * 52),
            transfer("upload failed", "DEBUG", action="PUT", error="unexpected EOF"),
        ]
    )
    assert [one.piece_id for one in found] == ["A" * 52, PIECE]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_rejected_upload_has_no_satellite_action_or_piece(generation: str) -> None:
    (found,) = transfers_of(
        [line(REJECTED, "ERROR", generation=generation, live_requests=8, request_limit=7)]
    )
    assert (found.status, found.satellite, found.action, found.piece_id, found.size) == (
        *("rejected", None, None, None, None),
    )


def test_the_logger_of_the_modular_binary_is_accepted() -> None:
    assert transfers_of([transfer(logger="piecestore:endpoint")])[0].status == "success"


@pytest.mark.parametrize("logger", ["piecestore:monitor", "piecestore:cache"])
def test_lines_of_the_disk_monitor_are_no_transfers(logger: str) -> None:
    assert transfers_of([transfer(logger=logger)]) == []


def test_the_same_word_from_another_part_of_the_node_is_no_damaged_transfer() -> None:
    parser = LogParser()
    parser.read([line("downloaded", logger="version", version="1.137.5")])
    assert (parser.counts.other, parser.counts.not_understood) == (1, 0)


def test_what_only_the_second_line_of_a_lost_race_says_is_kept() -> None:
    more: dict[str, Any] = {"action": "PUT", "offset": None, "size": 1234}
    (found,) = transfers_of(
        [
            line(LOST_UPLOAD, piece_id=PIECE),
            transfer("upload failed", "DEBUG", error="context canceled", **more),
        ]
    )
    assert (found.satellite, found.action, found.size) == (SATELLITE, "PUT", 1234)
    assert (found.status, found.error) == ("canceled", "context canceled")
    (alone,) = transfers_of([line(LOST_UPLOAD, piece_id=PIECE)])
    assert (found.at, found.fingerprint) == (alone.at, alone.fingerprint)
