"""Texts from outside, made fit for headers and file names; and a parcel's text with its links."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storj_monitor.plugin import Parcel

#: Whatever some program takes for the end of a line, and the other characters nobody can see.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(text: str, most: int = 500) -> str:
    """Return `text` without line ends and control characters, and no longer than `most`."""
    line = " ".join(_CONTROLS.sub(" ", valid(text)).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def valid(text: str) -> str:
    """Return `text` so that it can be encoded: a lone half of a surrogate pair becomes a ?."""
    return text.encode("utf-8", "replace").decode()


def file_name(name: str) -> str:
    """Return the last part of `name` in one line: no path, nothing that ends a header early."""
    last = PurePosixPath(one_line(name, 200).replace("\\", "/")).name
    return last if last.strip(". ") else "file"


def text_with_links(parcel: Parcel) -> str:
    """Return the text, followed by those links that it doesn't have itself."""
    text = valid(parcel.text)
    missing = [link for link in map(one_line, parcel.links) if link not in text]
    return "\n\n".join(part for part in (text.rstrip(), "\n".join(missing)) if part) + "\n"
