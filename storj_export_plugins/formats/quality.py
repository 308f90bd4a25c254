"""What a file says at its top of the notes further down."""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING

from storj_monitor.plugin import Note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.plugin import Block

#: What stands above the notes of a report.
QUALITY = "Data quality"
#: What stands below figures of which one has a change.
COMPARED = "Changes are against the span before, or the end of it."


def notice(blocks: Iterable[Block]) -> str:
    """Return how many warnings there are, for the top of a file; nothing if there are none.

    Notes that stand at the top themselves don't count.
    """
    below = dropwhile(lambda block: isinstance(block, Note), blocks)
    count = sum(isinstance(block, Note) and block.level == "warning" for block in below)
    return f"{count} warning{'s' if count > 1 else ''}: see {QUALITY}" if count else ""
