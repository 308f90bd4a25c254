"""A name for each request, the same in its answer, in its problem and in the log."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

HEADER = "X-Request-ID"
_ID = web.RequestKey("request_id", str)
#: What a proxy or a client may call it: the usual forms, and nothing that has to be escaped.
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=+/-]{0,127}")


def request_id(request: web.BaseRequest) -> str:
    """Return what a request is called: as its header says, if that is sane, or a new id."""
    known: str | None = request.get(_ID)
    if known is None:
        given = request.headers.get(HEADER, "")
        known = given if _SANE.fullmatch(given) else secrets.token_hex(8)
        request[_ID] = known
    return known


@web.middleware
async def request_ids(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the id of a request into all that is logged of it."""
    with structlog.contextvars.bound_contextvars(request_id=request_id(request)):
        return await handler(request)


async def add_request_id(request: web.Request, response: web.StreamResponse) -> None:
    """Put the id on an answer that is about to be sent, whatever it is."""
    response.headers[HEADER] = request_id(request)
