"""Formats of the host itself: what is made in a worker like any file, and never is one."""

from __future__ import annotations

from storj_monitor.plugin import Format


class OwnFormat(Format):
    """A format that isn't in the catalogue, by a name that no plugin can take: `_preview`."""

    def __post_init__(self) -> None:
        """Check nothing: these few are known."""
