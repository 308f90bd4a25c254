"""What satellites think of each node, beside the thresholds of the settings."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from storj_monitor.alerts.verdicts import below
from storj_monitor.plugin.query import moment
from storj_monitor.schema import reputation
from storj_monitor.web.overview.figures import Satellite, Score, status_of
from storj_monitor.web.overview.newest import newest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storj_monitor.alerts.situation import Situation
    from storj_monitor.web.overview.newest import Row

_SCORES = ("audit", "suspension", "online")


def satellites(situation: Situation) -> dict[int, tuple[Satellite, ...]]:
    """Return what satellites think of each node (by id), in the order of their names."""
    said: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in newest(situation, reputation, "at", ("node_id", "satellite_id", "origin")):
        said[row["node_id"], row["satellite_id"]].append(row)
    found: dict[int, list[Satellite]] = defaultdict(list)
    for (node_id, satellite_id), rows in said.items():
        found[node_id].append(_satellite(situation, situation.satellite(satellite_id), rows))
    return {
        node_id: tuple(sorted(known, key=lambda one: one.name)) for node_id, known in found.items()
    }


def _satellite(situation: Situation, name: str, rows: list[Row]) -> Satellite:
    """Take the scores from what was said last; the API alone tells what became of the node."""
    rows = sorted(rows, key=lambda row: int(row["at"]))
    told: Row = next((row for row in rows if row["origin"] == "api"), {})
    scored = [row for row in rows if any(row[f"{one}_score"] is not None for one in _SCORES)]
    last = (scored or rows)[-1]
    is_stale = last["at"] < situation.told_since_us
    is_over = told.get("disqualified_at") is not None
    return Satellite(
        name=name,
        said_at=moment(last["at"]),
        is_stale=is_stale,
        scores=tuple(_scores(situation, last, is_judged=not (is_stale or is_over))),
        disqualified_at=_moment(told.get("disqualified_at")),
        suspended_at=None if is_over else _moment(told.get("suspended_at")),
    )


def _scores(situation: Situation, row: Row, *, is_judged: bool) -> Iterable[Score]:
    """Yield the scores that are known; those of a satellite that is lost need no eye any more."""
    for name in _SCORES:
        value = row[f"{name}_score"]
        if value is None:
            continue
        warning = getattr(situation.settings, f"{name}_warning")
        critical = getattr(situation.settings, f"{name}_critical")
        level = status_of(below(value, warning, critical)) if is_judged else None
        yield Score(name=name, value=value, warning=warning, critical=critical, level=level)


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)
