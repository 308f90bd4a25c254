from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_export_plugins.sources.coverage import storj_sources
from storj_export_plugins.sources.coverage.api import NOT_POLLED
from storj_export_plugins.sources.coverage.log import MUTED, NO_LINES, STOPPED
from storj_monitor.plugin import Kind, OptionError
from storj_monitor.plugin.query import moment as moment_at
from storj_monitor.store import Following, HeardHour, News, Poll, Store
from tests.records import at, transfers
from tests.sources.asking import ask, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

(COVERAGE,) = storj_sources()
HOUR = 3_600_000_000
MINUTE = HOUR // 60
START = at("2026-03-04T00:00:00")


class Heard(NamedTuple):
    """An hour with log lines; minutes are counted from its beginning."""

    transfers: str | None = "success"
    started: int | None = None
    stopped: int | None = None
    traffic: int | None = None


BUSY = Heard()
IDLE = Heard(transfers=None)
#: An hour whose only sign of traffic is that orders were sent.
SHOWN = Heard(transfers=None, traffic=9)


def hour_of(number: int, heard: Heard) -> HeardHour:
    hour_at = START + number * HOUR
    minutes = (heard.started, heard.stopped, heard.traffic)
    signs = [None if minute is None else hour_at + minute * MINUTE for minute in minutes]
    return HeardHour(hour_at, hour_at, hour_at + 59 * MINUTE, *signs)


def write(
    store: Store,
    hours: Mapping[int, Heard],
    node: str = "n1",
    checked_hour: float | None = None,
) -> None:
    ends = [
        {"at": START + number * HOUR + MINUTE, "status": heard.transfers}
        for number, heard in hours.items()
        if heard.transfers
    ]
    following = None
    if checked_hour is not None:
        checked_at = int(START + checked_hour * HOUR)
        following = Following("node.log", "", "following", None, 0, checked_at)
    news = News(
        node=node,
        transfers=transfers(ends),
        hours=[hour_of(number, heard) for number, heard in hours.items()],
        following=following,
    )
    with store.writer() as writer:
        writer.write([news])


def shown(rows: Iterable[dict[str, Any]]) -> list[tuple[float, float, str | None]]:
    """Return from and to as hours after START, and the reason."""
    return [
        (
            (at(row["start_at"].isoformat()) - START) / HOUR,
            (at(row["end_at"].isoformat()) - START) / HOUR,
            row["reason"],
        )
        for row in rows
    ]


def test_the_columns_are_those_of_the_public_contract() -> None:
    assert [column.key for column in COVERAGE.columns] == [
        *("start_at", "end_at", "node", "kind", "state", "reason"),
    ]
    assert [column.kind for column in COVERAGE.columns] == [Kind.TIMESTAMP] * 2 + [Kind.TEXT] * 4
    assert [(filter_.name, filter_.choices) for filter_ in COVERAGE.filters] == [
        ("state", ("ok", "gap")),
        ("kind", ("log", "api")),
    ]
    assert COVERAGE.max_days is None


def test_reasons_begin_with_a_word_of_their_own() -> None:
    assert [reason.partition(":")[0] for reason in (STOPPED, NO_LINES, MUTED, NOT_POLLED)] == [
        *("stopped", "no lines", "muted", "not polled"),
    ]


def test_hours_that_are_alike_are_one_row_from_the_first_that_was_heard(store: Store) -> None:
    write(store, {2: BUSY, 3: IDLE, 4: BUSY, 7: BUSY})
    assert [tuple(row.values()) for row in ask(store, COVERAGE)] == [
        (
            moment("2026-03-04T02:00:00"),
            moment("2026-03-04T05:00:00"),
            *("n1", "log", "ok", None),
        ),
        (
            moment("2026-03-04T05:00:00"),
            moment("2026-03-04T07:00:00"),
            *("n1", "log", "gap", "no lines: nothing was read from the log"),
        ),
        (
            moment("2026-03-04T07:00:00"),
            moment("2026-03-04T08:00:00"),
            *("n1", "log", "ok", None),
        ),
    ]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (BUSY, BUSY, NO_LINES),
        (Heard(stopped=58), BUSY, STOPPED),
        (Heard(started=10, stopped=58), BUSY, STOPPED),
        (Heard(started=58, stopped=58), BUSY, STOPPED),
        (Heard(started=58, stopped=10), BUSY, NO_LINES),
        (Heard(started=10), BUSY, NO_LINES),
        (BUSY, Heard(started=0), STOPPED),
        (BUSY, Heard(started=5), STOPPED),
        (BUSY, Heard(started=6), NO_LINES),
        (BUSY, Heard(stopped=0), NO_LINES),
    ],
)
def test_a_gap_says_whether_the_node_was_stopped(
    store: Store, before: Heard, after: Heard, reason: str
) -> None:
    write(store, {0: before, 90: after})
    assert shown(ask(store, COVERAGE, filters={"state": ["gap"]})) == [(1, 90, reason)]
    within = ("2026-03-05T10:30:00", "2026-03-05T10:40:00")
    assert shown(ask(store, COVERAGE, *within)) == [(34.5, 34 + 40 / 60, reason)]


