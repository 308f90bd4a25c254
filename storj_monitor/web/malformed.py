"""What is no HTTP is answered as a problem too.

aiohttp would answer it in plain text, and put what was sent into the log, a token included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from storj_monitor.errors import Problem
from storj_monitor.logs import log
from storj_monitor.web.headers import SECURITY_HEADERS
from storj_monitor.web.problems import answer
from storj_monitor.web.request_ids import HEADER, request_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_BAD_REQUEST = 400
_HINT = "Send a request line, the header Host, and no control characters."


class Runner(web.AppRunner):
    """Runs an application like aiohttp's own, on connections that know what a problem is."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        handle = _without_tea(made.request_handler)
        return _Server(handle, request_factory=made.request_factory, **self._kwargs)


def _without_tea(handle: Handle) -> Handle:
    """Answer what a client can't expect, which aiohttp refuses before it asks the application."""

    async def handled(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handle(request)
        except web.HTTPExpectationFailed:
            detail = "the header Expect asks for something that isn't known here"
            return answer(request, Problem("bad_request", detail, "Leave the header out."))

    return handled


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ()

    def log_exception(self, *args: object, **words: object) -> None:
        """Log what failed beside a handler, but not a body that can't be read: it is answered."""
        error = words.get("exc_info")
        if not isinstance(error, web.RequestPayloadError):
            message, *values = map(str, args)
            log().error("connection.failed", about=message % tuple(values), exc_info=error)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what was not understood, or what failed beside the application."""
        del message  # it quotes what was sent
        name = request_id(request)
        if status == _BAD_REQUEST:
            log().info("request.malformed", remote=request.remote, request_id=name)
            is_long = isinstance(exc, LineTooLong)
            detail = "a line of the request is too long" if is_long else "this is no valid HTTP"
            problem = Problem("bad_request", detail, _HINT)
        else:
            log().error("request.failed", request_id=name, exc_info=exc)
            problem = Problem("export_failed", "the server failed", "The log has the details.")
        if request.writer.output_size > 0:
            reason = "the answer was begun, and no other can follow it"
            raise ConnectionError(reason)
        response = answer(request, problem)
        response.headers.update({**SECURITY_HEADERS, HEADER: name})
        response.force_close()
        return response
