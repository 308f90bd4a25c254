"""What becomes of a parcel that a receiver refuses, breaks off, or never answers."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_export_plugins.channels.webhook import send
from storj_export_plugins.channels.webhook.answers import Answer, check, retry_after
from storj_monitor.plugin import DeliveryError, UncertainDelivery
from tests.channels.parcels import attachment, parcel, refused
from tests.channels.receivers import KEY, Receiver, rude_receiver, stalling_receiver

if TYPE_CHECKING:
    from pathlib import Path

HERE = {"allow_private": "on"}
NOW = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 422])
async def test_a_refusal_by_4xx_is_for_good(status: int) -> None:
    async with Receiver(status).served() as url:
        error = await refused(send(parcel(url), HERE))

    assert f" answers with {status}" in error.reason
    assert error.retryable is False
    assert error.retry_after is None
    assert not isinstance(error, UncertainDelivery)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 520, 521, 522])
async def test_a_receiver_that_is_busy_or_broken_is_asked_again_when_it_says(status: int) -> None:
    async with Receiver(status, {"Retry-After": "7"}).served() as url:
        error = await refused(send(parcel(url), HERE))

    assert (error.retryable, error.retry_after) == (True, 7.0)


async def test_a_redirect_is_not_followed() -> None:
    elsewhere = Receiver()
    async with elsewhere.served() as target:
        for status in (301, 302, 303, 307, 308):
            receiver = Receiver(status, {"Location": target})
            async with receiver.served() as url:
                error = await refused(send(parcel(url), HERE))
            assert "isn't followed: give the URL it leads to" in error.reason
            assert error.retryable is False

    assert elsewhere.requests == []


@pytest.mark.parametrize("status", [504, 524, 598])
async def test_a_proxy_that_heard_nothing_from_behind_it_knows_as_little_as_we(
    status: int,
) -> None:
    async with Receiver(status).served() as url:
        error = await refused(send(parcel(url), HERE))

    assert isinstance(error, UncertainDelivery)


@pytest.mark.parametrize("status", [502, 520, 522])
async def test_where_a_proxy_broke_off_only_who_keeps_to_the_key_is_asked_again(
    status: int,
) -> None:
    async with Receiver(status).served() as url:
        found = {
            shape: await refused(send(parcel(url), {**HERE, "shape": shape}))
            for shape in ("file", "link", "discord", "slack")
        }

    assert [shape for shape, error in found.items() if error.retryable] == ["file", "link"]
    for shape in ("discord", "slack"):
        assert isinstance(found[shape], UncertainDelivery)


async def test_a_status_counts_though_its_text_never_comes() -> None:
    settings = {**HERE, "timeout": "1"}
    async with stalling_receiver("200 OK") as url:
        await send(parcel(url), settings)
    async with stalling_receiver("429 Too Many Requests\r\nRetry-After: 7") as url:
        error = await refused(send(parcel(url), settings))

    assert (type(error), error.retryable, error.retry_after) == (DeliveryError, True, 7.0)


async def test_a_status_counts_though_the_connection_breaks_within_its_text() -> None:
    async with stalling_receiver("200 OK", hangs=False) as url:
        await send(parcel(url), HERE)


async def test_an_endless_answer_is_read_no_further() -> None:
    async with Receiver(200, text="x" * 50_000_000).served() as url:
        await send(parcel(url), HERE)


async def test_where_nobody_listens_it_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = await refused(send(parcel(f"http://127.0.0.1:{port}/{KEY}"), HERE))

    assert error.reason == f"nothing listens at http://127.0.0.1:{port}"
    assert error.retryable is True


async def test_a_host_that_is_not_there_is_tried_again() -> None:
    error = await refused(send(parcel(f"https://no.such.invalid/{KEY}"), {}))

    assert error.reason == "the host of https://no.such.invalid is not known"
    assert error.retryable is True


@pytest.mark.parametrize("hangs", [False, True])
async def test_who_had_the_whole_body_and_gives_no_answer_may_have_taken_it(
    tmp_path: Path, hangs: bool
) -> None:
    settings = {**HERE, "timeout": "1"}
    async with rude_receiver(None, hangs=hangs) as url:
        error = await refused(send(parcel(url, attachment(tmp_path)), settings))

    assert isinstance(error, UncertainDelivery)
    assert error.reason.endswith("was given everything, and gave no answer")


@pytest.mark.parametrize("hangs", [False, True])
async def test_who_breaks_off_in_the_middle_of_the_body_has_not_got_it(
    tmp_path: Path, hangs: bool
) -> None:
    large = attachment(tmp_path, content=b"x" * 20_000_000)
    async with rude_receiver(100_000, hangs=hangs) as url:
        error = await refused(send(parcel(url, large), {**HERE, "timeout": "1"}))

    assert not isinstance(error, UncertainDelivery)
    assert error.retryable is True


async def test_what_speaks_no_tls_is_said(caplog: pytest.LogCaptureFixture) -> None:
    async with Receiver().served() as url:
        error = await refused(send(parcel(url.replace("http:", "https:")), HERE))
    caplog.clear()  # the receiver's own words about it

    assert error.reason.endswith("gives no valid secure connection")


@pytest.mark.parametrize("status", [200, 302, 404, 429, 500])
async def test_the_url_is_never_said_nor_logged(
    caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = {"secret": "hunter2-s3cret"}
    said = ""
    # Receivers repeat the path, as some frameworks do by themselves.
    async with Receiver(status, {"Location": f"/{KEY}"}, f"Cannot POST /{KEY}").served() as url:
        try:
            await send(parcel(url), {**HERE, **secret})
        except DeliveryError as error:
            said = f"{error!r} {error.reason}"
    ours = [record for record in caplog.records if not record.name.startswith("aiohttp.access")]
    said += " ".join(record.getMessage() for record in ours)

    assert KEY not in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"Retry-After": "120"}, b"", 120.0),
        ({"Retry-After": "Wed, 04 Mar 2026 10:12:12 GMT"}, b"", 60.0),
        ({"Retry-After": "Wed, 04 Mar 2026 10:00:00 GMT"}, b"", 0.0),
        ({"Retry-After": "-5"}, b"", 0.0),
        ({"Retry-After": "1e99"}, b"", 86_400.0),
        ({"Retry-After": "nan"}, b"", None),
        ({"Retry-After": "9" * 400}, b"", 86_400.0),
        ({"Retry-After": f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"}, b"", None),
        ({"Retry-After": f"Mon, 01 Jan 2026 00:00:00 +{'9' * 15}"}, b"", None),
        ({"Retry-After": f"Mon, {'9' * 20} Jan 2026 00:00:00 GMT"}, b"", None),
        ({}, b'{"retry_after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}', None),
        ({}, b'{"retry_after": "Mon, 01 Jan 2026 00:00:00 +999999999999999"}', None),
        ({}, b'{"retry_after": %s}' % (b"9" * 4000), 86_400.0),
        ({}, b'{"retry_after": 1e999}', 86_400.0),
        ({}, b'{"retry_after": %s}' % (b"[" * 900 + b"]" * 900), None),
        ({}, b'{"retry_after": true}', None),
        ({"Retry-After": "soon"}, b'{"retry_after": 1.5}', 1.5),
        ({}, b'{"message": "You are being rate limited.", "retry_after": 0.35}', 0.35),
        ({}, b'{"retry_after": null}', None),
        ({}, b"[1]", None),
        ({}, b"[" * 4000, None),
        ({}, b"\xff", None),
    ],
)
def test_how_long_to_wait_is_seconds_a_date_or_discords_json(
    headers: dict[str, str], text: bytes, seconds: float | None
) -> None:
    assert retry_after(Answer(429, headers, text), NOW) == seconds


@given(st.text(max_size=50), st.binary(max_size=50))
def test_whatever_is_answered_the_wait_is_a_day_at_most(header: str, text: bytes) -> None:
    seconds = retry_after(Answer(429, {"Retry-After": header}, text), NOW)
    assert seconds is None or 0 <= seconds <= 86_400


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        ("https://hooks.slack.com", b"channel_is_archived", "404 (channel_is_archived): is"),
        ("https://discord.com", b'{"message": "Unknown Webhook"}', "404 (Unknown Webhook): is"),
        ("https://discord.com", b'{"message": "no /api/webhooks/1/tok3n"}', "404: is"),
        ("https://example.org", b"channel_is_archived", "404: is"),
    ],
)
def test_the_reasons_of_discord_and_slack_are_told(place: str, text: bytes, said: str) -> None:
    with pytest.raises(DeliveryError) as raised:
        check(Answer(404, {}, text), place, is_own=True)

    assert raised.value.reason.startswith(f"{place} answers with {said}")
