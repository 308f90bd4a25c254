"""What satellites think of the nodes: scores against their limits, and how they changed."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_export_plugins.reports.chapters.columns import DAY, NODE, SATELLITE, ratio
from storj_export_plugins.reports.reading import records
from storj_export_plugins.reports.spans import days
from storj_export_plugins.reports.sums import change, less, lowest
from storj_export_plugins.reports.words import counted, percent
from storj_monitor.plugin import Chart, Column, Figure, Kind, Span, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_export_plugins.reports.reading import Record
    from storj_monitor.plugin import Catalogue, Query

#: Below these a satellite disqualifies or suspends a node.
LIMITS = {"audit_score": 0.96, "suspension_score": 0.60, "online_score": 0.60}
_NAMES = {"audit_score": "audit", "suspension_score": "suspension", "online_score": "online"}
#: A score is told every six hours at least; so far back it is still what counts at the start.
_HISTORY = timedelta(days=7)
#: A score so near its limit, of the way from there to 1, needs an eye.
_NEAR = 0.25


class Pair(NamedTuple):
    """A node and a satellite: what was said last, and what counted when the span began."""

    node: str
    satellite: str
    last: Record
    first: Record | None

    @property
    def fall(self) -> float:
        """By how much the score fell that fell most; less than 0 if all rose."""
        falls = [less(self.first[key], self.last[key]) for key in LIMITS] if self.first else []
        return max((fall for fall in falls if fall is not None), default=0.0)

    @property
    def state(self) -> str:
        """How it stands, in words."""
        if self.last["disqualified_at"]:
            return f"disqualified since {self.last['disqualified_at']:%Y-%m-%d}"
        if self.last["suspended_at"]:
            return f"suspended since {self.last['suspended_at']:%Y-%m-%d}"
        known = {key: self.last[key] for key in LIMITS if self.last[key] is not None}
        if not known:
            return "unknown"
        key = min(known, key=lambda each: _margin(each, known[each]))
        margin = _margin(key, known[key])
        if margin < 0:
            return f"{_NAMES[key]} score below its limit"
        return f"{_NAMES[key]} score near its limit" if margin < _NEAR else "fine"


def _margin(key: str, score: float) -> float:
    """Return how far a score is above its limit: 1 at best, 0 at the limit."""
    return (score - LIMITS[key]) / (1 - LIMITS[key])


class Scores:
    """The scores of a span."""

    def __init__(self, catalogue: Catalogue, query: Query) -> None:
        self._query = query
        span = Span(query.span.start - _HISTORY, query.span.end)
        self._rows = records(catalogue, "reputation", query, span)
        self.pairs = self._pairs()

    def _pairs(self) -> list[Pair]:
        """Return who is judged by whom; what has no satellite's name goes by its id."""
        told: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
        for row in self._rows:
            told[row["node"], row["satellite"] or row["satellite_id"] or "unknown"].append(row)
        start = self._query.span.start
        pairs = []
        for (node, satellite), rows in sorted(told.items()):
            before = [row for row in rows if row["timestamp"] <= start]
            first = before[-1:] or rows[:1]
            pairs.append(Pair(node, satellite, rows[-1], first[0]))
        return pairs

    def figure(self) -> Figure:
        """Return the score that is nearest to its limit, of whichever kind, with its change."""
        nearest: tuple[float, str] = (2.0, "audit_score")
        for key in LIMITS:
            worst = lowest(pair.last[key] for pair in self.pairs)
            if worst is not None:
                nearest = min(nearest, (_margin(key, worst), key))
        key = nearest[1]
        now = lowest(pair.last[key] for pair in self.pairs)
        before = lowest(pair.first[key] for pair in self.pairs if pair.first)
        label = f"Lowest {_NAMES[key]} score"
        return Figure("lowest_score", label, now, Kind.RATIO, change(now, before))

    def by_satellite(self) -> tuple[Chart, Table]:
        """Return the lowest scores of each satellite beside their limits."""
        columns = (SATELLITE, *_score_columns("Lowest "), *_limit_columns())
        grouped: defaultdict[str, list[Pair]] = defaultdict(list)
        for pair in self.pairs:
            grouped[pair.satellite].append(pair)
        rows = [
            (satellite, *_lowest(pair.last for pair in pairs), *_LIMIT_VALUES)
            for satellite, pairs in sorted(grouped.items())
        ]
        table = Table.of("scores_by_satellite", "Lowest scores by satellite", columns, rows)
        return Chart(f"Scores: {self._said()}", table, "satellite", _DRAWN, "bar"), table

    def by_day(self) -> tuple[Chart, Table]:
        """Return the lowest scores that were said on each day, beside their limits."""
        columns = (DAY, *_score_columns("Lowest "), *_limit_columns())
        zone = self._query.timezone
        grouped: defaultdict[object, list[Record]] = defaultdict(list)
        for row in self._rows:
            grouped[row["timestamp"].astimezone(zone).date()].append(row)
        shown = days(self._query) if self._rows else ()
        rows = [(day, *_lowest(grouped[day]), *_LIMIT_VALUES) for day, _, _ in shown]
        table = Table.of("scores_over_time", "Lowest scores by the day", columns, rows)
        title = f"Lowest scores by the day: {self._said()}{self._fell()}"
        return Chart(title, table, "day", _DRAWN), table

    def _fell(self) -> str:
        """Return how many scores fell, for the end of a sentence."""
        fell = sum(pair.fall > 0 for pair in self.pairs)
        return f"; {fell} of {len(self.pairs)} fell" if self.pairs else ""

    def _said(self) -> str:
        troubled = [pair for pair in self.pairs if pair.state not in ("fine", "unknown")]
        if not self.pairs:
            return "nothing is known"
        if troubled:
            return f"{counted(len(troubled), 'pair')} of node and satellite need an eye"
        figure = self.figure()
        worst = figure.value if isinstance(figure.value, float) else None
        return f"all are fine, the {figure.label.lower()} is {percent(worst)}"

    def now(self) -> Table:
        """Return every node and satellite with its scores, those in trouble first."""
        columns = (
            NODE,
            SATELLITE,
            *_score_columns(""),
            Column(key="state", label="State", description="How it stands."),
            Column(key="told_at", label="As told", kind=Kind.TIMESTAMP, description="When last."),
        )
        rows = [
            (pair.node, pair.satellite, *_of(pair.last), pair.state, pair.last["timestamp"])
            for pair in sorted(self.pairs, key=lambda pair: (pair.state == "fine", pair[:2]))
        ]
        return Table.of("scores", "Scores by node and satellite", columns, rows)

    def changes(self) -> Table:
        """Return every node and satellite with its scores before and after, worst first."""
        columns = (
            NODE,
            SATELLITE,
            *(
                column
                for key, name in _NAMES.items()
                for column in (
                    ratio(f"{key}_before", f"{name.capitalize()} before", "When the span began."),
                    ratio(key, f"{name.capitalize()} now", "When it ended."),
                )
            ),
            Column(key="state", label="State", description="How it stands."),
        )
        rows = [
            (
                pair.node,
                pair.satellite,
                *(
                    value
                    for key in LIMITS
                    for value in ((pair.first or {}).get(key), pair.last[key])
                ),
                pair.state,
            )
            for pair in sorted(self.pairs, key=lambda pair: (-pair.fall, pair[:2]))
        ]
        return Table.of("score_changes", "Changes of scores", columns, rows)


def _score_columns(which: str) -> tuple[Column, ...]:
    return tuple(
        ratio(
            key,
            f"{which}{name} score".capitalize(),
            f"1 at best; below {LIMITS[key]:.2f} the node is "
            f"{'disqualified' if key == 'audit_score' else 'suspended'}.",
        )
        for key, name in _NAMES.items()
    )


def _limit_columns() -> tuple[Column, ...]:
    return (
        ratio("audit_threshold", "Limit of audit"),
        ratio("other_threshold", "Limit of the others", "Of the suspension and online scores."),
    )


_LIMIT_VALUES = (LIMITS["audit_score"], LIMITS["online_score"])
#: The suspension score has the limit of the online score, and is rarely below 1.
_DRAWN = ("audit_score", "online_score", "audit_threshold", "other_threshold")


def _of(row: Record) -> tuple[Any, ...]:
    return tuple(row[key] for key in LIMITS)


def _lowest(rows: Iterable[Record]) -> tuple[float | None, ...]:
    told = list(rows)
    return tuple(lowest(row[key] for row in told) for key in LIMITS)
