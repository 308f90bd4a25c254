"""Schedules over HTTP: added, changed, told of, and never to a stranger."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import pytest

from storj_monitor import clock
from storj_monitor.plugin import Channel
from storj_monitor.plugin.query import microseconds
from storj_monitor.settings import ExportSettings, Settings, WebSettings
from storj_monitor.store import Delivery
from storj_monitor.web.app import create_app
from tests.web.described import as_described
from tests.web.rooms import HEARD, MATRIX, FakeHost, catalogue_of, problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Parcel
    from storj_monitor.registry import PluginHost
    from storj_monitor.store import Store
    from tests.web.rooms import Client

    Json = dict[str, Any]

URL = "/api/schedules"
ONE = "/api/schedules/{id}"
SECRET = "https://chat.example/hooks/s3cret"
SHOWN = "https://chat.example/…"
AFAR = {"X-Forwarded-For": "198.51.100.2"}
#: Every way in, and what is sent there.
WAYS = (
    ("GET", URL),
    ("POST", URL),
    ("GET", "/api/schedules/1"),
    ("PUT", "/api/schedules/1"),
    ("DELETE", "/api/schedules/1"),
    ("POST", "/api/schedules/1/run"),
    ("GET", "/api/schedules/1/deliveries"),
    ("POST", "/api/deliveries/1/again"),
)


class Post:
    """A channel that remembers what it was given, and whose recipients are secrets."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []

    async def send(self, parcel: Parcel, _: Mapping[str, str]) -> None:
        """Remember it."""
        self.parcels.append(parcel)

    def channel(self) -> Channel:
        """Return it as a plugin offers it."""
        return Channel(
            name="hook",
            title="Hook",
            settings=(),
            send=self.send,
            shown=lambda recipient: f"https://{recipient.split('/')[2]}/…",
        )


def app_of(
    store: Store, post: Post | None = None, web: WebSettings | None = None
) -> web.Application:
    channels = {MATRIX.name: MATRIX, "hook": (post or Post()).channel()}
    catalogue = replace(catalogue_of(), channels=MappingProxyType(channels))
    settings = Settings(web=web or WebSettings(), exports=ExportSettings(processes=False))
    return create_app(settings, cast("PluginHost", FakeHost(catalogue)), store)


@pytest.fixture(autouse=True)
def the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "real_now", lambda: HEARD)  # a Wednesday
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(HEARD.timestamp())))


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, store: Store) -> Client:
    return await aiohttp_client(app_of(store))


def body(**changes: object) -> Json:
    asked: Json = {
        "name": "Mondays",
        "source": "numbers",
        "when": "weekly mon 06:00",
        "timezone": "Europe/Berlin",
        "channel": "hook",
        "recipients": [SECRET],
    }
    return asked | changes


async def added(client: Client, **changes: object) -> Json:
    response = await client.post(URL, json=body(**changes))
    assert response.status == 201
    made: Json = await as_described(client, URL, response)
    assert response.headers["Location"] == f"{URL}/{made['id']}"
    return made


async def test_a_schedule_is_answered_with_its_next_runs_and_the_period_of_each(
    client: Client,
) -> None:
    made = await added(client)
    assert made == {
        "id": made["id"],
        "name": "Mondays",
        "source": "numbers",
        "format": "csv",
        "nodes": [],
        "when": "weekly mon 06:00",
        "timezone": "Europe/Berlin",
        "period": "last-week",
        "channel": "hook",
        "recipients": [SHOWN],
        "skip_empty": False,
        "enabled": True,
        "parameters": {},
        "next": made["next"],
        "deliveries": [],
        "problem": None,
    }
    assert [one["at"] for one in made["next"]] == [
        "2026-03-09T05:00:00.000+00:00",
        "2026-03-16T05:00:00.000+00:00",
        "2026-03-23T05:00:00.000+00:00",
        "2026-03-30T04:00:00.000+00:00",
        "2026-04-06T04:00:00.000+00:00",
    ]
    assert made["next"][3]["span"] == {
        "start": "2026-03-22T23:00:00.000+00:00",
        "end": "2026-03-29T22:00:00.000+00:00",
    }
    one = await client.get(f"{URL}/{made['id']}")
    assert await as_described(client, ONE, one) == made
    every = await client.get(URL)
    assert (await as_described(client, URL, every))["schedules"] == [made]


