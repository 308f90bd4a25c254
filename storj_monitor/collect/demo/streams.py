"""What kinds of transfers a node sees, how large they are, and how they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from random import Random

    from storj_monitor.collect.demo.nodes import DemoNode

Status = Literal["success", "canceled", "failed"]
STATUSES: tuple[Status, ...] = ("success", "canceled", "failed")

#: Pieces are made of stripes of 256 bytes; a whole one of a 64 MiB segment has this many.
STRIPE = 256
_WHOLE_STRIPES = 9_060

#: Satellites and their shares of a node's transfers.
SATELLITES = {
    "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S": 61.0,  # us1
    "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs": 27.0,  # eu1
    "121RTSDpyNZVcEU84Ticf2L1ntiuUimbWgfATz21tuvgk3vzoA6": 9.5,  # ap1
    "1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE": 2.5,  # saltlake
}


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The transfers of one action."""

    action: str
    #: Among a hundred transfers.
    share: float
    #: How many of a thousand are canceled and failed, on a good disk.
    canceled: float
    failed: float
    #: How many of a hundred move a whole piece; the others are of any size below.
    whole: float
    #: How long the first byte takes, and how many bytes follow in a millisecond.
    first_ms: float
    bytes_per_ms: float

    @property
    def is_download(self) -> bool:
        """Whether the node sends (egress), and does not receive."""
        return self.action.startswith("GET")

    def statuses(self, random: Random, node: DemoNode, count: int) -> list[Status]:
        """Return how `count` transfers end on this node."""
        canceled = self.canceled * node.lost_races
        weights = (1000 - canceled - self.failed, canceled, self.failed)
        return random.choices(STATUSES, weights, k=count)

    def sizes(self, random: Random, count: int) -> list[int]:
        """Return the sizes of `count` transfers in bytes: small ones are as many as large ones."""
        if self.action == "GET_AUDIT":
            return [STRIPE] * count
        whole = self.whole / 100
        return [
            STRIPE * (_WHOLE_STRIPES if random.random() < whole else _stripes(random))
            for _ in range(count)
        ]

    def durations_ms(self, random: Random, node: DemoNode, sizes: list[int]) -> list[int]:
        """Return how long transfers of these sizes take on this node."""
        spread = random.lognormvariate
        return [
            int((self.first_ms + size / self.bytes_per_ms) * node.slowness * spread(0, 0.6)) + 1
            for size in sizes
        ]

    def end(self, random: Random, status: Status, size: int, ends: str) -> tuple[int, str | None]:
        """Return what a node logs of a transfer that didn't succeed: its size, and the reason.

        The size of a download is what was asked for, that of an upload what had come. A canceled
        upload often has no reason. `ends` are the addresses of the two sides.
        """
        moved = int(size // STRIPE * random.random()) * STRIPE
        texts = _REASONS["download" if self.is_download else "upload", status]
        (text,) = random.choices(list(texts), list(texts.values()))
        reason = text and text.format(ends=ends, sent=moved, size=size)
        return (size if self.is_download else moved), reason


#: Texts as nodes write them, and how often.
_REASONS: dict[tuple[str, Status], dict[str | None, int]] = {
    ("download", "canceled"): {
        "context canceled": 50,
        "stream closed by peer": 20,
        "downloaded size ({sent} bytes) does not match received message size ({size} bytes)": 30,
    },
    ("download", "failed"): {
        "manager closed: read tcp {ends}: read: connection reset by peer": 40,
        "manager closed: read tcp {ends}: read: connection timed out": 30,
        "write tcp {ends}: write: broken pipe": 20,
        "context deadline exceeded": 8,
        "file does not exist": 2,
    },
    ("upload", "canceled"): {None: 80, "unexpected EOF": 12, "context canceled": 8},
    ("upload", "failed"): {
        "manager closed: read tcp {ends}: use of closed network connection": 35,
        "manager closed: read tcp {ends}: read: connection reset by peer": 35,
        "context deadline exceeded": 30,
    },
}

STREAMS = (
    Stream(
        action="GET",
        share=55,
        canceled=42,
        failed=5,
        whole=16,
        first_ms=24,
        bytes_per_ms=5_500,
    ),
    Stream(
        action="PUT",
        share=23,
        canceled=31,
        failed=4,
        whole=22,
        first_ms=70,
        bytes_per_ms=3_200,
    ),
    Stream(
        action="GET_REPAIR",
        share=13,
        canceled=9,
        failed=5,
        whole=55,
        first_ms=35,
        bytes_per_ms=4_500,
    ),
    Stream(
        action="PUT_REPAIR",
        share=6,
        canceled=24,
        failed=4,
        whole=55,
        first_ms=90,
        bytes_per_ms=2_800,
    ),
    Stream(
        action="GET_AUDIT",
        share=3,
        canceled=0.3,
        failed=1,
        whole=0,
        first_ms=40,
        bytes_per_ms=5_500,
    ),
)


def _stripes(random: Random) -> int:
    return int(_WHOLE_STRIPES ** random.random())
