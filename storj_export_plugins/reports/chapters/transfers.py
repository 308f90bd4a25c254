"""Transfers of a span summed up: how much went in and out, and how much of it succeeded."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.reports.reading import arrow
from storj_export_plugins.reports.spans import is_short
from storj_export_plugins.reports.sums import change, part, total
from storj_monitor.plugin import Figure, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    import pyarrow as pa

    from storj_monitor.plugin import Catalogue, Query

_KEYS = ("bucket_start", "node", "action", "status")
_SUMS = ("count", "bytes")
_QUANTILES = ("p50_ms", "p99_ms")


class Sum(NamedTuple):
    """Transfers of one hour or day, node, action and outcome; `bytes` is None where unknown."""

    at: datetime
    node: str
    action: str | None
    status: str
    transfers: int
    bytes: int | None

    @property
    def is_egress(self) -> bool:
        """Whether the node sent it, to whomever."""
        return (self.action or "").startswith("GET")

    @property
    def is_ingress(self) -> bool:
        """Whether it was sent to the node."""
        return (self.action or "").startswith("PUT")


class Duration(NamedTuple):
    """How long the downloads of a node and an hour or day took, in milliseconds."""

    at: datetime
    node: str
    transfers: int
    p50_ms: int
    p99_ms: int


def moved(sums: Iterable[Sum]) -> int:
    """Return the bytes of the transfers that succeeded."""
    return total(one.bytes for one in sums if one.status == "success") or 0


def success(sums: Iterable[Sum]) -> float | None:
    """Return the part that succeeded of what was begun; None if nothing was."""
    begun = [one for one in sums if one.status != "rejected"]
    return part(number(one for one in begun if one.status == "success"), number(begun))


def number(sums: Iterable[Sum]) -> int:
    """Return how many transfers there were."""
    return sum(one.transfers for one in sums)


class Transfers:
    """The transfers of a span, by the hour if it is short, else by the day of its zone.

    How long they took is a reading of its own, so it is left out unless `with_durations` asks.
    """

    def __init__(self, catalogue: Catalogue, query: Query, *, with_durations: bool = False) -> None:
        self.query = query
        bucket = "hour" if is_short(query) else "day"
        columns = (*_KEYS, *_SUMS, *(_QUANTILES if with_durations else ()))
        self._found = arrow(catalogue, "traffic", query, columns, bucket=bucket)
        self.sums = _sums(self._found)

    def egress(self) -> int | None:
        """Return the bytes that were sent; None if no transfer at all is known."""
        return moved(one for one in self.sums if one.is_egress) if self.sums else None

    def ingress(self) -> int | None:
        """Return the bytes that were taken in; None likewise."""
        return moved(one for one in self.sums if one.is_ingress) if self.sums else None

    def success(self) -> float | None:
        """Return the part that succeeded of what was sent, repair and audits included."""
        return success(one for one in self.sums if one.is_egress)

    def by_time(self) -> Mapping[datetime | date, list[Sum]]:
        """Return the sums of each hour or day, by what `spans.buckets` calls it."""
        short = is_short(self.query)
        grouped: defaultdict[datetime | date, list[Sum]] = defaultdict(list)
        for one in self.sums:
            local = one.at.astimezone(self.query.timezone)
            grouped[one.at if short else local.date()].append(one)
        return grouped

    def durations(self) -> list[Duration]:
        """Return how long successful downloads took, where that is known, by time and node.

        A percentile of several satellites is the mean of theirs, each counted as often as it
        downloaded.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        downloads = pc.and_(
            pc.equal(self._found["action"], pa.scalar("GET")),
            pc.equal(self._found["status"], pa.scalar("success")),
        )
        found = self._found.filter(pc.and_(downloads, pc.is_valid(self._found["p99_ms"])))
        for key in _QUANTILES:
            index = found.schema.get_field_index(key)
            found = found.set_column(index, key, pc.multiply(found[key], found["count"]))
        keys = ["bucket_start", "node"]
        summed = found.group_by(keys).aggregate([(key, "sum") for key in ("count", *_QUANTILES)])
        columns = ("bucket_start", "node", "count_sum", "p50_ms_sum", "p99_ms_sum")
        rows = zip(*(summed[key].to_pylist() for key in columns), strict=True)
        return sorted(
            Duration(at, node, count, p50 // count, p99 // count)
            for at, node, count, p50, p99 in rows
        )

    def figures(self, earlier: Transfers, *, is_read: bool) -> tuple[Figure, ...]:
        """Return egress, ingress and success, with their change.

        With `is_read`, no transfers means that there were none, not that none is known.
        """
        sent, taken, rate = self.egress(), self.ingress(), self.success()
        before = (earlier.egress(), earlier.ingress(), earlier.success())
        if is_read and not self.sums:
            sent = taken = 0
        return (
            Figure("egress", "Egress", sent, Kind.BYTES, change(sent, before[0])),
            Figure("ingress", "Ingress", taken, Kind.BYTES, change(taken, before[1])),
            Figure(
                "download_success",
                "Downloads that succeeded",
                rate,
                Kind.RATIO,
                change(rate, before[2]),
            ),
        )


def _sums(found: pa.Table) -> list[Sum]:
    """Add up the satellites, which nobody asks for here: what is left is few rows."""
    summed = found.group_by(list(_KEYS)).aggregate([(key, "sum") for key in _SUMS])
    columns = [summed[key].to_pylist() for key in (*_KEYS, *(f"{key}_sum" for key in _SUMS))]
    return sorted(map(Sum, *columns), key=lambda one: (one.at, one.node, one.action or ""))
