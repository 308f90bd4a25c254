"""The page of schedules: all is said on it, and all is done from it without a script."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import msgspec
import pytest

from storj_monitor import clock
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.due import delivery_of
from storj_monitor.schedules.schedule import Occurrence, Schedule
from storj_monitor.settings import WebSettings
from storj_monitor.web.app import follow_schedules
from storj_monitor.web.keys import SETTINGS
from tests.web.described import as_described
from tests.web.rooms import HEARD, HOSTILE, problem
from tests.web.test_schedules import AFAR, SECRET, Post, app_of, body

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.store import Store
    from tests.web.rooms import Client

WAYS = (
    ("GET", "/schedules"),
    ("POST", "/schedules"),
    ("POST", "/schedules/1"),
    ("POST", "/schedules/1/run"),
    ("POST", "/schedules/1/enable"),
    ("POST", "/schedules/1/disable"),
    ("POST", "/schedules/1/remove"),
    ("POST", "/schedules/deliveries/1/again"),
)
FORM = (
    ("name", "Mondays"),
    ("what", "numbers"),
    ("format", "csv:bare"),
    ("how", "weekly"),
    ("weekday", "mon"),
    ("weekday", "thu"),
    ("time", "06:00"),
    ("day", "1"),
    ("cron", ""),
    ("timezone", "Europe/Berlin"),
    ("period", ""),
    ("channel", "hook"),
    ("recipients", f"{SECRET}\r\n\r\nhttps://open.example/\r\n"),
    ("skip_empty", "on"),
    ("enabled", "on"),
)


@pytest.fixture(autouse=True)
def the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "real_now", lambda: HEARD)  # a Wednesday
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(HEARD.timestamp())))


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, store: Store, post: Post) -> Client:
    return await aiohttp_client(app_of(store, post))


def text_of(html: str) -> str:
    """Return what a person reads."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", re.sub(r"</?code>", "", html))).split())


async def page(client: Client, path: str = "/schedules") -> str:
    response = await client.get(path)
    assert response.status == 200
    return await response.text()


async def sent(client: Client, path: str, *fields: tuple[str, str]) -> ClientResponse:
    return await client.post(path, data=list(fields), allow_redirects=False)


def form(**changes: str | None) -> list[tuple[str, str]]:
    """Return the fields of the form; None leaves one out."""
    kept = [(name, value) for name, value in FORM if name not in changes]
    return kept + [(name, value) for name, value in changes.items() if value is not None]


async def added(client: Client, **changes: object) -> int:
    response = await client.post("/api/schedules", json=body(**changes))
    assert response.status == 201
    return int((await response.json())["id"])


async def test_a_page_without_schedules_says_how_to_begin(client: Client) -> None:
    text = text_of(await page(client))
    assert "Nothing is sent by itself yet." in text
    assert "Nothing was sent yet." in text
    assert "Add a schedule" in text


async def test_the_form_adds_a_schedule_and_the_page_says_all_of_it(
    client: Client, store: Store
) -> None:
    response = await sent(client, "/schedules", *FORM)
    assert response.status == 303
    [entry] = store.schedules()
    assert response.headers["Location"] == f"/schedules?done=added#schedule-{entry.id}"
    assert (entry.rule, entry.period) == ("weekly mon,thu 06:00", "last-week")
    assert (entry.format, entry.words) == ("csv", {"preset": ("bare",)})
    assert entry.recipients == (SECRET, "https://open.example/")
    html = await page(client, response.headers["Location"])
    text = text_of(html)
    for said in (
        "The schedule was added.",
        "Mondays",
        "Numbers csv · all nodes · not if empty",
        "Every Monday and Thursday at 06:00 Europe/Berlin",
        "https://chat.example/…, https://open.example/… by hook",
        "Next Thu 2026-03-05 06:00 about 2026-02-23 to 2026-03-01",
        "Last nothing yet",
    ):
        assert said in text
    assert "s3cret" not in html


