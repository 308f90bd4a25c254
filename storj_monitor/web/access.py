"""Who may ask: with a token those who have it, without one this machine alone."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

    from storj_monitor.settings import WebSettings

COOKIE = "storj_monitor"
_BEARER = "bearer "
_READING = ("GET", "HEAD", "OPTIONS")
_HOSTS_HINT = (
    "Use http://127.0.0.1 or http://localhost, or add the name to allowed_hosts under [web] "
    "in the settings, or set a token."
)
_TOKEN_HINT = "Send the header 'Authorization: Bearer TOKEN', or log in at /login."  # noqa: S105  it names none


class Access:
    """The rules of one running server: `check(request)` raises the Problem of what breaks one."""

    def __init__(self, settings: WebSettings) -> None:
        self._token = _bytes(settings.token)
        self._allowed = frozenset(name.lower() for name in settings.allowed_hosts)
        # A cookie of another run is worth nothing, and no cookie contains the token.
        self._cookie = hmac.new(secrets.token_bytes(32), self._token, sha256).hexdigest()

    @property
    def needs_token(self) -> bool:
        """Whether a token is set."""
        return bool(self._token)

    def is_token(self, given: str) -> bool:
        """Compare in a time that says nothing about the token."""
        return self.needs_token and hmac.compare_digest(_bytes(given), self._token)

    def let_in(self, request: web.Request, response: web.StreamResponse) -> None:
        """Set the cookie of someone who gave the token."""
        response.set_cookie(
            COOKIE, self._cookie, httponly=True, samesite="Strict", secure=request.secure
        )

    def check(self, request: web.Request) -> None:
        """Raise Problem forbidden or unauthorized, unless the request may be answered."""
        if request.path == "/healthz":
            return
        if request.method not in _READING:
            self._check_origin(request)
        if not self.needs_token:
            self._check_host(request)
        elif not self._is_open(request.path) and not self._is_known(request):
            raise Problem("unauthorized", "this server wants a token", _TOKEN_HINT)

    def _is_open(self, path: str) -> bool:
        """Say what is needed to log in: the page and its looks."""
        return path == "/login" or path.startswith("/static/")

    def _is_known(self, request: web.Request) -> bool:
        authorization = request.headers.get(hdrs.AUTHORIZATION, "")
        if authorization.lower().startswith(_BEARER):
            return self.is_token(authorization[len(_BEARER) :].strip())
        cookie = request.cookies.get(COOKIE, "")
        return hmac.compare_digest(_bytes(cookie), _bytes(self._cookie))

    def _check_host(self, request: web.Request) -> None:
        """Refuse names that a stranger's site may have let point here (DNS rebinding).

        A browser always sends the name; who sends none is none.
        """
        given = request.headers.get(hdrs.HOST)
        if given is None:
            return
        name = _host_name(given)
        if name == "localhost" or name in self._allowed or given.lower() in self._allowed:
            return
        if not _is_address(name) or not (_is_loopback(name) or _came_from_outside(request)):
            raise Problem("forbidden", f"this server isn't called {given!r}", _HOSTS_HINT)

    def _check_origin(self, request: web.Request) -> None:
        """Refuse what another site's page sends in the name of the one who looks at it."""
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get(hdrs.ORIGIN)
        if site is not None:
            ours = site in ("same-origin", "none")
        else:
            ours = origin is None or _is_same(origin, request.headers.get(hdrs.HOST, ""))
        if not ours:
            detail = f"{request.method} from another site's page ({origin or site}) is refused"
            raise Problem("forbidden", detail, "Send it from this server's own page.")


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


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that is bound to `host`."""
    return host == "localhost" or _is_loopback(host)


def _is_browser(request: web.Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get(hdrs.ACCEPT, "")


def _host_name(given: str) -> str:
    """Return the name or address of a Host header, in lower case; "" if it is none."""
    try:
        parts = urlsplit(f"//{given}")
        _ = parts.port
    except ValueError:
        return ""
    # Nothing but a name and a port: no user, no path.
    return (parts.hostname or "") if parts.netloc == given and "@" not in given else ""


def _is_same(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower() != ""
    except ValueError:
        return False


def _bytes(text: str) -> bytes:
    """Return a header's bytes, which need not be UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ip_address(name).is_loopback


def _came_from_outside(request: web.Request) -> bool:
    """Tell whether the connection reached an address that others can reach as well.

    The operator allowed that (--insecure), and then any address is as good: only names can be
    made to point elsewhere.
    """
    if request.transport is None:
        return False
    address, *_ = request.transport.get_extra_info("sockname") or ("127.0.0.1",)
    return not _is_loopback(str(address).partition("%")[0])
