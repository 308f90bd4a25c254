"""The headers that keep a browser from doing more with an answer than it should."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from aiohttp import hdrs

if TYPE_CHECKING:
    from aiohttp import web

_OF_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: A file may be a page that somebody's plugin made: wherever it is opened from here, it is in an
#: origin of its own and runs nothing. Its own looks and pictures are part of it.
_OF_FILES = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
)
SECURITY_HEADERS = MappingProxyType(
    {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Nobody needs to know which library of which version this is.
        hdrs.SERVER: "storj-monitor",
    }
)


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put them on an answer that is about to be sent, whatever it is."""
    is_file = hdrs.CONTENT_DISPOSITION in response.headers
    response.headers.update(SECURITY_HEADERS)
    response.headers["Content-Security-Policy"] = _OF_FILES if is_file else _OF_PAGES
    # What nodes did is nobody else's to keep; looks may be kept, and are asked for again.
    is_looks = request.path.startswith("/static/")
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-cache" if is_looks else "no-store")
