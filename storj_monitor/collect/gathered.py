"""What was read from a log since it was last asked for: the way from lines to the store's News."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from storj_monitor.collect.observations import Sign
from storj_monitor.store.news import (
    HOUR_US,
    SLOT_US,
    TRANSFERS,
    Compaction,
    FreeSpace,
    HeardHour,
    News,
    Scores,
)

if TYPE_CHECKING:
    from storj_monitor.collect.countries import Countries
    from storj_monitor.collect.transfers import Transfer
    from storj_monitor.store.news import Following

_SIGNS = {"started": "started_at", "stopped": "stopped_at", "traffic": "traffic_at"}


class Gathered:
    """Transfers and all else that some lines of one log told, in bounded memory if handed on.

    `len()` is how many things wait to be stored: transfers and all else.
    """

    def __init__(self, countries: Countries | None = None) -> None:
        self.transfers: list[Transfer] = []
        self._countries = countries
        self._hours: dict[int, HeardHour] = {}
        self._free_space: dict[int, FreeSpace] = {}
        self._scores: list[Scores] = []
        self._compactions: list[Compaction] = []

    def __len__(self) -> int:
        told = len(self._scores) + len(self._compactions) + len(self._free_space)
        return len(self.transfers) + len(self._hours) + told

    def hear(self, at: int) -> None:
        """Note that the log had a line at this time (microseconds since 1970 UTC)."""
        hour_at = at - at % HOUR_US
        known = self._hours.get(hour_at)
        if known is None:
            self._hours[hour_at] = HeardHour(hour_at, at, at)
        elif not known.first_at <= at <= known.last_at:
            first, last = min(known.first_at, at), max(known.last_at, at)
            self._hours[hour_at] = known._replace(first_at=first, last_at=last)

    def observe(self, observed: Scores | Compaction | Sign) -> None:
        """Keep what a line that ends no transfer told; its time was heard before."""
        match observed:
            case Scores():
                self._scores.append(observed)
            case Compaction():
                self._compactions.append(observed)
            case Sign(at=at, kind=kind):
                self._mark(at, _SIGNS[kind])

    def _mark(self, at: int, mark: str) -> None:
        hour_at = at - at % HOUR_US
        known = self._hours[hour_at]
        latest = max(at, getattr(known, mark) or at)
        self._hours[hour_at] = known._replace(**{mark: latest})

    def measure(self, at: int, free_bytes: int) -> None:
        """Keep how much space is free, once for every five minutes."""
        slot = at // SLOT_US
        known = self._free_space.get(slot)
        if known is None or known.at <= at:
            self._free_space[slot] = FreeSpace(at, free_bytes)

    def news(self, node: str, following: Following | None = None) -> News:
        """Return all of it for the store's writer."""
        return News(
            node=node,
            transfers=self._batch() if self.transfers else None,
            hours=tuple(self._hours.values()),
            scores=self._scores,
            free_space=tuple(self._free_space.values()),
            compactions=self._compactions,
            following=following,
        )

    def _batch(self) -> pa.RecordBatch:
        arrays = [
            pa.array(list(map(attrgetter(field.name), self.transfers)), field.type)
            for field in TRANSFERS
        ]
        if self._countries is not None:
            addresses = arrays[TRANSFERS.get_field_index("remote_ip")]
            arrays[TRANSFERS.get_field_index("country")] = self._countries.of(addresses)
        return pa.RecordBatch.from_arrays(arrays, schema=TRANSFERS)
