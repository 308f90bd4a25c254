"""The page at /: the nodes, what was refused of the plugins, and a form that downloads.

It needs no script. The form is sent to /download, which checks it and goes on to the API's own
address of the file (a report has none, and is answered there), or shows the form again with what
is wrong.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import hdrs, web

from storj_monitor import clock
from storj_monitor.errors import Problem
from storj_monitor.exports.request import parse_export, parse_report
from storj_monitor.web.downloads import downloaded, parsed
from storj_monitor.web.forwarded import public_path
from storj_monitor.web.keys import HOST, SETTINGS, STORE

if TYPE_CHECKING:
    from jinja2 import Environment
    from multidict import MultiMapping

#: What the menu of periods offers: the words of a request, and for people.
PERIODS = (
    ("days=7", "Last 7 days"),
    ("period=today", "Today"),
    ("period=yesterday", "Yesterday"),
    ("period=this-week", "This week"),
    ("period=last-week", "Last week"),
    ("period=this-month", "This month"),
    ("period=last-month", "Last month"),
    ("days=31", "Last 31 days"),
    ("custom", "Days of my choice"),
)
#: The periods of a request that mean start and end, and between a format's and a preset's name.
_CUSTOM, _PRESET = "custom", ":"
#: What stands before the name of a report among the names of sources.
_REPORT = "report:"


class Page:
    """Shows the page and takes its form."""

    def __init__(self, environment: Environment) -> None:
        self._template = environment.get_template("page.html")

    async def show(self, request: web.Request) -> web.Response:
        """Answer the page."""
        return await self._shown(request, None)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Go on to the file that the form asks for, or say on the page what is wrong."""
        source, words = words_of(request.query)
        try:
            if source.startswith(_REPORT):
                name = source.removeprefix(_REPORT)
                return await downloaded(request, parse_report, name, words)
            await asyncio.to_thread(parsed, request.app, parse_export, source, words, clock.now())
        except Problem as problem:
            return await self._shown(request, problem)
        file = public_path(request, f"/api/export/{source}?{urlencode(words, doseq=True)}")
        return web.Response(status=303, headers={hdrs.LOCATION: file})

    async def _shown(self, request: web.Request, problem: Problem | None) -> web.Response:
        text = self._template.render(
            nodes=await asyncio.to_thread(request.app[STORE].nodes),
            catalogue=request.app[HOST].catalogue,
            now=clock.now(),
            periods=PERIODS,
            form=request.query,
            problem=problem,
            root=public_path(request, ""),
            has_log_in=bool(request.app[SETTINGS].web.token),
        )
        return web.Response(
            text=text,
            content_type="text/html",
            status=problem.status if problem else 200,
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )


def words_of(form: MultiMapping[str]) -> tuple[str, dict[str, list[str]]]:
    """Return what a form names, and the words of a request that its fields mean.

    That is a source, or `report:NAME`.
    A field left empty means nothing; of fields named `SOURCE.FILTER` only those of the source do.
    """
    source = form.get("source", "")
    words = {name: form.getall(name) for name in ("node", "timezone", "personal") if name in form}
    for field in dict.fromkeys(form):
        owner, dot, name = field.partition(".")
        if dot and owner == source:
            words[name] = form.getall(field)
    words = {name: list(filter(None, values)) for name, values in words.items()}
    words |= _period_words(form) | _format_words(form)
    return source, {name: values for name, values in words.items() if values}


def _period_words(form: MultiMapping[str]) -> dict[str, list[str]]:
    way, _, value = form.get("period", "").partition("=")
    if way == _CUSTOM:
        end = form.get("end", "")
        return {"start": [form.get("start", "")], "end": [end] if end else []}
    return {way: [value]} if way else {}


def _format_words(form: MultiMapping[str]) -> dict[str, list[str]]:
    format_, _, preset = form.get("format", "").partition(_PRESET)
    return {"format": [format_] if format_ else [], "preset": [preset] if preset else []}
