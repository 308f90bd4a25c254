"""What the description says of answers: their headers, files, JSON, and every refusal."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from storj_monitor.errors import PROBLEMS
from storj_monitor.web.schemas import TEXT, reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storj_monitor.plugin import Format
    from storj_monitor.web.schemas import Json

#: What any request can be refused with, and what one that has to be let in.
ANY_REFUSALS = (400, 405, 500)
REFUSALS = (*ANY_REFUSALS, 401, 403)
NAMED_REFUSALS = (*REFUSALS, 404)
#: What a finished file can be refused with, an export that makes one, and a report.
FILE_REFUSALS = (*NAMED_REFUSALS, 416)
EXPORT_REFUSALS = (*REFUSALS, 416, 429, 507)
REPORT_REFUSALS = (*NAMED_REFUSALS, 413, 429, 507)

_REQUEST_ID = "X-Request-ID"
#: Of a file that is answered again, and of one that was made just now.
_KEPT_HEADERS = (_REQUEST_ID, "Content-Disposition", "ETag", "Accept-Ranges", "Link")
_MADE_HEADERS = (*_KEPT_HEADERS, "Content-Location", "Export-Span", "Export-Clamped")
_REFUSAL_HEADERS: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        401: (_REQUEST_ID, "WWW-Authenticate"),
        405: (_REQUEST_ID, "Allow"),
        416: (_REQUEST_ID, "Content-Range"),
        429: (_REQUEST_ID, "Retry-After"),
    }
)


def headers() -> Json:
    """Return the headers of answers, each described once."""
    return {
        _REQUEST_ID: _header("Names the request, also in a problem and in the log", minLength=1),
        "Content-Disposition": _header("The file's name, in both forms of RFC 6266"),
        "ETag": _header("Names the file, also to If-Range", pattern='^"[0-9a-f]{32}"$'),
        "Accept-Ranges": _header("Parts of the file can be asked for by Range", const="bytes"),
        "Content-Location": _header(
            "Where the same file is answered again while it is kept", format="uri-reference"
        ),
        "Location": _header("Where to ask how far it is", format="uri-reference"),
        "Link": _header('Where its manifest is: rel="describedby"', required=False),
        "Export-Span": _header(
            "START/END of the rows, ISO times with offset; half-open", pattern="^[^/]+/[^/]+$"
        ),
        "Export-Clamped": _header(
            "true if the span was shortened to what is allowed", required=False, const="true"
        ),
        "Content-Range": _header(
            "Which part of how many bytes", pattern=r"^bytes ([0-9]+-[0-9]+|\*)/[0-9]+$"
        ),
        "Allow": _header("The methods that are possible"),
        "WWW-Authenticate": _header(
            "How to authenticate; not with the log-in page", required=False, const="Bearer"
        ),
        "Retry-After": _header("Seconds to wait", type="integer", minimum=1),
    }


def made(formats: Mapping[str, Format]) -> Json:
    """Return the answer of a file that is made for the request."""
    text = "The file. It is whole if the transfer ends without an error."
    return _file(text, formats, _MADE_HEADERS)


def part_of_made(formats: Mapping[str, Format]) -> Json:
    """Return the answer of a part of a file that was made for an equal request."""
    text = "The part that Range asks for, of the file that was made for the same request last."
    return _file(text, formats, (*_MADE_HEADERS, "Content-Range"))


def kept(formats: Mapping[str, Format]) -> Json:
    """Return the answer of a file that was made before."""
    return _file("The file", formats, _KEPT_HEADERS)


def part_of_kept(formats: Mapping[str, Format]) -> Json:
    """Return the answer of a part of a file that was made before."""
    return _file("The part that Range asks for", formats, (*_KEPT_HEADERS, "Content-Range"))


def head_of_kept() -> Json:
    """Return the answer to whether such a file is still there."""
    return {"description": "The file is there", "headers": _headers(_KEPT_HEADERS)}


def json_answer(text: str, schema: Json) -> Json:
    """Return an answer in JSON."""
    return text_answer(text, {"application/json": schema})


def started_answer(text: str, schema: Json) -> Json:
    """Return the answer that something was begun, and where it is asked how far that is."""
    return json_answer(text, schema) | {"headers": _headers([_REQUEST_ID, "Location"])}


def done() -> Json:
    """Return the answer that there is nothing to say of."""
    return {"description": "It is done", "headers": _headers([_REQUEST_ID])}


def text_answer(text: str, schemas: Mapping[str, Json]) -> Json:
    """Return an answer of any of these media types."""
    return {
        "description": text,
        "headers": _headers([_REQUEST_ID]),
        "content": {media_type: {"schema": schema} for media_type, schema in schemas.items()},
    }


def refusals(statuses: Iterable[int]) -> Json:
    """Return the answers to a request that is refused, each by reference."""
    return {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)
    }


def responses() -> Json:
    """Return every refusal that some request can be answered with."""
    statuses = {*FILE_REFUSALS, *EXPORT_REFUSALS, *REPORT_REFUSALS}
    return {str(status): _refusal(status) for status in sorted(statuses)}


def _refusal(status: int) -> Json:
    codes = sorted(code for code, (of_it, _) in PROBLEMS.items() if of_it == status)
    narrowed = {"properties": {"status": {"const": status}, "code": {"enum": codes}}}
    schemas: Json = {"application/problem+json": {"allOf": [reference("Problem"), narrowed]}}
    if status == PROBLEMS["unauthorized"][0]:
        schemas["text/html"] = TEXT | {"description": "The log-in page, for who accepts it"}
    refusal = text_answer(f"A problem: {', '.join(codes)}", schemas)
    return refusal | {"headers": _headers(_REFUSAL_HEADERS.get(status, (_REQUEST_ID,)))}


def _file(text: str, formats: Mapping[str, Format], names: Iterable[str]) -> Json:
    content: Json = {format_.media_type: {} for format_ in formats.values()}
    return {"description": text, "headers": _headers(names), "content": content}


def _headers(names: Iterable[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _header(text: str, *, required: bool = True, **schema: object) -> Json:
    return {"description": text, "required": required, "schema": TEXT | schema}
