"""The demo database: asked with SQL, so that it is judged by what is in the file."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.alerts.evaluation import TYPES
from storj_monitor.collect.demo import DAYS, NODES
from storj_monitor.collect.demo.days import Days
from storj_monitor.plugin import payouts
from storj_monitor.plugin.query import microseconds, moment
from storj_monitor.store.connection import Connection
from tests.demos import NOW, SEED, demo_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.demos import Demo

    Ask = Callable[[str], list[dict[str, Any]]]

HOUR_US = 3_600_000_000
DAY = date(2026, 2, 20)
DOCUMENTATION = [
    ip_network(block)
    for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Demo:
    return demo_of(tmp_path_factory, pytestconfig)


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Ask:
    def answer(sql: str) -> list[dict[str, Any]]:
        with Connection(demo.store.path, "ro") as connection:
            return connection.query(sql).to_pylist()

    return answer


def _shares(ask: Ask, of: str) -> dict[str | None, float]:
    rows = ask(
        f"SELECT {of} AS of, count(*) * 1.0 / (SELECT count(*) FROM events) AS share "
        "FROM events e LEFT JOIN satellites s ON s.id = e.satellite_id GROUP BY 1"
    )
    return {row["of"]: row["share"] for row in rows}


def _by_node(ask: Ask, what: str) -> dict[str, Any]:
    rows = ask(f"SELECT n.name, {what} AS n FROM events JOIN nodes n ON n.id = node_id GROUP BY 1")
    return {row["name"]: row["n"] for row in rows}


def test_three_nodes_have_at_least_300_000_transfers(ask: Ask) -> None:
    counts = _by_node(ask, "count(*)")
    assert list(counts) == ["attic-nas", "garage-rpi", "office-server"]
    assert 300_000 <= sum(counts.values()) <= 370_000


def test_the_45_days_end_with_now(ask: Ask) -> None:
    (found,) = ask("SELECT min(at) AS first, max(at) AS last FROM events")
    start, end = microseconds(NOW - timedelta(days=DAYS)), microseconds(NOW)
    assert start <= found["first"] < start + HOUR_US
    assert end - HOUR_US < found["last"] < end


def test_making_it_again_after_an_interruption_doubles_nothing(ask: Ask) -> None:
    day = (NOW - timedelta(days=DAYS - 1)).date()
    for node in NODES:
        made = [row[-2] for row in Days(SEED, NOW.date()).of(node, day)]
        rows = ask(
            "SELECT fingerprint FROM events JOIN nodes n ON n.id = node_id "
            f"WHERE n.name = '{node.name}' AND date(at / 1000000, 'unixepoch') = '{day}'"
        )
        assert sorted(row["fingerprint"] for row in rows) == sorted(made)


def test_the_progress_counts_up_to_the_whole(demo: Demo) -> None:
    total = demo.told[-1][1]
    assert demo.told == [(done, total) for done in range(total + 1)]


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.name)
def test_a_seed_makes_the_same_day_again_and_another_seed_another(node: Any) -> None:
    made = Days(1, NOW.date()).of(node, DAY)
    assert Days(1, NOW.date()).of(node, DAY) == made
    assert Days(2, NOW.date()).of(node, DAY) != made


def test_satellites_differ_in_size(ask: Ask) -> None:
    shares = _shares(ask, "s.name")
    assert shares["us1"] > 2 * shares["eu1"]
    assert shares["eu1"] > 2 * shares["ap1"]
    assert shares["ap1"] > 2 * shares["saltlake"] > 0.01


def test_actions_have_believable_shares(ask: Ask) -> None:
    shares = _shares(ask, "action")
    assert shares["GET"] > shares["PUT"] > shares["GET_REPAIR"] > shares["PUT_REPAIR"]
    assert shares["PUT_REPAIR"] > shares["GET_AUDIT"] > 0.01


def test_most_transfers_succeed_some_lose_the_race_and_few_fail(ask: Ask) -> None:
    shares = _shares(ask, "status")
    assert shares["success"] > 0.9
    assert 0.03 < shares["canceled"] < 0.08
    assert 0.002 < shares["failed"] < 0.01
    assert 0.0005 < shares["rejected"] < 0.01


def test_sizes_are_whole_stripes_up_to_a_whole_piece_and_audits_are_one(ask: Ask) -> None:
    rows = ask(
        "SELECT action, min(size) AS least, max(size) AS most, sum(size % 256) AS left_over "
        "FROM events WHERE action IS NOT NULL GROUP BY 1"
    )
    sizes = {row["action"]: row for row in rows}
    assert {row["left_over"] for row in rows} == {0}
    assert sizes["GET_AUDIT"]["least"] == sizes["GET_AUDIT"]["most"] == 256
    assert {sizes[name]["most"] for name in ("GET", "PUT", "GET_REPAIR")} == {2_319_360}


def test_a_rejected_upload_tells_nothing_but_its_time(ask: Ask) -> None:
    fields = "satellite_id, action, size, duration_ms, piece_id, error, remote_ip, country"
    rows = ask(f"SELECT DISTINCT {fields} FROM events WHERE status = 'rejected'")
    assert [set(row.values()) for row in rows] == [{None}]


def test_every_other_transfer_has_a_duration_and_a_piece_of_its_own(ask: Ask) -> None:
    (found,) = ask(
        "SELECT count(*) AS n, count(DISTINCT piece_id) AS pieces, min(duration_ms) AS shortest, "
        "count(duration_ms) AS durations FROM events WHERE status <> 'rejected'"
    )
    assert found["n"] == found["pieces"] == found["durations"]
    assert found["shortest"] > 0
    pieces = ask("SELECT piece_id FROM events WHERE piece_id IS NOT NULL LIMIT 100")
    assert all(re.fullmatch("[A-Z2-7]{51}[AQ]", row["piece_id"]) for row in pieces)


def test_what_did_not_succeed_says_why_and_what_did_says_nothing(ask: Ask) -> None:
    rows = ask("SELECT status, count(*) AS n, count(error) AS told FROM events GROUP BY 1")
    told = {row["status"]: row["told"] / row["n"] for row in rows}
    assert told["success"] == 0
    assert told["failed"] == 1
    assert 0.5 < told["canceled"] < 1


def test_every_address_is_of_a_range_for_documentation(ask: Ask) -> None:
    errors = ask("SELECT DISTINCT error FROM events WHERE error LIKE '%->%'")
    ends = [
        end.rpartition(":")[0].strip("[]")
        for row in errors
        for end in re.findall(r"\S+(?=->)|(?<=->)\S+(?=: )", row["error"])
    ]
    assert len(ends) == 2 * len(errors) > 100
    peers = ask("SELECT DISTINCT remote_ip FROM events WHERE remote_ip IS NOT NULL")
    for text in {*ends, *(row["remote_ip"] for row in peers)}:
        address = ip_address(text)
        assert any(address in block for block in DOCUMENTATION), text


def test_an_address_is_in_one_country_or_in_none_that_is_known(ask: Ask) -> None:
    rows = ask(
        "SELECT remote_ip, count(DISTINCT coalesce(country, '')) AS n, max(country) AS country "
        "FROM events WHERE remote_ip IS NOT NULL GROUP BY 1"
    )
    assert {row["n"] for row in rows} == {1}
    assert {"DE", "US", None} < {row["country"] for row in rows}


def test_one_node_was_silent_for_31_hours_two_weeks_ago(ask: Ask) -> None:
    longest = _by_node(ask, "0")
    for name in longest:
        (found,) = ask(
            "SELECT max(step) AS step, at FROM (SELECT at, at - lag(at) OVER (ORDER BY at) AS step "
            f"FROM events JOIN nodes n ON n.id = node_id WHERE n.name = '{name}')"
        )
        longest[name] = found
    silent = longest.pop("office-server")
    assert max(found["step"] for found in longest.values()) < HOUR_US
    assert 31 * HOUR_US <= silent["step"] < 32 * HOUR_US
    ended_ago = timedelta(microseconds=microseconds(NOW) - silent["at"])
    assert timedelta(days=12) < ended_ago < timedelta(days=14)


def test_the_slow_disk_takes_several_times_longer_and_loses_more_races(ask: Ask) -> None:
    durations = _by_node(ask, "avg(duration_ms)")
    lost = _by_node(ask, "avg(status = 'canceled')")
    for other in ("attic-nas", "office-server"):
        assert durations["garage-rpi"] > 3 * durations[other]
        assert lost["garage-rpi"] > 2 * lost[other]


def test_afternoons_are_busier_than_nights_and_weekdays_than_weekends(ask: Ask) -> None:
    hours = {row["hour"]: row["n"] for row in ask(_per(f"at / {HOUR_US} % 24", "hour"))}
    assert hours[16] > 2 * hours[4]
    # 1970 began on a Thursday.
    days = {row["day"]: row["n"] for row in ask(_per(f"(at / {24 * HOUR_US} + 3) % 7", "day"))}
    assert min(days[day] for day in range(5)) > max(days[5], days[6])


def _per(unit: str, name: str) -> str:
    days = f"count(DISTINCT at / {24 * HOUR_US})"
    return f"SELECT {unit} AS {name}, count(*) / {days} AS n FROM events GROUP BY 1"


def test_the_hours_add_up_to_the_events(ask: Ask) -> None:
    (hours,) = ask("SELECT sum(count) AS n, sum(bytes) AS bytes FROM event_hours")
    (every,) = ask("SELECT count(*) AS n, sum(size) AS bytes FROM events")
    assert hours == every
    (histogram,) = ask("SELECT sum(count) AS n FROM event_hour_durations")
    (timed,) = ask("SELECT count(duration_ms) AS n FROM events")
    assert histogram == timed


def test_the_hours_that_were_heard_are_those_with_transfers(ask: Ask) -> None:
    heard = ask("SELECT node_id, hour_at FROM log_hours ORDER BY 1, 2")
    assert heard == ask("SELECT DISTINCT node_id, hour_at FROM event_hours ORDER BY 1, 2")
    (started,) = ask(
        "SELECT name, started_at FROM log_hours JOIN nodes ON id = node_id WHERE started_at > 0"
    )
    assert started["name"] == "office-server"


def test_an_outage_lowers_the_online_score_and_no_other(ask: Ask) -> None:
    lowest = ask(
        "SELECT n.name, min(online_score) AS online, min(audit_score) AS audit, count(*) AS told "
        "FROM reputation JOIN nodes n ON n.id = node_id GROUP BY 1 ORDER BY 1"
    )
    assert [row["online"] < 1 for row in lowest] == [False, False, True]
    assert {row["audit"] for row in lowest} == {1.0}
    assert all(row["told"] > DAYS * 4 * 4 for row in lowest)


def test_the_disks_fill_up_and_none_is_full(ask: Ask) -> None:
    for node in range(1, 4):
        rows = ask(f"SELECT free_bytes AS free FROM storage WHERE node_id = {node} ORDER BY at")
        free = [row["free"] for row in rows]
        assert free == sorted(free, reverse=True)
        assert free[-1] > 10**12


def test_nothing_is_told_during_the_silence_or_after_now(ask: Ask) -> None:
    silence = NODES[2].silence(NOW.date())
    assert silence is not None
    for table in ("reputation", "storage", "compactions"):
        (told,) = ask(
            f"SELECT max(at) AS last, count(CASE WHEN n.name = 'office-server' AND at >= "
            f"{silence.start_us} AND at < {silence.end_us} THEN 1 END) AS silent "
            f"FROM {table} JOIN nodes n ON n.id = node_id"
        )
        assert told["silent"] == 0
        assert microseconds(NOW) - 24 * HOUR_US < told["last"] < microseconds(NOW)


def test_each_node_has_18_months_of_statements_and_an_estimate_of_the_open_one(ask: Ask) -> None:
    months = ask(
        "SELECT n.name, count(DISTINCT period) AS n, min(period) AS first, max(period) AS last "
        "FROM paystubs JOIN nodes n ON n.id = node_id GROUP BY 1"
    )
    assert [(row["n"], row["first"], row["last"]) for row in months] == [
        (18, "2024-08", "2026-01")
    ] * 3
    (open_,) = ask(
        "SELECT count(*) AS n, count(expected) AS e FROM estimates WHERE period = '2026-03'"
    )
    assert open_ == {"n": 12, "e": 12}
    (waiting,) = ask(
        "SELECT count(*) AS n, count(expected) AS e FROM estimates WHERE period = '2026-02'"
    )
    assert waiting == {"n": 12, "e": 0}


def test_statements_keep_to_the_held_schedule_of_each_satellite(ask: Ask) -> None:
    rows = ask(
        "SELECT p.*, m.joined_at FROM paystubs p JOIN memberships m USING (node_id, satellite_id) "
        "ORDER BY period"
    )
    held, disposed = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for row in rows:
        pair = row["node_id"], row["satellite_id"]
        percent = payouts.withheld_percent(moment(row["joined_at"]), row["period"])
        due = 0 if percent is not None else payouts.returned(held[pair], disposed[pair])
        assert row["held"] == row["earned"] * (percent or 0) // 100
        assert row["disposed"] == due
        assert row["paid"] == row["owed"] == row["earned"] - row["held"] + row["disposed"]
        held[pair] += row["held"]
        disposed[pair] += row["disposed"]
    assert sum(disposed.values()) > 0
    assert {percent_of(row) for row in rows} >= {75, 50, 25, 0}


def percent_of(row: dict[str, Any]) -> int:
    percent: float = 100 * row["held"] / row["earned"]
    return round(percent)


def test_what_is_not_worth_a_transaction_is_carried_over_and_never_overpaid(ask: Ask) -> None:
    totals = ask("SELECT sum(paid) AS paid, sum(distributed) AS sent FROM paystubs GROUP BY period")
    running = 0
    for month in totals:
        running += month["paid"] - month["sent"]
        assert running >= 0
    assert totals[0]["sent"] == 0
    assert any(month["sent"] > month["paid"] for month in totals)


def test_one_statement_was_corrected_after_it_was_paid(ask: Ask) -> None:
    changed = ask(
        "SELECT n.name, e.period, p.paid - e.paid AS more FROM earlier_paystubs e "
        "JOIN paystubs p USING (period, node_id, satellite_id) JOIN nodes n ON n.id = node_id "
        "WHERE e.paid <> p.paid AND e.distributed > 0"
    )
    assert changed == [{"name": "attic-nas", "period": "2026-01", "more": 123_456}]


def test_the_apis_tell_the_space_that_the_logs_tell_and_fail_in_the_silence(ask: Ask) -> None:
    (found,) = ask(
        "SELECT count(*) AS n FROM storage a JOIN storage l ON l.node_id = a.node_id AND "
        "l.origin = 'log' AND a.origin = 'api' AND abs(l.at - a.at) < 1800000000 "
        "WHERE abs(l.free_bytes - a.free_bytes) > 1000000000"
    )
    assert found["n"] == 0
    (full,) = ask(
        "SELECT count(*) AS n FROM storage WHERE origin = 'api' "
        "AND allocated_bytes <> used_bytes + free_bytes"
    )
    assert full["n"] == 0
    failed = ask(
        "SELECT n.name, count(*) AS n FROM api_hours JOIN nodes n ON n.id = node_id "
        "WHERE answered_at IS NULL GROUP BY 1"
    )
    assert failed == [{"name": "office-server", "n": 31}]


def test_there_is_an_alert_of_each_kind_and_all_are_over(ask: Ask) -> None:
    rows = ask("SELECT type, resolved_at - at AS lasted FROM alerts")
    assert sorted(row["type"] for row in rows) == sorted(TYPES | {"deliveries_failing:1"})
    assert all(row["lasted"] > 0 for row in rows)
