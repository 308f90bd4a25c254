"""A worker's end of the line to its server."""

from __future__ import annotations

import os
import sys
import threading
from typing import IO, TYPE_CHECKING

import msgspec

from storj_monitor.exports.jobs.messages import Told, line
from storj_monitor.settings import path_of

if TYPE_CHECKING:
    from storj_monitor.exports.jobs.messages import Said


class Channel:
    """The line to the server: `told` has what it said, `say` answers."""

    def __init__(self, words: IO[bytes], answers: IO[bytes]) -> None:
        self._words = words
        self._answers = answers
        self._decoder = msgspec.json.Decoder(Told, dec_hook=path_of)
        self._lock = threading.Lock()

    @classmethod
    def of_standard_streams(cls) -> Channel:
        """Take the standard streams over: what is printed goes to standard error from now on."""
        words, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        # Line by line: what is printed isn't lost with a process that is killed.
        sys.stdout = os.fdopen(1, "w", buffering=1, errors="backslashreplace", closefd=False)
        return cls(words, answers)

    def told(self) -> Told | None:
        """Wait for what the server says next; None when it is gone."""
        text = self._words.readline()
        return self._decoder.decode(text) if text else None

    def say(self, message: Said) -> None:
        """Tell the server; from any thread."""
        with self._lock:
            self._answers.write(line(message))
            self._answers.flush()
