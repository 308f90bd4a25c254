"""One log that is followed: what it tells, together with how far it was read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from storj_monitor import clock
from storj_monitor.collect.follow.count import Count
from storj_monitor.collect.follow.pauses import pauses
from storj_monitor.collect.follow.piece import FAILING, FOLLOWING, WAITING
from storj_monitor.collect.follow.position import Position
from storj_monitor.collect.follow.stream import LineStream
from storj_monitor.collect.follow.tail import Tail
from storj_monitor.collect.parser import LogParser
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import Following, News

if TYPE_CHECKING:
    from storj_monitor.collect.countries import Countries
    from storj_monitor.collect.follow.piece import Piece
    from storj_monitor.collect.nodes import NodeLog
    from storj_monitor.meters import Meters
    from storj_monitor.store import Store

#: How often it is stored that a log was looked at, when it tells nothing new.
_CHECK_SECONDS = 60.0


class Place(Struct, frozen=True):
    """Where to go on after a restart; as JSON it is `followed_logs.position`."""

    #: None for a stream, and before the first look.
    file: Position | None = None
    #: The parser's short memory.
    parser: str = ""


class Follower:
    """Reads one log, going on from where the store says that it was read to."""

    def __init__(
        self,
        given: NodeLog,
        store: Store,
        countries: Countries | None = None,
        meters: Meters | None = None,
    ) -> None:
        self.given = given
        #: Whether there is more to be read right now.
        self.has_more = False
        #: How much is not read yet, as far as that is known.
        self.behind_bytes: int | None = None
        self._store = store
        self._countries = countries
        self._count = Count(given.node, meters)
        self._reading: _Reading | None = None
        #: The place that the store was told last, and the one that it is known to have.
        self._place: Place | None = None
        self._stored: Place | None = None
        #: What else the store was told last, and when (monotonic).
        self._told: tuple[str, str | None] | None = None
        self._told_at = 0.0
        self._pauses = pauses()
        self._retry_at = 0.0

    def read(self) -> News | None:
        """Read the next piece, and return what is to be stored of it; None if nothing is."""
        self.has_more = False
        if time.monotonic() < self._retry_at:
            return None
        reading = self._reading or self._begin()
        piece = reading.step()
        if piece.turned_to is not None:
            self._say("follow.rotated", file=piece.turned_to, is_gap=piece.is_another_log)
        self.has_more, self.behind_bytes = piece.has_more, reading.source.behind_bytes
        news = self._news(*reading.state(), reading.place)
        self._count.read(piece, news)
        return news

    def stored(self) -> None:
        """Take note that the store has what `read` or `fail` returned last."""
        self._stored = self._place
        self._count.stored()
        if self._reading is not None and self._reading.has_read:
            self._reading.has_read, self._pauses = False, pauses()

    def fail(self, error: Exception) -> News | None:
        """Begin anew in a while from what the store has, so that nothing is lost or doubled.

        Return what is to be stored of it: where the store has no place, there is nothing.
        """
        self._say("follow.error", exc_info=error)
        self._count.forget()
        self.close()
        self.has_more = False
        self._retry_at = time.monotonic() + next(self._pauses)
        if self._stored is None:  # what the store has must not be written over
            return None
        return self._news(FAILING, f"{type(error).__name__}: {error}", self._stored)

    def stop(self) -> None:
        """Let what takes time to close begin to, before it is closed."""
        if self._reading is not None:
            self._reading.source.stop()

    def close(self) -> None:
        """Give back what is open."""
        if self._reading is not None:
            self._reading.source.close()
            self._reading = None

    def _begin(self) -> _Reading:
        """Go on from where the store says that this log was read to."""
        known = self._store.followed(self.given.node, self.given.log)
        place = Place()
        try:
            if known is not None:
                place = msgspec.json.decode(known.position, type=Place)
            self._reading = _Reading(self.given, place, self._countries)
        except (
            msgspec.DecodeError,
            ValueError,
        ):  # written by a version that is no more: nothing is doubled
            self._say("follow.from_the_start")
            place = Place()
            self._reading = _Reading(self.given, place, self._countries)
        self._place = self._stored = place
        return self._reading

    def _news(self, state: str, reason: str | None, place: Place) -> News | None:
        """Say what there is to say: new lines, another state, or that all is as it was."""
        now = time.monotonic()
        is_as_told = (state, reason) == self._told and place == self._place
        if is_as_told and now - self._told_at < _CHECK_SECONDS:
            return None
        if (state, reason) != self._told:
            self._say("follow.started" if state == FOLLOWING else f"follow.{state}", reason=reason)
        self._told, self._told_at, self._place = (state, reason), now, place
        following = Following(
            log=self.given.log,
            position=msgspec.json.encode(place).decode(),
            state=state,
            reason=reason,
            behind_bytes=self.behind_bytes,
            checked_at=microseconds(clock.now()),
        )
        if self._reading is None:
            return News(node=self.given.node, following=following)
        return self._reading.parser.gathered().news(self.given.node, following)

    def _say(self, event: str, **more: object) -> None:
        is_well = event not in {f"follow.{FAILING}", "follow.error"}
        say = log().info if is_well else log().warning
        say(event, node=self.given.node, log=self.given.log, **more)


class _Reading:
    """A log on its way through the parser."""

    def __init__(self, given: NodeLog, place: Place, countries: Countries | None) -> None:
        self.place = place
        #: Whether lines were read that the store doesn't have yet.
        self.has_read = False
        self.parser = LogParser(place.parser, countries)
        self._countries = countries
        self.source: Tail | LineStream = (
            LineStream(*given.stream) if given.stream is not None else Tail(given.path, place.file)
        )

    def state(self) -> tuple[str, str | None]:
        """Return how the log is followed, and why not."""
        counts = self.parser.counts
        if counts.lines and counts.lines == counts.noise:
            return WAITING, "no line so far is one of a storagenode's log"
        return self.source.state, self.source.reason

    def step(self) -> Piece:
        """Read the next piece of the log."""
        piece = self.source.poll()
        if piece.is_another_log and self.parser.counts.lines:
            self.parser.next_log()
        elif piece.is_another_log:
            # What was read before a restart says nothing of how this one begins.
            self.parser = LogParser(countries=self._countries)
        memory = self.place.parser
        if piece.lines:
            self.has_read = True
            self.parser.read(piece.lines)
            memory = self.parser.memory()
        self.place = Place(self.source.position, memory)
        return piece
