"""Asks the APIs of nodes, once or every few minutes, and stores what they say.

    poller = Poller(store, [NodeUrl("mynode", "http://127.0.0.1:14002")])
    poller.run(stop)     # in a thread, until another sets `stop`

Each node is asked on its own: one that fails or hangs never stops the others. That it failed is
stored too, and said in the log when it begins and when it is over. Of money it is asked less often:
`Agenda` knows when.
"""

from __future__ import annotations

import asyncio
from random import SystemRandom
from typing import TYPE_CHECKING, TypeAlias

import aiohttp

from storj_monitor.collect.agenda import Agenda
from storj_monitor.collect.answers import missing, news_of, shown_url
from storj_monitor.collect.asking import ask
from storj_monitor.collect.node_api import NodeApi, NodeApiError
from storj_monitor.collect.price_list import PriceList
from storj_monitor.errors import OperatorError
from storj_monitor.logs import log

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from storj_monitor.collect.answers import Answer
    from storj_monitor.collect.asking import Api
    from storj_monitor.collect.nodes import NodeUrl
    from storj_monitor.meters import Meters
    from storj_monitor.settings import Price
    from storj_monitor.store import News, Store

#: How often a node is asked, a tenth more or less, so that many aren't asked at once for ever.
EVERY_SECONDS = 300.0
_JITTER = 0.1


Connect: TypeAlias = "Callable[[aiohttp.ClientSession, str], Api]"


def poll_once(
    store: Store,
    given: Sequence[NodeUrl],
    connect: Connect = NodeApi,
    *,
    prices: Sequence[Price] = (),
) -> list[Answer]:
    """Ask each node once, all at the same time; store what they say, and return it in order.

    `prices` are the operator's own, beside the known ones.
    """

    async def ask_all() -> list[Answer]:
        async with _session() as session:
            asked = (ask(connect(session, one.url), Agenda()) for one in given)
            return await asyncio.gather(*asked)

    answers = asyncio.run(ask_all())
    price_list = PriceList(prices)
    with store.writer() as writer:
        writer.write([news_of(*pair, price_list) for pair in zip(given, answers, strict=True)])
    return answers


class Poller:
    """Asks nodes every few minutes.

    `guess` is where a node's API may be: until it answers, nothing is said or stored of it. It is
    none that another node was given. `prices` are the operator's own, beside the known ones.
    """

    def __init__(  # noqa: PLR0913  each has a name
        self,
        store: Store,
        given: Sequence[NodeUrl],
        *,
        guess: NodeUrl | None = None,
        every_seconds: float = EVERY_SECONDS,
        connect: Connect = NodeApi,
        prices: Sequence[Price] = (),
        meters: Meters | None = None,
    ) -> None:
        price_list = PriceList(prices)

        def watch(one: NodeUrl) -> _Watch:
            return _Watch(store, one, connect, price_list, meters)

        self._watches = [watch(one) for one in given]
        self._guess = None if guess is None else watch(guess)
        self._every_seconds = every_seconds
        self._random = SystemRandom()

    def run(self, stop: threading.Event) -> None:
        """Ask until `stop` is set, which also ends what is being asked; never raises."""
        asyncio.run(self._run(stop))

    async def _run(self, stop: threading.Event) -> None:
        async with _session() as session:
            tasks = [asyncio.create_task(self._ask_on(each, session)) for each in self._watches]
            if self._guess is not None:
                tasks.append(asyncio.create_task(self._look_for(self._guess, session)))
            await asyncio.to_thread(stop.wait)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask_on(self, watch: _Watch, session: aiohttp.ClientSession) -> None:
        while True:
            await watch.take(await watch.ask(session))
            await self._pause()

    async def _look_for(self, guess: _Watch, session: aiohttp.ClientSession) -> None:
        await asyncio.gather(*(watch.was_asked.wait() for watch in self._watches))
        while not self._is_found(answer := await guess.look(session)):
            await self._pause()
        log().info("api.found", node=guess.node, url=guess.url)
        await guess.take(answer)
        await self._pause()
        await self._ask_on(guess, session)

    def _is_found(self, answer: Answer) -> bool:
        """Whether it is the API of a node, and not of one that is asked already."""
        if isinstance(answer, NodeApiError):
            return False
        return answer.node.node_id not in {
            watch.node_id for watch in self._watches if watch.node_id
        }

    async def _pause(self) -> None:
        await asyncio.sleep(self._every_seconds * self._random.uniform(1 - _JITTER, 1 + _JITTER))


class _Watch:
    """One node that is asked again and again; says in the log when its state changes."""

    def __init__(
        self,
        store: Store,
        given: NodeUrl,
        connect: Connect,
        prices: PriceList,
        meters: Meters | None,
    ) -> None:
        self.node, self.url = given.node, shown_url(given.url)
        self.node_id: str | None = None
        self.was_asked = asyncio.Event()
        self._store = store
        self._given = given
        self._connect = connect
        self._prices = prices
        self._meters = meters
        self._agenda = Agenda()
        self._state = ""
        self._is_stored = True

    async def ask(self, session: aiohttp.ClientSession) -> Answer:
        answer = await ask(self._connect(session, self._given.url), self._agenda)
        if not isinstance(answer, NodeApiError):
            self.node_id = answer.node.node_id
        self.was_asked.set()
        return answer

    async def look(self, session: aiohttp.ClientSession) -> Answer:
        """Ask whose API it is, and nothing of money: it may be another node's."""
        return await ask(self._connect(session, self._given.url))

    async def take(self, answer: Answer) -> None:
        """Store what the node said, and say what is new about its state."""
        self._tell(answer)
        news = news_of(self._given, answer, self._prices)
        if not await asyncio.to_thread(self._write, news) and news.paystubs:
            self._agenda.ask_again(asyncio.get_running_loop().time())

    def _tell(self, answer: Answer) -> None:
        before, self._state = self._state, _state(answer)
        if self._meters is not None:
            self._meters.note_poll(self.node, self._state)
        if self._state == before:
            return
        about = log().bind(node=self.node, url=self.url)
        if isinstance(answer, NodeApiError):
            about.warning("api.failing", reason=answer.reason, hint=answer.hint)
        elif answer.failures:
            about.warning("api.answers_in_part", reason=missing(answer.failures))
        else:
            about.info("api.answers", version=answer.node.version)

    def _write(self, news: News) -> bool:
        """Store news; where that fails, the next that is stored is five minutes younger."""
        was_stored, self._is_stored = self._is_stored, True
        try:
            with self._store.writer() as writer:
                writer.write([news])
        except Exception as error:  # noqa: BLE001  whatever it is, the node is asked again
            self._is_stored = False
            if was_stored:
                reason = error.reason if isinstance(error, OperatorError) else repr(error)
                log().error("api.not_stored", node=self.node, reason=reason)
        return self._is_stored


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())


def _state(answer: Answer) -> str:
    if isinstance(answer, NodeApiError):
        return "failed"
    return "in_part" if answer.failures else "answered"
