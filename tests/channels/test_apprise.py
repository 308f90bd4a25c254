"""Other services by Apprise: what they get, and what becomes of a failure that isn't explained."""

from __future__ import annotations

import base64
import builtins
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest

from storj_export_plugins.channels.apprise import addresses, limit, send, shown, storj_channels
from storj_monitor.delivery.channels import Outlet, check_recipient
from storj_monitor.errors import Problem
from storj_monitor.plugin import DeliveryError, UncertainDelivery
from storj_monitor.settings import SchedulingSettings, Settings
from tests.channels.parcels import CSV, attachment, parcel, refused
from tests.channels.receivers import KEY, Receiver, rude_receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Apprise still imports it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")


#: What is here is private: it has to be named, or allowed.
NAMED = {"services": "json"}
TELEGRAM = "tgram://123456789:abcdefghijklmnopqrstuvwxyzabcdefghi/12345"
BOT = "xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d"
SLACK = f"slack://{BOT}/nodes"


def recipient(url: str) -> str:
    return url.replace("http://", "json://attic:hunter2@")


async def test_a_service_gets_the_subject_the_text_with_the_links_and_the_file(
    tmp_path: Path,
) -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        link = "https://nas.lan/1"
        sent = parcel(recipient(url), attachment(tmp_path), links=(link,), subject="a\r\nb")
        await send(sent, NAMED)

    message = json.loads(receiver.bodies[0])
    assert message["title"] == "a b"
    assert message["message"] == "Egress: 1.5 TB\n\nhttps://nas.lan/1"
    (file,) = message["attachments"]
    assert (file["filename"], base64.b64decode(file["base64"])) == ("week.csv", CSV)


@pytest.mark.parametrize(
    ("status", "retryable"), [(400, False), (404, False), (429, True), (500, True), (503, True)]
)
async def test_a_refusal_is_for_good_or_for_now_by_its_status(status: int, retryable: bool) -> None:
    async with Receiver(status).served() as url:
        error = await refused(send(parcel(recipient(url)), NAMED))

    assert error.reason == f"json://… refused it: status {status}"
    assert error.retryable is retryable


async def test_where_nobody_listens_it_is_tried_again() -> None:
    async with Receiver().served() as url:
        gone = recipient(url)
    error = await refused(send(parcel(gone), NAMED))

    assert error.reason == "json://… can't be reached"
    assert error.retryable is True


async def test_a_failure_that_is_not_explained_is_not_tried_again() -> None:
    async with rude_receiver(None) as url:
        error = await refused(send(parcel(recipient(url)), NAMED))

    assert isinstance(error, UncertainDelivery)


