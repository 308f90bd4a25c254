"""Who may ask: with a token those who have it, without one this machine alone."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from storj_monitor.errors import Problem
from storj_monitor.web import origins
from storj_monitor.web.forwarded import forwarded, forwarded_by, is_https, networks_of
from storj_monitor.web.keys import SETTINGS
from storj_monitor.web.sessions import Sessions

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

    from storj_monitor.settings import WebSettings

COOKIE = "storj_monitor"
_BEARER = "bearer "
_TOKEN_HINT = "Send the header 'Authorization: Bearer TOKEN', or log in at /login."  # noqa: S105  it names none


class Access:
    """The rules of one running server: `check(request)` raises the Problem of what breaks one."""

    def __init__(self, settings: WebSettings) -> None:
        self._token = _bytes(settings.token)
        self._allowed = frozenset(name.lower() for name in settings.allowed_hosts)
        self._proxies = networks_of(settings.trusted_proxies)
        self._sessions = Sessions()

    @property
    def needs_token(self) -> bool:
        """Whether a token is set."""
        return bool(self._token)

    def is_token(self, given: str) -> bool:
        """Compare in a time that says nothing about the token."""
        return self.needs_token and hmac.compare_digest(_bytes(given), self._token)

    def let_in(self, request: web.Request, response: web.StreamResponse) -> None:
        """Set the cookie of someone who gave the token: the key of a new session."""
        known = forwarded_by(self._proxies, request)
        response.set_cookie(
            COOKIE,
            self._sessions.begin(),
            path=f"{known.prefix}/",
            httponly=True,
            samesite="Strict",
            secure=is_https(request, known),
        )

    def let_out(self, request: web.Request, response: web.StreamResponse) -> None:
        """End the session of someone who is leaving, and take the cookie back."""
        self._sessions.end(request.cookies.get(COOKIE, ""))
        known = forwarded_by(self._proxies, request)
        response.del_cookie(
            COOKIE,
            path=f"{known.prefix}/",
            httponly=True,
            samesite="Strict",
            secure=is_https(request, known),
        )

    def check(self, request: web.Request) -> None:
        """Raise Problem forbidden or unauthorized, unless the request may be answered."""
        if request.path == "/healthz" or _is_link(request):
            return
        known = forwarded_by(self._proxies, request)
        origins.check_site(request, known)
        if not self.needs_token:
            origins.check_host(request, known, self._allowed)
        elif not _is_open(request.path) and not self._is_known(request):
            raise Problem("unauthorized", "this server wants a token", _TOKEN_HINT)

    def _is_known(self, request: web.Request) -> bool:
        authorization = request.headers.get(hdrs.AUTHORIZATION, "")
        if authorization.lower().startswith(_BEARER):
            return self.is_token(authorization[len(_BEARER) :].strip())
        return self._sessions.knows(request.cookies.get(COOKIE, ""))


def guard(access: Access, login: Handler) -> Middleware:
    """Return the middleware that lets in whom `access` lets in; browsers get the log-in page."""

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            access.check(request)
        except Problem as problem:
            if problem.code == "unauthorized" and _is_browser(request):
                return await login(request)
            raise
        return await handler(request)

    return checked


def who(request: web.Request) -> str:
    """Return who asks, for the records: how they were let in, and from which address.

    `token 192.0.2.7`, `loopback 127.0.0.1` or, with --insecure, `anyone 192.0.2.7`; and where a
    trusted proxy says for whom it asks, ` for 198.51.100.2`. There is nothing else in it.
    """
    known = forwarded(request)
    if request.app[SETTINGS].web.token:
        way = "token"
    else:
        way = "loopback" if known.peer is None or known.peer.is_loopback else "anyone"
    asked = f"{way} {known.peer or 'unknown'}"
    return f"{asked} for {known.client}" if known.client else asked


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that is bound to `host`."""
    return host == "localhost" or origins.is_loopback(host)


def _is_open(path: str) -> bool:
    """Say what is needed to log in and out: the pages and their looks."""
    return path in ("/login", "/logout") or path.startswith("/static/")


def _is_link(request: web.Request) -> bool:
    """Say whether it is asked for by a signed link, which is checked where it is answered."""
    return request.path.startswith("/api/files/") and request.method in ("GET", "HEAD")


def _is_browser(request: web.Request) -> bool:
    """Tell a page that somebody goes to, by a link or a form, from what programs ask."""
    is_page = request.method in (hdrs.METH_GET, hdrs.METH_POST)
    return is_page and "text/html" in request.headers.get(hdrs.ACCEPT, "")


def _bytes(text: str) -> bytes:
    """Return a header's bytes, which need not be UTF-8."""
    return text.encode("utf-8", "surrogateescape")
