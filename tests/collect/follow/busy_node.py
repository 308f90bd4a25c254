"""A node's log with all kinds of transfers, and what they add up to, seeded."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import NamedTuple

from tests.collect.follow.node_log import START
from tests.collect.log_lines import GENERATIONS, line, transfer

HOUR_US = 3_600_000_000
_SATELLITES = (
    "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S",
    "121RTSDpyNZVcEU84Ticf2L1ntiuUimbWgfATz21tuvgk3vzoA6",
)
_KINDS = {
    ("downloaded", "INFO", "success"): 10,
    ("uploaded", "INFO", "success"): 6,
    ("download canceled", "INFO", "canceled"): 3,
    ("download failed", "ERROR", "failed"): 1,
}
_PIECE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Key(NamedTuple):
    """A row of the hourly sums; a rejected upload names no satellite and no action."""

    hour_at: int
    satellite: str | None
    action: str | None
    status: str


class BusyNode:
    """Writes one second of the log after the other; many lines are alike, and all count."""

    def __init__(self, seed: int, lines_a_second: int) -> None:
        self.count: Counter[Key] = Counter()
        self.bytes: Counter[Key] = Counter()
        self._random = Random(seed)
        self._lines_a_second = lines_a_second
        # The hour ends in the middle of it.
        self._now = START + timedelta(minutes=30)

    def second(self) -> bytes:
        """Return the lines of the next second."""
        lines = [self._line() for _ in range(self._lines_a_second)]
        self._now += timedelta(seconds=1)
        return b"".join(text + b"\n" for text in lines)

    def _line(self) -> bytes:
        if self._random.random() < 0.1:
            self._add(None, None, "rejected", None)
            message = "upload rejected, too many requests"
            return line(message, "ERROR", time=self._time(), live_requests=8, request_limit=7)
        message, level, status = self._random.choices(list(_KINDS), list(_KINDS.values()))[0]
        satellite = self._random.choice(_SATELLITES)
        action = "PUT" if message == "uploaded" else self._random.choice(("GET", "GET_REPAIR"))
        # Few sizes and pieces, so that some lines of a second are the same to the last letter.
        size = self._random.choice((256, 6912, 2_319_360))
        self._add(satellite, action, status, size)
        return transfer(
            message,
            level,
            time=self._time(),
            generation=self._random.choice(GENERATIONS),
            piece_id=self._random.choice(_PIECE_CHARACTERS) * 52,
            satellite_id=satellite,
            action=action,
            size=size,
        )

    def _time(self) -> str:
        return self._now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _add(
        self, satellite: str | None, action: str | None, status: str, size: int | None
    ) -> None:
        at = int(self._now.timestamp()) * 1_000_000
        key = Key(at - at % HOUR_US, satellite, action, status)
        self.count[key] += 1
        self.bytes[key] += size or 0
