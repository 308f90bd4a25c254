"""Each rule for channels, and a channel that breaks it."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.plugin import Channel, DeliveryError, Setting
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


def kit_for(sending: Callable[[Any, Any], Any], **more: Any) -> ChannelConformance:
    channel = Channel(name="made_up", title="Made up", settings=SETTINGS, send=sending)
    return held(ChannelConformance, channel, **{"settings": HERE, **more})


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
