"""How long downloads take, and how many transfers succeed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from storj_monitor.alerts.situation import HOUR_US
from storj_monitor.alerts.verdicts import Subject, below, reaching
from storj_monitor.plugin import Kind, display_text
from storj_monitor.schema import bucket_bounds, event_hour_durations, event_hours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Column, Table

    from storj_monitor.alerts.situation import AnySelect, Situation
    from storj_monitor.alerts.verdicts import Verdict

TYPES = ("latency", "download_success", "upload_success")

_LATENCY_HOURS = 6
_SUCCESS_HOURS = 24
_LATENCY_QUANTILE = 0.99
#: Repair is as much a race as what customers do; of audits there are too few.
_ACTIONS = {"download": ("GET", "GET_REPAIR"), "upload": ("PUT", "PUT_REPAIR")}
#: What a node loses by, and what to look at.
_MEANINGS = {
    "download": "egress is lost to faster nodes. Look at the reasons of failed transfers, at the "
    "uplink and at the disk.",
    "upload": "ingress is lost to faster nodes. Look at the reasons of failed transfers, and "
    "whether the disk keeps up.",
}


def verdicts(situation: Situation) -> Iterator[Verdict]:
    """Judge the hours up to now, the one that goes on included; few transfers say nothing."""
    yield from _latency(situation)
    for kind, actions in _ACTIONS.items():
        yield from _success(situation, kind, actions)


def quantile(counts: Mapping[int, int], part: float) -> int:
    """Return the middle (ms) of the duration bucket that so much of the transfers end in or before.

    `counts` has the number of transfers of each bucket.
    """
    rank, reached = part * sum(counts.values()), 0
    for bucket in sorted(counts):
        reached += counts[bucket]
        if reached >= rank:
            break
    first, after = bucket_bounds(bucket)
    return (first + after - 1) // 2


def _latency(situation: Situation) -> Iterator[Verdict]:
    durations = event_hour_durations.c
    chosen = _summed(situation, event_hour_durations, _LATENCY_HOURS, durations.bucket).where(
        durations.action.in_(_ACTIONS["download"]), durations.status == "success"
    )
    settings = situation.settings
    for node_id, counts in _by_node(situation.rows(chosen), "bucket").items():
        if sum(counts.values()) < settings.transfers_at_least:
            continue
        subject = Subject("latency", "Slow downloads", node_id)
        took = quantile(counts, _LATENCY_QUANTILE)
        level = reaching(took, settings.latency_warning_ms, settings.latency_critical_ms)
        if level is None:
            yield subject.fine()
        else:
            yield subject.at(
                level,
                f"One in a hundred downloads from {situation.node(node_id)} took longer than "
                f"{display_text(took, Kind.DURATION)} in the last {_LATENCY_HOURS} hours. Slow "
                "nodes lose downloads to faster ones: see what else keeps the disk busy.",
                took,
            )


def _success(situation: Situation, kind: str, actions: tuple[str, ...]) -> Iterator[Verdict]:
    hours = event_hours.c
    chosen = _summed(situation, event_hours, _SUCCESS_HOURS, hours.status).where(
        hours.action.in_(actions), hours.status.in_(("success", "canceled", "failed"))
    )
    settings = situation.settings
    warning = getattr(settings, f"{kind}_warning")
    critical = getattr(settings, f"{kind}_critical")
    for node_id, counts in _by_node(situation.rows(chosen), "status").items():
        total = sum(counts.values())
        if total < settings.transfers_at_least:
            continue
        subject = Subject(f"{kind}_success", f"Few {kind}s succeed", node_id)
        ratio = counts.get("success", 0) / total
        level = below(ratio, warning, critical)
        if level is None:
            yield subject.fine()
        else:
            ended = " and ".join(
                f"{counts[status]:,} {status}"
                for status in ("canceled", "failed")
                if counts[status]
            )
            yield subject.at(
                level,
                f"Of {total:,} {kind}s of {situation.node(node_id)} in the last {_SUCCESS_HOURS} "
                f"hours {display_text(ratio, Kind.RATIO)} succeeded ({ended}): {_MEANINGS[kind]}",
                ratio,
            )


def _summed(situation: Situation, table: Table, hours: int, by: Column[Any]) -> AnySelect:
    first = situation.now_us - situation.now_us % HOUR_US - hours * HOUR_US
    count = func.sum(table.c.count).label("transfers")
    chosen = select(table.c.node_id, by, count)
    chosen = chosen.where(table.c.hour_at >= first, table.c.hour_at <= situation.now_us)
    return chosen.group_by(table.c.node_id, by)


def _by_node(rows: list[dict[str, Any]], key: str) -> dict[int, defaultdict[Any, int]]:
    found: dict[int, defaultdict[Any, int]] = {}
    for row in rows:
        found.setdefault(row["node_id"], defaultdict(int))[row[key]] = row["transfers"]
    return found
