"""Every error is an answer of application/problem+json (RFC 9457), never a page or a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.logs import log

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
_INDEX_HINT = "GET /api/openapi.json lists what there is."


def problem_json(problem: Problem) -> dict[str, str | int]:
    """Return the members of a problem document."""
    return {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "hint": problem.hint,
    }


def answer(problem: Problem) -> web.Response:
    """Return the answer that a problem gets."""
    headers = {hdrs.CACHE_CONTROL: "no-store"}
    if problem.code == "busy":
        headers[hdrs.RETRY_AFTER] = str(RETRY_AFTER_SECONDS)
    if problem.code == "unauthorized":
        headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return web.Response(
        body=json.dumps(problem_json(problem)).encode(),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=headers,
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what a handler raises; what nobody expected is logged, once."""
    try:
        return await handler(request)
    except Problem as problem:
        return answer(problem)
    except OperatorError as error:
        return answer(Problem("export_failed", error.reason, error.hint))
    except web.HTTPException as error:
        return _of_http(request, error)
    except Exception:  # noqa: BLE001  it is logged
        log().exception("request.failed", method=request.method, path=request.path)
        return answer(Problem("export_failed", "the server failed", "The log has the details."))


def _of_http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """Answer what aiohttp itself raises; a redirect is no error."""
    if isinstance(error, web.HTTPNotFound):
        return answer(Problem("not_found", f"there is nothing at {request.path}", _INDEX_HINT))
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        detail = f"{request.method} isn't possible at {request.path}"
        response = answer(Problem("method_not_allowed", detail, f"Possible: {allowed}."))
        response.headers[hdrs.ALLOW] = allowed
        return response
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return answer(Problem("too_large", "the body is too large", "Send a smaller one."))
    if isinstance(error, web.HTTPForbidden):
        return answer(Problem("forbidden", f"{request.path} isn't for reading", _INDEX_HINT))
    if isinstance(error, web.HTTPClientError):
        return answer(Problem("bad_request", error.reason.lower(), _INDEX_HINT))
    if isinstance(error, web.HTTPServerError):
        return answer(Problem("export_failed", error.reason.lower(), "The log has the details."))
    raise error
