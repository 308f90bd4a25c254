"""The time column of a log: both forms that nodes write, in any zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from storj_monitor.plugin.query import microseconds

#: As nodes write it: whole seconds or a fraction, `Z` or an offset with or without a colon.
#: Other centuries are damage; the database's times stay far from the limits of datetime.
TIME_PATTERN = (
    rb"(?:19[7-9]|20\d)\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_TIME = re.compile(TIME_PATTERN)


class Times:
    """Reads the times of one log.

    Most lines share their second with the line before, so the last text is remembered.
    """

    def __init__(self) -> None:
        self._text = b""
        self._at: int | None = None
        #: Whether any time had no zone, which no node writes: it was taken as UTC.
        self.without_zone = False

    def read(self, text: bytes) -> int | None:
        """Return the microseconds since 1970 UTC, or None when the text is no time."""
        if text != self._text:
            at = self._parse(text)
            if at is None:  # docker's own times, say, come in turns with those of the node
                return None
            self._text, self._at = text, at
        return self._at

    def _parse(self, text: bytes) -> int | None:
        match = _TIME.fullmatch(text)
        if match is None:
            return None
        try:
            moment = datetime.fromisoformat(text.decode())
        except ValueError:  # the 30th of February
            return None
        if match["zone"] is None:
            self.without_zone = True
            moment = moment.replace(tzinfo=UTC)
        return microseconds(moment)
