"""The form of a schedule that is there already: what it says holds, and what it has not stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.test_schedules import SECRET, Post, app_of
from tests.web.test_schedules_page import added, form, page, sent, text_of

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.store import Store
    from tests.web.rooms import Client


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, store: Store) -> Client:
    return await aiohttp_client(app_of(store, Post()))


async def test_a_schedule_is_changed_and_what_the_form_has_not_stays(
    client: Client, store: Store
) -> None:
    id_ = await added(client, parameters={"status": ["failed"]})
    html = await page(client, f"/schedules?edit={id_}")
    assert "Change “Mondays”" in text_of(html)
    assert f'action="/schedules/{id_}"' in html
    assert "https://chat.example/…</textarea>" in html
    fields = form(name="Daily", how="daily", recipients="https://chat.example/…", format="psv")
    response = await sent(client, f"/schedules/{id_}", *fields)
    assert response.headers["Location"] == f"/schedules?done=changed#schedule-{id_}"
    [entry] = store.schedules()
    assert (entry.name, entry.rule, entry.format) == ("Daily", "daily 06:00", "psv")
    assert (entry.recipients, entry.words) == ((SECRET,), {"status": ("failed",)})
    refused = await sent(client, f"/schedules/{id_}", *form(what="nothing"))
    assert refused.status == 404
    assert "Change “Daily”" in text_of(await refused.text())


async def test_what_is_left_empty_is_as_usual_again(client: Client, store: Store) -> None:
    wanted = {"period": "last-month", "format": "psv", "timezone": "Europe/Berlin"}
    id_ = await added(client, name="Usual", **wanted)
    [before] = store.schedules()
    assert (before.period, before.format, before.timezone) == tuple(wanted.values())
    fields = form(name="Usual", period="", format="", timezone="")
    response = await sent(client, f"/schedules/{id_}", *fields)
    assert response.status == 303
    [entry] = store.schedules()
    assert (entry.period, entry.format, entry.timezone) == ("last-week", "csv", "UTC")


async def test_the_link_opens_the_one_it_belongs_to_whatever_others_are_called(
    client: Client,
) -> None:
    ids = [await added(client, name="Mondays")]
    ids.append(await added(client, name=str(ids[0])))
    html = await page(client, f"/schedules?edit={ids[0]}")
    assert "Change “Mondays”" in text_of(html)
    assert f'action="/schedules/{ids[0]}"' in html


@pytest.mark.parametrize("text", ["7", "0", "Mondays", "-1", "9" * 19, "\u0661"])
async def test_who_edits_what_is_gone_is_told(client: Client, text: str) -> None:
    await added(client)
    response = await client.get("/schedules", params={"edit": text})
    assert response.status == 404
    assert "there is no schedule " in text_of(await response.text())
