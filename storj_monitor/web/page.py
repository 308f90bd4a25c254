"""The page at /: how the nodes are, a form that downloads, what was downloaded, the plugins.

It needs no script. The form is sent to /download, which checks it and goes on to the API's own
address of the file (a report has none, and is answered there), or shows the form again with what
is wrong. Whatever the form offers is in /api/catalogue, of which it is made.
"""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import hdrs, web

from storj_monitor import clock
from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.request import parse_export, parse_report
from storj_monitor.logs import log
from storj_monitor.web.catalogue import described
from storj_monitor.web.downloads import downloaded, parsed
from storj_monitor.web.forwarded import public_path
from storj_monitor.web.history import entries
from storj_monitor.web.keys import HOST, SETTINGS
from storj_monitor.web.overview import facts
from storj_monitor.web.private import is_answered

if TYPE_CHECKING:
    from collections.abc import Mapping

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
#: The period that means start and end; between a format and its preset, and before its options.
_CUSTOM, _OF_FORMAT = "custom", ":"
#: What stands before the name of a report among the names of sources.
_REPORT = "report:"
#: How a file is written if nothing is said of it.
_USUAL_FORMATS = MappingProxyType({"source": "csv", "report": "pdf"})
#: How much of the history is on the page.
_ENTRIES = 10


class Page:
    """Shows the page and takes its form."""

    def __init__(self, environment: Environment) -> None:
        self._template = environment.get_template("page.html")
        self._history = environment.get_template("history.html")

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
        except OperatorError as error:
            failure = Problem("export_failed", error.reason, error.hint)
            return await self._shown(request, failure)
        file = public_path(request, f"/api/export/{source}?{urlencode(words, doseq=True)}")
        return web.Response(status=303, headers={hdrs.LOCATION: file})

    async def history(self, request: web.Request) -> web.Response:
        """Answer the list of what was downloaded, to take the place of an older one."""
        shown = await _history_of(request.app)
        return _answered(self._history.render(history=shown, root=public_path(request, "")))

    async def _shown(self, request: web.Request, problem: Problem | None) -> web.Response:
        app = request.app
        catalogue = described(app[HOST].catalogue)
        overview = await facts(app, tuple(filter(None, request.query.getall("node", ()))))
        text = await asyncio.to_thread(
            self._template.render,
            overview=overview,
            catalogue=catalogue,
            usual=_usual_of(catalogue),
            now=clock.now(),
            periods=PERIODS,
            form=request.query,
            problem=problem,
            history=await _history_of(app),
            root=public_path(request, ""),
            has_schedules=is_answered(request),
            has_log_in=bool(app[SETTINGS].web.token),
        )
        return _answered(text, problem.status if problem else 200)


async def _history_of(app: web.Application) -> list[dict[str, Any]] | None:
    """Return the last entries; None where they can't be read, as the page is to say."""
    try:
        return await entries(app, _ENTRIES, only_new=True)
    except Exception as error:  # noqa: BLE001  whatever it is, the rest is to be shown
        log().warning("history.unreadable", error=str(error))
        return None


def _answered(text: str, status: int = 200) -> web.Response:
    headers = {hdrs.CACHE_CONTROL: "no-store"}
    answer = web.Response(text=text, content_type="text/html", status=status, headers=headers)
    answer.enable_compression()  # a phone gets a twentieth of it where there are many nodes
    return answer


def _usual_of(catalogue: Mapping[str, Any]) -> str:
    """Return what is chosen at first: a report that has a period of its own, else a source."""
    for report in catalogue["reports"]:
        if report["period"] != "custom":
            return f"{_REPORT}{report['name']}"
    return next((source["name"] for source in catalogue["sources"]), "")


def words_of(form: MultiMapping[str]) -> tuple[str, dict[str, list[str]]]:
    """Return what a form names, and the words of a request that its fields mean.

    That is a source, or `report:NAME`. A field left empty means nothing; of the fields named
    `SOURCE.FILTER` and `FORMAT:OPTION` only those of the chosen source and format do.
    static/js/words.js reads the same form likewise.
    """
    source = form.get("source", "")
    words = {name: form.getall(name) for name in ("node", "timezone", "personal") if name in form}
    words |= _period_words(form) | _format_words(form)
    kind = "report" if source.startswith(_REPORT) else "source"
    format_ = words["format"][0] or _USUAL_FORMATS[kind]
    for field in dict.fromkeys(form):
        owner, dot, name = field.rpartition(".")
        if dot and owner == source:
            words[name] = (
                [",".join(form.getall(field))] if name == "columns" else form.getall(field)
            )
        owner, colon, name = field.partition(_OF_FORMAT)
        if colon and owner == format_ and not dot:
            words[f"option.{name}"] = form.getall(field)
    given = {name: list(filter(None, values)) for name, values in words.items()}
    return source, {name: values for name, values in given.items() if values}


def _period_words(form: MultiMapping[str]) -> dict[str, list[str]]:
    way, _, value = form.get("period", "").partition("=")
    if way == _CUSTOM:
        return {"start": [form.get("start", "")], "end": [form.get("end", "")]}
    return {way: [value]} if way else {}


def _format_words(form: MultiMapping[str]) -> dict[str, list[str]]:
    format_, _, preset = form.get("format", "").partition(_OF_FORMAT)
    return {"format": [format_], "preset": [preset]}
