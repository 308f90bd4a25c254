"""One answer of a node over HTTP: within its time and size, from its own server, and as JSON."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import aiohttp
import msgspec

from storj_monitor.collect.node_api.address import ADDRESS_HINT
from storj_monitor.collect.node_api.findings import plain_text
from storj_monitor.collect.node_api.readings import NodeApiError

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

    from storj_monitor.collect.node_api.address import Address

#: That of a node of many years is some hundred kilobytes.
_LARGEST_ANSWER = 16_000_000
_LARGEST_ERROR = 10_000
_REDIRECTS = 3
_MOVED = frozenset((301, 302, 303, 307, 308))
_OK, _LOGIN, _FORBIDDEN, _SERVER_ERROR = 200, 401, 403, 500
#: Compressed, a small answer might become a huge one.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}

_RUNNING_HINT = (
    "Is the node running? Its dashboard is at console.address of its configuration, usually"
    " 127.0.0.1:14002. In Docker that port must be published, as in -p 127.0.0.1:14002:14002."
)
_REACH_HINT = "Check the host's name, that it is up, and that no firewall is in the way."
_BUSY_HINT = "The node is busy or hangs: look into its log, and at its disk."
_BROKEN_HINT = (
    "Is it the dashboard's port, usually 14002, and not the one for satellites, 28967? If it is,"
    " look into the node's log."
)
_TLS_HINT = "A node's dashboard answers http://; only a proxy before it answers https://."


class _Error(msgspec.Struct):
    """As a node says why it can't answer."""

    error: str


class TimeLimits(NamedTuple):
    """In seconds: until a connection stands, and until the whole answer is there."""

    connect: float
    request: float


async def fetch(session: ClientSession, address: Address, path: str, limits: TimeLimits) -> bytes:
    """Return what an endpoint answers to a GET. Raises NodeApiError in every other case."""
    try:
        async with asyncio.timeout(limits.request):
            return await _answer(session, address, path, limits)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise _explained(error, address, limits) from error


async def _answer(session: ClientSession, address: Address, path: str, limits: TimeLimits) -> bytes:
    url = address.url(path)
    timeout = aiohttp.ClientTimeout(total=None, connect=limits.connect)
    for _ in range(_REDIRECTS + 1):
        async with session.get(
            url, allow_redirects=False, raise_for_status=False, headers=_HEADERS, timeout=timeout
        ) as response:
            if response.status not in _MOVED:
                return await _body(response, address)
            url = address.redirected(url, response.headers.get("Location", ""))
    reason = f"{address.shown} redirects in a circle"
    raise NodeApiError(reason, ADDRESS_HINT)


async def _body(response: ClientResponse, address: Address) -> bytes:
    if response.status != _OK:
        raise _refused(response.status, await _said(response), address)
    if response.content_type != "application/json":
        what = "a web page" if response.content_type == "text/html" else "something else"
        reason = f"{address.shown} answers with {what} instead of JSON"
        raise NodeApiError(reason, ADDRESS_HINT)
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _LARGEST_ANSWER:
            reason = f"the answer is larger than {_LARGEST_ANSWER // 1_000_000} MB"
            raise NodeApiError(reason, ADDRESS_HINT)
    return bytes(body)


async def _said(response: ClientResponse) -> str:
    """Return what a node gives as the reason of an error; nothing when it gives none."""
    try:
        error = msgspec.json.decode(await response.content.read(_LARGEST_ERROR), type=_Error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return f": {plain_text(error.error)}"


def _refused(status: int, said: str, address: Address) -> NodeApiError:
    if status in {_LOGIN, _FORBIDDEN}:
        hint = "A proxy asks for a login: give it in the address, http://USER:PASSWORD@HOST:PORT."
    else:
        hint = _BUSY_HINT if status >= _SERVER_ERROR else ADDRESS_HINT
    return NodeApiError(f"{address.shown} answers with HTTP status {status}{said}", hint)


def _explained(error: Exception, address: Address, limits: TimeLimits) -> NodeApiError:
    """Say in plain words what went wrong; the words of a library might show a password."""
    where = address.shown
    match error:
        case aiohttp.ConnectionTimeoutError():
            reason = f"there is no connection to {where} within {limits.connect:g} s"
            return NodeApiError(reason, _REACH_HINT)
        case TimeoutError():
            reason = f"{where} gives no whole answer within {limits.request:g} s"
            return NodeApiError(reason, _BUSY_HINT)
        case aiohttp.ClientConnectorDNSError() | UnicodeError():
            return NodeApiError(f"the host {address.host} is not known", _REACH_HINT)
        case aiohttp.ClientSSLError():
            return NodeApiError(f"{where} gives no valid secure connection", _TLS_HINT)
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return NodeApiError(f"nothing listens at {where}", _RUNNING_HINT)
        case aiohttp.ClientConnectorError():
            return NodeApiError(f"{where} can't be reached", _REACH_HINT)
        case aiohttp.ClientResponseError():
            return NodeApiError(f"{where} answers, but not in usable HTTP", ADDRESS_HINT)
        case aiohttp.InvalidURL():
            return NodeApiError("the address has no usable host and port", ADDRESS_HINT)
        case _:
            return NodeApiError(
                f"{where} broke the connection before it had answered", _BROKEN_HINT
            )
