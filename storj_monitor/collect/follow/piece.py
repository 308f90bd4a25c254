"""What a follower of a log finds in one look."""

from __future__ import annotations

from dataclasses import dataclass, field

FOLLOWING, WAITING, FAILING = "following", "waiting", "failing"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The next whole lines, without their line ends."""

    lines: list[bytes] = field(default_factory=list)
    #: The lines come from another log, which may repeat what was read, or leave something out.
    is_another_log: bool = False
    #: There is more to be read right now.
    has_more: bool = False
    #: The file that is read from now on, when that has changed.
    turned_to: str | None = None


NOTHING = Piece()


def split_lines(block: bytes) -> tuple[list[bytes], bytes]:
    """Return the whole lines, without LF or CRLF, and the unfinished line after them."""
    lines = block.split(b"\n")
    unfinished = lines.pop()
    return [line.removesuffix(b"\r") for line in lines] if b"\r" in block else lines, unfinished
