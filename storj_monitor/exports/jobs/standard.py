"""The descriptors 0 to 2, which a stranger's code may close."""

from __future__ import annotations

import os
from contextlib import suppress

_NUMBERS = (0, 1, 2)


class StandardStreams:
    """Standard input, output and error as they are now, to be put back later.

        streams = StandardStreams()
        host = PluginHost(settings.plugins)
        streams.put_back()

    Without that, whatever is opened next gets the number of one that a plugin has closed, and
    what anybody prints goes there: into a file of somebody's, or to a client.
    """

    def __init__(self) -> None:
        self._kept = {number: _kept(number) for number in _NUMBERS}

    def put_back(self) -> None:
        """Make them what they were; a copy that was closed as well is left alone."""
        for number, kept in self._kept.items():
            with suppress(OSError):
                os.dup2(kept, number)


def _kept(number: int) -> int:
    """Return another descriptor of the same; where there is none, of nothing."""
    try:
        return os.dup(number)
    except OSError:
        return os.open(os.devnull, os.O_RDWR)
