"""One URL of Apprise may mean several requests: what was accepted is never sent again by itself."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple, cast

import pytest
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.kodi import NotifyXBMC
from apprise.plugins.telegram import NotifyTelegram

from storj_export_plugins.channels.apprise import limit, send
from storj_export_plugins.channels.apprise_answers import Answers, explained
from storj_monitor.plugin import DeliveryError, UncertainDelivery
from tests.channels.parcels import attachment, parcel, refused
from tests.channels.receivers import Receiver

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web
    from apprise import AppriseResult

# Apprise still imports it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")

CHAT = "tgram://123456789:abcdefghijklmnopqrstuvwxyzabcdefghi/12345"
CHATS = f"{CHAT}/67890"
DISCORD = "discord://123456789/abcdefghi"
LINK = "https://nas.lan/api/files/1?signature=a&expires=1"
#: Stands for a status, and is none.
BREAKS_OFF = 999
ACCEPTED = '{"ok": true, "result": {"message_id": 1}}'


@dataclass
class Service(Receiver):
    """Answers each request with the next of its statuses, and with the last of them ever after."""

    text: str = ACCEPTED
    statuses: list[int] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.status = self.statuses[min(len(self.requests), len(self.statuses) - 1)]
        if self.status == BREAKS_OFF and request.transport is not None:
            self.requests.append(request)
            request.transport.abort()
        return await super().answer(request)


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in (NotifyTelegram, NotifyDiscord):
        monkeypatch.setattr(service, "request_rate_per_sec", 0)


async def failure(
    monkeypatch: pytest.MonkeyPatch, statuses: list[int], recipient: str, folder: Path | None = None
) -> DeliveryError:
    """Return how sending fails where requests are answered so; with a file in a folder, if any."""
    files = (attachment(folder),) if folder else ()
    async with Service(statuses=statuses).served() as url:
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"{url}/bot")
        monkeypatch.setattr(NotifyDiscord, "notify_url", url)
        return await refused(send(parcel(recipient, *files), {}))


@pytest.mark.parametrize("recipient", [CHATS, DISCORD])
@pytest.mark.parametrize("status", [429, 404, 500])
async def test_what_was_accepted_in_part_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, recipient: str, status: int
) -> None:
    folder = tmp_path if recipient == DISCORD else None
    error = await failure(monkeypatch, [200, status], recipient, folder)

    assert isinstance(error, UncertainDelivery)
    assert error.reason.endswith("failed, and it isn't known what of it arrived")


@pytest.mark.parametrize("recipient", [CHAT, CHATS, DISCORD])
async def test_what_nobody_accepted_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, recipient: str
) -> None:
    error = await failure(monkeypatch, [429], recipient, tmp_path)

    service = recipient.partition("://")[0]
    assert (type(error), error.retryable) == (DeliveryError, True)
    assert error.reason == f"{service}://… refused it: status 429"


async def test_of_two_refusals_the_one_for_now_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    for statuses in ([404, 429], [429, 404]):
        error = await failure(monkeypatch, statuses, CHATS)
        assert (error.reason, error.retryable) == ("tgram://… refused it: status 429", True)


@pytest.mark.parametrize("status", [502, 504, 520, 524])
async def test_a_proxy_that_broke_off_may_have_handed_it_on(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    assert isinstance(await failure(monkeypatch, [status], CHAT), UncertainDelivery)


async def test_who_broke_off_may_have_taken_it_though_the_next_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert isinstance(await failure(monkeypatch, [BREAKS_OFF, 429], CHATS), UncertainDelivery)


class _Failed(NamedTuple):
    """What Apprise gives for a message that failed."""

    said: tuple[str, ...]

    def logs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(message=message) for message in self.said]


REFUSED_CONNECTION = "Socket Exception: NewConnectionError('Connection refused')"
BROKEN_CONNECTION = "Socket Exception: ('Connection aborted.', ConnectionResetError(104))"


@pytest.mark.parametrize(
    ("begun", "statuses", "said", "retryable"),
    [
        (1, [429], (), True),
        (1, [429, 429], (), True),
        (1, [200, 429], (), None),
        (2, [429], (), None),
        (1, [429], (BROKEN_CONNECTION,), None),
        (2, [200], (REFUSED_CONNECTION,), None),
        (2, [], (REFUSED_CONNECTION, REFUSED_CONNECTION), True),
        (2, [], (REFUSED_CONNECTION, BROKEN_CONNECTION), None),
        (0, [], (), None),
        (0, [], ("An error occurred.",), None),
    ],
)
def test_only_what_certainly_reached_nobody_is_tried_again(
    begun: int, statuses: list[int], said: tuple[str, ...], retryable: bool | None
) -> None:
    answers = Answers()
    answers.begun, answers.statuses = begun, statuses

    error = explained(cast("AppriseResult", _Failed(said)), answers, "tgram://…")

    assert isinstance(error, UncertainDelivery) is (retryable is None)
    assert error.retryable is bool(retryable)


async def test_two_messages_at_once_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Service(statuses=[200]).served() as good, Service(statuses=[429]).served() as bad:
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"{good}/bot")
        monkeypatch.setattr(NotifyDiscord, "notify_url", bad)
        sending = (refused(send(parcel(DISCORD), {})) for _ in range(5))
        errors = await asyncio.gather(*sending, send(parcel(CHATS), {}), send(parcel(CHATS), {}))

    assert [error.retryable for error in errors if error] == [True] * 5


@pytest.mark.parametrize("asked", ["", "?overflow=truncate", "?overflow=split"])
async def test_of_a_long_text_the_link_is_left_whole(
    monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    service = Service(statuses=[200])
    async with service.served() as url:
        monkeypatch.setattr(NotifyDiscord, "notify_url", url)
        sent = parcel(f"{DISCORD}{asked}", text=f"{'Egress, ' * 1000}{LINK}\n", links=(LINK,))
        await send(sent, {})

    (body,) = service.bodies
    content = json.loads(body)["content"]
    assert content.startswith("Week 10 of attic\r\nEgress, ")
    assert content.endswith(f"…\n\n{LINK}")
    assert len(content) <= 2000


async def test_where_few_lines_are_shown_the_link_is_in_them() -> None:
    service = Service(statuses=[200])
    async with service.served() as url:
        place = url.removeprefix("http://")
        sent = parcel(f"kodi://{place}", text="a\nb\nc\n", links=(LINK,))
        await send(sent, {"allow_private": "on"})

    assert NotifyXBMC.body_max_line_count == 2
    assert json.loads(service.bodies[0])["params"]["message"] == f"a b c {LINK}"


async def test_where_there_is_no_room_for_the_link_nothing_is_sent() -> None:
    short = "pushed://aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb"
    error = await refused(send(parcel(short, links=(f"{LINK}{'x' * 160}",)), {}))

    assert error.reason.startswith("there is no room for the link in the ")
    assert error.retryable is False


@pytest.mark.parametrize("given", ["tgram://…", "discord://…", "json://…"])
def test_a_url_as_it_is_shown_is_not_taken_for_the_whole(given: str) -> None:
    with pytest.raises(DeliveryError, match="has a … where its secret was: give the whole URL"):
        limit(given, {"allow_private": "on"})
