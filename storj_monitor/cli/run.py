"""`storj-monitor run`: follow the logs of nodes, ask their APIs, and serve."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from itertools import combinations
from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options
from storj_monitor.cli.serve import run_server
from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from storj_monitor.collect.nodes import NodeLog, NodeUrl
    from storj_monitor.meters import Meters
    from storj_monitor.settings import Settings
    from storj_monitor.store import Store

#: Where the API of a node is if nobody said otherwise, and how else that may be written.
_USUAL = "127.0.0.1:14002"
_USUAL_PLACES = {_USUAL, "localhost:14002", "[::1]:14002", "0.0.0.0:14002"}


@click.command(short_help="Follow the logs of nodes, and serve.")
@click.option(
    "--node",
    "given",
    metavar="NAME:LOG[:API_URL]",
    multiple=True,
    required=True,
    help="A node, its log (a file, or host:port of a stream of lines), its API. May be repeated.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@options.port
@click.option("--insecure", is_flag=True, help="Allow other addresses than loopback, tokenless.")
@options.strict_plugins
@options.database
@options.config
@options.plugins_dir
def run(  # noqa: PLR0913, PLR0917  as many as there are options
    given: tuple[str, ...],
    host: str,
    port: int,
    insecure: bool,  # noqa: FBT001  a flag of the command line
    strict_plugins: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Follow the logs of nodes as they grow, ask their APIs, and serve the page and the HTTP API.

    A log is read from its beginning the first time, and then from where it was read to, through
    its rotations. It may be stopped, or killed, at any time: nothing is lost, nothing doubled.
    The API of a node is asked every five minutes; that of a node of this machine is looked for.

    \b
    storj-monitor run --node attic:/var/log/storagenode.log
    storj-monitor run --node attic:attic.log --node nas:nas.lan:9000:http://nas.lan:14002
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    logs = _logs(given)
    apis = apis_of(logs)
    settings = options.settings_of(config, database, plugins_dir)

    def beside(store: Store, meters: Meters) -> AbstractContextManager[None]:
        return _collecting(store, logs, apis, settings, meters)

    run_server(
        settings, host, port, beside=beside, insecure=insecure, strict_plugins=strict_plugins
    )


def _logs(given: Sequence[str]) -> list[NodeLog]:
    """Read what is to be followed; a log is that of one node, or its lines would count twice."""
    from storj_monitor.collect.nodes import parse_node_log

    logs: dict[str, NodeLog] = {}
    for log in map(parse_node_log, given):
        if log.log in logs:
            detail = f"the log {log.log} is given twice, for {logs[log.log].node} and {log.node}"
            raise Problem("bad_request", detail, "Give each node's own log, once.")
        logs[log.log] = log
    return list(logs.values())


def apis_of(logs: Sequence[NodeLog]) -> list[NodeUrl]:
    """Read whose API is where: a node has one, and one is of one node."""
    from storj_monitor.collect.nodes import NodeUrl

    apis = list(
        dict.fromkeys(
            NodeUrl(log.node, log.api_url.rstrip("/")) for log in logs if log.api_url is not None
        )
    )
    for one, other in combinations(apis, 2):
        if one.node == other.node:
            detail = f"the node {one.node} is given two APIs"
            raise Problem("bad_request", detail, "A node has one: give that.")
        if one.url == other.url:
            detail = f"one API is given twice, for {one.node} and {other.node}"
            raise Problem("bad_request", detail, "Give each node's own API, once.")
    return apis


def guess_of(logs: Sequence[NodeLog], apis: Sequence[NodeUrl]) -> NodeUrl | None:
    """Return where the API of a node of this machine may be: if one alone has none, and nobody it.

    A node is taken for one of this machine when its log is a file.
    """
    from urllib.parse import urlsplit

    from storj_monitor.collect.nodes import NodeUrl

    known = {api.node for api in apis}
    local = {log.node for log in logs if log.stream is None} - known
    is_taken = any(urlsplit(api.url).netloc.lower() in _USUAL_PLACES for api in apis)
    return None if is_taken or len(local) != 1 else NodeUrl(local.pop(), f"http://{_USUAL}")


@contextmanager
def _collecting(
    store: Store,
    logs: Sequence[NodeLog],
    apis: Sequence[NodeUrl],
    settings: Settings,
    meters: Meters,
) -> Iterator[None]:
    """Follow, ask, watch and remove old transfers in threads of their own, while the block runs."""
    import threading

    from storj_monitor.alerts.watching import watched
    from storj_monitor.collect.countries import Countries
    from storj_monitor.collect.follow.collector import Collector
    from storj_monitor.collect.polling import Poller
    from storj_monitor.collect.upkeep import upkept

    stop = threading.Event()
    guess = guess_of(logs, apis)
    collect = settings.collect
    poller = Poller(
        store,
        apis,
        guess=guess,
        every_seconds=collect.poll_seconds,
        prices=settings.money.prices,
        meters=meters,
    )
    collector = Collector(
        store,
        logs,
        countries=Countries.open(collect.country_database),
        pause_seconds=collect.follow_seconds,
        progress=_show_behind,
        meters=meters,
    )
    threads = [
        threading.Thread(target=run_, args=(stop,), name=name)
        for name, run_ in (("collector", collector.run), ("poller", poller.run))
    ]
    _announce(logs, apis, guess)
    watching = watched(store, settings.alerts, meters=meters)
    with upkept(store, collect.keep_events_days), watching:
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def _show_behind(behind_bytes: int) -> None:
    """Keep one line of the terminal up to date while there is something to catch up with."""
    if sys.stderr.isatty():
        said = f"catching up: {behind_bytes / 1e6:,.1f} MB behind" if behind_bytes else ""
        # The cursor goes back to the line's start, so that a log line takes its place.
        click.echo(f"\r\x1b[K{said}\r", nl=False, err=True)


def _announce(logs: Sequence[NodeLog], apis: Sequence[NodeUrl], guess: NodeUrl | None) -> None:
    from storj_monitor.collect.answers import shown_url

    for log in logs:
        click.echo(f"{log.node}: following {log.log}", err=True)
    for api in apis:
        click.echo(f"{api.node}: asking its API at {shown_url(api.url)}", err=True)
    if guess is not None:
        click.echo(f"{guess.node}: looking for its API at {guess.url}", err=True)
