"""What a server and its workers say to each other: JSON objects, a line each."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.orders import Order
from storj_monitor.settings import BrandSettings, MoneySettings, PluginSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    Hear = Callable[["Progress"], None]

#: Characters of what is said about a failure.
_LONGEST_TEXT = 2_000


class Start(Struct, frozen=True, kw_only=True, tag="start"):
    """What a worker is told first: where it looks for plugins, and what it reads."""

    path: tuple[str, ...]
    database: str
    plugins: PluginSettings
    money: MoneySettings
    brand: BrandSettings
    memory_bytes: int


def search_path() -> tuple[str, ...]:
    """Return where this process looks for modules; a plugin may have put anything there."""
    return tuple(
        os.fsdecode(place) for place in sys.path if isinstance(place, str | bytes | os.PathLike)
    )


class Ready(Struct, frozen=True, tag="ready"):
    """A worker has begun, and found these plugins."""

    fingerprint: str


class Work(Struct, frozen=True, kw_only=True, tag="work"):
    """An order, the moment that it is made at (UTC microseconds), and where the file goes."""

    order: Order
    now_us: int
    #: The file to write, which isn't there yet.
    part: str
    request_id: str = ""


class Cancel(Struct, frozen=True, tag="cancel"):
    """Nobody wants that file any more."""

    part: str


class Progress(Struct, frozen=True, kw_only=True, tag="progress"):
    """So much of a file is done: `steps` grows with whatever is read or written."""

    part: str
    rows: int
    bytes: int
    steps: int
    #: Rows were read and encoded, or the file is complete: an error is no proper answer any more.
    has_begun: bool


class Ending(Struct, frozen=True, kw_only=True, tag="ending"):
    """How an export ended; `bytes` and `sha256` are those of the file."""

    #: The file that a worker has written; a server that knows which one is meant leaves it out.
    part: str = ""
    status: Literal["done", "failed", "canceled"]
    rows: int
    bytes: int
    seconds: float
    sha256: str | None = None
    #: The Problem of one that failed.
    code: str = ""
    detail: str = ""
    hint: str = ""

    @property
    def is_a_fault(self) -> bool:
        """Whether something failed, and not the request or the one who asked."""
        return self.status == "failed" and not Problem(self.code, self.detail).is_the_callers

    @property
    def problem(self) -> Problem | None:
        """What to answer in place of the file; None when it is done."""
        if self.status == "done":
            return None
        if self.status == "canceled":
            return Problem("export_failed", "the export was canceled", "Ask for it again.")
        return Problem(self.code, self.detail, self.hint)


Said = Ready | Progress | Ending
Told = Start | Work | Cancel


def line(message: Said | Told) -> bytes:
    """Return a message as a line."""
    return msgspec.json.encode(message, enc_hook=str) + b"\n"


def failed(
    problem: Problem, rows: int = 0, size: int = 0, seconds: float = 0.0, *, part: str = ""
) -> Ending:
    """Return the end of an export that a problem ended."""
    return Ending(
        part=part,
        status="failed",
        rows=rows,
        bytes=size,
        seconds=seconds,
        code=problem.code,
        detail=_sayable(problem.detail),
        hint=_sayable(problem.hint),
    )


def canceled(rows: int = 0, size: int = 0) -> Ending:
    """Return the end of an export that was given up."""
    return Ending(status="canceled", rows=rows, bytes=size, seconds=0.0)


def _sayable(text: str) -> str:
    """Return a text as people can read it and a line can hold it: it may quote anything."""
    if len(text) > _LONGEST_TEXT:
        text = f"{text[: _LONGEST_TEXT - 1]}…"
    return text.encode("utf-8", "backslashreplace").decode()
