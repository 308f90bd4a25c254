from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from storj_monitor.plugin import OptionError
from tests.builtin_reports.building import built, chart, figures, rows, used
from tests.records import EU1, at
from tests.sources.statements import statement, tell
from tests.store.databases import write

if TYPE_CHECKING:
    from storj_monitor.plugin import Document
    from storj_monitor.store import Store

SPAN = ("2026-03-02", "2026-03-06")
WORDS = ("traffic", "storage", "reputation", "earnings", "alerts", "coverage")


def custom(store: Store, *metrics: str, timezone: str = "UTC") -> Document:
    return built(store, "custom_range", *SPAN, metrics=metrics, timezone=timezone)


def names(document: Document) -> list[str]:
    return [table.name for table in document.tables()]


def test_without_metrics_there_is_traffic_storage_and_reputation(store: Store) -> None:
    found = names(custom(store))
    assert found[:2] == ["figures", "traffic_over_time"]
    assert {"stored_over_time", "score_changes"} <= {*found}
    assert "earnings" not in found


def test_without_metrics_whole_months_have_their_earnings_first(store: Store) -> None:
    found = names(built(store, "custom_range", "2026-02-01", "2026-04-01"))
    assert found.index("earnings") < found.index("traffic_over_time")


def test_metrics_come_in_the_order_they_are_named_in_and_once(store: Store) -> None:
    found = names(custom(store, "alerts", "traffic", "alerts"))
    assert found[1:3] == ["alerts", "traffic_over_time"]
    assert found.count("alerts") == 1


@pytest.mark.parametrize("word", WORDS)
def test_every_word_works_over_an_empty_database(store: Store, word: str) -> None:
    found = custom(store, word)
    assert len(figures(found)) <= 6
    assert names(found)[-1] == "note"


def test_all_words_together_have_no_more_than_six_figures_and_no_table_twice(store: Store) -> None:
    found = custom(store, *WORDS)
    assert len(figures(found)) == 6
    tables = [name for name in names(found) if name != "note"]
    assert len(tables) == len({*tables})


def test_a_state_is_that_at_the_end_of_each_day_by_node(store: Store) -> None:
    tell(
        store,
        used_space=[
            used("2026-03-02T10:00", 100, 900),
            used("2026-03-02T23:00", 150, 850),
            used("2026-03-04T10:00", 120, 880),
        ],
    )
    tell(store, "n2", used_space=[used("2026-03-02T10:00", 7, 993)])
    found = custom(store, "storage.used_bytes")
    shown = {
        row["day"].day: (row["node_0"], row["node_1"]) for row in rows(found, "storage_used_bytes")
    }
    assert shown == {2: (150, 7), 3: (None, None), 4: (120, None), 5: (None, None)}
    n1, n2 = rows(found, "storage_used_bytes_by_node")
    assert list(n1.values()) == ["n1", 150, 120, 150, 120]
    assert n2["last"] == 7
    assert chart(found, "storage_used_bytes").title == "Storage, used (at the end): n1 highest"


def test_what_happened_is_added_up_and_ratios_are_means(store: Store) -> None:
    write(
        store,
        {"at": at("2026-03-02T22:30"), "size": 5},
        {"at": at("2026-03-02T23:30"), "size": 6, "satellite": EU1},
        {"at": at("2026-03-03T12:00"), "size": 7},
    )
    found = custom(store, "events.size_bytes", "traffic.count", timezone="Europe/Berlin")
    sizes = {row["day"].day: row["node_0"] for row in rows(found, "events_size_bytes")}
    assert sizes == {2: 5, 3: 13, 4: None, 5: None}
    counts = {row["day"].day: row["node_0"] for row in rows(found, "traffic_count")}
    assert counts == {2: 1, 3: 2, 4: None, 5: None}
    tell(store, used_space=[used(f"2026-03-05T0{hour}:00", 100 * hour, None) for hour in (1, 3)])
    ratios = rows(custom(store, "storage.used_ratio"), "storage_used_ratio")
    assert ratios[-1] == {"day": date(2026, 3, 5), "node_0": pytest.approx(0.2)}


def test_money_is_exact_and_of_months(store: Store) -> None:
    tell(store, paystubs=[statement("2026-03", paid=400_001), statement("2026-03", EU1, paid=2)])
    found = rows(custom(store, "earnings.paid_usd"), "earnings_paid_usd")
    assert found == [{"period": "2026-03", "node_0": Decimal("0.400003")}]


def test_no_more_than_six_nodes_are_drawn_and_all_are_listed(store: Store) -> None:
    for number in range(8):
        tell(store, f"n{number}", used_space=[used("2026-03-02T10:00", 100 + number, 0)])
    found = custom(store, "storage.used_bytes")
    drawn = chart(found, "storage_used_bytes")
    assert [column.label for column in drawn.table.columns[1:]] == [f"n{n}" for n in range(2, 8)]
    assert len(rows(found, "storage_used_bytes_by_node")) == 8


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("trafic", "there is no 'trafic'; there is traffic, storage, reputation, earnings, alerts"),
        ("weather.rain", "there is no source 'weather'; installed: alerts, compactions"),
        ("storage.colour", "of 'storage' there is: storage.allocated_bytes, storage.used_bytes"),
        ("storage.node", "'storage.node' is no number over time"),
        ("coverage.state", "of 'coverage' there is: none of it"),
        ("prices.", "'prices.' is no number over time"),
    ],
)
def test_a_metric_that_is_none_is_refused_with_what_there_is(
    store: Store, metric: str, words: str
) -> None:
    with pytest.raises(OptionError, match=words.replace(".", r"\.")):
        custom(store, metric)
