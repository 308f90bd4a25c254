"""Handing a message to a mail server, and knowing at each step what became of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from storj_export_plugins.channels.email.refusals import explained, refusal
from storj_monitor.plugin import DeliveryError, UncertainDelivery

if TYPE_CHECKING:
    from aiosmtplib import SMTPResponse

    from storj_export_plugins.channels.email.account import Account
    from storj_export_plugins.channels.email.letter import Letter

_GO_ON = 354
_ACCEPTED = range(200, 300)
_REFUSED = range(400, 600)
_PIECE_BYTES = 65_536
_LOOK_UP_SECONDS = 0.02
#: To say goodbye is polite. Nothing depends on the answer.
_GOODBYE_SECONDS = 1
_BROKEN = (SMTPException, OSError, TimeoutError, ValueError)


async def hand_over(letter: Letter, account: Account) -> None:
    """Return when the server has accepted the message.

    Raises DeliveryError when it hasn't, and UncertainDelivery when the message had been sent to
    its end and no answer came.
    """
    client = SMTP(
        hostname=account.host,
        port=account.port,
        timeout=account.timeout,
        use_tls=account.security == "tls",
        start_tls=account.security == "starttls",
        tls_context=await asyncio.to_thread(account.tls),
    )
    try:
        try:
            await _begun(client, letter, account)
            await _uploaded(client, letter.content, account.timeout)
        except _BROKEN as error:
            raise explained(error, account) from None
        await _accepted(client, account)
        with suppress(SMTPException, OSError, TimeoutError):
            await client.quit(timeout=_GOODBYE_SECONDS)
    finally:
        if isinstance(client.transport, asyncio.WriteTransport):
            client.transport.abort()  # what is still to be written must not go on by itself
        client.close()


async def _begun(client: SMTP, letter: Letter, account: Account) -> None:
    """Come so far that the server waits for the message; all of it within the time limit."""
    async with asyncio.timeout(account.timeout):
        await client.connect()
        await _greeted(client)
        if account.username:
            await client.login(account.username, account.password)
        await client.mail(
            letter.sender.addr_spec, options=_options(client, letter), encoding=_encoding(letter)
        )
        await client.rcpt(letter.recipient.addr_spec, encoding=_encoding(letter))
        answer = await client.execute_command(b"DATA")
        if answer.code != _GO_ON:
            raise SMTPResponseException(answer.code, answer.message)


async def _greeted(client: SMTP) -> None:
    """Say hello, and learn what the server can do; old ones know the shorter word alone."""
    try:
        await client.ehlo()
    except SMTPHeloError:
        await client.helo()


def _encoding(letter: Letter) -> str:
    return "utf-8" if letter.is_utf8 else "ascii"


def _options(client: SMTP, letter: Letter) -> list[str]:
    options = []
    if client.supports_extension("size"):
        options.append(f"SIZE={len(letter.content)}")
    if letter.is_utf8:
        if not client.supports_extension("smtputf8"):
            message = "the mail server takes no address with other letters than ASCII before the @"
            raise DeliveryError(message, retryable=False)
        options.append("SMTPUTF8")
    return options


async def _uploaded(client: SMTP, content: bytes, seconds: float) -> None:
    """Send all but the final dot, piece by piece: until then a break means that nothing arrived.

    `seconds` may pass without the server taking anything.
    """
    # A dot that begins a line is doubled. The first line is a header.
    body = content.replace(b"\r\n.", b"\r\n..")
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds) as limit:
        for start in range(0, len(body), _PIECE_BYTES):
            if client.protocol is None:
                raise SMTPServerDisconnected("")
            client.protocol.write(body[start : start + _PIECE_BYTES])
            await _taken(client)
            limit.reschedule(loop.time() + seconds)


async def _taken(client: SMTP) -> None:
    """Wait until what was written has left for the network."""
    while isinstance(client.transport, asyncio.WriteTransport):
        if not client.transport.get_write_buffer_size():
            return
        await asyncio.sleep(_LOOK_UP_SECONDS)
    raise SMTPServerDisconnected("")


async def _accepted(client: SMTP, account: Account) -> None:
    """Send the final dot, which makes the message the server's, and wait for its answer."""
    protocol = client.protocol
    if protocol is None or not protocol.is_connected:
        raise explained(SMTPServerDisconnected(""), account)
    answer: SMTPResponse | None = None
    with suppress(*_BROKEN):
        protocol.write(b".\r\n")
        answer = await protocol.read_response(timeout=account.timeout)
    if answer is None or answer.code not in (*_ACCEPTED, *_REFUSED):
        message = f"{account.place} was given the whole message, and gave no clear answer"
        raise UncertainDelivery(message)
    if answer.code in _REFUSED:
        raise refusal(answer.code, answer.message, "the message", account)