class _Log(logging.Handler):
    """What a program would write into its log, whatever the level."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "aiohttp.access":  # the receiver's own
            self.said += record.getMessage()


@pytest.fixture
def log() -> Iterator[_Log]:
    root, handler = logging.getLogger(), _Log()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


async def test_the_url_is_never_said_nor_logged(log: _Log) -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        await send(parcel(recipient(url)), NAMED)
        receiver.status = 404
        errors = [await refused(send(parcel(recipient(url)), NAMED))]
    errors += [await refused(send(parcel(recipient(url)), NAMED))]
    errors += [await refused(send(parcel(f"nonsense://{KEY}:hunter2"), {}))]
    said = log.said + "".join(repr(error) for error in errors)

    assert KEY not in said
    assert "hunter2" not in said


async def test_a_service_that_takes_no_files_gets_none_and_says_so(tmp_path: Path) -> None:
    prowl = "prowl://" + "a" * 40

    error = await refused(send(parcel(prowl, attachment(tmp_path)), {}))

    assert limit(prowl, {}) == 0
    assert error.reason == "prowl://… takes no files, or not of this size"
    assert error.retryable is False


async def test_the_services_that_may_be_used_are_a_setting() -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        await send(parcel(recipient(url)), {"services": "tgram, JSON"})
        error = await refused(send(parcel(recipient(url)), {"services": "tgram"}))

    assert error.reason == "json is not among the services under [channels.apprise]"
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    "given",
    [
        "json://169.254.169.254/latest",
        "jsons://attic:hunter2@example.org",
        "xml://router",
        "form://router",
        "gotify://router/aaaaaaaaaaaaaaa",
        "ntfys://router/nodes",
        "mmosts://router/aaaaaaaaaaaaaaaaaaaaaaaa",
        "rockets://attic:hunter2@router/#nodes",
        "matrix://attic:hunter2@router/#nodes",
        "ncloud://attic:hunter2@router/ann",
        "hassio://router/accesstoken",
        "synology://router/token",
        "kodi://router",
        "embys://attic@router",
        "rsyslog://router",
        "mailto://attic:hunter2@example.org?smtp=router",
        f"nostr://{'a' * 64}?relay=router",
    ],
)
async def test_a_host_of_the_urls_choosing_has_to_be_allowed(given: str) -> None:
    name = given.partition(":")[0]
    error = await refused(send(parcel(given), {}))

    assert error.reason == (
        f"{name} takes a host from its URL, which may be one of the local network: name {name}"
        " among the services under [channels.apprise], or set allow_private there"
    )
    assert error.retryable is False
    with pytest.raises(DeliveryError, match="takes a host from its URL"):
        limit(given, {})
    for allowed in ({"services": f"tgram {name.upper()}"}, {"allow_private": "on"}):
        assert limit(given, allowed) >= 0
    with pytest.raises(DeliveryError, match=f"{name} is not among the services"):
        limit(given, {"services": "tgram", "allow_private": "on"})


@pytest.mark.parametrize("given", [TELEGRAM, SLACK, "https://hooks.slack.com/services/T1/A1/x1"])
def test_a_service_at_a_place_of_its_own_needs_no_permission(given: str) -> None:
    assert limit(given, {}) > 0


def test_a_url_that_the_service_itself_gives_goes_by_the_services_name() -> None:
    hook = "https://discord.com/api/webhooks/123456789/abcdefghi"

    assert limit(hook, {"services": "discord"}) > 0
    with pytest.raises(DeliveryError, match="discord is not among the services"):
        limit(hook, {"services": "tgram"})


@pytest.mark.parametrize("place", ["/etc/hostname", "file:///etc/hostname", "http://router/x"])
def test_no_file_or_address_in_a_url_is_read(place: str) -> None:
    template = f"discord://123456789/abcdefghi?template={quote_plus(place)}"

    with pytest.raises(DeliveryError, match="the URL of discord has a file or an address in it"):
        limit(template, {"services": "discord"})
    assert limit(template, {"allow_private": "on"}) > 0


@pytest.mark.parametrize("asked", ["", "?redirect=yes"])
async def test_no_redirect_is_followed(asked: str) -> None:
    elsewhere = Receiver()
    async with elsewhere.served() as url:
        moved = Receiver(307, {"Location": url})
        async with moved.served() as first:
            error = await refused(send(parcel(f"{recipient(first)}{asked}"), NAMED))

    assert error.reason == "json://… refused it: status 307"
    assert error.retryable is False
    assert (len(moved.requests), elsewhere.requests) == (1, [])


async def test_it_is_sent_once_whatever_the_url_says() -> None:
    receiver = Receiver(503)
    async with receiver.served() as url:
        await refused(send(parcel(f"{recipient(url)}?retry=2&wait=0"), NAMED))

    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (TELEGRAM, ()),
        (f"{TELEGRAM}/@nodes_of_attic", ()),
        ("json://attic:hunter2@nas.example.org", ()),
        ("ntfys://attic:hunter2@ntfy.sh/nodes?email=ann@example.org", ("ann@example.org",)),
        ("ntfys://ntfy.sh/nodes?email=ann%2540example.org", ("ann@example.org",)),
        ("ntfys://ntfy.sh/nodes?email=ann@example%E3%80%82org", ("ann@example\u3002org",)),
        ("pbul://token/ann@example.org/eve@evil.org", ("ann@example.org", "eve@evil.org")),
        (f"slack://{BOT}/%65ve%40evil.org", ("eve@evil.org",)),
        ("pbul://eve@evil.org/token", ("eve@evil.org",)),
    ],
)
def test_the_mail_addresses_in_a_url_are_found(given: str, found: tuple[str, ...]) -> None:
    assert addresses(given) == found


@pytest.mark.parametrize(
    "given",
    [
        "mailto://attic:hunter2@example.org",
        "mailtos://example.org?user=attic&pass=hunter2&to=ann",
        "mailgun://attic@example.org/key-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "sendgrid://abcd:attic@example.org/ann@example.org",
        "ses://attic@example.org/AAA/BBB/us-east-1",
        "sparkpost://attic@example.org/aaaa",
        "smtp2go://attic@example.org/api-aaa",
        "postmark://key:attic@example.org",
        "resend://key:attic@example.org",
        "brevo://key:attic@example.org",
        "o365://attic@example.org/tenant/ab-cd-ef-gh/secret/ann@example.org",
    ],
)
def test_whom_a_service_for_mail_reaches_can_not_be_known(given: str) -> None:
    with pytest.raises(
        DeliveryError, match=r"^\w+ is mail, and whom it reaches can't be checked: use"
    ):
        addresses(given)


def test_a_schedule_is_told_where_it_may_not_send() -> None:
    outlet = Outlet(storj_channels()[0], {"services": "json, mailto, pbul"})
    allowed = Settings(scheduling=SchedulingSettings(recipient_domains=("example.org",)))
    for given in ("mailto://attic:hunter2@example.org", "pbul://token/eve@evil.org"):
        with pytest.raises(Problem) as told:
            check_recipient(outlet, given, allowed)
        assert "recipient_domains under [scheduling] allows example.org" in told.value.hint
        assert "evil" not in str(told.value)
    check_recipient(outlet, "json://attic:hunter2@evil.org", allowed)
    with pytest.raises(Problem, match="kodi is not among the services") as told:
        check_recipient(outlet, "kodi://ann@evil.org", allowed)
    assert "[channels.apprise] in the settings" in told.value.hint


@pytest.mark.parametrize("given", ["", "nonsense", "ann@example.org", "nonsense://x", "json://"])
async def test_what_is_no_url_of_apprise_is_refused_for_good(given: str) -> None:
    error = await refused(send(parcel(given), {}))

    assert error.reason == f"the recipient ({shown(given)}) is no URL that Apprise knows"
    assert error.retryable is False


async def test_where_it_is_not_installed_sending_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without_apprise(name: str, *more: Any) -> Any:
        if name == "apprise":
            raise ModuleNotFoundError(name=name)
        return imported(name, *more)

    imported = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without_apprise)
    error = await refused(send(parcel("tgram://bot/chat"), {}))

    assert error.reason == "Apprise isn't installed: pip install 'storj-monitor[apprise]'"
    assert error.retryable is False
