"""Every error is an answer of application/problem+json (RFC 9457), never a page or a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.logs import log
from storj_monitor.web.access import who
from storj_monitor.web.request_ids import request_id
from storj_monitor.web.sending import abort, begun

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
_INDEX_HINT = "GET /api/openapi.json lists what there is."
_LOG_HINT = "The log has the details."
_REFUSALS = (401, 403, 429)
_SERVER_ERROR = 500


def problem_json(request: web.BaseRequest, problem: Problem) -> dict[str, str | int]:
    """Return the members of a problem document."""
    return {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "hint": problem.hint,
        "request_id": request_id(request),
    }


def answer(request: web.BaseRequest, problem: Problem) -> web.Response:
    """Return the answer that a problem gets."""
    headers = {hdrs.CACHE_CONTROL: "no-store"}
    if problem.code == "busy":
        headers[hdrs.RETRY_AFTER] = str(RETRY_AFTER_SECONDS)
    if problem.code == "unauthorized":
        headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return web.Response(
        body=json.dumps(problem_json(request, problem)).encode(),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=headers,
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what a handler raises; refusals and failures are logged, each once.

    An answer that was begun is broken off instead: a second one would be taken for its body.
    """
    try:
        response = await handler(request)
    except Exception as error:  # noqa: BLE001  whatever it is, it is answered
        if (half := begun(request)) is None:
            return _answer_to(request, error)
        log().error("request.failed", method=request.method, path=request.path, exc_info=error)
        abort(request)
        return half
    if response.status in _REFUSALS:  # the log-in page, in place of another
        _note(request, response.status)
    return response


def _answer_to(request: web.Request, error: Exception) -> web.StreamResponse:
    if isinstance(error, Problem):
        return _noted(request, error)
    if isinstance(error, OperatorError):
        return _noted(request, Problem("export_failed", error.reason, error.hint))
    if isinstance(error, web.HTTPException):
        return _of_http(request, error)
    if isinstance(error, web.RequestPayloadError):
        detail = "the body can't be read: it is cut off, or not encoded as its headers say"
        return answer(request, Problem("bad_request", detail, "Send it without an encoding."))
    log().error("request.failed", method=request.method, path=request.path, exc_info=error)
    return answer(request, Problem("export_failed", "the server failed", _LOG_HINT))


def _noted(request: web.Request, problem: Problem) -> web.Response:
    if problem.status in _REFUSALS or problem.status >= _SERVER_ERROR:
        _note(request, problem.status, code=problem.code, detail=problem.detail)
    return answer(request, problem)


def _note(request: web.Request, status: int, **about: str) -> None:
    """Log who was not answered. Of the URL only the path: a query may hold anything."""
    event = "request.refused" if status in _REFUSALS else "request.failed"
    method, path = request.method, request.path
    log().warning(event, method=method, path=path, status=status, who=who(request), **about)


def _of_http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """Answer what aiohttp itself raises; a redirect is no error."""
    if isinstance(error, web.HTTPNotFound):
        detail = f"there is nothing at {request.path}"
        return answer(request, Problem("not_found", detail, _INDEX_HINT))
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        detail = f"{request.method} isn't possible at {request.path}"
        response = answer(request, Problem("method_not_allowed", detail, f"Possible: {allowed}."))
        response.headers[hdrs.ALLOW] = allowed
        return response
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        hint = "Send a smaller one."
        return answer(request, Problem("too_large", "the body is too large", hint))
    if isinstance(error, web.HTTPForbidden):
        detail = f"{request.path} isn't for reading"
        return _noted(request, Problem("forbidden", detail, _INDEX_HINT))
    if isinstance(error, web.HTTPClientError):
        return answer(request, Problem("bad_request", error.reason.lower(), _INDEX_HINT))
    if isinstance(error, web.HTTPServerError):
        return _noted(request, Problem("export_failed", error.reason.lower(), _LOG_HINT))
    raise error
