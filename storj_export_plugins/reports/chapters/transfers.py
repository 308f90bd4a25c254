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

    from storj_export_plugins.reports.chapters.coverage import Coverage
    from storj_monitor.plugin import Catalogue, Query

_KEYS = ("bucket_start", "node", "action", "status")
_SUMS = ("count", "bytes")
_QUANTILES = ("p50_ms", "p99_ms")
#: What rows are told apart by, besides time and node.
_BY = ("action", "status")


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
    def is_download(self) -> bool:
        """Whether somebody asked for their own data; repair and audits are sent as well."""
        return self.action == "GET"

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

    Satellites are put together. How long transfers took is a reading of its own, so it is left
    out unless `with_durations` asks.
    """

    def __init__(self, catalogue: Catalogue, query: Query, *, with_durations: bool = False) -> None:
        self.query = query
        bucket = "hour" if is_short(query) else "day"
        columns = (*_KEYS, *_SUMS, *(_QUANTILES if with_durations else ()))
        self._found = arrow(catalogue, "traffic", query, columns, bucket=bucket, by=_BY)
        self.sums = _sums(self._found)

    def egress(self) -> int | None:
        """Return the bytes that were sent; None if no transfer at all is known."""
        return moved(one for one in self.sums if one.is_egress) if self.sums else None

    def ingress(self) -> int | None:
        """Return the bytes that were taken in; None likewise."""
        return moved(one for one in self.sums if one.is_ingress) if self.sums else None

    def success(self) -> float | None:
        """Return the part of the downloads that succeeded, without repair and audits."""
        return success(one for one in self.sums if one.is_download)

    def by_time(self) -> Mapping[datetime | date, list[Sum]]:
        """Return the sums of each hour or day, by what `spans.buckets` calls it."""
        short = is_short(self.query)
        grouped: defaultdict[datetime | date, list[Sum]] = defaultdict(list)
        for one in self.sums:
            local = one.at.astimezone(self.query.timezone)
            grouped[one.at if short else local.date()].append(one)
        return grouped

    def durations(self) -> list[Duration]:
        """Return how long successful downloads took, where that is known, by time and node."""
        columns = ("bucket_start", "node", "count", *_QUANTILES)
        downloads = (
            row
            for row in self._found.to_pylist()
            if (row["action"], row["status"]) == ("GET", "success") and row["p99_ms"] is not None
        )
        return sorted(Duration(*(row[key] for key in columns)) for row in downloads)

    def figures(self, earlier: Transfers | None, *, is_read: bool) -> tuple[Figure, ...]:
        """Return egress, ingress and success, with their change if there is an `earlier` span.

        With `is_read`, no transfers means that there were none, not that none is known.
        """
        sent, taken, rate = self.egress(), self.ingress(), self.success()
        if is_read and not self.sums:
            sent = taken = 0
        before = (earlier.egress() or 0, earlier.ingress() or 0) if earlier else (None, None)
        rate_before = earlier.success() if earlier else None
        success = "Downloads that succeeded"
        return (
            Figure("egress", "Egress", sent, Kind.BYTES, change(sent, before[0])),
            Figure("ingress", "Ingress", taken, Kind.BYTES, change(taken, before[1])),
            Figure("download_success", success, rate, Kind.RATIO, change(rate, rate_before)),
        )


def beside(
    catalogue: Catalogue, transfers: Transfers, coverage: Coverage, earlier: Query | None
) -> tuple[Figure, ...]:
    """Return the figures of transfers, beside the span before where as much was read of both."""
    is_like = earlier is not None and coverage.is_like_before()
    before = Transfers(catalogue, earlier) if earlier and is_like else None
    return transfers.figures(before, is_read=coverage.is_any_read())


def _sums(found: pa.Table) -> list[Sum]:
    columns = [found[key].to_pylist() for key in (*_KEYS, *_SUMS)]
    return sorted(map(Sum, *columns), key=lambda one: (one.at, one.node, one.action or ""))
