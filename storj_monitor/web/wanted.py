"""What is asked about a file that isn't made yet: source=NAME or report_type=NAME, and words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from storj_monitor.errors import Problem
from storj_monitor.exports.request import parse_export, parse_report
from storj_monitor.web.downloads import parsed

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from aiohttp import web

    from storj_monitor.exports.request import ExportRequest, Parse

_SOURCE, _REPORT = "source", "report_type"
_HINT = f"Give {_SOURCE} or {_REPORT}, one of them; /api/catalogue has the names."


async def wanted_by_query(
    request: web.Request, now: datetime, *, aside: Collection[str] = ()
) -> ExportRequest:
    """Return what the query of a request asks for, or raise the Problem with it.

    The words `aside` say nothing about a report.
    """
    words = {name: request.query.getall(name) for name in request.query}
    source = _taken(words, _SOURCE)
    if source is None:
        words = {name: values for name, values in words.items() if name not in aside}
    parse, subject = parser_of(source, None if source is not None else _taken(words, _REPORT))
    return await asyncio.to_thread(parsed, request.app, parse, subject, words, now)


def _taken(words: dict[str, list[str]], name: str) -> str | None:
    """Take the first value of a word away: what is left may be a filter that is called the same."""
    if name not in words:
        return None
    first, *others = words.pop(name)
    if others:
        words[name] = others
    return first


def parser_of(source: str | None, report: str | None) -> tuple[Parse, str]:
    """Return who reads what is asked of the one that is named, and its name.

    Raises Problem bad_request where none is named, or both are.
    """
    if source is not None and report is None:
        return parse_export, source
    if report is not None and source is None:
        return parse_report, report
    detail = "neither a source nor a report is named"
    if source is not None:
        detail = "both a source and a report are named"
    raise Problem("bad_request", detail, _HINT)
