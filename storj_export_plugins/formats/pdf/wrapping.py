"""Text broken into lines: between words, and inside one that is longer than a line."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from storj_export_plugins.formats.pdf.faces import width
from storj_export_plugins.formats.pdf.letters import boxed, turned

_ELLIPSIS = "…"


def wrapped(text: str, font: str, size: float, room: float, base: str = "") -> list[str]:
    """Return the lines of `text`, at least one, as they are drawn in `room` points.

    `base` is the direction of the whole (L or R), by default that of its first letter.
    """
    lines: list[str] = []
    line = ""
    for word in boxed(text).split():
        longer = f"{line} {word}" if line else word
        if width(longer, font, size) <= room:
            line = longer
            continue
        lines += [line] if line else []
        *whole, line = _pieces(word, font, size, room)
        lines += whole
    return [turned(each, base) for each in (*lines, line)]


def clipped(text: str, font: str, size: float, room: float) -> str:
    """Return one line of `text`, cut with an ellipsis where it is too wide."""
    shown = " ".join(boxed(text).split())
    if width(shown, font, size) <= room:
        return turned(shown)
    return turned(_fitting(shown, font, size, room - width(_ELLIPSIS, font, size)) + _ELLIPSIS)


def _pieces(word: str, font: str, size: float, room: float) -> list[str]:
    pieces = []
    while width(word, font, size) > room and len(word) > 1:
        piece = _fitting(word, font, size, room) or word[0]
        pieces.append(piece)
        word = word[len(piece) :]
    return [*pieces, word] if word or not pieces else pieces


def _fitting(text: str, font: str, size: float, room: float) -> str:
    """Return the beginning of `text` that fits; no longer than any line could need."""
    ends = list(accumulate(width(char, font, size) for char in text[:_LONGEST]))
    return text[: bisect_right(ends, room)]


#: More characters than stand on any line.
_LONGEST = 2_000
