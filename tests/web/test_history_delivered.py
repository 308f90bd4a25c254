"""What became of the files of schedules, in the list of what was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin import DeliveryError, UncertainDelivery
from tests.web.described import as_described
from tests.web.test_schedules import Post, added, app_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Parcel
    from storj_monitor.store import Store

URL = "/api/reports/list"
LUCKY = ("https://one.example/a-s3cret", "https://two.example/a-s3cret")
SHY, GONE = "https://shy.example/a-s3cret", "https://gone.example/a-s3cret"
ANSWERS: Mapping[str, Exception] = {
    SHY: UncertainDelivery("the line broke"),
    GONE: DeliveryError("no such room", retryable=False),
}


class Choosy(Post):
    """A channel that not everybody accepts from."""

    async def send(self, parcel: Parcel, settings: Mapping[str, str]) -> None:
        """Accept it, or not."""
        if error := ANSWERS.get(parcel.recipient):
            raise error
        await super().send(parcel, settings)


async def test_an_entry_says_how_many_have_it_and_not_who(
    aiohttp_client: AiohttpClient, store: Store
) -> None:
    client = await aiohttp_client(app_of(store, Choosy()))
    await (await client.get("/api/export/numbers", params={"period": "last-month"})).read()
    made = await added(client, recipients=[*LUCKY, SHY, GONE])
    await client.post(f"/api/schedules/{made['id']}/run")
    response = await client.get(URL)
    sent, had = (await as_described(client, URL, response))["reports"]
    assert sent["who"] == "schedule Mondays"
    assert sent["deliveries"] == {"sent": 2, "maybe_sent": 1, "failed": 1}
    assert had["deliveries"] == {}
    page = await (await client.get("/history")).text()
    assert page.count("delivered to") == 1
    assert "delivered to 2, 1 failed, 1 may have been sent" in page
    assert "example" not in page + await response.text()


async def test_each_file_has_its_own(aiohttp_client: AiohttpClient, store: Store) -> None:
    client = await aiohttp_client(app_of(store, Choosy()))
    for name, to in (("Bad", [GONE]), ("Good", [*LUCKY])):
        made = await added(client, name=name, recipients=to)
        await client.post(f"/api/schedules/{made['id']}/run")
    found = (await (await client.get(URL)).json())["reports"]
    told = {entry["who"]: entry["deliveries"] for entry in found}
    assert told == {"schedule Good": {"sent": 2}, "schedule Bad": {"failed": 1}}
