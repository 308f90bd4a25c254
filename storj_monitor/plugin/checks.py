"""Checks of what a plugin's author writes, made where it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

#: What sources, formats, reports, channels, columns, filters, options and settings may be called.
NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")


def check_name(what: str, name: object) -> None:
    """Raise ValueError unless `name` can be used in a URL, a file name and a TOML key alike."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        message = (
            f"{what} name {name!r} is not allowed: it is 2 to 32 characters, "
            "a to z, 0 to 9 and _, and begins with a letter"
        )
        raise ValueError(message)


def check_text(what: str, text: object) -> None:
    """Raise ValueError unless `text` is a string with something in it."""
    if not isinstance(text, str) or not text.strip():
        message = f"{what} must be a text that isn't empty, not {text!r}"
        raise ValueError(message)


def check_callable(what: str, function: object) -> None:
    """Raise TypeError unless `function` can be called."""
    if not callable(function):
        message = f"{what} must be a function, not {function!r}"
        raise TypeError(message)


def check_unique(what: str, names: Sequence[str]) -> None:
    """Raise ValueError when a name is there twice."""
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        message = f"{what} {', '.join(repeated)} is there twice"
        raise ValueError(message)


def checked_tuple(what: str, items: Iterable[T], kind: type[T]) -> tuple[T, ...]:
    """Return `items` as a tuple; raise TypeError where one isn't of `kind`."""
    if not isinstance(items, Iterable) or isinstance(items, str):
        message = f"{what}: give a tuple of {kind.__name__}, even of one, not {items!r}"
        raise TypeError(message)
    checked = tuple(items)
    for item in checked:
        if not isinstance(item, kind):
            message = f"{what} must be a {kind.__name__}, not {item!r}"
            raise TypeError(message)
    return checked
