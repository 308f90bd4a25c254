"""Whether a browser asks by a name that is ours, and for a page that is ours."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import hdrs

from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from aiohttp import web

    from storj_monitor.web.forwarded import Forwarded

#: What costs work or leaves a trace: nothing that another site's page may set off by itself.
_WORK = ("/api/", "/download", "/metrics")
_PORTS = {"http": ":80", "https": ":443"}
_HOSTS_HINT = (
    "Use http://127.0.0.1 or http://localhost, or add the name to allowed_hosts under [web] "
    "in the settings, or set a token."
)


def check_host(request: web.Request, known: Forwarded, allowed: AbstractSet[str]) -> None:
    """Refuse names that a stranger's site may have let point here (DNS rebinding).

    A browser always sends the name; who sends none is none. Behind a proxy both names count: a
    page under a stranger's name could set what a proxy is to say.
    """
    if (given := request.headers.get(hdrs.HOST)) is not None:
        _check_name(given, allowed, any_address=_came_from_outside(request))
    if known.host is not None:
        _check_name(known.host, allowed, any_address=False)


def check_site(request: web.Request, known: Forwarded) -> None:
    """Refuse what another site's page sends in the name of the one who looks at it.

    A link to a page of ours may be followed from anywhere; one that makes a file, only by hand.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get(hdrs.ORIGIN)
    if site is not None:
        ours = site in ("same-origin", "none")
    else:
        ours = origin is None or _is_same(origin, request, known)
    if not ours and not _is_followed(request):
        detail = f"{request.method} from another site's page ({origin or site}) is refused"
        raise Problem("forbidden", detail, "Send it from this server's own page.")


def is_loopback(name: str) -> bool:
    """Tell whether it is an address of this machine that no other can reach."""
    return _is_address(name) and ip_address(name).is_loopback


def _is_followed(request: web.Request) -> bool:
    """Tell whether a browser's window goes there: the answer is shown to nobody else."""
    headers = request.headers
    if request.method != hdrs.METH_GET or headers.get("Sec-Fetch-Dest") != "document":
        return False
    by_hand = headers.get("Sec-Fetch-User") == "?1"
    is_window = headers.get("Sec-Fetch-Mode") == "navigate"
    return is_window and (by_hand or not request.path.startswith(_WORK))


def _check_name(given: str, allowed: AbstractSet[str], *, any_address: bool) -> None:
    name = _host_name(given)
    if name == "localhost" or name in allowed or given.lower() in allowed:
        return
    if not _is_address(name) or not (is_loopback(name) or any_address):
        raise Problem("forbidden", f"this server isn't called {given!r}", _HOSTS_HINT)


def _host_name(given: str) -> str:
    """Return the name or address of a Host header, in lower case; "" if it is none."""
    try:
        parts = urlsplit(f"//{given}")
        _ = parts.port
    except ValueError:
        return ""
    # Nothing but a name and a port: no user, no path.
    return (parts.hostname or "") if parts.netloc == given and "@" not in given else ""


def _is_same(origin: str, request: web.Request, known: Forwarded) -> bool:
    """Tell whether an origin is this server as the client calls it; its port may be unsaid."""
    host = (known.host or request.headers.get(hdrs.HOST) or "").lower()
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return False
    if known.scheme is not None and parts.scheme != known.scheme:
        return False
    usual = _PORTS.get(parts.scheme, "")
    return parts.netloc.removesuffix(usual) == host.removesuffix(usual) != ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _came_from_outside(request: web.Request) -> bool:
    """Tell whether the connection reached an address that others can reach as well.

    The operator allowed that (--insecure), and then any address is as good: only names can be
    made to point elsewhere.
    """
    if request.transport is None:
        return False
    address, *_ = request.transport.get_extra_info("sockname") or ("127.0.0.1",)
    return not is_loopback(str(address).partition("%")[0])
