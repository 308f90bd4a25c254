"""`storj-monitor export`: a file in any installed format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options
from storj_monitor.cli.output import to_file, to_standard_output
from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.exports.pipeline import Export
    from storj_monitor.settings import Settings


@click.command(short_help="Write what a source has as a file.")
@click.argument("source", metavar="SOURCE")
@click.option("--format", "-f", help="csv (if not said), xlsx, json, ...: `plugins` lists them.")
@click.option("--start", metavar="WHEN", help="A date or an ISO time.")
@click.option("--end", metavar="WHEN", help="A date (that whole day included) or an ISO time.")
@click.option("--period", help="2026-03, 2026-W10, 2026-03-04, 2026, yesterday, last-month, ...")
@click.option(
    "--days",
    metavar="N",
    help="Today and the days before it; 7 if no span is given, but earnings: this month.",
)
@click.option("--node", multiple=True, metavar="NAME", help="Only this node; may be repeated.")
@click.option("--columns", metavar="A,B", help="Only these columns, in this order.")
@click.option("--timezone", metavar="ZONE", help="The zone of days and times; UTC if not said.")
@click.option("--personal", is_flag=True, help="Addresses and countries too.")
@click.option("--preset", metavar="NAME", help="Options of the format by one name: excel-eu.")
@click.option("--option", multiple=True, metavar="KEY=VALUE", help="An option of the format.")
@click.option("--filter", multiple=True, metavar="KEY=VALUE", help="A filter of the source.")
@click.option(
    "--output", "-o", default="-", metavar="PATH|-", help="The file; - is standard output."
)
@options.database
@options.config
@options.plugins_dir
def export(  # noqa: PLR0913, PLR0917  three groups of options, each of one kind
    source: str,
    personal: bool,  # noqa: FBT001  a flag of the command line
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

    \b
    storj-monitor export events --period last-month --format xlsx -o events.xlsx
    storj-monitor export traffic --days 7 --filter bucket=day --timezone Europe/Berlin
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    words = {key: [value] for key, value in single.items() if value is not None}
    if personal:
        words["personal"] = ["1"]
    if node:
        words["node"] = list(node)
    _add_pairs(words, "option", option, prefix="option.")
    _add_pairs(words, "filter", filter)
    made = _prepared(source, words, options.settings_of(config, database, plugins_dir))
    if output == "-":
        to_standard_output(made)
    else:
        to_file(made, Path(output))


def _add_pairs(
    words: dict[str, list[str]], what: str, pairs: Iterable[str], prefix: str = ""
) -> None:
    from storj_monitor.plugin.query import RESERVED

    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            hint = f"Write --{what} KEY=VALUE."
            raise Problem("bad_request", f"--{what} {pair!r} has no value", hint)
        if not prefix and key in RESERVED:
            raise Problem("unknown_filter", f"{key!r} is no filter", f"Use --{key} for that.")
        words.setdefault(f"{prefix}{key}", []).append(value)


def _prepared(source: str, words: dict[str, list[str]], settings: Settings) -> Export:
    from storj_monitor import clock
    from storj_monitor.exports.pipeline import Export
    from storj_monitor.exports.request import Limits, parse_export
    from storj_monitor.store import Store

    host = options.host_of(settings)
    now = clock.now()
    store = Store.open(settings.database, money=settings.money)
    limits = Limits(now=now, nodes=[known.name for known in store.nodes()])
    return Export(parse_export(source, words, host.catalogue, limits), store, host, now)
