"""Mail servers that behave, and some that don't, on ports of this machine."""

from __future__ import annotations

import asyncio
import warnings
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from aiosmtpd.smtp import Envelope, Session

USERNAME, PASSWORD = "attic", "hunter2-s3cret"


@dataclass
class Mailbox:
    """A server's handler: takes messages, or answers as a test wishes."""

    answers: dict[str, str] = field(default_factory=dict)
    envelopes: list[Envelope] = field(default_factory=list)
    was_encrypted: bool = False

    async def handle_RCPT(  # noqa: N802  as aiosmtpd calls it
        self,
        _: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        envelope.rcpt_options.extend(options)
        envelope.rcpt_tos.append(address)
        self.was_encrypted = session.ssl is not None
        return self.answers.get(address, "250 OK")

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802  as aiosmtpd calls it
        self.envelopes.append(envelope)
        return self.answers.get("data", "250 OK")


def _authenticated(*arguments: Any) -> AuthResult:
    data = arguments[-1]
    right = LoginPassword(USERNAME.encode(), PASSWORD.encode())
    return AuthResult(success=data == right, handled=False)


@asynccontextmanager
async def mail_server(
    mailbox: Mailbox,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: bool = False,
    **more: Any,
) -> AsyncIterator[dict[str, str]]:
    """Serve as long as the `with` lasts; gives the channel's settings for it."""

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a log-in without TLS, which is meant here
            return SMTP(
                mailbox,
                hostname="mail.example.org",
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=_authenticated if login else None,
                auth_required=login,
                auth_require_tls=False,
                loop=asyncio.get_running_loop(),
                **{"enable_SMTPUTF8": True, **more},
            )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield _settings(server, security="starttls" if starttls else "tls" if tls else "none")


def _settings(server: asyncio.Server, **more: str) -> dict[str, str]:
    port = server.sockets[0].getsockname()[1]
    return {
        "host": "localhost",
        "port": str(port),
        "sender": "Attic Storage <storj@example.org>",
        "timeout": "20",
        **more,
    }


_POLITE = {
    "hello": b"220 ready\r\n",
    "EHLO": b"250 mail.example.org\r\n",
    "MAIL": b"250 OK\r\n",
    "RCPT": b"250 OK\r\n",
    "DATA": b"354 go on\r\n",
    ".": b"250 OK\r\n",
    "QUIT": b"221 bye\r\n",
}


@dataclass
class Scripted:
    """A server that says what it is told to; of None it says nothing and hangs up."""

    says: Mapping[str, bytes | None]
    #: It reads no further than this, and waits.
    deaf_after: str = ""
    heard: list[bytes] = field(default_factory=list)
    was_reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        step = "hello"
        while True:
            if step == self.deaf_after:
                self.was_reached.set()
                await reader.read()  # until the other side gives up
                return
            answer = {**_POLITE, **self.says}[step]
            if answer is None:
                return
            writer.write(answer)
            await writer.drain()
            end = b"\r\n.\r\n" if step == "DATA" and answer.startswith(b"354") else b"\r\n"
            try:
                self.heard.append(await reader.readuntil(end))
            except asyncio.IncompleteReadError:
                return
            step = "." if len(end) > len(b"\r\n") else self.heard[-1][:4].decode()


@asynccontextmanager
async def scripted_server(
    scripted: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[dict[str, str]]:
    """Serve as long as the `with` lasts, and until all who called have gone."""
    talks = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_over = asyncio.Event()
        talks.append(is_over)
        try:
            await scripted(reader, writer)
        finally:
            is_over.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=50_000_000)
    async with server:
        yield _settings(server, security="none")
        for is_over in talks:
            await is_over.wait()
