"""Logging in with the token, for browsers; programs send it with each request."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from aiohttp import hdrs, web

from storj_monitor.errors import Problem
from storj_monitor.web.forwarded import forwarded, public_path
from storj_monitor.web.guesses import PAUSE_SECONDS, Guesses

if TYPE_CHECKING:
    from jinja2 import Environment

    from storj_monitor.web.access import Access

    Fault = Literal["wrong", "tired"]

_STATUS: dict[Fault | None, int] = {None: 200, "wrong": 401, "tired": 429}


class Login:
    """The log-in page and what it sends."""

    def __init__(self, access: Access, environment: Environment) -> None:
        self._access = access
        self._guesses = Guesses()
        self._template = environment.get_template("login.html")

    async def show(self, request: web.Request) -> web.Response:
        """Answer the page."""
        return self._page(request)

    async def refused(self, request: web.Request) -> web.Response:
        """Answer the page in place of one that needs the token."""
        page = self._page(request)
        page.set_status(401)
        return page

    async def enter(self, request: web.Request) -> web.Response:
        """Set the cookie and go to the first page, if the field `token` has the token.

        After some wrong ones an address has to wait. Whoever sends the token in the header of a
        request never has to.
        """
        known = forwarded(request)
        token = await _token_of(request)
        if not self._guesses.may(known.client or known.peer):
            return self._page(request, "tired")
        if not self._access.is_token(token):
            self._guesses.note(known.client or known.peer)
            return self._page(request, "wrong")
        response = web.Response(status=303, headers={hdrs.LOCATION: public_path(request, "/")})
        self._access.let_in(request, response)
        return response

    async def leave(self, request: web.Request) -> web.Response:
        """Log out: the cookie is worth nothing from now on."""
        target = public_path(request, "/login")
        response = web.Response(status=303, headers={hdrs.LOCATION: target})
        self._access.let_out(request, response)
        return response

    def _page(self, request: web.Request, fault: Fault | None = None) -> web.Response:
        response = web.Response(
            text=self._template.render(fault=fault, root=public_path(request, "")),
            content_type="text/html",
            status=_STATUS[fault],
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )
        if fault == "tired":
            response.headers[hdrs.RETRY_AFTER] = str(math.ceil(PAUSE_SECONDS))
        return response


async def _token_of(request: web.Request) -> str:
    try:
        given = (await request.post()).get("token", "")
        token = given.strip() if isinstance(given, str) else ""
        token.encode()  # some charsets give halves of letters, which nothing can be done with
    except (ValueError, LookupError) as error:
        detail = "the body is no form"
        raise Problem("bad_request", detail, "Send the field token as a form.") from error
    return token
