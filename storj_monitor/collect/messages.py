"""What the messages about transfers mean, by level: the one table of it."""

from __future__ import annotations

from enum import Enum, auto

from msgspec import Struct


class Needs(Enum):
    """What a line has to name, or else it isn't understood."""

    NOTHING = auto()
    PIECE = auto()
    #: Piece, satellite and action.
    ALL = auto()


class Message(Struct, frozen=True, gc=False):
    """What a message says about a transfer."""

    way: str
    #: success, canceled, failed, rejected or started; "" for a second line about the same thing.
    status: str
    #: The status at the levels where it is another one.
    at_level: dict[bytes, str] = {}
    needs: Needs = Needs.ALL

    def status_at(self, level: bytes) -> str:
        """Return the status that the message means when it is logged at this level."""
        return self.at_level.get(level, self.status)


STARTED = "started"
SECOND_LINE = ""

#: Other messages end no transfer: `upload internal error` goes with an `upload failed`, `file
#: found in trash` with a download, `deleted` moves no data.
MESSAGES: dict[bytes, Message] = {
    b"download started": Message("download", STARTED),
    b"downloaded": Message("download", "success"),
    # The DEBUG line goes with the INFO line '... (race lost or node shutdown)'.
    b"download canceled": Message("download", "canceled", {b"DEBUG": SECOND_LINE}),
    b"download canceled (race lost or node shutdown)": Message("download", "canceled"),
    b"download failed": Message("download", "failed"),
    b"upload started": Message("upload", STARTED),
    b"uploaded": Message("upload", "success"),
    b"upload canceled": Message("upload", "canceled"),
    b"upload canceled (race lost or node shutdown)": Message(
        "upload", "canceled", needs=Needs.PIECE
    ),
    # At DEBUG and WARN the other side went away; only at ERROR could the node not do it.
    b"upload failed": Message("upload", "failed", {b"DEBUG": "canceled", b"WARN": "canceled"}),
    b"upload rejected, too many requests": Message("upload", "rejected", needs=Needs.NOTHING),
}
