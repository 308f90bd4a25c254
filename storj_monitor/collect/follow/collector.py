"""Follows the logs of all nodes and stores what they tell.

    collector = Collector(store, [parse_node_log("mynode:/var/log/node.log")])
    collector.run(stop)     # in a thread, until another sets `stop`

What was read and how far it was read are stored in one transaction, so that a kill at any moment
loses nothing and doubles nothing. Two programs may follow the same log into one database: both
read all of it, each transfer is stored once, and either's place is one to go on from.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from storj_monitor.collect.follow.follower import Follower
from storj_monitor.collect.follow.pending import Pending
from storj_monitor.logs import log

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from storj_monitor.collect.countries import Countries
    from storj_monitor.collect.nodes import NodeLog
    from storj_monitor.meters import Meters
    from storj_monitor.store import News, Store

_PAUSE_SECONDS = 1.0


def _silently(_behind_bytes: int) -> None:
    """Show no progress."""


class Collector:
    """Follows logs; `progress` is told how many bytes are left while it catches up, then 0."""

    def __init__(  # noqa: PLR0913  each has a name
        self,
        store: Store,
        logs: Sequence[NodeLog],
        *,
        countries: Countries | None = None,
        progress: Callable[[int], None] = _silently,
        pause_seconds: float = _PAUSE_SECONDS,
        meters: Meters | None = None,
    ) -> None:
        self._followers = [Follower(given, store, countries, meters) for given in logs]
        self._meters = meters
        self._pending = Pending(store)
        self._progress = progress
        self._pause_seconds = pause_seconds
        self._is_behind = False

    def run(self, stop: threading.Event) -> None:
        """Follow until `stop` is set, then look at each log once more; never raises."""
        with ExitStack() as opened:
            opened.enter_context(closing(self._pending))
            for follower in self._followers:
                opened.enter_context(closing(follower))
            while not stop.is_set():
                if not self._round():
                    stop.wait(self._pause_seconds)
            self._round()
            for follower in self._followers:  # all at once, before each is waited for
                follower.stop()

    def _round(self) -> bool:
        try:
            return self.round()
        except Exception as error:  # noqa: BLE001  whatever it is, the other logs are followed on
            log().error("follow.error", exc_info=error)
            return False

    def round(self) -> bool:
        """Look at each log once and store what is new; say whether there is more right now."""
        if not self._pending.store():  # nothing more is read as long as it can't be stored
            return False
        for follower in self._followers:
            self._pending.add(follower, _read(follower))
            if self._pending.is_much and not self._pending.store():
                return False
        is_stored = self._pending.store()
        has_more = any(follower.has_more for follower in self._followers)
        self._tell_progress(has_more=has_more)
        self._tell_meters()
        return is_stored and has_more

    def _tell_progress(self, *, has_more: bool) -> None:
        if has_more:
            self._progress(sum(follower.behind_bytes or 0 for follower in self._followers))
        elif self._is_behind:
            self._progress(0)
            log().info("follow.caught_up")
        self._is_behind = has_more

    def _tell_meters(self) -> None:
        """Tell how much isn't read of each node's logs, as far as that is known."""
        if self._meters is None:
            return
        behind: Counter[str] = Counter()
        for follower in self._followers:
            if follower.behind_bytes is not None:
                behind[follower.given.node] += follower.behind_bytes
        self._meters.note_behind(behind)


def _read(follower: Follower) -> News | None:
    try:
        return follower.read()
    except Exception as error:  # noqa: BLE001  one log's fault never stops the others
        return follower.fail(error)
