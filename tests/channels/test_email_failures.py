"""What becomes of a message that a server refuses, or breaks off in the middle of."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from storj_export_plugins.channels.email import send
from storj_monitor.plugin import DeliveryError, UncertainDelivery
from tests.channels.mail_servers import Mailbox, Scripted, mail_server, scripted_server
from tests.channels.parcels import attachment, parcel, refused

if TYPE_CHECKING:
    from pathlib import Path

ANN, BOB = "ann@example.org", "bob@example.org"
STEPS = ("hello", "EHLO", "MAIL", "RCPT", "DATA")


@pytest.mark.parametrize(
    ("answers", "said", "retryable"),
    [
        ({ANN: "550 5.1.1 No such user"}, "the recipient: 550 5.1.1 No such user", False),
        ({ANN: "451 4.7.1 Greylisted"}, "the recipient: 451 4.7.1 Greylisted", True),
        ({"data": "554 5.7.1 Spam"}, "the message: 554 5.7.1 Spam", False),
        ({"data": "452 4.3.1 Disk full"}, "the message: 452 4.3.1 Disk full", True),
    ],
)
async def test_a_refusal_is_for_good_by_5xx_and_for_now_by_4xx(
    answers: dict[str, str], said: str, retryable: bool
) -> None:
    async with mail_server(Mailbox(answers)) as settings:
        error = await refused(send(parcel(ANN), settings))

    assert error.reason.endswith(f"refused {said}")
    assert error.retryable is retryable
    assert not isinstance(error, UncertainDelivery)


async def test_one_refused_recipient_of_several_is_nobody_elses_business() -> None:
    mailbox = Mailbox({BOB: "550 gone"})
    async with mail_server(mailbox) as settings:
        await send(parcel(ANN), settings)
        await refused(send(parcel(BOB), settings))
        await send(parcel("cee@example.org"), settings)

    assert [envelope.rcpt_tos for envelope in mailbox.envelopes] == [[ANN], ["cee@example.org"]]


async def test_where_nobody_listens_it_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {"host": "127.0.0.1", "port": str(port), "sender": ANN, "security": "none"}

    error = await refused(send(parcel(ANN), given))

    assert error.reason == f"nothing listens at 127.0.0.1:{port}"
    assert error.retryable is True


async def test_a_host_that_is_not_there_is_tried_again() -> None:
    error = await refused(send(parcel(ANN), {"host": "no.such.invalid", "sender": ANN}))

    assert error.reason == "the mail server no.such.invalid:587 can't be reached"
    assert error.retryable is True


@pytest.mark.parametrize("step", STEPS)
async def test_who_hangs_up_before_the_message_has_not_got_it(step: str) -> None:
    async with scripted_server(Scripted({step: None})) as settings:
        error = await refused(send(parcel(ANN), settings))

    assert "broke the connection before it had the message" in error.reason
    assert error.retryable is True


@pytest.mark.parametrize("step", STEPS)
async def test_who_says_nothing_before_the_message_has_not_got_it(step: str) -> None:
    async with scripted_server(Scripted({}, deaf_after=step)) as settings:
        error = await refused(send(parcel(ANN), {**settings, "timeout": "0.2"}))

    assert error.reason.endswith("gave no answer within 0.2 s")
    assert error.retryable is True


@pytest.mark.parametrize("answer", [b"nonsense\r\n", b"354 go on\r\n", b"999 what\r\n"])
async def test_nonsense_after_the_message_is_no_answer(answer: bytes) -> None:
    async with scripted_server(Scripted({".": answer})) as settings:
        error = await refused(send(parcel(ANN), settings))

    assert isinstance(error, UncertainDelivery)


@pytest.mark.parametrize("step", STEPS)
async def test_nonsense_before_the_message_is_an_error_like_any_other(step: str) -> None:
    async with scripted_server(Scripted({step: b"nonsense\r\n"})) as settings:
        error = await refused(send(parcel(ANN), settings))

    assert error.retryable is True
    assert not isinstance(error, UncertainDelivery)


async def test_who_hangs_up_after_the_final_dot_may_have_it() -> None:
    scripted = Scripted({".": None})
    async with scripted_server(scripted) as settings:
        error = await refused(send(parcel(ANN), settings))

    assert isinstance(error, UncertainDelivery)
    assert error.reason.endswith("was given the whole message, and gave no clear answer")
    assert error.retryable is False
    assert scripted.heard[-1].endswith(b"\r\n.\r\n")


async def test_who_says_nothing_after_the_final_dot_may_have_it() -> None:
    scripted = Scripted({}, deaf_after=".")
    async with scripted_server(scripted) as settings:
        error = await refused(send(parcel(ANN), {**settings, "timeout": "2"}))

    assert isinstance(error, UncertainDelivery)
    assert scripted.heard[-1].endswith(b"\r\n.\r\n")


@pytest.mark.parametrize("answer", [None, b"", b"221 bye\r\n421 busy\r\n"])
async def test_nothing_depends_on_how_a_server_says_goodbye(answer: bytes | None) -> None:
    scripted = Scripted({"QUIT": answer})
    async with scripted_server(scripted) as settings:
        await send(parcel(ANN), settings)

    assert scripted.heard[-1] == b"QUIT\r\n"


async def test_a_server_that_only_knows_the_older_hello_is_spoken_with() -> None:
    scripted = Scripted({"EHLO": b"502 what?\r\n", "HELO": b"250 hello\r\n"})
    async with scripted_server(scripted) as settings:
        await send(parcel(ANN), settings)

    assert scripted.heard[-1] == b"QUIT\r\n"


class _BreaksOff:
    """Takes the beginning of the message, and then breaks the connection."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while not (line := await reader.readline()).startswith(b"DATA"):
            writer.write(b"250 OK\r\n" if line else b"")
        writer.write(b"354 go on\r\n")
        await reader.readexactly(100_000)
        writer.transport.abort()


