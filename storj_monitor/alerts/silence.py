"""Whether nodes say anything, and whether satellites still take their version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from storj_monitor.alerts.situation import MINUTE_US, time_text
from storj_monitor.alerts.verdicts import Subject, reaching
from storj_monitor.schema import followed_logs, nodes, polled_apis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.alerts.situation import Situation
    from storj_monitor.alerts.verdicts import Verdict

TYPES = ("node_silent", "api_unreachable", "version_too_old")


class Watch(NamedTuple):
    """Who listens to a node: when it was last heard, and whether anybody would hear it now."""

    node_id: int
    heard_at: int | None
    is_watched: bool
    #: A log is still being caught up with, so that the node may have said more since.
    is_behind: bool


def verdicts(situation: Situation) -> Iterator[Verdict]:
    """Judge what is being followed or polled; of the rest nobody knows."""
    heard = select(nodes.c.id, nodes.c.last_heard_at)
    logs = situation.rows(
        select(
            followed_logs.c.node_id, followed_logs.c.checked_at, followed_logs.c.behind_bytes
        ).where(followed_logs.c.checked_at >= situation.watched_since_us)
    )
    apis = {row["node_id"]: row for row in situation.rows(select(*polled_apis.c))}
    for row in situation.rows(heard):
        yield from _silent(situation, _watch(situation, row, logs, apis.get(row["id"])))
    for api in apis.values():
        yield from _reachable(situation, api)
        yield from _version(situation, api)


def _watch(
    situation: Situation,
    node: dict[str, Any],
    logs: list[dict[str, Any]],
    api: dict[str, Any] | None,
) -> Watch:
    ours = [row for row in logs if row["node_id"] == node["id"]]
    is_polled = api is not None and api["checked_at"] >= situation.watched_since_us
    answered_at = api["answered_at"] if api else None
    heard = [at for at in (node["last_heard_at"], answered_at) if at is not None]
    is_behind = any(row["behind_bytes"] for row in ours)
    return Watch(node["id"], max(heard, default=None), bool(ours) or is_polled, is_behind)


def _silent(situation: Situation, watch: Watch) -> Iterator[Verdict]:
    if not watch.is_watched or watch.heard_at is None:
        return
    settings = situation.settings
    subject = Subject("node_silent", "Node silent", watch.node_id)
    minutes = (situation.now_us - watch.heard_at) / MINUTE_US
    level = reaching(minutes, settings.silent_warning_minutes, settings.silent_critical_minutes)
    if level is None:
        yield subject.fine()
    elif not watch.is_behind:
        yield subject.at(
            level,
            f"{situation.node(watch.node_id)} has said nothing since {time_text(watch.heard_at)}, "
            "neither in its log nor by its API. See whether it runs: while it is offline it earns "
            "nothing, and its online scores fall.",
            minutes,
        )


def _reachable(situation: Situation, api: dict[str, Any]) -> Iterator[Verdict]:
    if api["checked_at"] < situation.watched_since_us:
        return
    subject = Subject("api_unreachable", "API unreachable", api["node_id"])
    answered_at, limit = api["answered_at"], situation.settings.unreachable_minutes
    failing_since = api["failing_since"]
    if failing_since is None:
        yield subject.fine()
        return
    minutes = (situation.now_us - failing_since) / MINUTE_US
    if minutes < limit:  # it may only be starting
        return
    since = "has not answered" if answered_at is None else f"last answered {time_text(answered_at)}"
    yield subject.found(
        "warning",
        f"The API of {situation.node(api['node_id'])} at {api['url']} {since}"
        f"{_because(api['reason'])}. Scores, disk space and money are not read meanwhile: see "
        "whether the node runs and its console address can be reached from here.",
        minutes,
        limit,
    )


def _because(reason: str | None) -> str:
    return f" ({reason.rstrip('.')})" if reason else ""


def _version(situation: Situation, api: dict[str, Any]) -> Iterator[Verdict]:
    version, oldest, is_allowed = api["version"], api["allowed_version"], api["is_allowed"]
    is_known = is_allowed is not None or (_numbers(version) and _numbers(oldest))
    if not is_known or (api["answered_at"] or 0) < situation.told_since_us:
        return
    subject = Subject("version_too_old", "Version too old", api["node_id"])
    if is_allowed == 0 or is_older(version, oldest):
        at_least = f"satellites allow {oldest} and later" if oldest else "satellites refuse it"
        yield subject.found(
            "critical",
            f"{situation.node(api['node_id'])} runs version {version or 'unknown'}; {at_least}. "
            "It gets no new data until it is updated.",
        )
    else:
        yield subject.fine()


def is_older(version: str | None, oldest: str | None) -> bool:
    """Compare versions such as v1.137.5 by their numbers; what isn't known isn't older."""
    return bool(_numbers(version) and _numbers(oldest)) and _numbers(version) < _numbers(oldest)


def _numbers(version: str | None) -> tuple[int, ...]:
    found = re.match(r"v?([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})", version or "")
    return tuple(map(int, found.groups())) if found else ()
