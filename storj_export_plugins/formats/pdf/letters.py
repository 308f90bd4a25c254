"""Text as it is drawn: control characters gone, a box for what no font has, right-to-left turned.

A PDF draws glyphs from left to right, whatever the script. So Hebrew and Arabic are put into the
order in which they are seen, and Arabic letters into the forms in which they join. That is the part
of Unicode's bidirectional algorithm that a name or a short sentence needs: no embeddings, no
explicit marks. A library for all of it would be a compiled dependency for a rare cell.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby

from storj_export_plugins.formats.pdf.faces import REGULAR, has

#: Shown for a character that no font has.
BOX = "□"
_NUMBERS, _TURNED = ("EN", "AN"), ("R", "AL")
_FORMS = ("<isolated>", "<final>", "<initial>", "<medial>")
_FIRST_FORM, _LAST_FORM = 0xFE80, 0xFEFC
#: Between digits they belong to the number: 12:30, 1.5, 2026/03.
_INSIDE_NUMBERS = ("CS", "ES", "ET")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def printable(text: str) -> str:
    """Return `text` as it is drawn; each character that no font has is a box."""
    return turned(boxed(text))


def boxed(text: str) -> str:
    """Return `text` in its own order, a box for each character that no font has."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def turned(text: str, base: str = "") -> str:
    """Return `text` in the order and the forms in which it is seen, line by line.

    `base` is the direction of the whole, L or R; by default that of its first letter.
    """
    return text if text.isascii() else in_visual_order(_joined(text), base)


def missing(text: str) -> int:
    """Return how many characters of a text are shown as a box in its place."""
    if text.isascii() and text.isprintable():
        return 0
    return sum(_shown(char) == BOX != char for char in text)


def _shown(char: str) -> str:
    if char.isspace():
        return " "
    if char.isprintable() and has(REGULAR, char):
        return char
    # A joiner or a variation selector has nothing to show; the letters around it do.
    return "" if unicodedata.category(char) in ("Cf", "Mn", "Me") and char > "\x7f" else BOX


@lru_cache(maxsize=1)
def _arabic_forms() -> dict[str, dict[str, str]]:
    """Return, for each Arabic letter, the forms that it has, by the names Unicode gives them."""
    forms: dict[str, dict[str, str]] = {}
    for code in range(_FIRST_FORM, _LAST_FORM + 1):
        name, *letters = unicodedata.decomposition(chr(code)).split()
        if name in _FORMS:
            letter = "".join(chr(int(number, 16)) for number in letters)
            forms.setdefault(letter, {})[name] = chr(code)
    return forms


def _joined(text: str) -> str:
    """Put Arabic letters into the forms that they have beside their neighbours."""
    forms = _arabic_forms()
    if not any(char in forms for char in text):
        return text
    shaped = []
    for index, char in enumerate(text):
        before, after = text[index - 1 : index], text[index + 1 : index + 2]
        follows = "<initial>" in forms.get(before, {}) and "<final>" in forms.get(char, {})
        leads = "<initial>" in forms.get(char, {}) and "<final>" in forms.get(after, {})
        name = _FORMS[follows + 2 * leads]
        shaped.append(forms.get(char, {}).get(name, char))
    return "".join(shaped)


def in_visual_order(text: str, base: str = "") -> str:
    """Return the characters from left to right, as they are seen."""
    kinds = [unicodedata.bidirectional(char) for char in text]
    if not any(kind in _TURNED for kind in kinds):
        return text
    levels = _levels(_directions(kinds), base)
    chars = [
        char.translate(_MIRRORED) if level % 2 else char
        for char, level in zip(text, levels, strict=True)
    ]
    for least in (2, 1):
        chars, levels = _turned(chars, levels, least)
    return "".join(chars)


def _directions(kinds: list[str]) -> list[str]:
    """Return R, L or N (a number) for each character that has a direction, else nothing."""
    directions = []
    for index, kind in enumerate(kinds):
        around = {*kinds[max(index - 1, 0) : index], *kinds[index + 1 : index + 2]}
        is_inside = kind in _INSIDE_NUMBERS and len(around) == 1 and around <= {*_NUMBERS}
        if kind in _NUMBERS or is_inside:
            directions.append("N")
        else:
            directions.append("R" if kind in _TURNED else "L" if kind == "L" else "")
    return directions


def _levels(directions: list[str], base: str) -> list[int]:
    """Return how often each character is turned: even ones read from left to right."""
    base = base or next((each for each in directions if each in ("L", "R")), "L")
    strong = [each if each in ("L", "R") else "" for each in directions]
    levels, before = [], base
    for index, direction in enumerate(directions):
        if direction in ("L", "R"):
            before = direction
        if direction == "N":
            levels.append(2 if before == "R" or base == "R" else 0)
        elif direction == "R":
            levels.append(1)
        elif direction == "L":
            levels.append(2 if base == "R" else 0)
        else:
            after = next((each for each in strong[index:] if each), base)
            turned = before == "R" if before == after else base == "R"
            levels.append(1 if turned else 2 if base == "R" and before == after else 0)
    return levels


def _turned(chars: list[str], levels: list[int], least: int) -> tuple[list[str], list[int]]:
    """Turn round each run of characters of at least this level."""
    runs = [
        list(run)[:: -1 if is_run else 1]
        for is_run, run in groupby(zip(chars, levels, strict=True), lambda pair: pair[1] >= least)
    ]
    pairs = [pair for run in runs for pair in run]
    return [char for char, _ in pairs], [level for _, level in pairs]
