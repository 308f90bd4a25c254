"""How long a command waits for the plugins, any of which may never finish being imported."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from storj_monitor.errors import OperatorError
from storj_monitor.registry.candidate import Overdue

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_SECONDS = 60.0
#: What catches the first interruption gets others.
_AGAIN_SECONDS = 1.0


@contextmanager
def limited() -> Iterator[None]:
    """Give up a block that loads plugins when it takes too long: raise OperatorError.

    Windows has no such signal, other threads than the main one get none, nor does what is stuck in
    C code: they are waited for.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, _LONGEST_SECONDS, _AGAIN_SECONDS)
    try:
        yield
    except Overdue as overdue:
        reason = f"{overdue.what} isn't done after {_LONGEST_SECONDS:g} seconds"
        raise OperatorError(reason, overdue.hint) from overdue
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _give_up(*_: object) -> NoReturn:
    raise Overdue