@pytest.mark.parametrize(
    ("changes", "rule", "period"),
    [
        ({"how": "daily"}, "daily 06:00", "yesterday"),
        ({"how": "monthly", "day": "last"}, "monthly last 06:00", "last-month"),
        (
            {"how": "cron", "cron": "0 6 * * 1", "period": "last-year"},
            "cron 0 6 * * 1",
            "last-year",
        ),
    ],
)
async def test_the_form_has_each_kind_of_rule(
    client: Client, store: Store, changes: dict[str, str], rule: str, period: str
) -> None:
    assert (await sent(client, "/schedules", *form(**changes))).status == 303
    [entry] = store.schedules()
    assert (entry.rule, entry.period) == (rule, period)
    html = await page(client, f"/schedules?edit={entry.id}")
    assert f'value="{changes["how"]}" checked' in html


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weekday": None}, "no weekday is ticked"),
        ({"time": ""}, "has no time of day"),
        ({"what": "nothing"}, "unknown source 'nothing'"),
        ({"name": ""}, "the name is empty or too long"),
        ({"recipients": " "}, "it has no recipients"),
        ({"timezone": "Mars/Base"}, "there is no time zone 'Mars/Base'"),
        ({"channel": ""}, "channel is missing"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_form_as_it_was_filled_in(
    client: Client, store: Store, changes: dict[str, str | None], said: str
) -> None:
    response = await sent(client, "/schedules", *form(**changes))
    html = await response.text()
    assert response.status in {400, 404}
    assert said in text_of(html)
    assert 'value="thu" checked' in html or "weekday" in changes
    assert f'value="{changes.get("name", "Mondays")}"' in html
    assert html.index('id="refused"') < html.index('id="schedules"')
    assert store.schedules() == ()


async def test_a_schedule_is_turned_off_and_on_and_removed(client: Client, store: Store) -> None:
    id_ = await added(client)
    for deed, notice in (("disable", "turned off"), ("enable", "turned on"), ("remove", "removed")):
        response = await sent(client, f"/schedules/{id_}/{deed}")
        assert response.status == 303
        assert notice in text_of(await page(client, response.headers["Location"]))
        assert [entry.enabled for entry in store.schedules()] == (
            [] if deed == "remove" else [deed == "enable"]
        )
    gone = await sent(client, f"/schedules/{id_}/enable")
    assert gone.status == 404
    assert f"there is no schedule {id_}" in text_of(await gone.text())


async def test_what_is_sent_now_isnt_sent_twice_unless_somebody_says_so(
    client: Client, post: Post
) -> None:
    id_ = await added(client)
    tested = await sent(client, f"/schedules/{id_}/run", ("test", "1"))
    assert "Sent as a test: 1 sent." in text_of(await page(client, tested.headers["Location"]))
    response = await sent(client, f"/schedules/{id_}/run")
    text = text_of(await page(client, response.headers["Location"]))
    assert "Sent now: 1 sent." in text
    assert "Last sent about 2026-02-23 to 2026-03-01" in text
    refused = await sent(client, f"/schedules/{id_}/run")
    html = await refused.text()
    assert refused.status == 400
    assert "has dealt with 2026-W09 already" in text_of(html)
    assert "Send it once more" in html
    again = await sent(client, f"/schedules/{id_}/run", ("again", "1"))
    assert again.status == 303
    assert len(post.parcels) == 3


async def test_what_may_have_been_sent_is_shown_and_sent_again_by_a_person_alone(
    client: Client, store: Store, post: Post
) -> None:
    await added(client)
    [entry] = store.schedules()
    covered = Occurrence(HEARD, Schedule.of(entry).covered(HEARD))
    unsure, due_us = delivery_of(entry, covered, SECRET, late=True), microseconds(HEARD)
    with store.writer() as writer:
        writer.deliveries.add([unsure])
        taken = writer.deliveries.claim("me", due_us, 60_000_000)
        assert taken
        writer.deliveries.note_maybe_sent(taken.id, "me", "it broke off")
    html = await page(client)
    assert "may have been sent late it broke off" in text_of(html)
    assert f'action="/schedules/deliveries/{taken.id}/again"' in html
    response = await sent(client, f"/schedules/deliveries/{taken.id}/again")
    assert response.status == 303
    assert "Sent again: 1 sent." in text_of(await page(client, response.headers["Location"]))
    assert len(post.parcels) == 1


async def test_texts_from_outside_are_texts(client: Client) -> None:
    await added(client, name=HOSTILE)
    html = await page(client)
    assert HOSTILE in unescape(html)
    assert "<b>x</b>" not in html
    notice = await page(client, "/schedules?done=run&sent=<i>1</i>&failed=99999&due=%C2%B2")
    assert "Sent now" in notice
    assert "<i>1" not in notice
    assert "99999" not in notice
    assert 'class="notice done' not in await page(client, "/schedules?done=<i>")


async def test_what_is_no_form_is_refused(client: Client) -> None:
    type_ = {"Content-Type": "multipart/form-data; boundary=x"}
    response = await client.post("/schedules", data=b"nothing", headers=type_)
    assert problem(await response.text())["code"] == "bad_request"
    file = b'--x\r\nContent-Disposition: form-data; name="name"; filename="f"\r\n\r\nx\r\n--x--\r\n'
    response = await client.post("/schedules", data=file, headers=type_)
    assert problem(await response.text())["detail"] == "a field of the form is a file"


@pytest.mark.parametrize(
    ("enabled", "is_demo", "said"),
    [
        (
            False,
            False,
            "Scheduling is turned off (STORJ_MONITOR_SCHEDULING=0, or enabled = false).",
        ),
        (False, True, "Scheduling is turned off (STORJ_MONITOR_SCHEDULING=0, or enabled = false)."),
        (True, True, "A demo follows no schedules."),
        (True, False, None),
    ],
)
async def test_that_nothing_is_sent_by_itself_is_said_with_what_would_change_that(
    aiohttp_client: AiohttpClient,
    store: Store,
    enabled: bool,
    is_demo: bool,
    said: str | None,
) -> None:
    app = app_of(store)
    scheduling = msgspec.structs.replace(app[SETTINGS].scheduling, enabled=enabled)
    app[SETTINGS] = msgspec.structs.replace(app[SETTINGS], scheduling=scheduling)
    if not is_demo:
        follow_schedules(app)
    client = await aiohttp_client(app)
    text = text_of(await page(client))
    answer = await as_described(client, "/api/schedules", await client.get("/api/schedules"))
    assert answer["followed"] is (said is None)
    assert ("Nothing is sent by itself here." in text) is (said is not None)
    if said is None:
        assert answer["not_followed"] is None
    else:
        assert f"{said} To change that, " in answer["not_followed"]
        assert answer["not_followed"].replace("`", "") in text


@pytest.mark.parametrize(("method", "path"), WAYS)
async def test_strangers_are_shown_and_do_nothing(
    aiohttp_client: AiohttpClient, store: Store, method: str, path: str
) -> None:
    client = await aiohttp_client(app_of(store))
    afar = await client.request(method, path, headers=AFAR, data={})
    assert (afar.status, problem(await afar.text())["code"]) == (403, "forbidden")
    if method == "POST":
        other = await client.post(path, headers={"Origin": "http://evil.example"}, data={})
        assert (other.status, problem(await other.text())["code"]) == (403, "forbidden")
    guarded = await aiohttp_client(app_of(store, web=WebSettings(token="secret")))
    assert (await guarded.request(method, path, data={})).status == 401
