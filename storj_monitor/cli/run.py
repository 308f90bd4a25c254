"""`storj-monitor run`: follow the logs of nodes, and serve."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options
from storj_monitor.cli.serve import run_server
from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from storj_monitor.collect.nodes import NodeLog
    from storj_monitor.settings import CollectSettings
    from storj_monitor.store import Store


@click.command(short_help="Follow the logs of nodes, and serve.")
@click.option(
    "--node",
    "given",
    metavar="NAME:LOG[:API_URL]",
    multiple=True,
    required=True,
    help="A node and its log: a file, or host:port of a stream of lines. May be repeated.",
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
    """Follow the logs of nodes as they grow, and serve the page and the HTTP API.

    A log is read from its beginning the first time, and then from where it was read to, through
    its rotations. It may be stopped, or killed, at any time: nothing is lost, nothing doubled.

    \b
    storj-monitor run --node attic:/var/log/storagenode.log
    storj-monitor run --node attic:attic.log --node nas:nas.lan:9000
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    logs = _logs(given)
    settings = options.settings_of(config, database, plugins_dir)

    def beside(store: Store) -> AbstractContextManager[None]:
        return _collecting(store, logs, settings.collect)

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


@contextmanager
def _collecting(store: Store, logs: Sequence[NodeLog], settings: CollectSettings) -> Iterator[None]:
    """Follow the logs in a thread of their own, and remove old transfers, while the block runs."""
    import threading

    from storj_monitor.collect.countries import Countries
    from storj_monitor.collect.follow.collector import Collector
    from storj_monitor.collect.upkeep import upkept

    stop = threading.Event()
    collector = Collector(
        store,
        logs,
        countries=Countries.open(settings.country_database),
        pause_seconds=settings.follow_seconds,
        progress=_show_behind,
    )
    thread = threading.Thread(target=collector.run, args=(stop,), name="collector")
    _announce_logs(logs)
    with upkept(store, settings.keep_events_days):
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _show_behind(behind_bytes: int) -> None:
    """Keep one line of the terminal up to date while there is something to catch up with."""
    if sys.stderr.isatty():
        said = f"catching up: {behind_bytes / 1e6:,.1f} MB behind" if behind_bytes else ""
        # The cursor goes back to the line's start, so that a log line takes its place.
        click.echo(f"\r\x1b[K{said}\r", nl=False, err=True)


def _announce_logs(logs: Sequence[NodeLog]) -> None:
    for log in logs:
        click.echo(f"{log.node}: following {log.log}", err=True)
    if named := [log.node for log in logs if log.api_url is not None]:
        click.echo(
            f"the node API isn't read yet: the URL of {', '.join(named)} is unused", err=True
        )
