"""One day of one node, drawn from a seed: its rhythm, its transfers, its silence."""

from __future__ import annotations

from datetime import UTC, datetime, time
from random import Random
from typing import TYPE_CHECKING

from storj_monitor.collect.demo.peers import Peers
from storj_monitor.collect.demo.streams import SATELLITES, STREAMS
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from storj_monitor.collect.demo.nodes import DemoNode
    from storj_monitor.collect.demo.streams import Stream

    #: The fields of a transfer, in the order of `store.TRANSFERS`.
    Row = tuple[
        *tuple[int, str | None, str | None, str, int | None, int | None],
        *tuple[str | None, str | None, str | None, str | None, int, int],
    ]

_HOUR_MS = 3_600_000
#: How busy the hours of a day are (UTC): Europe's afternoon is America's morning.
_HOURS = (
    *(62, 58, 55, 52, 52, 55, 62, 72, 84, 94, 101, 107),
    *(113, 122, 132, 138, 141, 139, 132, 121, 108, 95, 82, 71),
)
#: How busy the days of a week are, Monday first.
_WEEK = (1.04, 1.08, 1.09, 1.07, 1.03, 0.83, 0.86)
#: Too many requests run at once in the busy hours alone.
_BUSY_HOURS = range(14, 20)
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_DIGITS = bytes(ord(_BASE32[value % 32]) for value in range(256))
#: A piece id is 256 bits: 51 digits of 5 bits, and a last one that holds one bit alone.
_FULL_DIGITS = 51


class Days:
    """Makes the transfers of any day; the same seed and last day make the same ones."""

    def __init__(self, seed: int, last_day: date) -> None:
        self._seed = seed
        self._last_day = last_day
        self._peers = Peers(_random(f"{seed}/peers"))

    def of(self, node: DemoNode, day: date) -> list[Row]:
        """Return the transfers of one node on one day (UTC), in no order."""
        random = _random(f"{self._seed}/{node.name}/{day}")
        start_ms = microseconds(datetime.combine(day, time(), UTC)) // 1000
        transfers = node.daily * _WEEK[day.weekday()] * random.uniform(0.92, 1.08)
        rows = [
            row
            for stream in STREAMS
            for row in self._stream(random, node, stream, start_ms, transfers * stream.share / 100)
        ]
        rows += _rejected(random, start_ms, transfers * node.rejected / 1000)
        silence = node.silence(self._last_day)
        if silence is None:
            return rows
        return [row for row in rows if not silence.start_us <= row[0] < silence.end_us]

    def _stream(
        self, random: Random, node: DemoNode, stream: Stream, start_ms: int, transfers: float
    ) -> Iterator[Row]:
        count = round(transfers)
        sizes = stream.sizes(random, count)
        drawn = zip(
            _times_us(random, start_ms, count),
            random.choices(list(SATELLITES), list(SATELLITES.values()), k=count),
            stream.statuses(random, node, count),
            sizes,
            stream.durations_ms(random, node, sizes),
            _piece_ids(random, count),
            self._peers.choose(random, count),
            strict=True,
        )
        for at, satellite, status, size, duration_ms, piece_id, peer in drawn:
            moved, reason = size, None
            if status != "success":
                ends = f"{node.address}->{peer.with_port(random)}"
                moved, reason = stream.end(random, status, size, ends)
            known = (at, satellite, stream.action, status, moved, duration_ms, piece_id, reason)
            yield (*known, *peer, _fingerprint(random), 0)


def _rejected(random: Random, start_ms: int, uploads: float) -> Iterator[Row]:
    """Yield uploads that were rejected: such a line names neither satellite nor piece."""
    for _ in range(round(random.expovariate(1) * uploads)):
        hour = random.choice(_BUSY_HOURS)
        at = (start_ms + hour * _HOUR_MS + random.randrange(_HOUR_MS)) * 1000
        nothing = (None,) * 6
        yield (at, None, None, "rejected", *nothing, _fingerprint(random), 0)


def _times_us(random: Random, start_ms: int, count: int) -> list[int]:
    hours = random.choices(range(24), _HOURS, k=count)
    return [(start_ms + hour * _HOUR_MS + int(random.random() * _HOUR_MS)) * 1000 for hour in hours]


def _piece_ids(random: Random, count: int) -> Iterator[str]:
    digits = random.randbytes(_FULL_DIGITS * count).translate(_DIGITS).decode()
    for piece, last in enumerate(random.choices("AQ", k=count)):
        yield digits[piece * _FULL_DIGITS : (piece + 1) * _FULL_DIGITS] + last


def _fingerprint(random: Random) -> int:
    return random.getrandbits(64) - 2**63


def _random(seed: str) -> Random:
    return Random(seed)  # noqa: S311  a demo keeps no secret, and must come out the same again
