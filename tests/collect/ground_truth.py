"""A log with known counts: seeded, and written without a look at the parser."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING, Any

from tests.collect.log_lines import GENERATIONS, line

if TYPE_CHECKING:
    from collections.abc import Callable

SATELLITES = (
    "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S",
    "121RTSDpyNZVcEU84Ticf2L1ntiuUimbWgfATz21tuvgk3vzoA6",
    "1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE",
)
_ZONES = (UTC, timezone(timedelta(hours=-7)), timezone(timedelta(hours=5, minutes=45)))
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass
class Truth:
    """What a log must be found to hold."""

    lines: list[bytes] = field(default_factory=list)
    #: (satellite, action, status) -> transfers, and their bytes where known.
    transfers: Counter[tuple[str | None, str | None, str]] = field(default_factory=Counter)
    sizes: Counter[tuple[str | None, str | None, str]] = field(default_factory=Counter)
    timed: int = 0
    other: int = 0
    noise: int = 0
    not_understood: int = 0

    @property
    def content(self) -> bytes:
        return b"".join(text + b"\n" for text in self.lines)


class LogWriter:
    """Writes one random thing after the other, and keeps count."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._now = datetime(2026, 3, 28, 23, 59, tzinfo=_ZONES[0])
        self._zone = _ZONES[0]
        self.truth = Truth()

    def write(self, things: int) -> Truth:
        kinds: list[Callable[[], None]] = [
            *[self._download] * 8,
            *[self._upload] * 5,
            *[self._upload_failed] * 2,
            self._lost_download,
            self._lost_upload,
            self._rejected,
            self._twins,
            self._chatter,
            self._noise,
            self._damage,
        ]
        for _ in range(things):
            self._now += timedelta(seconds=self._random.choice((0, 0, 0, 1, 7, 300)))
            self._zone = self._random.choice(_ZONES)
            self._random.choice(kinds)()
        return self.truth

    def _time(self) -> str:
        return self._now.astimezone(self._zone).isoformat().replace("+00:00", "Z")

    def _say(self, message: str, level: str, **given: Any) -> None:
        generation = self._random.choice(GENERATIONS)
        self.truth.lines.append(
            line(message, level, time=self._time(), generation=generation, **given)
        )

    def _given(self, *actions: str) -> dict[str, Any]:
        return {
            "piece_id": "".join(self._random.choices(_BASE32, k=52)),
            "satellite_id": self._random.choice(SATELLITES),
            "action": self._random.choice(actions),
            "offset": self._random.randrange(0, 2_000_000, 256),
            "size": self._random.randrange(256, 2_300_000),
            "remote_address": self._random.choice(("1.2.3.4:5", "[2a01:4f9::2]:28967")),
        }

    def _count(self, given: dict[str, Any], status: str, *, sized: bool = True) -> None:
        key = (str(given["satellite_id"]), str(given["action"]), status)
        self.truth.transfers[key] += 1
        if sized and isinstance(given["size"], int):
            self.truth.sizes[key] += given["size"]

    def _begin(self, message: str, given: dict[str, Any]) -> None:
        if self._random.random() < 0.5:
            self._say(message, "DEBUG", **given)
            self._now += timedelta(seconds=self._random.choice((0, 1, 2)))
            self.truth.other += 1
            self.truth.timed += 1

    def _download(self) -> None:
        given = self._given("GET", "GET_AUDIT", "GET_REPAIR")
        self._begin("download started", given)
        message, level, status, why = self._random.choice(
            (
                ("downloaded", "INFO", "success", {}),
                ("download canceled", "INFO", "canceled", {"reason": "context canceled"}),
                ("download failed", "ERROR", "failed", {"error": "file does not exist"}),
            )
        )
        self._say(message, level, **given, **why)
        self._count(given, status)

    def _upload(self) -> None:
        given = self._given("PUT", "PUT_REPAIR") | {"offset": None}
        self._begin("upload started", given | {"size": None, "available_space": 14478332563968})
        message, status = self._random.choice(
            (("uploaded", "success"), ("upload canceled", "canceled"))
        )
        self._say(message, "INFO", **given)
        self._count(given, status)

    def _upload_failed(self) -> None:
        given = self._given("PUT", "PUT_REPAIR") | {"offset": None, "error": "unexpected EOF"}
        level, status = self._random.choice(
            (("DEBUG", "canceled"), ("WARN", "canceled"), ("ERROR", "failed"))
        )
        self._say("upload failed", level, **given)
        self._count(given, status)
        if level != "DEBUG":
            self._say("upload internal error", level, error="unexpected EOF")
            self.truth.other += 1

    def _lost_download(self) -> None:
        given = self._given("GET")
        self._say("download canceled (race lost or node shutdown)", "INFO", **given)
        self._count(given, "canceled")
        self._say("download canceled", "DEBUG", **given, error="context canceled")
        self.truth.other += 1

    def _lost_upload(self) -> None:
        given = self._given("PUT") | {"offset": None}
        self._say("upload started", "INFO", **given | {"size": None})
        self._say(
            "upload canceled (race lost or node shutdown)", "INFO", piece_id=given["piece_id"]
        )
        self._count(given, "canceled", sized=False)
        self._say("upload failed", "DEBUG", **given, error="context canceled")
        self.truth.other += 2
        self.truth.timed += 1

    def _rejected(self) -> None:
        level = self._random.choice(("ERROR", "INFO"))
        self._say("upload rejected, too many requests", level, live_requests=8, request_limit=7)
        self.truth.transfers[None, None, "rejected"] += 1

    def _twins(self) -> None:
        given = self._given("GET")
        generation = self._random.choice(GENERATIONS)
        text = line("downloaded", "INFO", time=self._time(), generation=generation, **given)
        for _ in range(3):
            self.truth.lines.append(text)
            self._count(given, "success")

    def _chatter(self) -> None:
        self._say("file found in trash", "WARN", **self._given("GET"))
        self._say("deleted", "INFO", **self._given("DELETE"))
        text = line("readability check done", "DEBUG", time=self._time(), logger="piecestore:cache")
        self.truth.lines.append(text)
        self.truth.other += 3

    def _noise(self) -> None:
        self.truth.lines += [
            b"goroutine 1 [running]:",
            b"\tstorj.io/storj/storagenode/piecestore.(*Endpoint).Upload:115",
            b"2025-10-06 07:00:11,123 INFO spawned: 'storagenode' with pid 51",
            b"",
        ]
        self.truth.noise += 4

    def _damage(self) -> None:
        given = self._given("GET")
        whole = line("downloaded", "INFO", time=self._time(), **given)
        self.truth.lines.append(whole[:-20])
        self._say("downloaded", "INFO", **given | {"satellite_id": None})
        self.truth.not_understood += 2
