"""Each rule for channels, and a channel that breaks it."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.plugin import Channel, DeliveryError, Setting, UncertainDelivery
from storj_monitor.testing import ChannelConformance
from tests.testing.plugins import broken_rule, held

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from storj_monitor.plugin import Parcel

    Settings = Mapping[str, str]

SETTINGS = (
    Setting(name="host", summary="Where it is"),
    Setting(name="port", summary="At which port"),
    Setting(name="password", summary="What lets us in", secret=True),
    Setting(name="greeting", summary="What is said first", default="hello"),
    Setting(name="motto", summary="What is said last; nothing if not said", default=""),
)
HERE = {"host": "127.0.0.1", "port": "{port}"}


async def send(_: Parcel, settings: Settings) -> None:
    """Send as a good channel does it: it waits for an answer, which none of the places gives."""
    try:
        reader, writer = await asyncio.open_connection(settings["host"], int(settings["port"]))
        try:
            writer.write(settings["greeting"].encode())
            if not await reader.read(1):
                message = "it hung up"
                raise DeliveryError(message, retryable=True)
        finally:
            writer.close()
    except OSError as error:
        message = f"{settings['host']} can't be reached"
        raise DeliveryError(message, retryable=True) from error


def kit_for(
    sending: Callable[[Any, Any], Any], *, limit: Any = None, shown: Any = None, **more: Any
) -> ChannelConformance:
    channel = Channel(
        name="made_up",
        title="Made up",
        settings=SETTINGS,
        send=sending,
        limit=limit,
        shown=shown,
    )
    return held(ChannelConformance, channel, **{"settings": HERE, **more})


def posting(error: DeliveryError, head: bytes = b"Content-Length: %d") -> Callable[[Any, Any], Any]:
    """Post the text by HTTP, and raise the error when there is no answer."""

    async def sending(parcel: Parcel, settings: Settings) -> None:
        reader, writer = await asyncio.open_connection(settings["host"], int(settings["port"]))
        body = parcel.text.encode()
        if b"%d" in head:
            writer.write(b"POST / HTTP/1.1\r\n" + head % len(body) + b"\r\n\r\n" + body)
        else:
            chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
            writer.write(b"POST / HTTP/1.1\r\n" + head + b"\r\n\r\n" + chunk)
        await reader.read()
        writer.close()
        raise error

    return sending


def raising(error: Exception) -> Callable[[Any, Any], Any]:
    async def sending(_: Parcel, __: Settings) -> None:
        raise error

    return sending


def refused(retryable: Any, words: str = "it can't be reached") -> Callable[[Any, Any], Any]:
    return raising(DeliveryError(words, retryable))


async def nothing(_: Parcel, __: Settings) -> None:
    """Lose everything without a word."""


def test_a_good_channel_passes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kit = kit_for(send)
    kit.test_the_registry_admits_the_plugin()
    kit.test_a_place_that_can_not_be_reached_is_a_delivery_error(tmp_path, caplog)
    kit.test_a_place_that_hangs_up_is_a_delivery_error(tmp_path)
    kit.test_an_awkward_parcel_is_a_delivery_error_like_any_other(tmp_path)
    kit.test_a_place_that_never_answers_does_not_stop_the_server(tmp_path)
    kit.test_a_place_that_takes_everything_and_gives_no_answer_is_not_tried_again(tmp_path)
    kit.test_its_limit_is_a_number_of_bytes_or_none()


@pytest.mark.parametrize(
    ("sending", "words"),
    [
        (nothing, "Nothing was accepted, and with nobody listening send returned"),
        (raising(ConnectionRefusedError("no")), "ConnectionRefusedError('no')"),
        (refused(retryable=None), "retryable is None"),
        (refused(retryable=False), "retryable is False"),
        (refused(retryable=True, words=" "), "has no words"),
        (lambda *_: None, "can't be used in 'await' expression"),
    ],
)
def test_a_failure_that_is_not_told_as_it_is_is_caught(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, sending: Any, words: str
) -> None:
    test = kit_for(sending).test_a_place_that_can_not_be_reached_is_a_delivery_error
    assert words in broken_rule(test, tmp_path, caplog)


def test_a_secret_in_the_reason_is_caught(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def sending(_: Parcel, settings: Settings) -> None:
        message = f"login with {settings['password']} failed"
        raise DeliveryError(message, retryable=True)

    kit = kit_for(sending)
    said = broken_rule(
        kit.test_a_place_that_can_not_be_reached_is_a_delivery_error, tmp_path, caplog
    )
    assert "The secret setting 'password' stands in" in said
    broken_rule(kit.test_a_place_that_hangs_up_is_a_delivery_error, tmp_path)


def test_a_secret_in_a_log_is_caught(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def sending(_: Parcel, settings: Settings) -> None:
        logging.getLogger("made_up").debug("settings: %s", dict(settings))
        message = "no"
        raise DeliveryError(message, retryable=True)

    test = kit_for(sending).test_a_place_that_can_not_be_reached_is_a_delivery_error
    assert "says or logs" in broken_rule(test, tmp_path, caplog)


def test_a_parcel_that_a_channel_stumbles_over_is_caught(tmp_path: Path) -> None:
    async def sending(parcel: Parcel, settings: Settings) -> None:
        if "\n" in parcel.subject:
            message = "headers have no line ends"
            raise ValueError(message)
        await send(parcel, settings)

    test = kit_for(sending).test_an_awkward_parcel_is_a_delivery_error_like_any_other
    assert "ValueError('headers have no line ends')" in broken_rule(test, tmp_path)


def test_a_channel_that_stops_the_server_is_caught(tmp_path: Path) -> None:
    async def sending(_: Parcel, settings: Settings) -> None:
        with socket.create_connection((settings["host"], int(settings["port"]))) as connection:
            connection.recv(1)

    test = kit_for(sending).test_a_place_that_never_answers_does_not_stop_the_server
    assert "nothing else in the server went on" in broken_rule(test, tmp_path)


def test_a_channel_that_can_not_be_canceled_is_caught(tmp_path: Path) -> None:
    async def sending(parcel: Parcel, settings: Settings) -> None:
        over = asyncio.get_running_loop().create_future()
        sent = asyncio.ensure_future(send(parcel, settings))
        sent.add_done_callback(lambda _: over.set_result(None))
        while not over.done():
            with suppress(asyncio.CancelledError):
                await asyncio.shield(over)

    test = kit_for(sending).test_a_place_that_never_answers_does_not_stop_the_server
    assert "It was canceled, and went on waiting" in broken_rule(test, tmp_path)


def test_a_channel_that_takes_silence_for_success_is_caught(tmp_path: Path) -> None:
    test = kit_for(nothing).test_a_place_that_never_answers_does_not_stop_the_server
    assert "a place that never answers send returned" in broken_rule(test, tmp_path)


@pytest.mark.parametrize("head", [b"content-length: %d", b"Transfer-Encoding: chunked"])
def test_a_channel_that_would_send_twice_what_may_have_arrived_is_caught(
    tmp_path: Path, head: bytes
) -> None:
    again = posting(DeliveryError("no answer", retryable=True), head)
    rule = "test_a_place_that_takes_everything_and_gives_no_answer_is_not_tried_again"
    assert "raise UncertainDelivery(reason)" in broken_rule(getattr(kit_for(again), rule), tmp_path)

    for good in (UncertainDelivery("no answer"), DeliveryError("no answer", retryable=False)):
        getattr(kit_for(posting(good, head)), rule)(tmp_path)
    # A place that keeps to the idempotency key has it once, and so may be asked again.
    getattr(kit_for(again, sends_once=True), rule)(tmp_path)


def test_what_was_not_handed_over_may_be_tried_again(tmp_path: Path) -> None:
    short = posting(DeliveryError("no answer", retryable=True), b"X-Length: %d")
    kit = kit_for(short)
    kit.test_a_place_that_takes_everything_and_gives_no_answer_is_not_tried_again(tmp_path)


def test_a_recipient_that_is_a_secret_is_caught_in_the_reason(tmp_path: Path) -> None:
    async def sending(parcel: Parcel, _: Settings) -> None:
        message = f"{parcel.recipient} can't be reached"
        raise DeliveryError(message, retryable=True)

    kit_for(sending).test_a_place_that_hangs_up_is_a_delivery_error(tmp_path)
    test = kit_for(sending, shown=lambda _: "…").test_a_place_that_hangs_up_is_a_delivery_error
    assert "The recipient stands in what it says or logs" in broken_rule(test, tmp_path)


@pytest.mark.parametrize("given", [-1, 1.5, "1", True])
def test_a_limit_that_is_no_number_of_bytes_is_caught(given: Any) -> None:
    kit = kit_for(send, limit=lambda *_: given)
    assert f"limit gave {given!r}" in broken_rule(kit.test_its_limit_is_a_number_of_bytes_or_none)


@pytest.mark.parametrize("given", [None, 0, 10_000_000])
def test_a_limit_is_bytes_or_none(given: int | None) -> None:
    kit_for(send, limit=lambda *_: given).test_its_limit_is_a_number_of_bytes_or_none()


def test_a_setting_without_a_value_is_asked_of_the_author(tmp_path: Path) -> None:
    test = kit_for(send, settings={}).test_a_place_that_hangs_up_is_a_delivery_error
    said = broken_rule(test, tmp_path)
    assert "TestIt doesn't say what the setting 'host' is" in said
    assert "write `settings = {...}`" in said


def test_an_empty_text_is_a_default_and_an_empty_secret_is_in_no_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    optional = Setting(name="nickname", summary="What we are called", default="")
    channel = Channel(name="made_up", title="M", settings=(*SETTINGS, optional), send=send)
    kit = held(ChannelConformance, channel, settings={**HERE, "password": ""})
    kit.test_a_place_that_can_not_be_reached_is_a_delivery_error(tmp_path, caplog)


def test_settings_that_there_are_not_are_told(tmp_path: Path) -> None:
    test = kit_for(
        send, settings={**HERE, "prot": "1"}
    ).test_a_place_that_hangs_up_is_a_delivery_error
    assert "sets 'prot', and the channel has no such setting" in broken_rule(test, tmp_path)
