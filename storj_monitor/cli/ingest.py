"""`storj-monitor ingest`: read logs into the database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options
from storj_monitor.cli.progress import bar

if TYPE_CHECKING:
    from pathlib import Path

_SWITCH_SECONDS = 0.0005


@click.command(short_help="Read storagenode logs into the database.")
@click.argument("logs", metavar="NAME:PATH...", nargs=-1, required=True)
@options.database
@options.config
def ingest(logs: tuple[str, ...], database: Path | None, config: Path | None) -> None:
    """Read storagenode logs into the database.

    NAME is what you call the node; PATH is its log: a file, a .gz, or - for standard input.
    Reading the same lines again adds nothing, be they in another file, a .gz or a file that grew.
    Give rotated logs oldest first: each then goes on where the one before it ends.

    \b
    storj-monitor ingest attic:/var/log/storagenode.log
    storj-monitor ingest attic:node.log.2.gz attic:node.log.1 attic:node.log
    docker logs storagenode 2>&1 | storj-monitor ingest attic:-
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    from storj_monitor.collect.countries import Countries
    from storj_monitor.collect.ingest import describe, parse_node_argument
    from storj_monitor.collect.ingest import ingest as read
    from storj_monitor.collect.parser import LogParser
    from storj_monitor.collect.summary import Summary
    from storj_monitor.store import Store

    # The thread that writes asks for the GIL a hundred times a second: it shall not wait 5 ms each.
    sys.setswitchinterval(_SWITCH_SECONDS)
    named = [parse_node_argument(log) for log in logs]
    settings = options.settings_of(config, database)
    countries = Countries.open(settings.collect.country_database)
    parsers: dict[str, LogParser] = {node: LogParser(countries=countries) for node, _ in named}
    store = Store.open(settings.database, create=True)
    summaries: list[Summary] = []
    for node, path in named:
        with bar(f"{node} {path}") as progress:
            summaries.append(read(store, node, path, progress, parsers[node]))
        click.echo(f"{node}: {describe(summaries[-1])}")
    if len(summaries) > 1:
        click.echo(f"together: {describe(sum(summaries, Summary()))}")
