"""The page at /schedules: what is sent by itself, what became of it, and a form for more.

It needs no script. Each button is a form that is sent to a route of its own, which goes back to
the page with a notice, or shows the page with what is wrong.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from aiohttp import hdrs, web

from storj_monitor import clock
from storj_monitor.errors import Problem
from storj_monitor.schedules.answers import MOST_OF_A_RUN, counted
from storj_monitor.schedules.periods import PERIODS
from storj_monitor.web.catalogue import is_set_up
from storj_monitor.web.forwarded import public_path
from storj_monitor.web.keys import HOST, SETTINGS, STORE
from storj_monitor.web.private import private
from storj_monitor.web.schedules import Run, book_of, sent, sent_again, unfollowed
from storj_monitor.web.schedules_form import USUAL, body_of, filled_in, filled_of
from storj_monitor.web.schedules_shown import delivery_row, outcome, schedule_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.typedefs import Handler
    from jinja2 import Environment
    from multidict import MultiMapping

    from storj_monitor.schedules.book import Book
    from storj_monitor.schedules.errands import Sent
    from storj_monitor.store import ScheduleEntry

    Json = dict[str, Any]
    Form = MultiMapping[str]

#: How many deliveries the page shows.
_SHOWN = 20
_ID = re.compile("[0-9]{1,18}")
_FORM_HINT = "Send the fields of the form at /schedules."


class SchedulesPage:
    """Shows the page and takes what its forms send."""

    def __init__(self, environment: Environment) -> None:
        self._template = environment.get_template("schedules.html")
        self._zones = sorted(name for name in available_timezones() if "/" in name or name == "UTC")

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes, none of which answers a stranger."""
        one = f"/schedules/{{id:{_ID.pattern}}}"
        again = f"/schedules/deliveries/{{id:{_ID.pattern}}}/again"
        return [
            web.get("/schedules", private(self.show)),
            web.post("/schedules", private(self.add)),
            web.post(one, private(self.change)),
            web.post(f"{one}/run", private(self._doing(_run))),
            web.post(f"{one}/enable", private(self._doing(_enable))),
            web.post(f"{one}/disable", private(self._doing(_disable))),
            web.post(f"{one}/remove", private(self._doing(_remove))),
            web.post(again, private(self._doing(_again))),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Answer the page; with `edit`, its form has a schedule in it."""
        text = request.query.get("edit", "")
        if not text:
            return await self._shown(request)
        try:
            entry = await asyncio.to_thread(book_of(request.app).entry, _number(text))
        except Problem as problem:
            return await self._shown(request, problem=problem)
        fields = filled_of(entry, request.app[HOST].catalogue)
        return await self._shown(request, fields=fields, editing=entry)

    async def add(self, request: web.Request) -> web.Response:
        """Add the schedule that the form describes."""
        form, book = await _form(request), book_of(request.app)
        try:
            body = body_of(form)
            entry = await asyncio.to_thread(book.add, body, clock.real_now())
        except Problem as problem:
            return await self._shown(request, fields=filled_in(form), refused=problem)
        return _back(request, entry.id, done="added")

    async def change(self, request: web.Request) -> web.Response:
        """Let a schedule be as the form says, which says all: what is left empty is as usual."""
        form, book = await _form(request), book_of(request.app)
        try:
            entry = await asyncio.to_thread(book.entry, _id(request))
        except Problem as problem:
            return await self._shown(request, problem=problem)
        try:
            body = body_of(form, entry)
            await asyncio.to_thread(book.replace, entry.id, body, clock.real_now())
        except Problem as problem:
            fields = filled_in(form)
            return await self._shown(request, fields=fields, editing=entry, refused=problem)
        return _back(request, entry.id, done="changed")

    def _doing(self, act: Callable[[web.Request, Form], Any]) -> Handler:
        """Return a handler that does something to a schedule, and goes back to the page."""

        async def handler(request: web.Request) -> web.Response:
            form = await _form(request)
            try:
                words = await act(request, form)
            except Problem as problem:
                return await self._shown(request, problem=problem)
            return _back(request, words.pop("id", _id(request)), **words)

        return handler

    async def _shown(
        self,
        request: web.Request,
        *,
        fields: Json | None = None,
        editing: ScheduleEntry | None = None,
        problem: Problem | None = None,
        refused: Problem | None = None,
    ) -> web.Response:
        """Answer the page, `problem` above it and `refused` in its form."""
        catalogue, settings = request.app[HOST].catalogue, request.app[SETTINGS]
        told = await asyncio.to_thread(_told, book_of(request.app))
        found = await asyncio.to_thread(request.app[STORE].deliveries, _SHOWN)
        nodes = await asyncio.to_thread(request.app[STORE].nodes)
        zones = {one.entry.id: one.entry.timezone for one in told}
        channels = settings.channels
        text = self._template.render(
            schedules=[schedule_row(one, catalogue) for one in told],
            deliveries=[delivery_row(one, zones, catalogue) for one in found],
            catalogue=catalogue,
            channels=[
                (one, is_set_up(one, channels.get(one.name, {})))
                for one in catalogue.channels.values()
            ],
            nodes=[node.name for node in nodes],
            periods=PERIODS,
            zones=self._zones,
            fields=fields or USUAL,
            editing=editing,
            notice=outcome(request.query) if request.method == hdrs.METH_GET else "",
            problem=problem,
            refused=refused,
            again_of=_again_of(request, problem),
            unfollowed=unfollowed(request.app),
            root=public_path(request, ""),
            has_log_in=bool(settings.web.token),
        )
        fault = problem or refused
        return web.Response(
            text=text,
            content_type="text/html",
            status=fault.status if fault else 200,
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )


async def _run(request: web.Request, form: Form) -> Json:
    is_test = "test" in form
    asked = Run(again="again" in form, test=is_test)
    done = await sent(request.app, _id(request), asked)
    return _become_of(done, "tested" if is_test else "run")


async def _enable(request: web.Request, _: Form) -> Json:
    return await _turned(request, enabled=True)


async def _disable(request: web.Request, _: Form) -> Json:
    return await _turned(request, enabled=False)


async def _turned(request: web.Request, *, enabled: bool) -> Json:
    book, id_ = book_of(request.app), _id(request)
    await asyncio.to_thread(lambda: book.enable(id_, clock.real_now(), enabled=enabled))
    return {"done": "enabled" if enabled else "disabled"}


async def _remove(request: web.Request, _: Form) -> Json:
    await asyncio.to_thread(book_of(request.app).remove, _id(request))
    return {"done": "removed"}


async def _again(request: web.Request, _: Form) -> Json:
    done = await sent_again(request.app, _id(request))
    return {"id": done.deliveries[0].schedule_id, **_become_of(done, "again")}


def _become_of(sent_: Sent, what: str) -> Json:
    """Return the words for what became of it; what goes on is below, in the list."""
    return {"done": what if sent_.is_over else "begun", **counted(sent_.deliveries)}


async def _form(request: web.Request) -> Form:
    try:
        form = await request.post()
    except (ValueError, LookupError) as error:
        raise Problem("bad_request", "the body is no form", _FORM_HINT) from error
    if not all(isinstance(value, str) for value in form.values()):
        raise Problem("bad_request", "a field of the form is a file", _FORM_HINT)
    return form  # type: ignore[return-value]  # files are refused above


def _again_of(request: web.Request, problem: Problem | None) -> int | None:
    """Return the schedule that wasn't sent, since its period was dealt with already."""
    if problem is None or problem.code != "bad_schedule" or not request.path.endswith("/run"):
        return None
    return _id(request)


def _told(book: Book) -> list[Any]:
    return book.told(book.entries(), clock.real_now(), MOST_OF_A_RUN)


def _back(request: web.Request, schedule_id: int, **words: object) -> web.Response:
    target = public_path(request, f"/schedules?{urlencode(words)}#schedule-{schedule_id}")
    return web.Response(status=303, headers={hdrs.LOCATION: target})


def _number(text: str) -> int:
    """Return an id; 0, which no schedule has, for what is none."""
    return int(text) if _ID.fullmatch(text) else 0


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])
