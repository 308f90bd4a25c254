"""Posting to a webhook, and knowing at each step what became of it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import aiohttp

from storj_export_plugins.channels.webhook.answers import MOST_READ, Answer, check
from storj_export_plugins.channels.webhook.network import Gate
from storj_export_plugins.channels.webhook.target import place_of
from storj_monitor.plugin import DeliveryError, UncertainDelivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from yarl import URL

    from storj_export_plugins.channels.webhook.bodies import Body

_PIECE_BYTES = 65_536
#: So long, in seconds, the text of an answer is waited for once its status is known.
_TEXT_SECONDS = 5
_BROKEN = (aiohttp.ClientError, OSError, TimeoutError, ValueError)


@dataclass(frozen=True, kw_only=True)
class Post:
    """What is posted, and where to. The URL and the secret are never said."""

    url: URL = field(repr=False)
    body: Body
    key: str
    #: The receiver can tell by the key what it had already.
    is_own: bool
    secret: str = field(repr=False)
    allow_private: bool
    timeout: float


async def post(what: Post) -> None:
    """Return when the receiver has accepted it.

    Raises DeliveryError when it hasn't, and UncertainDelivery when it was sent everything and
    gave no answer.
    """
    gate = Gate(allow_private=what.allow_private)
    answer = await _Sending(what, gate).answer()
    check(answer, place_of(what.url), is_own=what.is_own)


class _Sending:
    """One request under way."""

    def __init__(self, what: Post, gate: Gate) -> None:
        self._what = what
        self._gate = gate
        self._is_handed_over = False

    async def answer(self) -> Answer:
        """Send the request, and return what is answered: the status, and the first of the text.

        The status counts, whatever becomes of the text. No redirect is followed, and no proxy is
        asked. The time limit is for each standstill.
        """
        answer = None
        connector = aiohttp.TCPConnector(socket_factory=self._gate.socket, force_close=True)
        try:
            async with (
                asyncio.timeout(self._what.timeout) as limit,
                aiohttp.ClientSession(
                    connector=connector,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                    auto_decompress=False,
                ) as session,
                session.post(
                    self._what.url,
                    data=self._pieces(limit),
                    headers=_headers(self._what),
                    allow_redirects=False,
                ) as response,
            ):
                answer = Answer(response.status, response.headers, b"")
                limit.reschedule(_from_now(min(self._what.timeout, _TEXT_SECONDS)))
                return replace(answer, text=await response.content.read(MOST_READ))
        except _BROKEN as error:
            if answer is None:
                # The library's own words may have the URL in them.
                raise self._explained(error) from None
            return answer

    async def _pieces(self, limit: asyncio.Timeout) -> AsyncIterator[bytes]:
        """Yield the body; from the last piece on, a break means that nobody knows."""
        content = self._what.body.content
        for start in range(0, len(content), _PIECE_BYTES):
            limit.reschedule(_from_now(self._what.timeout))
            self._is_handed_over = start + _PIECE_BYTES >= len(content)
            yield content[start : start + _PIECE_BYTES]

    def _explained(self, error: Exception) -> DeliveryError:
        """Say what went wrong, of a request that got no answer."""
        place = place_of(self._what.url)
        if self._is_handed_over:
            return UncertainDelivery(f"{place} was given everything, and gave no answer")
        if self._gate.was_shut:
            reason = (
                f"{place} is on this machine or in the local network: set allow_private to on"
                " under [channels.webhook], if that is meant"
            )
            return DeliveryError(reason, retryable=False)
        if isinstance(error, aiohttp.InvalidURL):
            return DeliveryError(f"{place} is no address to post to", retryable=False)
        return DeliveryError(_reason(error, place, self._what.timeout), retryable=True)


def _headers(what: Post) -> dict[str, str]:
    headers = {
        "Content-Type": what.body.media_type,
        "Content-Length": str(len(what.body.content)),
        "Idempotency-Key": _header_safe(what.key),
        "User-Agent": "storj-monitor",
        "Accept-Encoding": "identity",
    }
    if what.secret:
        moment = str(int(time.time()))
        headers["Storj-Timestamp"] = moment
        headers["Storj-Signature"] = f"sha256={signature(what.secret, moment, what.body.content)}"
    return headers


def signature(secret: str, moment: str, content: bytes) -> str:
    """Return HMAC-SHA256 over the moment (Unix seconds), a dot and the body, in hexadecimal."""
    return hmac.new(secret.encode(), f"{moment}.".encode() + content, hashlib.sha256).hexdigest()


def _header_safe(key: str) -> str:
    if key.isascii() and key.isprintable() and key == key.strip():
        return key
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _from_now(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


def _reason(error: Exception, place: str, seconds: float) -> str:
    match error:
        case TimeoutError():
            return f"{place} took nothing within {seconds:g} s"
        case aiohttp.ClientConnectorDNSError():
            return f"the host of {place} is not known"
        case aiohttp.ClientConnectorCertificateError():
            return f"the certificate of {place} can't be verified"
        case aiohttp.ClientSSLError():
            return f"{place} gives no valid secure connection"
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return f"nothing listens at {place}"
        case aiohttp.ClientConnectorError():
            return f"{place} can't be reached"
        case _:
            return f"{place} broke the connection before it had everything"
