"""The operator's way to name a node and what belongs to it: NAME:PATH, NAME:API_URL."""

from __future__ import annotations

from storj_monitor.errors import Problem

_LONGEST_NAME = 200


def parse_node_argument(text: str) -> tuple[str, str]:
    """Split NAME:REST at the first colon. Raises Problem when a part is missing or unfit."""
    name, colon, rest = text.partition(":")
    if not colon or not rest:
        detail = f"{text!r} names no node and what to read"
        raise Problem("bad_request", detail, "Write NAME:PATH, as in mynode:/var/log/node.log")
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable() or name != name.strip():
        detail = f"{name[:_LONGEST_NAME]!r} can't be the name of a node"
        hint = (
            "A name is 1 to 200 printable characters without a colon, and no space at either end."
        )
        raise Problem("bad_request", detail, hint)
    return name, rest
