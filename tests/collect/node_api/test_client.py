"""What is read from a node that answers as it should, and from one of which parts fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.collect.node_api import DiskSpace, Failure, NodeApi
from storj_monitor.plugin.payouts import Price
from tests.collect.node_api import fake_node
from tests.collect.node_api.fake_node import (
    ALLOCATED,
    DASHBOARD,
    EU1,
    NEVER,
    NODE_ID,
    OVERHEAD,
    PIECES,
    RECLAIMABLE,
    SALTLAKE,
    SATELLITES,
    TRASH,
    TRUSTED,
    US1,
    FakeNode,
    Generation,
    path_of,
    says,
)

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from storj_monitor.collect.node_api import SatelliteReading
    from tests.collect.node_api.fake_node import Fault

JOINED = datetime(2021, 4, 5, 6, 7, 8, 500_000, tzinfo=UTC)
#: 2 USD for a TB, 1.49 USD for a TB-month.
PRICE = Price(storage=1_490_000, egress=2_000_000, repair=2_000_000, audit=2_000_000)
VETTED = datetime(2021, 6, 7, 8, 9, 10, tzinfo=UTC)


async def failures(session: ClientSession, node: FakeNode) -> list[Failure]:
    return list((await NodeApi(session, node.url).read()).failures)


def scores(satellite: SatelliteReading) -> tuple[float | None, float | None, float | None]:
    return satellite.audit_score, satellite.suspension_score, satellite.online_score


def dashboard(node: FakeNode, **changes: object) -> Fault:
    return says(node.dashboard() | changes)


def listed(**changes: object) -> dict[str, Any]:
    return {"id": US1.satellite_id, "url": US1.url, "disqualified": None} | changes


@pytest.mark.parametrize("generation", Generation)
async def test_every_generation_is_read_whole(
    session: ClientSession, generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772619072")
    async with FakeNode(generation) as node:
        reading = await NodeApi(session, node.url).read()
    assert reading.failures == ()
    assert (reading.node_id, reading.version) == (NODE_ID, generation.value)
    assert (reading.allowed_version, reading.up_to_date) == ("1.24.0", True)
    assert reading.started_at == datetime(2026, 3, 1, 7, 8, 9, 123456, tzinfo=UTC)
    assert reading.at == datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)
    us1, eu1, saltlake = reading.satellites
    assert (us1.satellite_id, us1.url) == US1[:2]
    assert scores(us1) == (0.9995, 1.0, 0.998938522777532)
    assert scores(eu1) == (1.0, 0.55, 1.0)
    assert scores(saltlake) == (0.9599, 1.0, 1.0)
    assert {each.joined_at for each in reading.satellites} == {JOINED}
    assert {(each.audits_total, each.audits_ok) for each in reading.satellites} == {(None, None)}
    assert saltlake.disqualified_at == datetime(2025, 12, 13, 14, 15, 16, 171819, tzinfo=UTC)
    assert eu1.suspended_at == datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
    assert (us1.disqualified_at, us1.suspended_at) == (None, None)
    vetted = VETTED if generation is Generation.V1_143 else None
    assert [each.vetted_at for each in reading.satellites] == [vetted, None, vetted]
    assert {each.price for each in reading.satellites} == {PRICE}
    assert {(each.repair_bytes, each.audit_bytes) for each in reading.satellites} == {(0, 0)}


@pytest.mark.parametrize(
    ("generation", "space"),
    [
        (
            Generation.V1_71,
            DiskSpace(ALLOCATED, PIECES + TRASH, ALLOCATED - PIECES - TRASH, TRASH, None, 0),
        ),
        (
            Generation.V1_143,
            DiskSpace(
                ALLOCATED,
                PIECES + TRASH + OVERHEAD,
                ALLOCATED - PIECES - TRASH - OVERHEAD,
                TRASH,
                RECLAIMABLE,
                0,
            ),
        ),
    ],
)
async def test_space_means_the_same_before_and_since_v1_143(
    session: ClientSession, generation: Generation, space: DiskSpace
) -> None:
    async with FakeNode(generation) as node:
        assert (await NodeApi(session, node.url).read()).disk == space


@pytest.mark.parametrize(
    ("disk", "space"),
    [
        ({}, DiskSpace(None, None, None, None, None, None)),
        ({"used": 5, "available": 9}, DiskSpace(9, None, None, None, None, None)),
        (
            {"used": 9, "available": 10, "trash": 3, "overused": 2},
            DiskSpace(10, 12, 0, 3, None, 2),
        ),
        (
            {"used": 2.3e12, "available": 3e12, "trash": 0, "overused": 0.0},
            DiskSpace(3_000_000_000_000, 2_300_000_000_000, 700_000_000_000, 0, None, 0),
        ),
        (
            {"allocated": 10, "used": 12, "available": -2, "trash": None},
            DiskSpace(10, 12, -2, None, None, None),
        ),
    ],
)
async def test_space_that_is_not_told_is_none(
    session: ClientSession, node: FakeNode, disk: object, space: DiskSpace
) -> None:
    node.faults[DASHBOARD] = dashboard(node, diskSpace=disk)
    reading = await NodeApi(session, node.url).read()
    assert (reading.disk, reading.failures) == (space, ())
    assert all(size is None or type(size) is int for size in space)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"diskSpace": None}, "there is no diskSpace"),
        ({"diskSpace": "much"}, 'diskSpace is "much", which can\'t be used'),
        ({"diskSpace": {"used": -5}}, 'diskSpace is {"used": -5}, which can\'t be used'),
        ({"diskSpace": {"used": 0.5}}, 'diskSpace is {"used": 0.5}, which can\'t be used'),
        ({"diskSpace": {"used": True}}, 'diskSpace is {"used": true}, which can\'t be used'),
        ({"nodeID": 5}, "nodeID is 5, which can't be used"),
        ({"nodeID": "\n"}, 'nodeID is "\\n", which can\'t be used'),
        ({"version": ["1.2.3"]}, 'version is ["1.2.3"], which can\'t be used'),
        ({"upToDate": "yes"}, 'upToDate is "yes", which can\'t be used'),
        ({"startedAt": "soon"}, "startedAt is soon, which is no time"),
        ({"startedAt": 1_700_000_000}, "startedAt is 1700000000, which can't be used"),
        ({"startedAt": "2026-02-30T00:00:00Z"}, "startedAt is 2026-02-30T00:00:00Z, which is no"),
        ({"satellites": 3}, "satellites is 3, which can't be used"),
        ({"satellites": [[]]}, "a satellite is [], which can't be used"),
        ({"satellites": [{}]}, "a satellite has no id"),
        ({"satellites": [listed(id="../x")]}, 'the id of a satellite is "../x", which'),
        ({"satellites": [listed(id="1" * 101)]}, 'the id of a satellite is "111'),
        ({"satellites": [listed(id="\u202e12Eay")]}, "the id of a satellite is "),
        ({"satellites": [listed(url=["x"])]}, f'url of {US1.satellite_id} is ["x"], which can'),
        ({"satellites": [listed(disqualified=False)]}, f"disqualified of {US1.satellite_id} is fa"),
        ({"satellites": [listed(vettedAt="x")]}, f"vettedAt of {US1.satellite_id} is x, which is"),
        ({"satellites": [listed(), listed()]}, f"satellite {US1.satellite_id} is listed twice"),
    ],
)
async def test_what_cannot_be_is_a_failure_and_the_rest_is_kept(
    session: ClientSession, node: FakeNode, changes: dict[str, object], reason: str
) -> None:
    node.faults[DASHBOARD] = dashboard(node, **changes)
    reading = await NodeApi(session, node.url).read()
    (failure,) = reading.failures
    assert failure.endpoint == DASHBOARD
    assert failure.reason.startswith(reason)
    assert failure.reason.isprintable()
    assert (reading.disk is None) == ("diskSpace" in changes)
    assert (reading.node_id is None) == ("nodeID" in changes)
    assert (reading.started_at is None) == ("startedAt" in changes)
    if "satellites" not in changes:
        assert len(reading.satellites) == 3


async def test_the_first_of_two_same_satellites_counts(
    session: ClientSession, node: FakeNode
) -> None:
    second = listed(url="other:7777", disqualified="2026-01-01T00:00:00Z")
    node.faults[DASHBOARD] = dashboard(node, satellites=[listed(), second])
    (us1,) = (await NodeApi(session, node.url).read()).satellites
    assert (us1.url, us1.disqualified_at) == (US1.url, None)
    assert node.asked.count(f"GET {path_of(US1)}") == 1


async def test_no_more_than_a_hundred_satellites_are_asked_for(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults[DASHBOARD] = dashboard(node, satellites=[listed(id="1A" * 9)] + [listed()] * 200)
    found = await failures(session, node)
    assert Failure(DASHBOARD, "there are 201 satellites: only 100 are read") in found


async def test_null_is_an_empty_list(session: ClientSession) -> None:
    async with FakeNode(trusted=()) as node:
        assert node.dashboard()["satellites"] is None
        reading = await NodeApi(session, node.url).read()
        assert (reading.satellites, reading.failures) == ((), ())
        assert node.asked == [f"GET {DASHBOARD}"]


async def test_the_year_one_is_never(session: ClientSession, node: FakeNode) -> None:
    never = listed(disqualified=NEVER, suspended=NEVER, vettedAt=NEVER)
    node.faults[DASHBOARD] = dashboard(node, satellites=[never], startedAt=NEVER)
    node.faults[path_of(US1)] = says(node.satellite(US1) | {"nodeJoinedAt": NEVER})
    reading = await NodeApi(session, node.url).read()
    (us1,) = reading.satellites
    assert (us1.disqualified_at, us1.suspended_at, us1.vetted_at, us1.joined_at) == (None,) * 4
    assert (reading.started_at, reading.failures) == (None, ())


async def test_times_of_other_zones_become_utc(session: ClientSession, node: FakeNode) -> None:
    node.faults[DASHBOARD] = dashboard(node, startedAt="2026-03-01T01:30:00.000000999-07:00")
    started_at = (await NodeApi(session, node.url).read()).started_at
    assert started_at is not None
    assert (started_at.isoformat(), started_at.tzinfo) == ("2026-03-01T08:30:00+00:00", UTC)
    assert started_at == datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=-7)))


@pytest.mark.parametrize(
    ("audits", "expected", "reason"),
    [
        ({"auditScore": 1.0000001}, (None, 1.0, 0.998938522777532), "auditScore is 1.0000001,"),
        ({"suspensionScore": -0.1}, (0.9995, None, 0.998938522777532), "suspensionScore is -0.1,"),
        ({"onlineScore": "1"}, (0.9995, 1.0, None), 'onlineScore is "1", which can\'t be used'),
        ({"onlineScore": True}, (0.9995, 1.0, None), "onlineScore is true, which can't be used"),
        ({"onlineScore": None}, (0.9995, 1.0, None), None),
        (None, (None, None, None), "there are no audits"),
        ([], (None, None, None), "audits is [], which can't be used"),
    ],
)
async def test_a_score_that_cannot_be_is_none(
    session: ClientSession,
    node: FakeNode,
    audits: dict[str, object] | list[object] | None,
    expected: tuple[float | None, float | None, float | None],
    reason: str | None,
) -> None:
    answer = node.satellite(US1)
    given = answer["audits"] | audits if isinstance(audits, dict) else audits
    node.faults[path_of(US1)] = says(answer | {"audits": given})
    reading = await NodeApi(session, node.url).read()
    assert scores(reading.satellites[0]) == expected
    assert reading.satellites[0].joined_at == JOINED
    assert [failure.endpoint for failure in reading.failures] == [path_of(US1)] * bool(reason)
    assert all(failure.reason.startswith(reason or "?") for failure in reading.failures)


async def test_three_zeros_are_no_scores_yet(session: ClientSession) -> None:
    new = US1._replace(audit=0, suspension=0, online=0)
    offline = EU1._replace(online=0)
    async with FakeNode(trusted=(new, offline)) as node:
        first, second = (await NodeApi(session, node.url).read()).satellites
    assert scores(first) == (None, None, None)
    assert scores(second) == (1.0, 0.55, 0.0)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (fake_node.web_page, "{node} answers with a web page instead of JSON"),
        (says(b"x", content_type="text/plain"), "{node} answers with something else instead of"),
        (fake_node.broken, "{node} answers with HTTP status 500: consoleapi storagenode: database"),
        (fake_node.untrusted, "{node} answers with HTTP status 404: trust: satellite is untrusted"),
        (says(b"", status=502), "{node} answers with HTTP status 502"),
        (says({"error": 5}, status=502), "{node} answers with HTTP status 502"),
        (fake_node.empty, "the answer is empty"),
        (fake_node.not_a_number, "the answer is no JSON, or only the beginning of it"),
        (fake_node.half_that_looks_whole, "the answer is no JSON, or only the beginning of it"),
        (says(b'{"audits":' + b"[" * 200_000), "the answer is no JSON, or only the beginning"),
        (says([]), "the answer is JSON, but not that of a storagenode"),
        (fake_node.half, "{node} broke the connection before it had answered"),
        (fake_node.half_of_a_stream, "{node} broke the connection before it had answered"),
        (fake_node.hang_up, "{node} broke the connection before it had answered"),
        (fake_node.huge, "the answer is larger than 16 MB"),
    ],
)
async def test_a_satellite_that_fails_is_one_failure_and_its_scores_come_from_the_list_of_all(
    session: ClientSession, node: FakeNode, fault: Fault, reason: str
) -> None:
    node.faults[path_of(US1)] = fault
    reading = await NodeApi(session, node.url).read()
    (failure,) = reading.failures
    assert failure.endpoint == path_of(US1)
    assert failure.reason.startswith(reason.format(node=node.url.removeprefix("http://")))
    assert failure.reason.isprintable()
    us1, eu1, _ = reading.satellites
    assert scores(us1) == (0.9995, 1.0, 0.998938522777532)
    assert (us1.joined_at, us1.vetted_at, eu1.joined_at) == (None, VETTED, JOINED)
    assert node.asked[-1] == f"GET {SATELLITES}"


async def test_the_list_of_all_is_not_asked_for_when_every_satellite_answers(
    session: ClientSession, node: FakeNode
) -> None:
    await NodeApi(session, node.url).read()
    assert sorted(node.asked) == sorted(
        [f"GET {DASHBOARD}", *(f"GET {path_of(trusted)}" for trusted in TRUSTED)]
    )


@pytest.mark.parametrize(
    ("audits", "reasons"),
    [
        (None, []),
        ([None, {"satelliteName": None, "auditScore": 1}], []),
        ([5], ["an item of audits is 5, which can't be used"]),
        (
            [{"satelliteName": US1.url, "auditScore": 7}],
            [f"auditScore of {US1.url} is 7, which can't be used"],
        ),
    ],
)
async def test_scores_that_nothing_tells_are_none(
    session: ClientSession, node: FakeNode, audits: object, reasons: list[str]
) -> None:
    node.faults[path_of(US1)] = fake_node.broken
    node.faults[SATELLITES] = says({"audits": audits})
    reading = await NodeApi(session, node.url).read()
    assert scores(reading.satellites[0]) == (None, None, None)
    assert reading.failures[1:] == tuple(Failure(SATELLITES, reason) for reason in reasons)


async def test_what_is_known_of_satellites_is_kept_when_none_answers(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults = {path_of(trusted): fake_node.broken for trusted in TRUSTED}
    node.faults[SATELLITES] = fake_node.web_page
    reading = await NodeApi(session, node.url).read()
    assert [failure.endpoint for failure in reading.failures] == [
        *map(path_of, TRUSTED),
        SATELLITES,
    ]
    assert {scores(each) for each in reading.satellites} == {(None, None, None)}
    saltlake = reading.satellites[2]
    assert saltlake.satellite_id == SALTLAKE.satellite_id
    assert saltlake.disqualified_at == datetime(2025, 12, 13, 14, 15, 16, 171819, tzinfo=UTC)


async def test_a_request_that_takes_too_long_is_given_up(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults = {path_of(US1): fake_node.hang, path_of(EU1): fake_node.drip}
    reading = await NodeApi(session, node.url, request_seconds=2).read()
    late = f"{node.url.removeprefix('http://')} gives no whole answer within 2 s"
    assert reading.failures == (Failure(path_of(US1), late), Failure(path_of(EU1), late))
    us1, eu1, saltlake = reading.satellites
    assert scores(us1) == (0.9995, 1.0, 0.998938522777532)
    assert scores(eu1) == (1.0, 0.55, 1.0)
    assert (us1.joined_at, eu1.joined_at, saltlake.joined_at) == (None, None, JOINED)


async def test_a_reading_that_takes_too_long_keeps_what_it_has(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults = {path_of(US1): fake_node.hang, path_of(EU1): fake_node.hang}
    reading = await NodeApi(session, node.url, reading_seconds=2).read()
    assert reading.disk is not None
    assert reading.node_id == NODE_ID
    late = "no time was left: all of a reading may take 2 s"
    endpoints = [*map(path_of, TRUSTED), SATELLITES]
    assert reading.failures == tuple(Failure(endpoint, late) for endpoint in endpoints)
    # Two satellites at once; the third's turn never came.
    assert node.most_at_once == 2
    assert f"GET {path_of(SALTLAKE)}" not in node.asked


async def test_redirects_on_the_node_itself_are_followed(
    session: ClientSession, node: FakeNode
) -> None:
    node.faults[path_of(US1)] = fake_node.redirect_to(f"{node.url}/api/sno/moved?to=1#here")
    node.faults["/api/sno/moved"] = fake_node.redirect_to("../sno/again")
    node.faults["/api/sno/again"] = says(node.satellite(US1))
    reading = await NodeApi(session, node.url).read()
    assert reading.failures == ()
    assert scores(reading.satellites[0]) == (0.9995, 1.0, 0.998938522777532)
    assert {"GET /api/sno/moved?to=1", "GET /api/sno/again"} < set(node.asked)


async def test_the_nodes_own_redirects_are_followed(session: ClientSession, node: FakeNode) -> None:
    node.faults[path_of(US1)] = fake_node.redirect_to(f"{path_of(EU1)}/")
    node.faults[path_of(SALTLAKE)] = fake_node.redirect_to(DASHBOARD.rstrip("/"))
    reading = await NodeApi(session, node.url).read()
    assert scores(reading.satellites[0]) == (1.0, 0.55, 1.0)
    # The dashboard says nothing of scores and prices.
    assert reading.failures == (Failure(path_of(SALTLAKE), "there are no audits"),)


@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("http://user:hush@evil.example/api/sno/", "http://evil.example"),
        ("//evil.example", "http://evil.example"),
        ("https://127.0.0.1/", "https://127.0.0.1"),
        ("http://127.0.0.1:1/", "http://127.0.0.1"),
        ("file:///etc/passwd", "elsewhere"),
        ("http://[", "elsewhere"),
        ("http://127.0.0.1:99999/", "elsewhere"),
        ("http://" + "x" * 300, "elsewhere"),
    ],
)
async def test_a_redirect_to_another_server_is_refused(
    session: ClientSession, node: FakeNode, location: str, where: str
) -> None:
    node.faults[path_of(US1)] = fake_node.redirect_to(location)
    (failure,) = await failures(session, node)
    shown = node.url.removeprefix("http://")
    assert failure.reason == (
        f"{shown} redirects to another server ({where}), which is not followed"
    )


async def test_a_redirect_in_a_circle_ends(session: ClientSession, node: FakeNode) -> None:
    node.faults[path_of(US1)] = fake_node.redirect_to(path_of(US1))
    (failure,) = await failures(session, node)
    assert failure.reason.endswith("redirects in a circle")
    assert node.asked.count(f"GET {path_of(US1)}") == 4