async def test_who_breaks_off_in_the_middle_of_the_message_has_not_got_it(
    tmp_path: Path,
) -> None:
    large = attachment(tmp_path, content=b"x" * 12_000_000)
    async with scripted_server(_BreaksOff()) as settings:
        error = await refused(send(parcel(ANN, large), settings))

    assert "broke the connection before it had the message" in error.reason
    assert error.retryable is True


class _Stops:
    """Takes the beginning of the message, and then nothing more."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while not (line := await reader.readline()).startswith(b"DATA"):
            writer.write(b"250 OK\r\n" if line else b"")
        writer.write(b"354 go on\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's has it
        await self.may_end.wait()
        writer.transport.abort()


async def test_who_takes_no_more_of_the_message_has_not_got_it(tmp_path: Path) -> None:
    large = attachment(tmp_path, content=b"x" * 12_000_000)
    stops = _Stops()
    async with scripted_server(stops) as settings:
        error = await refused(send(parcel(ANN, large), {**settings, "timeout": "1"}))
        stops.may_end.set()

    assert error.reason.endswith("gave no answer within 1 s")
    assert error.retryable is True


async def test_what_is_canceled_ends_at_once_and_leaves_no_connection() -> None:
    scripted = Scripted({}, deaf_after="MAIL")
    async with scripted_server(scripted) as settings:
        sending = asyncio.ensure_future(send(parcel(ANN), settings))
        await scripted.was_reached.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


async def test_no_secret_is_among_the_words_whatever_a_server_says() -> None:
    secret = {"username": "attic", "password": "hunter2-s3cret"}
    echo = b"535 wrong: YXR0aWM hunter2-s3cret\r\n"
    says = {"EHLO": b"250-mail\r\n250 AUTH PLAIN LOGIN\r\n", "AUTH": echo}
    async with scripted_server(Scripted(says)) as settings:
        error = await refused(send(parcel(ANN), {**settings, **secret}))

    assert isinstance(error, DeliveryError)
    assert "hunter2" not in repr(error) + error.reason
