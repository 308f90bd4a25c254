"""What statuses of HTTP mean, whoever asked: refused for now, or not known to anybody."""

from __future__ import annotations

ACCEPTED = range(200, 300)
#: Anything else that isn't accepted is for good.
FOR_NOW = frozenset((408, 425, 429, *range(500, 600)))
#: A proxy handed it on, and heard nothing in time.
UNANSWERED = frozenset((504, 524, 598))
#: A proxy may have handed it on whole before the connection broke.
BROKEN_OFF = frozenset((502, 520, 522))
