"""The headers that keep a browser from doing more with an answer than it should."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from aiohttp import hdrs

if TYPE_CHECKING:
    from aiohttp import web

_OF_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
#: A file may be a page that somebody's plugin made: wherever it is opened from here, it is in an
#: origin of its own and runs nothing. Its own looks and pictures are part of it.
_OF_FILES = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
)
_POLICY, _FRAMES = "Content-Security-Policy", "X-Frame-Options"
#: The same is true of what our own page shows in a frame.
OF_PREVIEWS = MappingProxyType(
    {
        _POLICY: _OF_FILES.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
        _FRAMES: "SAMEORIGIN",
    }
)
SECURITY_HEADERS = MappingProxyType(
    {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        _FRAMES: "DENY",
        # Nobody needs to know which library of which version this is.
        hdrs.SERVER: "storj-monitor",
    }
)


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put them on an answer that is about to be sent, whatever it is; those of previews stay."""
    is_file = hdrs.CONTENT_DISPOSITION in response.headers
    stated = {name: response.headers[name] for name in OF_PREVIEWS if name in response.headers}
    policy = {_POLICY: _OF_FILES if is_file else _OF_PAGES}
    response.headers.update({**SECURITY_HEADERS, **policy, **stated})
    # What nodes did is nobody else's to keep; looks may be kept, and are asked for again.
    is_looks = request.path.startswith("/static/")
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-cache" if is_looks else "no-store")
