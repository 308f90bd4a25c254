"""Which servers live, as far as the audit has to know."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from typing import IO, TYPE_CHECKING

from storj_monitor import clock
from storj_monitor.errors import OperatorError
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.store import Store

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # it is looked at before it is used


@contextmanager
def present(store: Store) -> Iterator[None]:
    """Show that a server uses the database, while the block runs; tidy up after those that don't.

    Each holds a shared lock on a file beside the database. Whoever begins and finds nobody there
    calls failed what the audit still has as running: a server that was killed left it so. If
    another one lives, or files can't be locked, that is left to the upkeep, after a day.
    """
    with ExitStack() as held:
        with suppress(OSError):  # such as a folder that nobody may write to
            path = store.path.with_name(f"{store.path.name}.servers")
            file = held.enter_context(path.open("ab"))
            if _is_alone(file):
                _close_open_exports(store)
            _stay(file)
        yield


def _is_alone(file: IO[bytes]) -> bool:
    """Whether no server holds the lock; if so, it is ours alone for now."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _stay(file: IO[bytes]) -> None:
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_SH)


def _close_open_exports(store: Store) -> None:
    try:
        with store.writer() as writer:
            closed = writer.close_open_exports(microseconds(clock.now()), all_of_them=True)
    except OperatorError as error:
        log().warning("exports.left_running", error=error.reason)
        return
    if closed:
        log().info("exports.lost", exports=closed)
