"""A reverse proxy that takes a prefix off, and requests as such a proxy sends them."""

from __future__ import annotations

from asyncio import Transport
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import make_mocked_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yarl import URL

PREFIX = "/storj"
_HOP_BY_HOP = {"host", "connection", "transfer-encoding", "keep-alive"}


class FakeTransport(Transport):
    """A connection from one address to another."""

    def __init__(self, ours: str = "127.0.0.1", theirs: str | None = "127.0.0.1") -> None:
        super().__init__()
        self._known = {"sockname": (ours, 8765), "peername": theirs and (theirs, 40_000)}

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._known.get(name, default)


def asked(
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    path: str = "/",
    peer: str | None = "127.0.0.1",
    app: web.Application | None = None,
) -> web.Request:
    """Return a request as it comes from an address."""
    transport = FakeTransport(theirs=peer)
    if app is None:
        return make_mocked_request(method, path, headers, transport=transport)
    return make_mocked_request(method, path, headers, transport=transport, app=app)


def proxy_to(upstream: URL, **said: str) -> web.Application:
    """Return a proxy that serves `upstream` under PREFIX, and says so in X-Forwarded headers."""
    told = {"X-Forwarded-Prefix": PREFIX, "X-Forwarded-Proto": "http"} | said

    async def passed_on(request: web.Request) -> web.StreamResponse:
        path = request.raw_path.removeprefix(PREFIX)
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        headers |= {"X-Forwarded-Host": request.host, "X-Forwarded-For": "198.51.100.2"} | told
        async with (
            ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                f"{str(upstream).rstrip('/')}{path}",
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as answer,
        ):
            response = web.StreamResponse(status=answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    response.headers.add(name, value)
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response

    app = web.Application()
    app.router.add_route("*", f"{PREFIX}/{{rest:.*}}", passed_on)
    return app
