"""What the overview knows of each node, and of all of them together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from storj_monitor.plugin.query import moment
from storj_monitor.settings import AlertSettings
from storj_monitor.web.overview.reading import read
from storj_monitor.web.overview.totals import Sum
from tests.alerts.world import ATTIC, EU1, NAS, NOW, US1, ago
from tests.web.overviews import TB, put_alert, put_hour, put_scores, put_space, world_of

if TYPE_CHECKING:
    from storj_monitor.store import Store
    from storj_monitor.web.overview import Overview
    from storj_monitor.web.overview.figures import Disk, NodeFacts, Score
    from tests.alerts.world import World


@pytest.fixture
def world(store: Store) -> World:
    return world_of(store)


def seen(world: World) -> Overview:
    return read(world.store, AlertSettings(), NOW)


def attic(world: World) -> NodeFacts:
    [node] = [node for node in seen(world).nodes if node.name == "attic"]
    return node


def disk_of(world: World) -> Disk:
    disk = attic(world).disk
    assert disk
    return disk


def scores_of(world: World, satellite: str = "us1") -> dict[str, Score]:
    [found] = [one for one in attic(world).satellites if one.name == satellite]
    return {score.name: score for score in found.scores}


def test_what_nobody_said_is_not_known_and_never_nothing(world: World) -> None:
    node = attic(world)
    assert (node.status, node.satellites, node.disk, node.worst) == ("well", (), None, None)
    assert (node.downloads.ratio, node.downloads.size_bytes, node.downloads.level) == (None,) * 3
    money = node.money
    assert (money.so_far_usd, money.expected_usd, money.paid_usd, money.sent_usd) == (None,) * 4
    totals = seen(world).totals
    assert (totals.used_bytes.value, totals.expected_usd, totals.downloads) == (
        None,
        (None, 0),
        None,
    )


def test_a_node_is_as_well_as_its_open_alerts_say_and_the_worst_comes_first(world: World) -> None:
    put_alert(world, 1, "info", node_id=ATTIC)
    put_alert(world, 2, "critical", node_id=ATTIC, resolved_at=ago(minutes=1))
    put_alert(world, 3, "critical")
    put_alert(world, 4, "warning")
    overview = seen(world)
    assert [(node.name, node.status) for node in overview.nodes] == [
        ("nas", "act"),
        ("attic", "well"),
    ]
    assert overview.status == "act"
    assert [alert.id for alert in overview.alerts] == [3, 4, 1]
    assert [alert.id for alert in overview.nodes[0].alerts] == [3, 4]


def test_what_somebody_acknowledged_wants_a_look_and_no_act(world: World) -> None:
    put_alert(world, 1, "critical", acknowledged_at=ago(minutes=3))
    put_alert(world, 2, "warning", node_id=ATTIC)
    overview = seen(world)
    assert [node.status for node in overview.nodes] == ["look", "look"]
    assert [(one.id, one.acknowledged_at) for one in overview.alerts] == [
        (2, None),
        (1, moment(ago(minutes=3))),
    ]


def test_a_node_that_was_never_heard_is_not_said_to_be_well(world: World) -> None:
    world.put("nodes", id=NAS, name="nas")
    [nas] = [node for node in seen(world).nodes if node.name == "nas"]
    assert (nas.status, nas.heard_at) == ("look", None)


def test_a_node_was_heard_when_its_log_or_its_api_was_heard(world: World) -> None:
    answered = ago(minutes=1)
    world.put("polled_apis", node_id=ATTIC, url="u", checked_at=answered, answered_at=answered)
    assert attic(world).heard_at == moment(answered)
    world.put("polled_apis", node_id=ATTIC, url="u", checked_at=answered, answered_at=ago(days=1))
    assert attic(world).heard_at == moment(ago(minutes=5))


def test_scores_are_those_said_last_beside_their_thresholds(world: World) -> None:
    put_scores(world, ago(hours=3), 0.5)
    put_scores(world, ago(hours=2), 0.94)
    put_scores(world, ago(hours=2), 0.69, EU1, audit_score=None)
    assert [one.name for one in attic(world).satellites] == ["eu1", "us1"]
    online = scores_of(world)["online"]
    assert (online.value, online.warning, online.critical, online.level) == (
        0.94,
        0.95,
        0.7,
        "look",
    )
    assert scores_of(world)["audit"].level == "well"
    assert {name: one.level for name, one in scores_of(world, "eu1").items()} == {
        "suspension": "well",
        "online": "act",
    }
    worst = attic(world).worst
    assert worst
    assert (worst.name, worst.value) == ("online", 0.69)


def test_the_log_tells_newer_scores_and_the_api_what_became_of_the_node(world: World) -> None:
    put_scores(world, ago(hours=3), 0.9, suspended_at=ago(days=2))
    put_scores(world, ago(hours=1), 0.8, origin="log")
    [satellite] = attic(world).satellites
    assert satellite.said_at == moment(ago(hours=1))
    assert scores_of(world)["online"].value == 0.8
    assert (satellite.suspended_at, satellite.disqualified_at) == (moment(ago(days=2)), None)
    assert attic(world).lost == satellite


def test_scores_of_a_satellite_that_is_lost_are_not_judged(world: World) -> None:
    put_scores(world, ago(hours=3), 0.1, disqualified_at=ago(days=2), suspended_at=ago(days=3))
    assert {one.level for one in scores_of(world).values()} == {None}
    lost = attic(world).lost
    assert lost
    assert (lost.name, lost.suspended_at) == ("us1", None)
    put_scores(world, ago(hours=1), 0.1)
    assert {one.level for one in scores_of(world).values()} == {"well", "act"}


def test_of_a_silent_node_the_last_scores_and_space_are_remembered(world: World) -> None:
    put_scores(world, ago(days=20), 0.1)
    put_space(world, ago(days=20), 9 * TB)
    [satellite] = attic(world).satellites
    assert (satellite.is_stale, scores_of(world)["online"].level) == (True, None)
    disk = disk_of(world)
    assert (disk.is_stale, disk.used_bytes, disk.level) == (True, 9 * TB, None)
    assert disk.outlook == "unknown"


def test_what_was_said_months_ago_is_forgotten(world: World) -> None:
    put_scores(world, ago(days=40), 1)
    put_space(world, ago(days=40), TB)
    assert (attic(world).satellites, attic(world).disk) == ((), None)


def test_an_estimate_is_no_payment(world: World) -> None:
    key = {"node_id": ATTIC, "satellite_id": US1, "origin": "api"}
    world.put("estimates", period="2026-03", at=1, payout=1_500_000, expected=2_250_000, **key)
    world.put("estimates", period="2026-02", at=1, payout=7_000_000, **key)
    money = attic(world).money
    assert (money.month, money.last_month) == ("2026-03", "2026-02")
    assert (money.so_far_usd, money.expected_usd) == (Decimal("1.5"), Decimal("2.25"))
    assert (money.paid_usd, money.sent_usd, money.statements, money.awaited) == (None, None, 0, 1)


def test_statements_count_as_they_come(world: World) -> None:
    for satellite in (US1, EU1):
        key = {"node_id": ATTIC, "satellite_id": satellite, "origin": "api"}
        world.put("estimates", period="2026-02", at=1, payout=7_000_000, **key)
    key = {"node_id": ATTIC, "satellite_id": US1, "origin": "api", "period": "2026-02"}
    world.put("paystubs", read_at=1, paid=3_000_000, **key)
    money = attic(world).money
    assert (money.paid_usd, money.sent_usd) == (Decimal(3), Decimal(0))
    assert (money.statements, money.awaited) == (1, 2)
    world.put("paystubs", read_at=1, paid=3_000_000, **(key | {"origin": "import"}))
    assert attic(world).money.sent_usd is None


def test_a_sum_with_an_unknown_part_is_not_known(world: World) -> None:
    for satellite, expected in ((US1, 1_000_000), (EU1, None)):
        key = {"node_id": ATTIC, "satellite_id": satellite, "origin": "api"}
        world.put("estimates", period="2026-03", at=1, payout=1_000_000, expected=expected, **key)
    money = attic(world).money
    assert (money.so_far_usd, money.expected_usd) == (Decimal(2), None)


def test_success_is_that_of_today_without_audits_and_rejections(world: World) -> None:
    put_hour(world, ago(hours=1), "GET", "success", 80, bytes=500)
    put_hour(world, ago(hours=12), "GET_REPAIR", "canceled", 15, bytes=70)
    put_hour(world, ago(hours=1), "GET", "failed", 5)
    put_hour(world, ago(hours=13), "GET", "failed", 1000)  # yesterday
    put_hour(world, ago(hours=1), "GET_AUDIT", "failed", 1000)
    put_hour(world, ago(hours=1), "", "rejected", 1000, satellite_id=0)
    put_hour(world, ago(hours=1), "PUT", "success", 9)
    node = attic(world)
    assert (node.downloads.ended, node.downloads.ratio) == (100, 0.8)
    assert (node.downloads.size_bytes, node.downloads.level) == (500, "look")
    assert (node.uploads.ratio, node.uploads.size_bytes, node.uploads.level) == (1.0, None, None)


def test_totals_say_of_how_many_nodes_they_are_known(world: World) -> None:
    put_space(world, ago(minutes=20), 4 * TB)
    put_space(world, ago(minutes=1), None, node_id=NAS, allocated_bytes=None, free_bytes=3 * TB)
    put_hour(world, ago(hours=1), "GET", "success", 3, bytes=500)
    put_hour(world, ago(hours=1), "GET", "failed", 1, node_id=NAS)
    totals = seen(world).totals
    assert totals.used_bytes == Sum(Decimal(4 * TB), 1)
    assert totals.free_bytes == Sum(Decimal(9 * TB), 2)
    assert (totals.used_ratio, totals.downloads, totals.uploads) == (0.4, 0.75, None)
    assert totals.egress_bytes == Sum(Decimal(500), 1)
    assert totals.by_status == {"well": 2}


def test_some_nodes_can_be_asked_for(world: World) -> None:
    put_alert(world, 1, "critical")
    put_alert(world, 2, "critical", node_id=0)
    overview = seen(world).of(("attic", "attic", "nix"))
    assert [node.name for node in overview.nodes] == ["attic"]
    assert (overview.alerts, overview.status) == ((), "well")
    assert (overview.names, overview.chosen) == (("attic", "nas"), ("attic",))
    assert overview.unknown == ("nix",)
    whole = seen(world).of(("nix",))
    assert ([node.name for node in whole.nodes], whole.chosen) == (["nas", "attic"], ())


def test_an_alert_of_no_node_counts_for_all_of_them_alone(world: World) -> None:
    put_alert(world, 1, "critical", node_id=0)
    overview = seen(world)
    assert [node.status for node in overview.nodes] == ["well", "well"]
    assert (overview.status, overview.alerts[0].node) == ("act", None)


def test_a_database_that_cannot_be_read_is_said_with_what_to_do(world: World) -> None:
    world.store.path.write_bytes(b"no database" * 100)
    overview = seen(world)
    assert overview.trouble
    assert "is no SQLite database" in overview.trouble.reason
    assert "restore a backup" in overview.trouble.hint
    assert (overview.nodes, overview.totals.nodes) == ((), 0)
