"""What a receiver of webhooks is given, in each shape."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

import pytest

from storj_export_plugins.channels.webhook import limit, send, shown, storj_channels
from storj_export_plugins.channels.webhook.bodies import body_of
from storj_export_plugins.channels.webhook.target import shape_of, url_of
from storj_monitor.delivery.channels import Outlet, check_recipient
from storj_monitor.plugin import DeliveryError
from storj_monitor.settings import SchedulingSettings, Settings
from storj_monitor.testing import AWKWARD_NAMES
from tests.channels.parcels import CSV, attachment, parcel, refused
from tests.channels.receivers import KEY, Receiver

if TYPE_CHECKING:
    from pathlib import Path

HERE = {"allow_private": "on"}
DISCORD = "https://discord.com/api/webhooks/1/tok3n"
SLACK = "https://hooks.slack.com/services/T0/B0/tok3n"
LINK = "https://nas.lan/api/files/1?signature=a&expires=1"


async def test_a_file_is_posted_in_a_form_with_what_it_is_about(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        await send(parcel(url, attachment(tmp_path), links=(LINK,)), HERE)

    (payload, file) = receiver.parts
    assert payload[:3] == ("payload", None, "application/json")
    assert json.loads(payload[3]) == {
        "id": "7:2026-03-02:ann",
        "subject": "Week 10 of attic",
        "text": "Egress: 1.5 TB\n",
        "html": "<p>Egress: <b>1.5 TB</b></p>",
        "links": [LINK],
        "files": [
            {"filename": "week.csv", "media_type": "text/csv; charset=utf-8", "bytes": len(CSV)}
        ],
    }
    assert file == ("file", "week.csv", "text/csv", CSV)
    (request,) = receiver.requests
    assert (request.method, request.path) == ("POST", f"/hooks/{KEY}")
    assert request.headers["Idempotency-Key"] == "7:2026-03-02:ann"
    assert "Storj-Signature" not in request.headers


async def test_without_files_it_is_json() -> None:
    receiver = Receiver(status=204, text="")
    async with receiver.served() as url:
        await send(parcel(url, links=(LINK,)), HERE)

    assert receiver.requests[0].content_type == "application/json"
    assert json.loads(receiver.bodies[0])["links"] == [LINK]


async def test_a_large_file_arrives_whole(tmp_path: Path) -> None:
    receiver = Receiver()
    content = bytes(range(256)) * 12_000
    async with receiver.served() as url:
        await send(parcel(url, attachment(tmp_path, content=content)), HERE)

    assert receiver.parts[1][3] == content


async def test_with_a_secret_the_moment_and_the_body_are_signed(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        await send(parcel(url, attachment(tmp_path)), {**HERE, "secret": "hunter2"})

    (request,), (body,) = receiver.requests, receiver.bodies
    moment = request.headers["Storj-Timestamp"]
    signed = hmac.new(b"hunter2", moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert request.headers["Storj-Signature"] == f"sha256={signed}"
    assert moment.isdecimal()


@pytest.mark.parametrize("name", ['we"ek.csv', "wé ek.csv", "../../etc/passwd", "a\r\nX: y.csv"])
async def test_a_hostile_file_name_is_one_name_in_the_form(tmp_path: Path, name: str) -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        await send(parcel(url, attachment(tmp_path, name)), HERE)

    (_, file) = receiver.parts
    assert file[3] == CSV
    assert file[2] == "text/csv"
    assert "/" not in str(file[1])


@pytest.mark.parametrize("text", [*AWKWARD_NAMES, "a\r\nX: y", "half \ud83d", "ключ"])
async def test_a_hostile_text_changes_nothing_but_itself(text: str) -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        await send(parcel(url, subject=text, text=text, idempotency_key=text), HERE)

    (request,) = receiver.requests
    assert "X" not in request.headers
    assert request.headers["Idempotency-Key"].isascii()
    assert json.loads(receiver.bodies[0]).keys() >= {"id", "subject", "text"}


async def test_discord_gets_its_fields_pings_nobody_and_previews_nothing(tmp_path: Path) -> None:
    receiver = Receiver()
    everyone = parcel("", attachment(tmp_path), subject="*@everyone*", text="x" * 3000)
    async with receiver.served() as url:
        sent = parcel(url, *everyone.attachments, subject=everyone.subject, text=everyone.text)
        await send(sent, {**HERE, "shape": "discord"})

    (payload, file) = receiver.parts
    assert (payload[0], file[0]) == ("payload_json", "files[0]")
    message = json.loads(payload[3])
    assert message["content"].startswith("**@everyone**\nxxx")
    assert len(message["content"]) == 2000
    assert message["allowed_mentions"] == {"parse": []}
    assert message["flags"] == 4
    assert receiver.requests[0].query["wait"] == "true"


async def test_slack_gets_a_text_with_the_link_and_nothing_that_it_would_read_as_markup() -> None:
    receiver = Receiver()
    async with receiver.served() as url:
        sent = parcel(url, subject="Week", text="<!channel> & more", links=(LINK,))
        await send(sent, {**HERE, "shape": "slack"})

    message = json.loads(receiver.bodies[0])
    link = LINK.replace("&", "&amp;")
    assert message["text"] == f"*Week*\n&lt;!channel&gt; &amp; more\n\n{link}"
    assert message["unfurl_links"] is False


@pytest.mark.parametrize(("shape", "field"), [("discord", "content"), ("slack", "text")])
async def test_of_a_long_text_the_link_is_left_whole(shape: str, field: str) -> None:
    receiver = Receiver()
    text = f"{'Egress & more, ' * 5000}"
    cut_here = text[: 1900 if shape == "discord" else 23_990] + LINK + text
    async with receiver.served() as url:
        for one in (text, cut_here, LINK + text):
            await send(parcel(url, text=one, links=(LINK,)), {**HERE, "shape": shape})

    shown = LINK.replace("&", "&amp;") if shape == "slack" else LINK
    for body in receiver.bodies:
        said = json.loads(body)[field]
        assert said.endswith(f"…\n\n{shown}")
        assert said.count("https://") == 1
        assert len(said) <= (2000 if shape == "discord" else 30_000)


async def test_where_there_is_no_room_for_the_link_nothing_is_sent() -> None:
    endless = f"https://nas.lan/{'x' * 2000}"
    error = await refused(send(parcel(DISCORD, links=(endless,)), {}))

    assert error.reason == "there is no room for the link in the 2000 letters that can be sent"
    assert error.retryable is False


@pytest.mark.parametrize(
    ("recipient", "shape", "most"),
    [
        (DISCORD, "discord", 9_500_000),
        ("https://ptb.discord.com/api/v10/webhooks/1/t", "discord", 9_500_000),
        (SLACK, "slack", 0),
        ("https://example.org/api/webhooks/1", "file", 25_000_000),
        ("https://discord.com.example.org/api/webhooks/1/t", "file", 25_000_000),
    ],
)
def test_the_shape_and_the_limit_go_by_the_host(recipient: str, shape: str, most: int) -> None:
    assert shape_of(recipient) == shape
    assert limit(recipient, {}) == most


def test_the_limit_is_a_setting_but_not_where_there_are_only_links() -> None:
    assert limit(DISCORD, {"max_mb": "50"}) == 50_000_000
    assert limit(SLACK, {"max_mb": "50"}) == 0
    assert limit(DISCORD, {"shape": "link"}) == 0
    assert limit(SLACK, {"shape": "file"}) == 25_000_000


async def test_files_that_can_not_be_taken_are_refused_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    file = attachment(tmp_path, content=b"x" * 1_000_001)
    only_links = await refused(send(parcel(SLACK, file), {}))
    too_large = await refused(send(parcel(DISCORD, file), {"max_mb": "1"}))
    file.path.unlink()
    gone = await refused(send(parcel(DISCORD, file), {}))

    assert only_links.reason == "this webhook takes no files, only links to them"
    assert too_large.reason.startswith("the files have 1.0 MB, and this webhook takes 1.0 MB")
    assert (only_links.retryable, too_large.retryable, gone.retryable) == (False, False, True)


async def test_a_form_ends_as_it_began_whatever_is_in_the_file(tmp_path: Path) -> None:
    body = await body_of(parcel(DISCORD, attachment(tmp_path)), "file", 100)
    again = await body_of(parcel(DISCORD, attachment(tmp_path)), "file", 100)

    boundary = body.media_type.partition("boundary=")[2].encode()
    assert body.content.startswith(b"--" + boundary + b"\r\n")
    assert body.content.endswith(b"\r\n--" + boundary + b"--\r\n")
    assert again.media_type != body.media_type


@pytest.mark.parametrize(
    "recipient",
    [
        *("", "nonsense", "ftp://example.org/x", "file:///etc/passwd", "https://", "https:///x"),
        *("http://exa mple.org", "http://example.org:99999/", "http://[::1", "//example.org"),
        *("https://example.org/\r\nX: y", "http://example.org:0/", "ann@example.org"),
    ],
)
async def test_what_is_no_url_is_refused_for_good_and_not_repeated(recipient: str) -> None:
    error = await refused(send(parcel(recipient), HERE))

    with pytest.raises(DeliveryError, match="the recipient is no URL of a webhook"):
        limit(recipient, {})
    assert error.reason.startswith("the recipient is no URL of a webhook")
    assert error.retryable is False
    assert shown(recipient) == "a webhook/…"


def test_a_url_is_no_mail_whatever_is_in_it() -> None:
    (channel,) = storj_channels()
    known = Settings(scheduling=SchedulingSettings(recipient_domains=("example.org",)))
    outlet = Outlet(channel, {setting.name: setting.default or "" for setting in channel.settings})

    check_recipient(outlet, "https://ann@hooks.elsewhere.org/a,b@c;d", known)


def test_a_url_as_it_is_shown_is_not_taken_for_the_whole() -> None:
    with pytest.raises(DeliveryError, match="has a … where its secret was: give the whole URL"):
        limit(shown(DISCORD), {})


def test_of_a_url_no_more_is_shown_than_its_host() -> None:
    assert shown(DISCORD) == "https://discord.com/…"
    assert shown("http://user:pass@nas.lan:8080/x?token=1#2") == "http://nas.lan:8080/…"
    assert str(url_of(f"{DISCORD}?thread_id=5", "discord")) == f"{DISCORD}?thread_id=5&wait=true"
