"""The charts and tables of traffic: when, for what, on which node, and how it ended."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from storj_export_plugins.reports.chapters.columns import (
    DAY,
    HOUR,
    NODE,
    TOTAL,
    count,
    ratio,
    size,
)
from storj_export_plugins.reports.chapters.transfers import moved, number, success
from storj_export_plugins.reports.spans import buckets, is_short
from storj_export_plugins.reports.sums import lowest
from storj_export_plugins.reports.words import percent, sized
from storj_monitor.plugin import Chart, Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from storj_export_plugins.reports.chapters.coverage import Coverage
    from storj_export_plugins.reports.chapters.transfers import Sum, Transfers

_ACTIONS = {
    "GET": "Downloads",
    "GET_REPAIR": "Repair downloads",
    "GET_AUDIT": "Audits",
    "PUT": "Uploads",
    "PUT_REPAIR": "Repair uploads",
}
#: What was refused before it was told what it is.
_REJECTED = "Rejected uploads"
_STATUSES = ("success", "canceled", "failed", "rejected")


class _Series(NamedTuple):
    """A column over time, and how its value is made of an hour's or a day's sums."""

    column: Column
    of: Callable[[list[Sum]], float | None]


class TrafficChapter:
    """What is shown of a span's transfers; with `coverage`, what was read and had none is 0."""

    def __init__(self, transfers: Transfers, coverage: Coverage) -> None:
        self._transfers = transfers
        self._coverage = coverage
        short = is_short(transfers.query)
        self._x = HOUR if short else DAY
        self._per = "by the hour" if short else "by the day"

    def in_and_out(self) -> tuple[Chart, Table]:
        """Return egress and ingress side by side."""
        series = (
            _Series(size("egress_bytes", "Egress"), _egress),
            _Series(size("ingress_bytes", "Ingress"), _ingress),
        )
        table = self._over_time("traffic_over_time", "Egress and ingress", series)
        title = f"Egress and ingress {self._per}: {self._most(_egress, ' of egress')}"
        return Chart(title, table, self._x.key, _keys(series)), table

    def egress(self) -> tuple[Chart, Table]:
        """Return what was sent over time, by why it was asked for."""
        return self._stacked("egress", ("GET", "GET_REPAIR", "GET_AUDIT"), _egress)

    def ingress(self) -> tuple[Chart, Table]:
        """Return what was taken in over time, by why it was sent."""
        return self._stacked("ingress", ("PUT", "PUT_REPAIR"), _ingress)

    def success(self) -> tuple[Chart, Table]:
        """Return the part of each kind that succeeded, over time."""
        series = tuple(
            _Series(
                ratio(f"{action.lower()}_ratio", label, "The part of them that succeeded."),
                partial(_success, action),
            )
            for action, label in _ACTIONS.items()
        )
        table = self._over_time("success_over_time", "Success", series)
        rates = {one.column.label: one.of(self._transfers.sums) for one in series}
        worst = lowest(rates.values())
        said = "nothing is known"
        if worst is not None:
            label = next(label for label, rate in rates.items() if rate == worst)
            said = f"{label.lower()} least, {percent(worst)}"
        return Chart(f"Success {self._per}: {said}", table, self._x.key, _keys(series)), table

    def by_action(self) -> Table:
        """Return transfers and how they ended, by action, with their sum."""
        columns = (
            Column(key="action", label="Action", description="What the transfers were for."),
            count("count", "Transfers", "However they ended."),
            count("success", "Succeeded"),
            count("canceled", "Cancelled", "Mostly because other nodes were faster."),
            count("failed", "Failed"),
            count("rejected", "Rejected", "Uploads that the node refused."),
            ratio("success_ratio", "Success", "The part that succeeded of what was begun."),
            size("bytes", "Moved", "By the transfers that succeeded."),
        )
        grouped: defaultdict[str, list[Sum]] = defaultdict(list)
        for one in self._transfers.sums:
            grouped[_ACTIONS.get(one.action or "", one.action or _REJECTED)].append(one)
        known = [*_ACTIONS.values()]
        names = [name for name in known if name in grouped] + sorted(grouped.keys() - {*known})
        rows = [_outcomes(name, grouped[name]) for name in names]
        rows += [_outcomes(TOTAL, self._transfers.sums)] if rows else []
        return Table.of("by_action", "Transfers by action", columns, rows)

    def by_node(self) -> Table:
        """Return what each node moved, with the sum; one that wasn't heard of has no numbers."""
        columns = (
            NODE,
            count("count", "Transfers", "However they ended."),
            size("egress_bytes", "Egress"),
            size("ingress_bytes", "Ingress"),
            ratio(
                "success_ratio",
                "Success",
                "The part of the downloads that succeeded, repair apart.",
            ),
        )
        grouped: defaultdict[str, list[Sum]] = defaultdict(list)
        for one in self._transfers.sums:
            grouped[one.node].append(one)
        nodes = sorted({*grouped, *self._coverage.nodes})
        rows = [self._of_node(node, grouped[node]) for node in nodes]
        rows += [self._of_node(TOTAL, self._transfers.sums)] if rows else []
        return Table.of("by_node", "Traffic by node", columns, rows)

    def _of_node(self, name: str, sums: list[Sum]) -> tuple[object, ...]:
        if not sums and not self._coverage.has_read(name):
            return name, None, None, None, None
        downloads = [one for one in sums if one.is_download]
        return name, number(sums), _egress(sums), _ingress(sums), success(downloads)

    def _stacked(
        self, which: str, actions: Sequence[str], whole: Callable[[list[Sum]], int]
    ) -> tuple[Chart, Table]:
        parts = tuple(
            _Series(size(f"{action.lower()}_bytes", _ACTIONS[action]), partial(_moved, action))
            for action in actions
        )
        together = _Series(size(f"{which}_bytes", "Together"), whole)
        title = which.capitalize()
        table = self._over_time(f"{which}_over_time", title, (*parts, together))
        shape: Literal["stacked"] = "stacked"
        said = f"{title} {self._per}: {self._most(whole)}"
        return Chart(said, table, self._x.key, _keys(parts), shape), table

    def _over_time(self, name: str, title: str, series: Sequence[_Series]) -> Table:
        """Return a row for each hour or day; one of which nothing is known is empty.

        There is no row at all where nothing is known of any.
        """
        grouped = self._transfers.by_time()
        rows = []
        for label, start, end in buckets(self._transfers.query):
            sums = grouped.get(label, [])
            known = sums or self._coverage.is_read(start, end)
            rows.append((label, *(one.of(sums) if known else None for one in series)))
        if not grouped and not self._coverage.is_any_read():
            rows.clear()
        columns = (self._x, *(one.column for one in series))
        return Table.of(name, f"{title} {self._per}", columns, rows)

    def _most(self, of: Callable[[list[Sum]], int], what: str = "") -> str:
        """Return how much there was of what, and when the most of it was, in words."""
        if not self._transfers.sums:
            return "nothing" if self._coverage.is_any_read() else "nothing is known"
        amounts = {at: of(sums) for at, sums in self._transfers.by_time().items()}
        at = max(amounts, key=lambda label: amounts[label])
        if not amounts[at]:
            return f"nothing{what}"
        zone = self._transfers.query.timezone
        when = f"at {at.astimezone(zone):%H:%M}" if isinstance(at, datetime) else f"on {at}"
        return f"{sized(sum(amounts.values()))}{what}, most {when}"


def _keys(series: Iterable[_Series]) -> tuple[str, ...]:
    return tuple(one.column.key for one in series)


def _egress(sums: list[Sum]) -> int:
    return moved(one for one in sums if one.is_egress)


def _ingress(sums: list[Sum]) -> int:
    return moved(one for one in sums if one.is_ingress)


def _moved(action: str, sums: list[Sum]) -> int:
    return moved(one for one in sums if one.action == action)


def _success(action: str, sums: list[Sum]) -> float | None:
    return success(one for one in sums if one.action == action)


def _outcomes(name: str, sums: list[Sum]) -> tuple[object, ...]:
    ended = (number(one for one in sums if one.status == status) for status in _STATUSES)
    return name, number(sums), *ended, success(sums), moved(sums)
