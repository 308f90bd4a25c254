"""A log with known counts: seeded, and written without a look at the parser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.collect.carriers import CARRIERS, JSON_ENCODINGS
from tests.collect.log_lines import compaction, line, scores
from tests.collect.pen import Pen, Truth

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LogWriter", "Truth"]

SATELLITES = (
    "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S",
    "121RTSDpyNZVcEU84Ticf2L1ntiuUimbWgfATz21tuvgk3vzoA6",
    "1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE",
)
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_DURATIONS = (("100.031853ms", 100), ("1m8.935185195s", 68_935), ("1h2m3s", 3_723_000))
_MICRO = (("162.857µs", 0), ("850ns", 0))
_AMOUNTS = (("0 B", 0), ("2.4 GiB", 2_576_980_378), ("548.6 MiB", 575_248_794))
_NOISE = (
    b"goroutine 1 [running]:",
    b"\tstorj.io/storj/storagenode/piecestore.(*Endpoint).Upload:115",
    b"panic: runtime error: invalid memory address or nil pointer dereference",
    b"2025-10-06 07:00:11,123 INFO spawned: 'storagenode' with pid 51",
    b"",
    b'{"a": 1}',
    b"\xff\xfe\x00",
)


class LogWriter:
    """Writes one random thing after the other, and keeps count."""

    def __init__(self, seed: int) -> None:
        self._pen = Pen(seed)
        self._random = self._pen.random
        self.truth = self._pen.truth

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
            self._damaged_objects,
            self._scores,
            self._compaction,
            self._life,
        ]
        for _ in range(things):
            self._pen.wait(0, 0, 0, 1, 7, 300)
            self._random.choice(kinds)()
        return self.truth

    def _given(self, *actions: str) -> dict[str, Any]:
        return {
            "piece_id": "".join(self._random.choices(_BASE32, k=52)),
            "satellite_id": self._random.choice(SATELLITES),
            "action": self._random.choice(actions),
            "offset": self._random.randrange(0, 2_000_000, 256),
            "size": self._random.randrange(256, 2_300_000),
            "remote_address": self._random.choice(("1.2.3.4:5", "[2a01:4f9::2]:28967")),
        }

    def _error(self) -> dict[str, Any]:
        """Say what went wrong, sometimes at a length that Docker cuts, or in no UTF-8."""
        error = self._random.choice(("unexpected EOF", "write: \ufffd\ufffd", "use of “closed”"))
        trace = "\n\tstorj.io/common/rpc/rpcstatus.NamedError:115"
        return {
            "error": error,
            "errorVerbose": error + trace * self._random.choice((1, 1, 3, 1_000)),
        }

    def _count(self, given: dict[str, Any], status: str) -> None:
        key = (str(given["satellite_id"]), str(given["action"]), status)
        self.truth.transfers[key] += 1
        if isinstance(given["size"], int):
            self.truth.sizes[key] += given["size"]

    def _begin(self, message: str, given: dict[str, Any]) -> int | None:
        """Write, or don't, that a transfer begins, and return when."""
        if self._random.random() < 0.5:
            return None
        started_at = self._pen.say(message, "DEBUG", **given)
        self._pen.wait(0, 1, 2)
        self.truth.other += 1
        return started_at

    def _end(self, started_at: int | None, message: str, level: str, **given: Any) -> None:
        ended_at = self._pen.say(message, level, **given)
        self.truth.timed += started_at is not None and started_at <= ended_at

    def _download(self) -> None:
        given = self._given("GET", "GET_AUDIT", "GET_REPAIR")
        started_at = self._begin("download started", given)
        message, level, status, why = self._random.choice(
            (
                ("downloaded", "INFO", "success", {}),
                ("download canceled", "INFO", "canceled", {"reason": "context canceled"}),
                ("download failed", "ERROR", "failed", self._error()),
            )
        )
        self._end(started_at, message, level, **given, **why)
        self._count(given, status)

    def _upload(self) -> None:
        given = self._given("PUT", "PUT_REPAIR") | {"offset": None}
        free = self._random.randrange(10**13)
        started_at = self._begin("upload started", given | {"size": None, "available_space": free})
        if started_at is not None:
            self.truth.free_space.append((started_at, free))
        message, status = self._random.choice(
            (("uploaded", "success"), ("upload canceled", "canceled"))
        )
        self._end(started_at, message, "INFO", **given)
        self._count(given, status)

    def _upload_failed(self) -> None:
        given = self._given("PUT", "PUT_REPAIR") | {"offset": None} | self._error()
        level, status = self._random.choice(
            (("DEBUG", "canceled"), ("WARN", "canceled"), ("ERROR", "failed"))
        )
        self._pen.say("upload failed", level, **given)
        self._count(given, status)
        if level != "DEBUG":
            self._pen.say("upload internal error", level, error="unexpected EOF")
            self.truth.other += 1

    def _lost_download(self) -> None:
        given = self._given("GET")
        self._pen.say("download canceled (race lost or node shutdown)", "INFO", **given)
        self._count(given, "canceled")
        self._pen.say("download canceled", "DEBUG", **given, error="context canceled")
        self.truth.other += 1

    def _lost_upload(self) -> None:
        given = self._given("PUT") | {"offset": None}
        started_at = self._pen.say("upload started", "INFO", **given | {"size": None})
        message = "upload canceled (race lost or node shutdown)"
        self._end(started_at, message, "INFO", piece_id=given["piece_id"])
        self._count(given, "canceled")
        self._pen.say("upload failed", "DEBUG", **given, error="context canceled")
        self.truth.other += 2

    def _rejected(self) -> None:
        level = self._random.choice(("ERROR", "INFO"))
        self._pen.say("upload rejected, too many requests", level, live_requests=8, request_limit=7)
        self.truth.transfers[None, None, "rejected"] += 1

    def _twins(self) -> None:
        """Write a line three times: those are three transfers."""
        given = self._given("GET")
        begun = len(self.truth.lines)
        self._pen.say("downloaded", "INFO", **given)
        self._count(given, "success")
        for text in [self.truth.lines[begun:]] * 2:
            self._pen.add(text)
            self._count(given, "success")

    def _chatter(self) -> None:
        self._pen.say("file found in trash", "WARN", **self._given("GET"))
        self._pen.say("deleted", "INFO", **self._given("DELETE"))
        self._pen.say("readability check done", "DEBUG", logger="piecestore:cache")
        self._pen.say("sending", "DEBUG", logger="orders")
        self._pen.say("beginning compaction", "INFO", logger="hashstore", store="s0")
        self._pen.say("Configuration loaded", "INFO", logger="", Process="storagenode-updater")
        self.truth.other += 6

    def _noise(self) -> None:
        self.truth.lines += _NOISE
        self.truth.noise += len(_NOISE)

    def _damage(self) -> None:
        given = self._given("GET")
        whole = line("downloaded", "INFO", time=self._pen.time()[1], **given)
        carried = self._random.choice(tuple(CARRIERS.values()))(whole[:-20])
        self.truth.lines += [whole[:-20], *carried]
        self._pen.say("downloaded", "INFO", **given | {"satellite_id": None})
        self._pen.say("node scores updated", "INFO", scores, audit_score=1.5)
        self._pen.say("", "INFO", compaction, store=None)
        self.truth.not_understood += 5

    def _damaged_objects(self) -> None:
        whole = line("downloaded", "INFO", time=self._pen.time()[1], **self._given("GET"))
        for write in JSON_ENCODINGS:
            self.truth.lines.append(write(whole)[: self._random.randrange(60, 120)])
        self.truth.lines.append(CARRIERS["json-file"](whole)[0][:-60])
        self.truth.not_understood += len(JSON_ENCODINGS) + 1

    def _scores(self) -> None:
        satellite = self._random.choice(SATELLITES)
        total = self._random.randrange(5_000_000)
        ok = self._random.randrange(total + 1)
        online = self._random.random()
        message, level = self._random.choice(
            (("node scores updated", "INFO"), ("node scores worsened", "WARN"))
        )
        given = {"satellite_id": satellite, "total_audits": total, "successful_audits": ok}
        at = self._pen.say(message, level, scores, online_score=online, **given)
        self.truth.scores.append((at, satellite, 1.0, 1.0, online, total, ok))
        self.truth.other += 1

    def _compaction(self) -> None:
        satellite, store = self._random.choice(SATELLITES), self._random.choice(("s0", "s1"))
        duration, duration_ms = self._random.choice(_DURATIONS + _MICRO)
        reclaimed, reclaimed_bytes = self._random.choice(_AMOUNTS)
        rewritten, rewritten_bytes = self._random.choice(_AMOUNTS)
        load, trash = self._random.random(), self._random.random()
        amounts = {"DataReclaimed": reclaimed, "DataRewritten": rewritten}
        stats = {**amounts, "TrashPercent": trash, "Table": {"Load": load, "NumSet": 5}}
        error = self._random.choice((None, None, "context canceled"))
        given = {"satellite": satellite, "store": store, "duration": duration, "stats": stats}
        at = self._pen.say("", "INFO", compaction, error=error, **given)
        amount = (duration_ms, reclaimed_bytes, rewritten_bytes)
        self.truth.compactions.append((at, satellite, store, *amount, load, trash, error))
        self.truth.other += 1

    def _life(self) -> None:
        """Write what shows how the node lives."""
        kind, message, logger, given = self._random.choice(
            (
                ("started", "Configuration loaded", "", {"Location": "/app/config/config.yaml"}),
                ("started", "Configuration loaded from: /app/config.yaml", "", {}),
                ("started", "Public server started on [::]:28967", "", {}),
                ("stopped", 'Got a signal from the OS: "terminated"', "", {}),
                ("stopped", "Stop/Shutdown request received.", "", {}),
                ("traffic", "sending", "orders", {"count": 2052}),
                ("traffic", "finished", "orders", {"count": 2052}),
                ("traffic", "sending", f"orders.{SATELLITES[0]}", {"count": 1}),
            )
        )
        at = self._pen.say(message, "INFO", logger=logger, **given)
        self.truth.signs.setdefault(kind, []).append(at)
        self.truth.other += 1
