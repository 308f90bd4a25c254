"""The short way from log lines to transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.collect.parser import LogParser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.collect.transfers import Transfer


def transfers_of(lines: Iterable[bytes]) -> list[Transfer]:
    """Return the transfers that the lines of one log end."""
    parser = LogParser()
    parser.read(lines)
    return parser.gathered().transfers