async def test_an_answer_is_changed_and_sent_back(client: Client, store: Store) -> None:
    made = await added(client)
    response = await client.put(
        f"{URL}/{made['id']}", json=made | {"skip_empty": True, "enabled": False}
    )
    changed = await as_described(client, ONE, response)
    assert changed == made | {"skip_empty": True, "enabled": False, "next": []}
    [entry] = store.schedules()
    assert (entry.recipients, entry.skip_empty, entry.enabled) == ((SECRET,), True, False)


async def test_a_schedule_is_removed_and_then_is_not_found(client: Client) -> None:
    made = await added(client)
    place = f"{URL}/{made['id']}"
    assert (await client.delete(place)).status == 204
    for method in ("GET", "PUT", "DELETE"):
        response = await client.request(method, place, json=body())
        assert response.status == 404
        assert (await as_described(client, ONE, response))["code"] == "not_found"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "bad_json"),
        ("[]", "bad_request"),
        ("{}", "bad_schedule"),
        ({"source": "nothing"}, "unknown_source"),
        ({"source": None, "report": "nothing"}, "unknown_report"),
        ({"format": "nothing"}, "unknown_format"),
        ({"nodes": ["nobody"]}, "unknown_node"),
        ({"timezone": "Mars/Base"}, "bad_timezone"),
        ({"when": "sometimes"}, "bad_schedule"),
        ({"period": "today"}, "bad_schedule"),
        ({"channel": "pigeon"}, "bad_schedule"),
        ({"recipients": []}, "bad_schedule"),
        ({"recipients": ["a\nBcc: b"]}, "bad_schedule"),
        ({"colour": "red"}, "bad_schedule"),
        ({"parameters": {"status": "bad"}}, "bad_filter"),
        ({"name": "x" * 100_000}, "too_large"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_not_kept(
    client: Client, store: Store, content: str | Json, code: str
) -> None:
    text = content if isinstance(content, str) else json.dumps(body(**content))
    response = await client.post(URL, data=text)
    said = await as_described(client, URL, response)
    assert (said["code"], said["hint"] != "") == (code, True)
    assert store.schedules() == ()


@pytest.mark.parametrize(("method", "path"), WAYS)
async def test_who_has_no_token_is_told_nothing(
    aiohttp_client: AiohttpClient, store: Store, method: str, path: str
) -> None:
    client = await aiohttp_client(app_of(store, web=WebSettings(token="secret")))
    response = await client.request(method, path, json=body())
    assert (response.status, problem(await response.text())["code"]) == (401, "unauthorized")
    known = {"Authorization": "Bearer secret"} | AFAR
    assert (await client.request(method, path, headers=known, data="{")).status != 403


@pytest.mark.parametrize(("method", "path"), WAYS)
async def test_without_a_token_nobody_elsewhere_is_told_anything_whatever_is_insecure(
    client: Client, method: str, path: str
) -> None:
    response = await client.request(method, path, json=body(), headers=AFAR)
    said = problem(await response.text())
    assert (response.status, said["code"]) == (403, "forbidden")
    assert "Set a token" in str(said["hint"])


@pytest.mark.parametrize(("method", "path"), [way for way in WAYS if way[0] != "GET"])
async def test_another_sites_page_changes_nothing(
    client: Client, store: Store, method: str, path: str
) -> None:
    headers = {"Origin": "http://evil.example"}
    response = await client.request(method, path, json=body(), headers=headers)
    assert (response.status, problem(await response.text())["code"]) == (403, "forbidden")
    assert store.schedules() == ()


def delivery(schedule_id: int, recipient: str, due_at: int) -> Delivery:
    return Delivery(schedule_id, 1, 2, recipient, "", due_at=due_at, name="M", channel="hook")


async def test_what_was_delivered_is_told_newest_first_and_without_secrets(
    client: Client, store: Store
) -> None:
    made = await added(client)
    due_us = microseconds(HEARD)
    with store.writer() as writer:
        for number in range(3):
            one = delivery(made["id"], f"{SECRET}/{number}", due_us + number)
            writer.deliveries.add([one])
    place = f"{URL}/{made['id']}/deliveries"
    response = await client.get(place, params={"limit": "2"})
    said = await as_described(client, f"{ONE}/deliveries", response)
    assert [one["id"] for one in said["deliveries"]] == [3, 2]
    assert {one["recipient"] for one in said["deliveries"]} == {SHOWN}
    assert said["deliveries"][0] | {"due_at": "", "next_attempt_at": ""} == {
        "id": 3,
        "schedule_id": made["id"],
        "name": "M",
        "channel": "hook",
        "recipient": SHOWN,
        "span": {
            "start": "1970-01-01T00:00:00.000+00:00",
            "end": "1970-01-01T00:00:00.000+00:00",
        },
        "edition": "",
        "due_at": "",
        "late": False,
        "state": "due",
        "attempts": 0,
        "next_attempt_at": "",
        "sent_at": None,
        "error": None,
        "subject_line": None,
        "file_name": None,
        "rows": None,
        "bytes": None,
        "link_until": None,
    }
    shown = await (await client.get(f"{URL}/{made['id']}")).json()
    assert shown["deliveries"][:2] == said["deliveries"]
    for limit in ("0", "x", "1001", "1&limit=2"):
        refused = await client.get(f"{place}?limit={limit}")
        assert refused.status == 400
        assert "is no number of deliveries" in str(problem(await refused.text())["detail"])


async def test_the_catalogue_tells_which_channels_are_set_up_and_no_value(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    client = await aiohttp_client(app_of(store))
    response = await client.get("/api/catalogue")
    channels = (await as_described(client, "/api/catalogue", response))["channels"]
    assert {one["name"]: one["is_set_up"] for one in channels} == {"matrix": True, "hook": True}


async def test_a_run_sends_its_period_once_and_again_only_when_asked(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    post = Post()
    client = await aiohttp_client(app_of(store, post))
    made = await added(client)
    place, described = f"{URL}/{made['id']}/run", f"{ONE}/run"
    [sent] = (await as_described(client, described, await client.post(place)))["deliveries"]
    assert (sent["state"], sent["edition"], sent["recipient"]) == ("sent", "", SHOWN)
    assert sent["span"]["start"] == "2026-02-22T23:00:00.000+00:00"
    assert [parcel.recipient for parcel in post.parcels] == [SECRET]
    refused = await client.post(place)
    assert (await as_described(client, described, refused))["code"] == "bad_schedule"
    repeated = await client.post(place, json={"again": True})
    [again] = (await as_described(client, described, repeated))["deliveries"]
    assert (again["state"], again["edition"]) == ("sent", "again-1")
    assert len(post.parcels) == 2
    once_more = await client.post(f"/api/deliveries/{sent['id']}/again")
    another = await as_described(client, "/api/deliveries/{id}/again", once_more)
    assert (another["state"], another["edition"]) == ("sent", "again-2")
    shown = await (await client.get(f"{URL}/{made['id']}")).json()
    assert [one["edition"] for one in shown["deliveries"]] == ["again-2", "again-1", ""]


async def test_a_test_goes_to_all_or_to_one_and_counts_as_no_run(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    post = Post()
    client = await aiohttp_client(app_of(store, post))
    made = await added(client)
    place = f"{URL}/{made['id']}/run"
    for asked, to in (
        ({"test": True}, SECRET),
        ({"test": True, "recipient": SHOWN}, SECRET),
        ({"test": True, "recipient": "https://me.example/x"}, "https://me.example/x"),
    ):
        response = await client.post(place, json=asked)
        [sent] = (await as_described(client, f"{ONE}/run", response))["deliveries"]
        assert sent["edition"].startswith("test-")
        assert post.parcels[-1].recipient == to
    alone = await client.post(place, json={"recipient": SECRET})
    assert (await as_described(client, f"{ONE}/run", alone))["code"] == "bad_request"
    assert (await client.post(place, json={})).status == 200


@pytest.mark.parametrize("path", ["/api/schedules/9/run", "/api/deliveries/9/again"])
async def test_what_is_not_there_is_not_sent(client: Client, path: str) -> None:
    response = await client.post(path)
    assert (response.status, problem(await response.text())["code"]) == (404, "not_found")
