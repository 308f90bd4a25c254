"""Reading how the nodes are: one query for each subject, however many nodes there are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from storj_monitor.alerts.situation import Situation
from storj_monitor.errors import OperatorError
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds
from storj_monitor.web.overview.disks import disks
from storj_monitor.web.overview.figures import NodeFacts, Overview, Trouble, rank
from storj_monitor.web.overview.money import money
from storj_monitor.web.overview.open_alerts import open_alerts
from storj_monitor.web.overview.scores import satellites
from storj_monitor.web.overview.traffic import Today, today

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.settings import AlertSettings
    from storj_monitor.store import Node, Store
    from storj_monitor.web.overview.figures import OpenAlert, Status

_HINT = "storj-monitor doctor says what is wrong with it, and what to do. The rest goes on."


def read(store: Store, settings: AlertSettings, now: datetime) -> Overview:
    """Return how the nodes are at `now`; where the database can't be read, why and what to do."""
    try:
        return _read(store, settings, now)
    except Exception as error:  # noqa: BLE001  whatever it is, the page is to say so
        log().warning("overview.unreadable", error=str(error))
        if isinstance(error, OperatorError):
            trouble = Trouble(reason=error.reason, hint=error.hint or _HINT)
        else:
            trouble = Trouble(reason=str(error) or type(error).__name__, hint=_HINT)
        return Overview(made_at=now, trouble=trouble)


def _read(store: Store, settings: AlertSettings, now: datetime) -> Overview:
    nodes = store.nodes()
    with store.reader() as reader:
        situation = Situation.of(reader, settings, microseconds(now))
        found = open_alerts(situation)
        facts = _facts(situation, nodes, found)
    return Overview(
        made_at=now,
        nodes=tuple(sorted(facts, key=lambda node: -rank(node.status))),
        alerts=found,
        names=tuple(node.name for node in nodes),
    )


def _facts(
    situation: Situation, nodes: tuple[Node, ...], found: tuple[OpenAlert, ...]
) -> list[NodeFacts]:
    """Put together what is known of each node, in the order in which they come."""
    of_satellites, of_disks = satellites(situation), disks(situation)
    of_money, of_today = money(situation), today(situation)
    of_node: dict[str | None, list[OpenAlert]] = defaultdict(list)
    for alert in found:
        of_node[alert.node].append(alert)
    ids = {name: node_id for node_id, name in situation.nodes.items()}
    facts = []
    for node in nodes:
        # 0 is nobody's: of a node that came just now nothing is known yet.
        node_id = ids.get(node.name, 0)
        downloads, uploads = of_today.get(node_id, Today())
        heard_at = _heard_at(node)
        facts.append(
            NodeFacts(
                name=node.name,
                status=_status(of_node[node.name], heard_at),
                heard_at=heard_at,
                satellites=of_satellites.get(node_id, ()),
                disk=of_disks.get(node_id),
                money=of_money(node_id),
                downloads=downloads,
                uploads=uploads,
                logs=node.logs,
                api=node.api,
                alerts=tuple(of_node[node.name]),
            )
        )
    return facts


def _heard_at(node: Node) -> datetime | None:
    """Return when a node was heard last, by its log or its API."""
    heard = (node.last_heard_at, node.api.answered_at if node.api else None)
    return max((at for at in heard if at is not None), default=None)


def _status(found: list[OpenAlert], heard_at: datetime | None) -> Status:
    """Return the worst that alerts say; of a node never heard nobody can say that it's well."""
    levels = [alert.status for alert in found]
    return max(["well" if heard_at else "look", *levels], key=rank)
