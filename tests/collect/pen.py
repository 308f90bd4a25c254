"""A pen that writes log lines in every form there is, and a record of what it wrote."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.collect.carriers import CARRIERS, JSON_ENCODINGS, RETYPED
from tests.collect.log_lines import GENERATIONS, compaction, line

if TYPE_CHECKING:
    from collections.abc import Callable

#: Summer time begins in Berlin an hour after the log does, and ends in Lord Howe (by half an hour).
_ZONES = (
    UTC,
    timezone(timedelta(hours=-7)),
    timezone(timedelta(hours=5, minutes=45)),
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("Australia/Lord_Howe"),
)


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
    #: As the store takes them, in their order.
    scores: list[tuple[Any, ...]] = field(default_factory=list)
    compactions: list[tuple[Any, ...]] = field(default_factory=list)
    #: started, stopped or traffic -> the times of the lines that show it.
    signs: dict[str, list[int]] = field(default_factory=dict)
    #: (time, free bytes).
    free_space: list[tuple[int, int]] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        return b"".join(text + b"\n" for text in self.lines)

    @property
    def untidy(self) -> bytes:
        """The same with both kinds of line ends, and a last line that isn't finished."""
        ends = (b"\n", b"\r\n")
        lines = (text + ends[number % 2] for number, text in enumerate(self.lines))
        return b"".join(lines) + line("downloaded")[:-20]


class Pen:
    """Writes lines in any encoding, generation, form of time, zone and carrier, at random."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.truth = Truth()
        self._now = datetime(2026, 3, 28, 23, 59, tzinfo=UTC)

    def wait(self, *seconds: int) -> None:
        milliseconds = self.random.choice((0, 0, 83, 700))
        self._now += timedelta(seconds=self.random.choice(seconds), milliseconds=milliseconds)

    def time(self) -> tuple[int, str]:
        """Return now as a line of either form and of any zone tells it, and so written."""
        local = self._now.astimezone(self.random.choice(_ZONES))
        if self.random.random() < 0.7:  # since v1.62 or so: whole seconds
            local = local.replace(microsecond=0)
            text = local.isoformat().replace("+00:00", "Z")
        else:
            text = local.isoformat(timespec="milliseconds")
            text = text[:-6] + text[-6:].replace(":", "").replace("+0000", "Z")
        return (local - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), text

    def _carried(self, console: bytes) -> list[bytes]:
        """Write a line in any encoding, and what carries it makes of it."""
        text = console
        if self.random.random() < 0.4:
            text = self.random.choice(JSON_ENCODINGS)(text)
        elif self.random.random() < 0.2:
            text = self.random.choice(RETYPED)(text)
        if self.random.random() < 0.5:
            return self.random.choice(tuple(CARRIERS.values()))(text)
        # Docker has replaced what is no UTF-8; a file of the node's own has it as it was.
        return [text.replace("\ufffd".encode(), b"\xff")]

    def say(
        self, message: str, level: str, write: Callable[..., bytes] = line, **given: Any
    ) -> int:
        """Write a line and return its time; the parts before the last of one that is cut count."""
        at, time = self.time()
        given["generation"] = self.random.choice(GENERATIONS)
        if write is not compaction:
            given["message"] = message
        self.add(self._carried(write(level=level, time=time, **given)))
        return at

    def add(self, lines: list[bytes]) -> None:
        self.truth.lines += lines
        self.truth.other += len(lines) - 1
