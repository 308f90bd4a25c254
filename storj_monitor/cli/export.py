"""`storj-monitor export`: a file in any installed format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storj_monitor.cli import asking, options

if TYPE_CHECKING:
    from pathlib import Path


@click.command(short_help="Write what a source has as a file.")
@click.argument("source", metavar="SOURCE")
@click.option("--format", "-f", help="csv (if not said), xlsx, json, ...: `plugins` lists them.")
@click.option("--columns", metavar="A,B", help="Only these columns, in this order.")
@click.option("--filter", multiple=True, metavar="KEY=VALUE", help="A filter of the source.")
@asking.shared
def export(  # noqa: PLR0913, PLR0917  three groups of options, each of one kind
    source: str,
    personal: bool,  # noqa: FBT001  a flag of the command line
    manifest: bool,  # noqa: FBT001  a flag of the command line
    node: tuple[str, ...],
    option: tuple[str, ...],
    filter: tuple[str, ...],  # noqa: A002  the option's name
    output: str,
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
    **single: str | None,
) -> None:
    """Write what a source has as a file: events, traffic, or any that is installed.

    Of the last 7 days if no span is given; earnings, which are by months, of this month.

    \b
    storj-monitor export events --period last-month --format xlsx -o events.xlsx
    storj-monitor export traffic --days 7 --filter bucket=day --timezone Europe/Berlin
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    from storj_monitor.exports.request import parse_export

    words = asking.words_of(single, node, option, personal=personal, manifest=manifest)
    asking.add_pairs(words, "filter", filter)
    settings = options.settings_of(config, database, plugins_dir)
    asking.write(parse_export, source, words, settings, output)
