"""The overview as the page shows it and as programs are told; acknowledging without a script."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from storj_monitor.plugin import Document, Report
from storj_monitor.store import Following, News, Poll
from storj_monitor.web.openapi import openapi
from storj_monitor.web.overview import facts
from storj_monitor.web.overview.description import paths
from tests.alerts.world import ATTIC, NAS, US1, ago
from tests.web.overviews import (
    EPOCH,
    TB,
    app_of,
    put_alert,
    put_hour,
    put_scores,
    put_space,
    words_of,
    world_of,
)
from tests.web.rooms import HOSTILE, catalogue_of, format_of, problem, render_lines, room

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.store import Store
    from tests.alerts.world import World
    from tests.web.rooms import Client


@pytest.fixture
def world(store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    return world_of(store)


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, world: World) -> Client:
    client: Client = await aiohttp_client(app_of(world.store))
    return client


async def told(client: Client, query: str = "") -> dict[str, Any]:
    response = await client.get(f"/api/overview{query}")
    assert response.status == 200
    answer: dict[str, Any] = await response.json()
    return answer


async def test_a_node_of_which_little_is_known_says_so_and_never_0(client: Client) -> None:
    words = await words_of(client)
    assert "All 2 nodes are well." in words.text
    assert "Disk used n/a" in words.text
    assert "March, estimate n/a n/a so far" in words.text
    assert "February, payout n/a n/a sent" in words.text
    assert "attic Heard 5 minutes ago Disk n/a Lowest score n/a" in words.text
    assert "Downloads today none yet Uploads today none yet" in words.text
    assert "Mar estimate n/a Feb payout n/a" in words.text
    assert "run --node NAME:LOG:API_URL" in words.text
    assert "$0" not in words.text


async def test_a_node_of_which_all_is_known_shows_it(client: Client, world: World) -> None:
    put_scores(world, ago(hours=2), 0.94)
    put_space(world, ago(minutes=20), 9 * TB)
    put_hour(world, ago(hours=1), "GET", "success", 199, bytes=5 * 10**9)
    put_hour(world, ago(hours=1), "GET", "failed", 1)
    key = {"node_id": ATTIC, "satellite_id": US1, "origin": "api"}
    world.put("estimates", period="2026-03", at=1, payout=1_500_000, expected=2_250_000, **key)
    world.put("paystubs", period="2026-02", read_at=1, paid=3_000_000, distributed=1, **key)
    words = await words_of(client)
    assert "90.0 % (look) used, 1.00 TB free" in words.text
    assert "Lowest score 0.9400 (look) online" in words.text
    assert "Downloads today 99.5 %" in words.text
    assert "Mar estimate ≈ $2.25 Feb payout $3.00" in words.text
    assert "Estimate so far ≈ $1.50" in words.text
    assert "February, payout $3.00 approved, $0.00 sent" in words.text
    assert "Disk used 9.00 TB 90.0 % of 10.0 TB · 1 of 2 nodes" in words.text
    assert "Look below 0.9950 0.9500 0.9500 Act below 0.9800 0.7000 0.7000" in words.text


@pytest.mark.parametrize(
    ("distributed", "said"),
    [(3_000_000, "$3.00 sent · 1 of 2"), (5_500_000, "$5.50 sent with earlier ones · 1 of 2")],
)
async def test_that_more_was_sent_than_a_month_is_worth_is_explained(
    client: Client, world: World, distributed: int, said: str
) -> None:
    key = {"node_id": ATTIC, "satellite_id": US1, "origin": "api", "read_at": 1}
    world.put("paystubs", period="2026-02", paid=3_000_000, distributed=distributed, **key)
    assert f"February, payout $3.00 {said}" in (await words_of(client)).text


async def test_times_can_be_rewritten_and_are_utc_without_a_script(client: Client) -> None:
    words = await words_of(client)
    assert set(words.attributes("time", "datetime")) == {"2026-03-20T12:25:00+00:00"}
    assert set(words.attributes("time", "title")) == {"2026-03-20 12:25 UTC"}


async def test_what_collects_is_shown_as_it_works(client: Client, world: World) -> None:
    at = ago(minutes=1)
    with world.store.writer() as writer:
        writer.write(
            [
                News(
                    node="attic",
                    following=Following("/logs/a.log", "", "waiting", "it isn't there", None, at),
                    poll=Poll(at, "http://127.0.0.1:14002", is_answered=False, reason="it is off"),
                )
            ]
        )
    words = await words_of(client)
    assert "/logs/a.log waiting: it isn't there checked 1 minute ago" in words.text
    assert "failing: it is off never answered yet" in words.text
    assert "API failing" in words.text


async def test_names_and_messages_are_text_and_never_markup(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    world.put("nodes", id=NAS, name=HOSTILE, last_heard_at=ago(minutes=5))
    put_alert(world, 1, title="<i>t</i>", message="<script>m</script>")
    client = await aiohttp_client(app_of(world.store))
    words = await words_of(client)
    assert "".join(HOSTILE.split()) in "".join(words.words)
    assert "<script>m</script>" in words.text
    assert not {"script", "b", "i"} & {tag for tag, _ in words.elements}


async def test_without_a_node_the_page_says_how_to_begin(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    words = await words_of(await aiohttp_client(app_of(store)))
    assert "No node was heard yet" in words.text
    assert "storj-monitor ingest NAME:PATH" in words.text
    assert "storj-monitor demo" in words.text
    assert "form" not in {tag for tag, _ in words.elements}


async def test_a_database_that_cannot_be_read_is_a_page_that_says_what_to_do(
    client: Client, world: World
) -> None:
    world.store.path.write_bytes(b"no database" * 100)
    words = await words_of(client)
    assert "The nodes can't be shown" in words.text
    assert "restore a backup" in words.text
    answer = await told(client)
    assert "is no SQLite database" in answer["problem"]["reason"]
    assert (answer["nodes"], answer["totals"]["nodes"]) == ([], 0)


async def test_then_the_rest_of_the_page_is_there_as_well_and_says_so(
    client: Client, world: World
) -> None:
    world.store.path.write_bytes(b"no database" * 100)
    for path in ("/", "/history"):
        response = await client.get(path)
        assert response.status == 200
        assert "What was downloaded can't be read from the database" in await response.text()
    words = {"source": "numbers", "format": "csv"}
    response = await client.get("/download", params=words)
    text = await response.text()
    assert (response.status, response.content_type) == (500, "text/html")
    assert "is no SQLite database" in text
    assert 'id="card"' in text


async def test_one_node_can_be_chosen(client: Client, world: World) -> None:
    put_alert(world, 1)
    words = await words_of(client, "?node=attic")
    assert "The node is well." in words.text
    assert "Title 1" not in words.text
    assert [attrs["value"] for tag, attrs in words.elements if "selected" in attrs] == ["attic"]
    assert [node["name"] for node in (await told(client, "?node=attic"))["nodes"]] == ["attic"]


async def test_a_node_that_is_not_there_is_told_of(client: Client) -> None:
    words = await words_of(client, "?node=nix")
    assert "There is no node called nix." in words.text
    assert "All 2 nodes are well." in words.text
    response = await client.get("/api/overview?node=nix")
    said = problem(await response.text())
    assert (response.status, said["code"]) == (400, "unknown_node")
    assert said["detail"] == "unknown node 'nix'"


async def test_charts_are_there_if_what_draws_them_is_installed(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    custom = Report(
        name="custom_range", title="Any", summary="Any", build=lambda *_: Document("", ())
    )
    catalogue = catalogue_of(formats=[format_of("svg", render_lines)], reports=[custom])
    client = await aiohttp_client(app_of(world.store, catalogue))
    words = await words_of(client, "?node=attic")
    sources = words.attributes("img", "src")
    assert sources == [
        f"/api/preview?report_type=custom_range&metrics={metric}&days=30&node=attic"
        "&as_of=2026-03-20T12%3A30Z&format=svg&option.title=off&option.theme=light"
        for metric in ("traffic", "storage")
    ]
    assert all(words.attributes("img", "alt"))


async def test_without_what_draws_charts_there_are_none(client: Client) -> None:
    assert (await words_of(client)).attributes("img", "src") == []


async def test_the_answer_fits_its_description(client: Client, world: World) -> None:
    put_scores(world, ago(hours=2), 0.94)
    put_space(world, ago(minutes=20), 9 * TB)
    put_hour(world, ago(hours=1), "GET", "success", 199, bytes=5 * 10**9)
    put_alert(world, 1)
    operation = paths()["/api/overview"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    components = openapi(catalogue_of(), needs_token=False)["components"]
    jsonschema.validate(await told(client), schema | {"components": components})


async def test_facts_are_read_once_until_something_is_written(world: World) -> None:
    app = app_of(world.store)
    first, second = await asyncio.gather(facts(app), facts(app))
    assert first.made_at == second.made_at
    assert first.nodes is second.nodes
    put_alert(world, 1)
    third = await facts(app)
    assert third.nodes is not first.nodes
    assert third.version != first.version


async def test_facts_are_read_again_when_time_has_passed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(world.store)
    put_hour(world, ago(hours=1), "GET", "success", 199)
    assert (await facts(app)).totals.downloads == 1
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(EPOCH) + 86_400))
    assert (await facts(app)).totals.downloads is None


async def test_a_node_that_nothing_is_stored_of_yet_is_shown() -> None:
    overview = await facts(room().app)
    assert [node.status for node in overview.nodes] == ["look", "well", "well", "well"]
    assert {node.disk for node in overview.nodes} == {None}
