"""What names people is told to those alone who gave the token, or who sit at this machine."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from storj_monitor.errors import Problem
from storj_monitor.web.forwarded import forwarded
from storj_monitor.web.keys import SETTINGS

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Handler

_DETAIL = "schedules name recipients: without a token only this machine itself is answered"
_HINT = "Set a token (STORJ_MONITOR_TOKEN), or ask at 127.0.0.1 on the machine itself."


def private(handler: Handler) -> Handler:
    """Return the handler that refuses everybody else, whatever --insecure allows."""

    @wraps(handler)
    async def checked(request: web.Request) -> web.StreamResponse:
        if not is_answered(request):
            raise Problem("forbidden", _DETAIL, _HINT)
        return await handler(request)

    return checked


def is_answered(request: web.Request) -> bool:
    """Whether what names people may be told to whoever asks and was let in."""
    known = forwarded(request)
    addresses = [address for address in (known.peer, known.client) if address is not None]
    is_here = all(address.is_loopback for address in addresses)
    return is_here or bool(request.app[SETTINGS].web.token)
