"""Logging in with the token, for browsers; programs send it with each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from jinja2 import Environment

    from storj_monitor.web.access import Access


class Login:
    """The log-in page and what it sends."""

    def __init__(self, access: Access, environment: Environment) -> None:
        self._access = access
        self._template = environment.get_template("login.html")

    async def show(self, _: web.Request) -> web.Response:
        """Answer the page."""
        return self._page(200)

    async def refused(self, _: web.Request) -> web.Response:
        """Answer the page in place of one that needs the token."""
        return self._page(401)

    async def enter(self, request: web.Request) -> web.Response:
        """Set the cookie and go to the first page, if the field `token` has the token."""
        try:
            token = (await request.post()).get("token", "")
        except (ValueError, LookupError) as error:
            detail = "the body is no form"
            raise Problem("bad_request", detail, "Send the field token as a form.") from error
        if not isinstance(token, str) or not self._access.is_token(token.strip()):
            return self._page(401, wrong=True)
        response = web.Response(status=303, headers={hdrs.LOCATION: "/"})
        self._access.let_in(request, response)
        return response

    def _page(self, status: int, *, wrong: bool = False) -> web.Response:
        return web.Response(
            text=self._template.render(wrong=wrong),
            content_type="text/html",
            status=status,
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )
