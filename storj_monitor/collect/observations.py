"""What lines tell that end no transfer: scores, compactions, and signs of how the node lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeVar

import msgspec
from msgspec import Meta, Struct

from storj_monitor.collect.entries import Outcome
from storj_monitor.collect.fields import shortened
from storj_monitor.collect.quantities import duration_ms, size_bytes
from storj_monitor.store.news import Compaction, Scores

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.collect.entries import Entry

#: So much of a message is looked up: what follows may be a name or an address.
_KNOWN_BY = 20

_Name = Annotated[str, Meta(pattern=r"\A[!-~]{1,100}\Z")]
_Ratio = Annotated[float, Meta(ge=0, le=1)]
_Count = Annotated[int, Meta(ge=0, le=2**53)]
_Fields = TypeVar("_Fields", bound=Struct)


class Sign(NamedTuple):
    """A line that shows how the node lives; `at` is microseconds since 1970 UTC.

    started: its process started, or serves; stopped: it was told to stop.
    traffic: it had traffic. That is the orders that it sends to a satellite, which pay it for
    what was transferred in the hours before. They are logged although the transfers may not be
    (`log.custom-level=piecestore=FATAL`), and so tell a muted log from an idle node.
    """

    at: int
    kind: Literal["started", "stopped", "traffic"]


class _Scored(Struct, gc=False):
    satellite_id: _Name
    audit_score: _Ratio | None = None
    suspension_score: _Ratio | None = None
    online_score: _Ratio | None = None
    total_audits: _Count | None = None
    successful_audits: _Count | None = None


class _Table(Struct, gc=False):
    load: _Ratio | None = msgspec.field(default=None, name="Load")


class _Stats(Struct, gc=False):
    reclaimed: str | None = msgspec.field(default=None, name="DataReclaimed")
    rewritten: str | None = msgspec.field(default=None, name="DataRewritten")
    trash: _Ratio | None = msgspec.field(default=None, name="TrashPercent")
    table: _Table = msgspec.field(default_factory=_Table, name="Table")


class _Compacted(Struct, gc=False):
    satellite: _Name
    store: _Name
    duration: str | None = None
    error: str | None = None
    stats: _Stats = msgspec.field(default_factory=_Stats)


class _Sent(Struct, gc=False):
    count: _Count = 0


class _Speaker(Struct, gc=False):
    #: Only that of newer nodes is named. In Docker the updater speaks into the same log.
    process: str = "storagenode"


#: What a line tells; None when it tells nothing, or when it isn't usable and should be.
_Told = Scores | Compaction | Sign | Literal[Outcome.NOT_UNDERSTOOD] | None


class Observations:
    """Tells what each entry of one log says beside transfers."""

    def __init__(self) -> None:
        self._any = msgspec.json.Decoder(dict[str, Any]).decode
        self._readers: dict[bytes, Callable[[Entry], _Told]] = {
            b"node scores updated": self._scores,
            b"node scores worsened": self._scores,
            b"finished compaction": self._compaction,
            b"sending": self._orders,
            b"finished": self._orders,
            b"Configuration loaded": self._started,  # older ones add ` from: PATH`
            b"Public server starte": self._started,  # `d on ADDRESS`
            b"Got a signal from th": self._stopped,  # `e OS: "terminated"`
            b"Stop/Shutdown reques": self._stopped,  # `t received.`, as a Windows service
        }

    def read(self, entry: Entry) -> _Told:
        """Return what an entry tells that is no transfer, or None; never raises.

        NOT_UNDERSTOOD are scores and compactions that lack what they need, or that can't be.
        """
        read = self._readers.get(entry.message[:_KNOWN_BY])
        return None if read is None else read(entry)

    def _scores(self, entry: Entry) -> _Told:
        said = self._fields(entry, _Scored)
        if said is None:
            return Outcome.NOT_UNDERSTOOD
        scores = said.audit_score, said.suspension_score, said.online_score
        if scores == (None, None, None):
            return Outcome.NOT_UNDERSTOOD
        return Scores(
            entry.at, said.satellite_id, *scores, said.total_audits, said.successful_audits
        )

    def _compaction(self, entry: Entry) -> _Told:
        said = self._fields(entry, _Compacted)
        if said is None:
            return Outcome.NOT_UNDERSTOOD
        try:
            return _compaction(entry.at, said)
        except ValueError:
            return Outcome.NOT_UNDERSTOOD

    def _orders(self, entry: Entry) -> _Told:
        """Orders are counted once before they are sent and once after, whether it worked or not.

        Without a count it is the sender that wakes up; old nodes name the satellite as a logger
        below `orders`.
        """
        if not entry.logger.startswith(b"orders"):
            return None
        said = self._fields(entry, _Sent)
        return Sign(entry.at, "traffic") if said is not None and said.count > 0 else None

    def _started(self, entry: Entry) -> _Told:
        return Sign(entry.at, "started") if self._is_of_the_node(entry) else None

    def _stopped(self, entry: Entry) -> _Told:
        return Sign(entry.at, "stopped") if self._is_of_the_node(entry) else None

    def _is_of_the_node(self, entry: Entry) -> bool:
        """Tell the node itself from its updater, and from the helpers that it starts.

        The node itself has no logger; with `log.caller` its place in the code stands there.
        """
        if entry.logger and b".go:" not in entry.logger:
            return False
        said = self._fields(entry, _Speaker) if entry.fields else _Speaker()
        return said is not None and said.process == "storagenode"

    def _fields(self, entry: Entry, kind: type[_Fields]) -> _Fields | None:
        """Return the fields of either generation of names; None when they can't be read."""
        try:
            given = self._any(entry.fields.decode(errors="replace"))
            named = {name.lower().replace(" ", "_"): value for name, value in given.items()}
            return msgspec.convert(named, kind)
        except (msgspec.DecodeError, RecursionError):
            return None


def _compaction(at: int, said: _Compacted) -> Compaction:
    return Compaction(
        at=at,
        satellite=said.satellite,
        store=said.store,
        duration_ms=None if said.duration is None else duration_ms(said.duration),
        reclaimed_bytes=None if said.stats.reclaimed is None else size_bytes(said.stats.reclaimed),
        rewritten_bytes=None if said.stats.rewritten is None else size_bytes(said.stats.rewritten),
        table_load=said.stats.table.load,
        trash_ratio=said.stats.trash,
        error=None if said.error is None else shortened(said.error),
    )
