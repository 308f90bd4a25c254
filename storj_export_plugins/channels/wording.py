"""Texts from outside, made fit for headers and file names; and a parcel's text with its links."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from storj_monitor.plugin import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.plugin import Parcel

#: Whatever some program takes for the end of a line, and the other characters nobody can see.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONGEST_LINK = 5000
#: By it one knows a recipient that was shown without its secret, and a text that was cut.
ELLIPSIS = "…"


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
    return with_links(valid(parcel.text), links_of(parcel)) + "\n"


def links_of(parcel: Parcel) -> list[str]:
    """Return the links, each in one line."""
    return [one_line(link, _LONGEST_LINK) for link in parcel.links]


def with_links(text: str, links: Sequence[str], most: int | None = None) -> str:
    """Return a text, followed by those links that it doesn't have itself.

    Of more than `most` letters the text is cut, and never a link. Raises DeliveryError, for good,
    where there is no room for them.
    """
    missing = [link for link in links if link not in text]
    whole = "\n\n".join(part for part in (text.rstrip(), "\n".join(missing)) if part)
    if most is None or len(whole) <= most:
        return whole
    for link in links:
        text = text.replace(link, "")  # the cut would leave a part, which leads nowhere
    ending = "\n\n".join((ELLIPSIS, *links))
    if len(ending) > most:
        message = f"there is no room for the link in the {max(0, most)} letters that can be sent"
        raise DeliveryError(message, retryable=False)
    return text[: most - len(ending)].rstrip() + ending


def check_whole(recipient: str) -> None:
    """Raise DeliveryError, for good, for a URL as it is shown, without its secret."""
    if ELLIPSIS in recipient:
        message = f"the recipient has a {ELLIPSIS} where its secret was: give the whole URL"
        raise DeliveryError(message, retryable=False)
