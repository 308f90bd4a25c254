"""Whether the nodes are followed, their APIs answer, and alerts are open."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from storj_monitor.cli.doctor.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from storj_monitor.collect.answers import Answer
    from storj_monitor.store import Following, Node, PolledApi, Store

#: What wasn't looked at for so long is not being looked at.
_RECENT = timedelta(minutes=15)
_SHOWN_NAMES = 5


def check_nodes(store: Store, now: datetime) -> Iterator[Finding]:
    """Look at each node: its log, and what its API says right now."""
    nodes = store.nodes()
    if not nodes:
        hint = "storj-monitor run --node NAME:LOG[:API_URL] follows one; ingest reads a log once."
        yield Finding("warning", "nodes", "none is known yet", hint)
    for node in nodes:
        yield from _logs(node, now)
    yield from _apis({node.name: node.api for node in nodes if node.api is not None}, now)


def _logs(node: Node, now: datetime) -> Iterator[Finding]:
    from storj_monitor.plugin.query import moment

    for log in node.logs:
        if now - moment(log.checked_at) > _RECENT:
            said = f"nothing follows {log.log} since {moment(log.checked_at):%Y-%m-%d %H:%M} UTC"
            hint = "Start it: storj-monitor run --node NAME:LOG."
            yield Finding("warning", node.name, said, hint)
        yield from _log(node.name, log)
    if not node.logs and node.api is None:
        heard = node.last_heard_at
        until = "never" if heard is None else f"up to {heard:%Y-%m-%d %H:%M} UTC"
        yield Finding("note", node.name, f"its log was read {until}, and is not followed")


def _log(node: str, log: Following) -> Iterator[Finding]:
    path = Path(log.log)
    if log.state == "failing":
        hint = "run tries again by itself; check the path and the permissions."
        yield Finding("problem", node, f"its log {log.log} can't be read: {log.reason}", hint)
    elif path.is_absolute() and not path.exists():
        hint = "Is the node's disk mounted? run goes on as soon as it is there."
        yield Finding("problem", node, f"its log {log.log} is not there", hint)
    else:
        behind = f", {log.behind_bytes:,} bytes behind" if log.behind_bytes else ""
        yield Finding("ok", node, f"its log is {log.log}{behind}")


def _apis(apis: Mapping[str, PolledApi], now: datetime) -> Iterator[Finding]:
    """Ask each API, all at the same time; what it says isn't stored."""
    answers = _asked([api.url for api in apis.values()])
    for (node, api), answer in zip(apis.items(), answers, strict=True):
        yield _api(node, api, answer, now)


def _api(node: str, api: PolledApi, answer: Answer, now: datetime) -> Finding:
    """Judge what an API says; where `run` asks it, and can log in, what it heard counts."""
    from storj_monitor.collect.node_api import NodeApiError

    if isinstance(answer, NodeApiError):
        if api.answered_at is not None and now - api.answered_at < _RECENT:
            said = f"its API answered {api.answered_at:%H:%M} UTC, but not now: {answer.reason}"
            return Finding("note", node, said, "A login is only known to the program that asks.")
        return Finding("problem", node, f"its API: {answer.reason}", answer.hint)
    if answer.failures:
        endpoint, reason = answer.failures[0]
        said = f"its API answers in part: {endpoint}: {reason}"
        return Finding("warning", node, said, "Look into the node's log.")
    if api.state == "answering" and api.reason is not None:
        said = f"its API answered in part, the last time: {api.reason}"
        return Finding("warning", node, said, "Look into the node's log.")
    version = answer.node.version or "of unknown version"
    return Finding("ok", node, f"its API answers, storagenode {version}")


def _asked(urls: Sequence[str]) -> list[Answer]:
    import asyncio

    import aiohttp

    from storj_monitor.collect.asking import ask
    from storj_monitor.collect.node_api import NodeApi

    async def ask_all() -> list[Answer]:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            return await asyncio.gather(*(ask(NodeApi(session, url)) for url in urls))

    return asyncio.run(ask_all()) if urls else []


def check_alerts(store: Store) -> Iterator[Finding]:
    """Say how many alerts are open, and which are critical."""
    from sqlalchemy import select

    from storj_monitor.schema import alerts

    columns = alerts.c
    open_ = select(columns.severity, columns.title).where(columns.resolved_at.is_(None))
    with store.reader() as reader:
        rows = reader.fetch(open_.order_by(columns.at.desc())).to_pylist()
    counts = Counter(row["severity"] for row in rows)
    if not rows:
        yield Finding("ok", "alerts", "none is open")
        return
    said = ", ".join(
        f"{counts[one]} {one}" for one in ("critical", "warning", "info") if counts[one]
    )
    titles = list(dict.fromkeys(row["title"] for row in rows))[:_SHOWN_NAMES]
    hint = f"{'; '.join(titles)}. See all: storj-monitor export alerts --filter state=open."
    yield Finding("warning" if counts["critical"] else "note", "alerts", f"open are {said}", hint)
