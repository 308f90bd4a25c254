"""What was read and is not stored yet: kept until the database takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError
from storj_monitor.logs import log

if TYPE_CHECKING:
    from storj_monitor.collect.follow.follower import Follower
    from storj_monitor.store import News, Store, StoreWriter

#: So many transfers are stored at once, at the latest.
_BATCH = 20_000


class Pending:
    """Holds news and stores it, all in one transaction; `close` it in the end."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writer: StoreWriter | None = None
        self._news: list[tuple[Follower, News]] = []
        self._is_held_up = False

    def add(self, follower: Follower, news: News | None) -> None:
        """Keep what a follower read, if it is anything."""
        if news is not None:
            self._news.append((follower, news))

    @property
    def is_much(self) -> bool:
        """Whether enough waits to be stored now."""
        batches = (news.transfers for _, news in self._news)
        return sum(batch.num_rows for batch in batches if batch is not None) >= _BATCH

    def store(self) -> bool:
        """Store all of it; say whether that is done. It is tried again by the next call.

        A locked or full database holds up everything. Where the news of one follower can't be
        stored for another reason, that follower begins anew, and the others go on.
        """
        try:
            self._write([news for _, news in self._news])
        except OperatorError as error:
            return self._hold_up(error)
        except Exception:  # noqa: BLE001  whose news it is shows when each is stored apart
            self.close()
            return self._store_apart()
        self._take_note()
        self._go_on()
        return True

    def close(self) -> None:
        """Give the database back."""
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                with writer:
                    pass
            except OperatorError as error:  # its tables are not measured anew; that is all
                log().info("follow.not_optimised", reason=error.reason)

    def _write(self, news: list[News]) -> None:
        if news:
            if self._writer is None:
                self._writer = self._store.writer()
            self._writer.write(news)

    def _store_apart(self) -> bool:
        waiting, self._news = self._news, []
        for number, (follower, news) in enumerate(waiting):
            try:
                self._write([news])
            except OperatorError as error:
                self._news = waiting[number:]
                return self._hold_up(error)
            except Exception as error:  # noqa: BLE001  one follower's fault stops no other
                self.close()
                self._tell(follower, follower.fail(error))
            else:
                follower.stored()
        self._go_on()
        return True

    def _tell(self, follower: Follower, failure: News | None) -> None:
        """Store that a follower fails, if that can be stored."""
        if failure is not None:
            try:
                self._write([failure])
            except Exception:  # noqa: BLE001  it is in the log, and told again with what is next
                self.close()
            else:
                follower.stored()

    def _take_note(self) -> None:
        for follower, _ in self._news:
            follower.stored()
        self._news = []

    def _hold_up(self, error: OperatorError) -> bool:
        self.close()
        if not self._is_held_up:
            log().error("follow.not_stored", reason=error.reason, hint=error.hint)
        self._is_held_up = True
        return False

    def _go_on(self) -> None:
        if self._is_held_up:
            log().info("follow.stored_again")
        self._is_held_up = False
