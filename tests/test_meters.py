from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from storj_monitor.meters import Meters
from storj_monitor.plugin import ExportOutcome, Span
from tests.scrapes import FACTS, told

if TYPE_CHECKING:
    from collections.abc import Iterator

SPAN = Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
DONE = ExportOutcome(
    subject="events",
    format="csv",
    nodes=(),
    span=SPAN,
    rows=3,
    bytes=120,
    seconds=0.25,
    status="done",
)


def test_an_export_is_counted_by_subject_format_and_outcome() -> None:
    meters = Meters()
    meters.note_export(DONE)
    meters.note_export(replace(DONE, status="failed", rows=0, bytes=0, seconds=1.0))
    meters.note_export(DONE)
    values = told(meters)
    assert values["exports_total,csv,done,events"] == 2
    assert values["exports_total,csv,failed,events"] == 1
    assert "exports_total,csv,canceled,events" not in values
    assert values["export_rows_total,csv,events"] == 6
    assert values["export_bytes_total,csv,events"] == 240
    assert values["export_seconds_sum,csv,events"] == 1.5
    assert values["export_seconds_bucket,csv,0.1,events"] == 0
    assert values["export_seconds_bucket,csv,0.5,events"] == 2


def test_what_is_watched_is_asked_for_at_each_scrape_and_left_out_where_it_fails() -> None:
    def fail() -> float:
        message = "a surprise"
        raise OSError(message)

    meters, running = Meters(), iter((1, 2))
    assert "exports_running" not in told(meters)
    meters.watch_exports(
        running=lambda: next(running), waiting=lambda: 7, workers=lambda: 3, spool_bytes=fail
    )
    assert told(meters)["exports_running"] == 1
    values = told(meters)
    assert values["exports_running"] == 2
    assert (values["exports_waiting"], values["workers"]) == (7, 3)
    assert "spool_bytes" not in values


def test_a_node_is_known_before_anything_is_read_of_it() -> None:
    meters = Meters()
    meters.note_ingested("attic", lines=0, transfers=0)
    assert told(meters)["ingested_lines_total,attic"] == 0
    meters.note_ingested("attic", lines=12, transfers=10)
    assert told(meters)["ingested_lines_total,attic"] == 12
    assert told(meters)["ingested_transfers_total,attic"] == 10


def test_what_is_behind_is_that_of_the_last_look() -> None:
    meters = Meters()
    meters.note_behind({"attic": 10, "nas": 20})
    meters.note_behind({"attic": 5})
    values = told(meters)
    assert values["ingest_behind_bytes,attic"] == 5
    assert "ingest_behind_bytes,nas" not in values


def test_polls_alerts_refusals_and_plugins_are_counted() -> None:
    meters = Meters()
    meters.note_poll("attic", "failed")
    meters.note_alert_check("done")
    meters.note_alert("warning")
    meters.note_refused()
    meters.note_plugins({"loaded": 2, "blocked": 0}, {("storj-x", "import"): 1})
    values = told(meters)
    assert values["polls_total,attic,failed"] == 1
    assert values["alert_checks_total,done"] == 1
    assert values["alerts_raised_total,warning"] == 1
    assert values["exports_refused_total"] == 1
    assert (values["plugins,loaded"], values["plugins,blocked"]) == (2, 0)
    assert values["plugin_refusals,storj-x,import"] == 1


def test_what_the_database_says_is_left_out_when_it_can_not_be_asked() -> None:
    meters = Meters()
    values = told(meters)
    assert values["up"] == 1
    assert values["last_heard_timestamp_seconds,attic"] == 1.5
    assert values["alerts_open,warning"] == 2
    assert (values["database_bytes"], values["database_wal_bytes"]) == (4096, 0)
    without = told(meters, None)
    assert without["up"] == 0
    assert values.keys() - without.keys() == {
        *("last_heard_timestamp_seconds,attic", "alerts_open,warning"),
        *("database_bytes", "database_wal_bytes"),
    }
    assert without.keys() <= values.keys()


def test_what_comes_from_outside_can_not_break_the_text() -> None:
    node = 'a"} 1\nstorj_monitor_up 7\\'
    meters = Meters()
    meters.note_ingested(node, lines=1, transfers=0)
    values = told(meters)
    assert values[f"ingested_lines_total,{node}"] == 1
    assert values["up"] == 1


def families(meters: Meters, accept: str) -> Iterator[str]:
    page, content_type = meters.exposition(FACTS, accept)
    read = read_openmetrics if content_type.startswith("application/openmetrics") else read_text
    return (family.name for family in read(page.decode()))


def test_openmetrics_is_given_to_who_asks_for_it_and_tells_the_same() -> None:
    meters = Meters()
    meters.note_export(DONE)
    asked = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"
    _, content_type = meters.exposition(FACTS, asked)
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert set(families(meters, asked)) == set(families(meters, "*/*"))
    assert meters.exposition(FACTS)[1] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("accept", ["", "*/*", "application/openmetrics-text", ";=,;version=x"])
def test_no_series_but_those_that_are_described_are_told(accept: str) -> None:
    meters = Meters()
    meters.note_export(DONE)
    page, _ = meters.exposition(FACTS, accept)
    assert b"_created" not in page
    lines = page.decode().splitlines()
    described = {line.split()[2] for line in lines if line.startswith("# HELP")}
    assert len(described) == sum(line.startswith("# HELP") for line in lines)


def test_two_programs_in_one_process_share_nothing() -> None:
    one, other = Meters(), Meters()
    one.note_refused()
    assert told(other)["exports_refused_total"] == 0


def test_many_threads_may_count_while_it_is_scraped() -> None:
    meters = Meters()

    def count() -> None:
        for number in range(200):
            meters.note_ingested(f"node-{number % 5}", lines=1, transfers=1)
            meters.note_behind({f"node-{number % 5}": number})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        meters.exposition(FACTS)
    for thread in threads:
        thread.join()
    values = told(meters)
    assert [values[f"ingested_lines_total,node-{number}"] for number in range(5)] == [160] * 5


def test_attempts_to_send_are_counted_by_channel_and_outcome() -> None:
    meters = Meters()
    for outcome in ("sent", "retry", "sent"):
        meters.note_delivery("email", outcome)
    values = told(meters)
    assert values["deliveries_total,email,sent"] == 2
    assert values["deliveries_total,email,retry"] == 1
