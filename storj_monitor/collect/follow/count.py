"""Counts what is read of a log, once it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storj_monitor.collect.follow.piece import Piece
    from storj_monitor.meters import Meters
    from storj_monitor.store import News


class Count:
    """Lines and transfers of one log on their way into the store; without meters it does nothing.

    What can't be stored is read again, so that only what is stored counts.
    """

    def __init__(self, node: str, meters: Meters | None) -> None:
        self._node = node
        self._meters = meters
        self._lines = self._transfers = 0
        self.stored()

    def read(self, piece: Piece, news: News | None) -> None:
        """Count what is to be stored next."""
        self._lines += len(piece.lines)
        if news is not None and news.transfers is not None:
            self._transfers += news.transfers.num_rows

    def forget(self) -> None:
        """Leave out what isn't stored: it is read again."""
        self._lines = self._transfers = 0

    def stored(self) -> None:
        """Tell the meters."""
        if self._meters is not None:
            self._meters.note_ingested(self._node, lines=self._lines, transfers=self._transfers)
        self.forget()
