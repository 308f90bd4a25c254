"""An application around a real database whose rows the test puts there."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, cast

from storj_monitor.settings import ExportSettings, Settings
from storj_monitor.web.app import create_app
from tests.alerts.world import ATTIC, EU1, NAS, NOW, US1, World, ago
from tests.web.rooms import FakeHost, catalogue_of

if TYPE_CHECKING:
    from aiohttp import web

    from storj_monitor.registry import Catalogue, PluginHost
    from storj_monitor.settings import WebSettings
    from storj_monitor.store import Store
    from tests.web.rooms import Client

TB = 10**12
EPOCH = str(int(NOW.timestamp()))


def world_of(store: Store) -> World:
    """Give two nodes, attic and nas, that were heard of late, and two satellites."""
    world = World(store)
    for node_id, name in ((ATTIC, "attic"), (NAS, "nas")):
        world.put("nodes", id=node_id, name=name, last_heard_at=ago(minutes=5))
    for satellite_id, name in ((US1, "us1"), (EU1, "eu1")):
        world.put("satellites", id=satellite_id, satellite_id=f"id-of-{name}", name=name)
    return world


def app_of(
    store: Store, catalogue: Catalogue | None = None, web: WebSettings | None = None
) -> web.Application:
    """Return the application for a database."""
    settings = Settings(exports=ExportSettings(processes=False))
    if web is not None:
        settings = Settings(exports=ExportSettings(processes=False), web=web)
    return create_app(settings, cast("PluginHost", FakeHost(catalogue or catalogue_of())), store)


def put_scores(world: World, at: int, online: float, satellite: int = US1, **said: object) -> None:
    """Say what a satellite thinks of the attic."""
    row = {"origin": "api", "audit_score": 1, "suspension_score": 1} | said
    world.put(
        "reputation", at=at, node_id=ATTIC, satellite_id=satellite, online_score=online, **row
    )


def put_space(world: World, at: int, used: int | None, **said: object) -> None:
    """Say how full the attic is, of 10 TB."""
    row: dict[str, object] = {"node_id": ATTIC, "origin": "api", "allocated_bytes": 10 * TB} | said
    world.put("storage", slot_at=at - at % 300_000_000, at=at, used_bytes=used, **row)


def put_alert(world: World, number: int, severity: str = "critical", **said: object) -> None:
    """Raise an alert."""
    row: dict[str, object] = {"node_id": NAS, "satellite_id": 0, "type": f"type_{number}"} | said
    texts = {"title": f"Title {number}", "message": f"Message {number}.", "origin": "monitor"}
    world.put("alerts", id=number, at=ago(hours=number), severity=severity, **(texts | row))


def put_hour(world: World, at: int, action: str, status: str, count: int, **said: object) -> None:
    """Sum up transfers of the attic in the hour of a time."""
    row: dict[str, object] = {"node_id": ATTIC, "satellite_id": US1} | said
    hour = at - at % 3_600_000_000
    world.put("event_hours", hour_at=hour, action=action, status=status, count=count, **row)


class Words(HTMLParser):
    """The text of a page, and its elements by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep words."""
        self.words += data.split()

    @property
    def text(self) -> str:
        """All of it in one line."""
        return " ".join(self.words)

    def attributes(self, tag: str, name: str) -> list[str | None]:
        """Return what elements say of themselves."""
        return [attrs[name] for one, attrs in self.elements if one == tag and name in attrs]


async def words_of(client: Client, query: str = "") -> Words:
    """Return what the page shows of the nodes."""
    response = await client.get(f"/overview{query}")
    assert response.status == 200
    return Words(await response.text())