@pytest.mark.parametrize(
    ("hours", "rows"),
    [
        ([BUSY, *[IDLE] * 23, BUSY], [(0, 25, None)]),
        ([BUSY, *[IDLE] * 24, BUSY], [(0, 1, None), (1, 25, MUTED), (25, 26, None)]),
        ([*[IDLE] * 3, SHOWN, IDLE, BUSY], [(0, 5, MUTED), (5, 6, None)]),
        ([BUSY, SHOWN, SHOWN, SHOWN, IDLE], [(0, 5, None)]),
        ([BUSY, SHOWN, SHOWN, SHOWN, SHOWN], [(0, 1, None), (1, 5, MUTED)]),
        ([Heard(traffic=9), IDLE], [(0, 2, None)]),
        ([Heard("failed")] * 24, [(0, 24, MUTED)]),
        ([Heard("rejected", traffic=9)] * 4, [(0, 4, MUTED)]),
        ([Heard("canceled", traffic=9)] * 24, [(0, 24, None)]),
    ],
)
def test_a_log_without_transfers_is_muted_if_there_was_traffic_or_for_a_day(
    store: Store, hours: list[Heard], rows: list[tuple[float, float, str | None]]
) -> None:
    write(store, dict(enumerate(hours)))
    assert shown(ask(store, COVERAGE)) == rows


