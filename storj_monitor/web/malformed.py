"""What is no HTTP is answered as a problem too.

aiohttp would answer it in plain text, and put what was sent into the log, a token included.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from storj_monitor.errors import Problem
from storj_monitor.logs import log
from storj_monitor.web.headers import SECURITY_HEADERS
from storj_monitor.web.problems import answer
from storj_monitor.web.request_ids import HEADER, request_id

_BAD_REQUEST = 400
_HINT = "Send a request line, the header Host, and no control characters."


class Runner(web.AppRunner):
    """Runs an application like aiohttp's own, on connections that know what a problem is."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory, **self._kwargs)


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ()

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
