"""What a check of the doctor finds."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """That something is as it should be, or isn't, and then what would help."""

    level: Literal["ok", "note", "warning", "problem"]
    subject: str
    said: str
    hint: str = ""
