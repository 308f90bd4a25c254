from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.alerts.silence import is_older
from tests.alerts.world import ATTIC, ago

if TYPE_CHECKING:
    from tests.alerts.world import World


def hear(world: World, at: int | None) -> None:
    world.put("nodes", id=ATTIC, name="attic", last_heard_at=at)


def follow(world: World, checked_at: int, behind: int | None = 0) -> None:
    said = {"log": "node.log", "position": "", "state": "following"}
    world.put("followed_logs", node_id=ATTIC, checked_at=checked_at, behind_bytes=behind, **said)


def poll(world: World, checked_at: int, answered_at: int | None, **said: Any) -> None:
    """Put that an API was asked; it fails since it last answered, or for an hour."""
    since = None if answered_at == checked_at else answered_at or ago(minutes=60)
    row = {"url": "http://nas:14002", "reason": None, "failing_since": since} | said
    world.put("polled_apis", node_id=ATTIC, checked_at=checked_at, answered_at=answered_at, **row)


@pytest.mark.parametrize(
    ("minutes", "severity"),
    [(59.9, None), (60, "warning"), (239.9, "warning"), (240, "critical")],
)
def test_a_node_that_says_nothing_is_an_alert(
    world: World, minutes: float, severity: str | None
) -> None:
    hear(world, ago(minutes=minutes))
    follow(world, ago(minutes=1))
    assert world.severity("node_silent") == severity


def test_the_message_says_since_when(world: World) -> None:
    hear(world, ago(minutes=90))
    follow(world, ago(minutes=1))
    [alert] = world.look()
    assert (alert["value"], alert["threshold"]) == (90.0, 60.0)
    assert alert["message"] == (
        "attic has said nothing since 2026-03-20 11:00 UTC, neither in its log nor by its API. See "
        "whether it runs: while it is offline it earns nothing, and its online scores fall."
    )


def test_an_answer_of_its_api_is_a_sign_of_life(world: World) -> None:
    hear(world, ago(hours=9))
    follow(world, ago(minutes=1))
    poll(world, ago(minutes=1), ago(minutes=59))
    assert world.severity("node_silent") is None
    poll(world, ago(minutes=1), ago(minutes=61))
    assert world.severity("node_silent") == "warning"


@pytest.mark.parametrize(("minutes", "severity"), [(15, "critical"), (15.1, None)])
def test_nobody_knows_of_silence_where_nobody_listens(
    world: World, minutes: float, severity: str | None
) -> None:
    hear(world, ago(hours=9))
    follow(world, ago(minutes=minutes))
    assert world.severity("node_silent") == severity


def test_an_alert_stays_while_nobody_listens_and_ends_when_the_node_is_heard(world: World) -> None:
    hear(world, ago(hours=9))
    follow(world, ago(minutes=1))
    world.look()
    assert world.severity("node_silent", days=2) == "critical"
    hear(world, ago(minutes=2))
    assert world.severity("node_silent") is None


def test_a_log_that_is_still_being_caught_up_with_is_no_silence(world: World) -> None:
    hear(world, ago(hours=9))
    follow(world, ago(minutes=1), behind=1_000_000)
    assert world.look() == []
    follow(world, ago(minutes=1), behind=None)
    assert world.severity("node_silent") == "critical"


def test_of_a_node_that_was_never_heard_it_is_not_known_since_when(world: World) -> None:
    hear(world, None)
    follow(world, ago(minutes=1))
    assert world.look() == []


@pytest.mark.parametrize(
    ("checked", "answered", "severity"),
    [
        (1, 14.9, None),
        (1, 15, "warning"),
        (1, None, "warning"),
        (14, 14, None),
        (15.1, 60, None),
    ],
)
def test_an_api_that_does_not_answer_is_an_alert(
    world: World, checked: float, answered: float | None, severity: str | None
) -> None:
    poll(world, ago(minutes=checked), None if answered is None else ago(minutes=answered))
    assert world.severity("api_unreachable") == severity


def test_the_message_says_where_it_was_asked_and_what_came_of_it(world: World) -> None:
    poll(world, ago(minutes=1), None, reason="nothing listens at nas:14002.")
    [alert] = world.look()
    assert (alert["value"], alert["threshold"]) == (60.0, 15.0)
    assert alert["message"] == (
        "The API of attic at http://nas:14002 has not answered (nothing listens at nas:14002). "
        "Scores, disk space and money are not read meanwhile: see whether the node runs and its "
        "console address can be reached from here."
    )
    poll(world, ago(minutes=1), ago(minutes=30))
    [alert] = world.look()
    assert "http://nas:14002 last answered 2026-03-20 12:00 UTC. Scores" in alert["message"]


def test_an_api_that_fails_since_a_moment_ago_may_only_be_starting(world: World) -> None:
    poll(world, ago(minutes=1), ago(days=2), failing_since=ago(minutes=14.9))
    assert world.severity("api_unreachable") is None
    poll(world, ago(minutes=1), ago(days=2), failing_since=ago(minutes=15))
    assert world.severity("api_unreachable") == "warning"


def test_an_api_that_is_asked_no_more_stays_as_it_was(world: World) -> None:
    poll(world, ago(minutes=1), None)
    world.look()
    assert world.severity("api_unreachable", hours=5) == "warning"


def version(world: World, version: str | None, oldest: str | None, allowed: int | None) -> None:
    said = {"version": version, "allowed_version": oldest, "is_allowed": allowed}
    poll(world, ago(minutes=1), ago(minutes=1), **said)


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        (("1.95.1", "1.100.3", None), "critical"),
        (("1.100.3", "1.100.3", None), None),
        (("1.101.0", "1.100.3", 1), None),
        (("1.101.0", "1.100.3", 0), "critical"),
        (("1.101.0", None, 0), "critical"),
        (("1.101.0", None, None), None),
        ((None, "1.100.3", None), None),
        (("unknown", "1.100.3", None), None),
    ],
)
def test_a_version_that_satellites_refuse_is_an_alert(
    world: World, said: tuple[str | None, str | None, int | None], severity: str | None
) -> None:
    version(world, *said)
    assert world.severity("version_too_old") == severity


def test_the_message_names_both_versions(world: World) -> None:
    version(world, "1.95.1", "1.100.3", None)
    [alert] = world.look()
    assert alert["message"] == (
        "attic runs version 1.95.1; satellites allow 1.100.3 and later. It gets no new data until "
        "it is updated."
    )
    version(world, "1.95.1", None, None)
    assert world.severity("version_too_old") == "critical"
    version(world, "1.100.3", "1.100.3", 1)
    assert world.severity("version_too_old") is None


@pytest.mark.parametrize(
    ("one", "other", "is_it"),
    [
        ("v1.9.0", "v1.10.0", True),
        ("1.10.0", "1.9.0", False),
        ("1.10.0-rc", "1.10.0", False),
        ("", "1.10.0", False),
        (None, None, False),
    ],
)
def test_versions_are_compared_as_numbers(one: str | None, other: str | None, is_it: bool) -> None:
    assert is_older(one, other) is is_it