@pytest.mark.parametrize(
    "hours",
    [[IDLE] * 23, [IDLE] * 24, [IDLE] * 60, [*[IDLE] * 3, SHOWN, *[IDLE] * 3, *[SHOWN] * 9]],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_what_an_hour_is_does_not_depend_on_the_span_that_is_asked_for(
    store: Store, hours: list[Heard], backwards: bool
) -> None:
    write(store, dict(enumerate([BUSY, *(reversed(hours) if backwards else hours), BUSY])))
    [*_, whole, _] = [(0, 0, None), *shown(ask(store, COVERAGE))]
    for hour in (1, len(hours) // 2, len(hours)):
        asked = [moment_at(START + at_hour * HOUR).isoformat() for at_hour in (hour, hour + 1)]
        assert shown(ask(store, COVERAGE, *asked)) == [(hour, hour + 1, whole[2])]


def test_a_gap_ends_a_run_of_hours_without_transfers(store: Store) -> None:
    write(store, dict.fromkeys([*range(20), *range(21, 41)], IDLE))
    assert shown(ask(store, COVERAGE)) == [(0, 20, None), (20, 21, NO_LINES), (21, 41, None)]


@pytest.mark.parametrize(
    ("last", "checked_hour", "rows"),
    [
        (BUSY, None, [(0, 1, None)]),
        (BUSY, 0.9, [(0, 1, None)]),
        (BUSY, 1.9, [(0, 1, None)]),
        (BUSY, 2.0, [(0, 1, None), (1, 2, NO_LINES)]),
        (BUSY, 4.9, [(0, 1, None), (1, 4, NO_LINES)]),
        (Heard(stopped=58), 4.9, [(0, 1, None), (1, 4, STOPPED)]),
    ],
)
def test_after_the_last_line_is_a_gap_up_to_the_hour_that_is_running(
    store: Store, last: Heard, checked_hour: float, rows: list[tuple[float, float, str | None]]
) -> None:
    write(store, {0: last}, checked_hour=checked_hour)
    assert shown(ask(store, COVERAGE)) == rows


def test_what_was_heard_of_another_node_says_how_late_it_is(store: Store) -> None:
    write(store, {0: BUSY})
    write(store, {3: BUSY, 10: BUSY}, node="a")
    rows = ask(store, COVERAGE)
    assert [(row["node"], *row_) for row, row_ in zip(rows, shown(rows), strict=True)] == [
        ("n1", 0, 1, None),
        ("n1", 1, 10, NO_LINES),
        ("a", 3, 4, None),
        ("a", 4, 10, NO_LINES),
        ("a", 10, 11, None),
    ]
    assert shown(ask(store, COVERAGE, nodes=("n1",))) == [(0, 1, None), (1, 10, NO_LINES)]


def test_rows_of_the_same_time_are_in_order_of_the_nodes_names(store: Store) -> None:
    for node in ("c", "a", "b"):
        write(store, {0: BUSY}, node=node)
    assert [row["node"] for row in ask(store, COVERAGE)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ({"state": ["ok"]}, [(0, 1, None), (3, 4, None)]),
        ({"state": ["gap"]}, [(1, 3, NO_LINES)]),
        ({"kind": ["log"], "state": ["gap", "ok"]}, [(0, 1, None), (1, 3, NO_LINES), (3, 4, None)]),
        ({"kind": ["api"]}, []),
    ],
)
def test_filters_choose_rows(
    store: Store, filters: dict[str, list[str]], rows: list[tuple[float, float, str | None]]
) -> None:
    write(store, {0: BUSY, 3: BUSY})
    assert shown(ask(store, COVERAGE, filters=filters)) == rows


def test_a_node_that_is_unknown_is_refused_and_one_never_heard_has_no_rows(store: Store) -> None:
    assert ask(store, COVERAGE) == []
    write(store, {0: BUSY})
    write(store, {}, node="silent", checked_hour=1.5)
    assert ask(store, COVERAGE, nodes=("silent",)) == []
    with pytest.raises(OptionError) as refusal:
        ask(store, COVERAGE, nodes=("n2",))
    assert str(refusal.value) == "there is no node 'n2'; known: n1, silent"


def poll(
    store: Store, hours: Mapping[float, str | None], node: str = "n1", *, part: str | None = None
) -> None:
    """Ask the API of a node at some hours: what failed has a reason."""
    with store.writer() as writer:
        for number, reason in hours.items():
            asked_at = int(START + number * HOUR)
            is_answered = reason is None
            said = Poll(asked_at, "http://nas:14002", is_answered, reason or part)
            writer.write([News(node=node, poll=said)])


REFUSED = "failed: nothing listens at nas:14002"
DOWN = REFUSED.removeprefix("failed: ")


def test_hours_of_the_api_are_rows_from_the_first_in_which_it_was_asked(store: Store) -> None:
    poll(store, {2.1: None, 2.5: DOWN, 3.5: None, 4.0: DOWN, 4.9: DOWN, 5.5: DOWN, 9.2: None})
    rows = ask(store, COVERAGE)
    assert {(row["node"], row["kind"]) for row in rows} == {("n1", "api")}
    assert [row["state"] for row in rows] == ["ok", "ok", "gap", "gap", "ok"]
    part = f"in part: {DOWN}"
    expected = [(2, 3, part), (3, 4, None), (4, 6, REFUSED), (6, 9, NOT_POLLED), (9, 10, None)]
    assert shown(rows) == expected
    for start, end, reason in expected:
        asked = [moment_at(int(START + at_hour * HOUR)).isoformat() for at_hour in (start, end)]
        assert shown(ask(store, COVERAGE, *asked)) == [(start, end, reason)]


def test_an_answer_in_part_is_no_gap(store: Store) -> None:
    poll(store, {0: None}, part="/api/sno/satellites: HTTP status 500")
    [row] = ask(store, COVERAGE)
    assert row["state"] == "ok"
    assert row["reason"] == "in part: /api/sno/satellites: HTTP status 500"


def test_after_the_last_question_to_an_api_is_a_gap_up_to_the_hour_that_is_running(
    store: Store,
) -> None:
    poll(store, {0.1: None})
    poll(store, {5.5: None}, node="a")
    write(store, {0: BUSY}, node="unasked")
    rows = [row for row in ask(store, COVERAGE) if row["kind"] == "api"]
    assert [(row["node"], *row_) for row, row_ in zip(rows, shown(rows), strict=True)] == [
        ("n1", 0, 1, None),
        ("n1", 1, 5, NOT_POLLED),
        ("a", 5, 6, None),
    ]


def test_the_log_and_the_api_of_a_node_are_rows_of_their_own(store: Store) -> None:
    write(store, {0: BUSY, 1: BUSY})
    poll(store, {0.5: None, 2.5: DOWN})
    kinds = [(row["kind"], row["reason"]) for row in ask(store, COVERAGE)]
    assert kinds == [("log", None), ("api", None), ("api", NOT_POLLED), ("api", REFUSED)]
    only = [row["reason"] for row in ask(store, COVERAGE, filters={"kind": ["api"]})]
    assert only == [None, NOT_POLLED, REFUSED]
    gaps = ask(store, COVERAGE, filters={"kind": ["log", "api"], "state": ["gap"]}, nodes=("n1",))
    assert [row["reason"] for row in gaps] == [NOT_POLLED, REFUSED]


def test_that_an_api_was_asked_says_how_late_it_is_for_the_log(store: Store) -> None:
    write(store, {0: BUSY})
    poll(store, {4.5: None})
    logs = ask(store, COVERAGE, filters={"kind": ["log"]})
    assert shown(logs) == [(0, 1, None), (1, 4, NO_LINES)]


def model(
    hours: Mapping[int, Heard], latest: float, span: tuple[int, int]
) -> Iterator[tuple[int, int, str | None]]:
    """Go hour by hour through all that is known, and give what lies in the span (in minutes)."""
    rows: list[tuple[int, int, str | None]] = []
    for hour in range(min(hours), max(max(hours) + 1, int(latest))):
        reason = model_reason(hours, hour)
        start, end = max(hour * 60, span[0]), min(hour * 60 + 60, span[1])
        if start < end and rows and rows[-1][1:] == (start, reason):
            rows[-1] = (rows[-1][0], end, reason)
        elif start < end:
            rows.append((start, end, reason))
    return iter(rows)


def model_reason(hours: Mapping[int, Heard], hour: int) -> str | None:
    if hour not in hours:
        before = hours[max(other for other in hours if other < hour)]
        after = hours.get(min((other for other in hours if other > hour), default=-1), BUSY)
        if before.stopped is not None and before.stopped >= (before.started or 0):
            return STOPPED
        return STOPPED if after.started is not None and after.started <= 5 else NO_LINES
    if is_with_transfers(hours[hour]):
        return None
    first = last = hour
    while first - 1 in hours and not is_with_transfers(hours[first - 1]):
        first -= 1
    while last + 1 in hours and not is_with_transfers(hours[last + 1]):
        last += 1
    run = [hours[other] for other in range(first, last + 1)]
    is_muted = len(run) >= 24 or any(heard.traffic is not None for heard in run[3:])
    return MUTED if is_muted else None


def is_with_transfers(heard: Heard) -> bool:
    return heard.transfers in ("success", "canceled")


minutes = st.none() | st.integers(0, 59)
heard_hours = st.builds(
    Heard,
    transfers=st.sampled_from(["success", "canceled", "failed"]),
    started=minutes,
    stopped=minutes,
    traffic=minutes,
)
stretches = st.tuples(
    st.sampled_from([BUSY, IDLE, IDLE, None]) | heard_hours | st.just(SHOWN),
    st.integers(1, 3) | st.integers(20, 30),
)
logs = st.lists(stretches, min_size=1, max_size=8).map(
    lambda found: {
        number: heard
        for number, heard in enumerate(heard for heard, count in found for _ in range(count))
        if heard is not None
    }
)


@given(
    of_nodes=st.lists(logs.filter(bool), min_size=1, max_size=2),
    checked_hour=st.none() | st.integers(0, 200 * 60).map(lambda minute: minute / 60),
    spans=st.lists(
        st.tuples(st.integers(-60 * 30, 60 * 250), st.integers(0, 60 * 100)),
        min_size=1,
        max_size=5,
    ),
)
@settings(max_examples=30)
def test_whatever_span_is_asked_for_it_says_what_going_hour_by_hour_says(
    of_nodes: list[dict[int, Heard]],
    checked_hour: float | None,
    spans: list[tuple[int, int]],
) -> None:
    latest = max(checked_hour or 0, *(max(hours) for hours in of_nodes), 0)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "some.db", create=True)
        for number, hours in enumerate(of_nodes):
            write(store, hours, f"n{number}", checked_hour)
        for start, length in [*spans, (-60, 60 * 400)]:
            asked = (start, start + length)
            expected = [
                (row[0], f"n{number}", *row[1:])
                for number, hours in enumerate(of_nodes)
                for row in model(hours, latest, asked)
            ]
            moments = [moment_at(START + minute * MINUTE).isoformat() for minute in asked]
            rows = ask(store, COVERAGE, *moments)
            assert [
                (round(row_[0] * 60), row["node"], round(row_[1] * 60), row_[2])
                for row, row_ in zip(rows, shown(rows), strict=True)
            ] == sorted(expected)
