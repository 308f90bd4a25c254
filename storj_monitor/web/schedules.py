"""/api/schedules: what is sent by itself, added, changed, tried, and what became of it.

What is sent at once goes on when whoever asked has left. Who waits too long is answered 202 with
what stands so far.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import hdrs, web
from msgspec import Struct

from storj_monitor import clock
from storj_monitor.errors import Problem
from storj_monitor.schedules.answers import delivery_json
from storj_monitor.schedules.book import Book
from storj_monitor.schedules.runs import add_resend, add_run, add_test
from storj_monitor.web.bodies import decoded
from storj_monitor.web.forwarded import public_path
from storj_monitor.web.keys import ERRANDS, FOLLOWS, HOST, SETTINGS, STORE, WORK
from storj_monitor.web.private import private

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.schedules.errands import Sent
    from storj_monitor.store import Delivery, ScheduleEntry

    Json = dict[str, Any]


DEFAULT_LIMIT, MOST = 50, 1_000


class Run(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body that asks for a run; null means the same as nothing."""

    #: Send it once more, though its period was dealt with.
    again: bool | None = None
    #: Send it as a test, which counts as no run; to that recipient alone, if one is named.
    test: bool | None = None
    recipient: str | None = None


def routes() -> list[web.AbstractRouteDef]:
    """Return the routes, none of which answers a stranger."""
    one = "/api/schedules/{id:[0-9]{1,18}}"
    return [
        web.get("/api/schedules", private(listed)),
        web.post("/api/schedules", private(add)),
        web.get(one, private(show)),
        web.put(one, private(replace)),
        web.delete(one, private(remove)),
        web.post(f"{one}/run", private(run)),
        web.get(f"{one}/deliveries", private(deliveries)),
        web.post("/api/deliveries/{id:[0-9]{1,18}}/again", private(again)),
    ]


async def listed(request: web.Request) -> web.Response:
    """Answer all schedules, in the order of their names, and whether this server follows them."""
    why_not = unfollowed(request.app)
    answer = {
        "schedules": await asyncio.to_thread(_all, book_of(request.app)),
        "followed": why_not is None,
        "not_followed": None if why_not is None else " ".join(why_not),
    }
    return web.json_response(answer)


async def show(request: web.Request) -> web.Response:
    """Answer one schedule, with its next runs and its last deliveries."""
    book = book_of(request.app)
    return web.json_response(await asyncio.to_thread(lambda: _told(book, book.entry(_id(request)))))


async def add(request: web.Request) -> web.Response:
    """Add a schedule, and answer it."""
    book, body = book_of(request.app), decoded(await request.read(), dict[str, Any])
    made = await asyncio.to_thread(lambda: _told(book, book.add(body, clock.real_now())))
    headers = {hdrs.LOCATION: public_path(request, f"/api/schedules/{made['id']}")}
    return web.json_response(made, status=201, headers=headers)


async def replace(request: web.Request) -> web.Response:
    """Let a schedule be as the body says, and answer it."""
    book, body = book_of(request.app), decoded(await request.read(), dict[str, Any])
    now = clock.real_now()
    return web.json_response(
        await asyncio.to_thread(lambda: _told(book, book.replace(_id(request), body, now)))
    )


async def remove(request: web.Request) -> web.Response:
    """Forget a schedule."""
    await asyncio.to_thread(book_of(request.app).remove, _id(request))
    return web.Response(status=204)


async def run(request: web.Request) -> web.Response:
    """Send now what a run at this moment covers, and answer what became of it."""
    content = await request.read()
    asked = decoded(content, Run) if content.strip() else Run()
    done = await sent(request.app, _id(request), asked)
    answer = {"deliveries": _told_of(request, done.deliveries)}
    return _answer(request, answer, done, _id(request))


async def deliveries(request: web.Request) -> web.Response:
    """Answer what a schedule delivered, what was due last first."""
    limit = _limit(request.query.getall("limit", [str(DEFAULT_LIMIT)]))
    found = await asyncio.to_thread(book_of(request.app).deliveries, limit, _id(request))
    return web.json_response({"deliveries": _told_of(request, found)})


async def again(request: web.Request) -> web.Response:
    """Send a delivery once more, and answer the new one."""
    done = await sent_again(request.app, _id(request))
    [delivery] = done.deliveries
    [answer] = _told_of(request, done.deliveries)
    return _answer(request, answer, done, delivery.schedule_id)


async def sent(app: web.Application, schedule_id: int, asked: Run) -> Sent:
    """Send a schedule now, or a test of it, and return what became of it, or how far it is."""
    work, errands = app[WORK], app[ERRANDS]
    if not asked.test:
        if asked.recipient is not None:
            hint = 'Add "test": true, or leave the recipient out.'
            raise Problem("bad_request", "only a test is sent to one recipient", hint)
        return await errands.run(add_run(work, schedule_id, again=bool(asked.again)))
    return await errands.run(add_test(work, schedule_id, asked.recipient))


async def sent_again(app: web.Application, delivery_id: int) -> Sent:
    """Send a delivery once more, and return what became of the new one, or how far it is."""
    return await app[ERRANDS].run(add_resend(app[WORK], delivery_id))


class Unfollowed(NamedTuple):
    """Why nothing is sent by itself, and what would change that: a sentence each."""

    reason: str
    hint: str


def unfollowed(app: web.Application) -> Unfollowed | None:
    """Return why this server doesn't follow schedules; None if it does."""
    if app[FOLLOWS]:
        return None
    if not app[SETTINGS].scheduling.enabled:
        reason = "Scheduling is turned off (STORJ_MONITOR_SCHEDULING=0, or enabled = false)."
        ways = "start it again with STORJ_MONITOR_SCHEDULING=1, or let cron call"
        return Unfollowed(reason, f"To change that, {ways} `storj-monitor schedule run-due`.")
    serve = f"`storj-monitor serve --database {app[SETTINGS].database}`"
    return Unfollowed("A demo follows no schedules.", f"To change that, stop it and run {serve}.")


def book_of(app: web.Application) -> Book:
    """Return the schedules of the server's database."""
    return Book(app[STORE], app[HOST].catalogue, app[SETTINGS])


def _all(book: Book) -> list[Json]:
    return [one.as_json(book.catalogue) for one in book.told(book.entries(), clock.real_now())]


def _told(book: Book, entry: ScheduleEntry) -> Json:
    [told] = book.told([entry], clock.real_now())
    return told.as_json(book.catalogue)


def _told_of(request: web.Request, found: Iterable[Delivery]) -> list[Json]:
    catalogue = request.app[HOST].catalogue
    return [delivery_json(one, catalogue) for one in found]


def _answer(request: web.Request, answer: Json, done: Sent, schedule_id: int) -> web.Response:
    """Answer what was sent; while it goes on, 202 and where to ask what became of it."""
    if done.is_over:
        return web.json_response(answer)
    place = public_path(request, f"/api/schedules/{schedule_id}/deliveries")
    return web.json_response(answer, status=202, headers={hdrs.LOCATION: place})


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


def _limit(given: list[str]) -> int:
    text = ",".join(given)
    limit = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) else 0
    if not 1 <= limit <= MOST:
        hint = f"Give a whole number from 1 to {MOST}."
        raise Problem("bad_request", f"limit={text!r} is no number of deliveries", hint)
    return limit
