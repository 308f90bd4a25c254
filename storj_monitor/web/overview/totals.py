"""Sums over nodes, each with how many nodes it is known of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from storj_monitor.web.overview.figures import Disk, NodeFacts, Transfers


class Sum(NamedTuple):
    """A sum of what is known; None if nothing is."""

    value: Decimal | None
    nodes: int


@dataclass(frozen=True, kw_only=True)
class Totals:
    """All nodes together; a disk counts only if both its used and allocated space are known."""

    nodes: int
    by_status: Mapping[str, int]
    used_bytes: Sum
    allocated_bytes: Sum
    free_bytes: Sum
    expected_usd: Sum
    so_far_usd: Sum
    paid_usd: Sum
    sent_usd: Sum
    egress_bytes: Sum
    ingress_bytes: Sum
    downloads: float | None
    uploads: float | None

    @classmethod
    def of(cls, nodes: Sequence[NodeFacts]) -> Totals:
        """Add up what is known of these."""
        disks = [node.disk for node in nodes if node.disk and node.disk.used_ratio is not None]
        free = [node.disk for node in nodes if node.disk]
        money = [node.money for node in nodes]

        def of_disk(name: str, among: Iterable[Disk]) -> Sum:
            return _sum(getattr(disk, name) for disk in among)

        return cls(
            nodes=len(nodes),
            by_status=Counter(node.status for node in nodes),
            used_bytes=of_disk("used_bytes", disks),
            allocated_bytes=of_disk("allocated_bytes", disks),
            free_bytes=of_disk("free_bytes", free),
            expected_usd=_sum(one.expected_usd for one in money),
            so_far_usd=_sum(one.so_far_usd for one in money),
            paid_usd=_sum(one.paid_usd for one in money),
            sent_usd=_sum(one.sent_usd for one in money),
            egress_bytes=_sum(node.downloads.size_bytes for node in nodes),
            ingress_bytes=_sum(node.uploads.size_bytes for node in nodes),
            downloads=_ratio(nodes, lambda node: node.downloads),
            uploads=_ratio(nodes, lambda node: node.uploads),
        )

    @property
    def used_ratio(self) -> float | None:
        """The used part of what is allocated."""
        if self.used_bytes.value is None or not self.allocated_bytes.value:
            return None
        return float(self.used_bytes.value / self.allocated_bytes.value)


def _sum(values: Iterable[Decimal | int | None]) -> Sum:
    known = [Decimal(value) for value in values if value is not None]
    return Sum(sum(known, Decimal(0)) if known else None, len(known))


def _ratio(nodes: Iterable[NodeFacts], of: Callable[[NodeFacts], Transfers]) -> float | None:
    counted = [of(node) for node in nodes]
    ended = sum(one.ended for one in counted)
    return sum(one.succeeded for one in counted) / ended if ended else None
