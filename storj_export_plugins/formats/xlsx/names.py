"""What sheets are called: names that Excel takes, and never the same twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from storj_export_plugins.formats.xlsx.cells import cut_to_units

if TYPE_CHECKING:
    from storj_monitor.plugin import Table

SUMMARY = "Summary"
INFO = "Info"
_UNITS = 31
#: Excel keeps this name for itself.
_RESERVED = "History"
_NOT_ALLOWED = re.compile(r"[\[\]:*?/\\]")


def sheet_name(table: Table) -> str:
    """Return what a table's sheet is called: its title, or its name in words where that is short.

    A title that is too long isn't cut in the middle of a word.
    """
    title = table.title or table.name
    if not _is_too_long(title):
        return title
    words = table.name.replace("_", " ").capitalize().split(" ")
    while len(words) > 1 and _is_too_long(" ".join(words)):
        words.pop()
    return " ".join(words)


def _is_too_long(name: str) -> bool:
    return cut_to_units(name, _UNITS) != name


class SheetNames:
    """Gives each sheet a name that Excel takes, and never the same twice."""

    def __init__(self) -> None:
        self._taken = {name.casefold() for name in (SUMMARY, INFO, _RESERVED)}

    def name(self, wanted: str) -> str:
        """Return `wanted` as far as it is allowed, with a number after it where it was taken."""
        printable = "".join(char if char.isprintable() else " " for char in wanted)
        allowed = _NOT_ALLOWED.sub("_", printable)
        name = _trimmed(allowed, _UNITS) or "Sheet"
        number = 1
        while name.casefold() in self._taken:
            number += 1
            ending = f" ({number})"
            name = _trimmed(allowed, _UNITS - len(ending)) + ending
        self._taken.add(name.casefold())
        return name


def _trimmed(name: str, units: int) -> str:
    return cut_to_units(name.strip(" '"), units).strip(" '")
