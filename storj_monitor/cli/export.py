"""`storj-monitor export`: a file in any installed format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storj_monitor.cli.options import Config, Database, PluginsDir, host_of, settings_of
from storj_monitor.cli.output import to_file, to_standard_output
from storj_monitor.errors import Problem
from storj_monitor.plugin.query import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.exports.pipeline import Export
    from storj_monitor.settings import Settings


def export(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="What: events, traffic, ...")],
    format_: Annotated[
        str, typer.Option("--format", "-f", help="csv, xlsx, json, ...: `plugins` lists them.")
    ] = "csv",
    start: Annotated[
        str | None, typer.Option(help="A date or an ISO time.", show_default=False)
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(help="A date (that whole day included) or an ISO time.", show_default=False),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(
            help="2026-03, 2026-W10, 2026-03-04, 2026, today, yesterday, last-month, ...",
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        str | None,
        typer.Option(
            help="Today and the days before it, so many in all; 7 if no span is given.",
            show_default=False,
        ),
    ] = None,
    node: Annotated[
        list[str] | None,
        typer.Option(help="Only this node; may be repeated.", show_default=False),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="Only these, in this order: a,b,c", show_default=False)
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            help="The zone of calendar days and times; UTC if not said.", show_default=False
        ),
    ] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help="Addresses and countries too.")
    ] = False,
    preset: Annotated[
        str | None,
        typer.Option(help="Options of the format by one name: excel-eu", show_default=False),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="An option of the format.", show_default=False),
    ] = None,
    filter_: Annotated[
        list[str] | None,
        typer.Option(
            "--filter", metavar="KEY=VALUE", help="A filter of the source.", show_default=False
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="PATH|-", help="The file; - is standard output."),
    ] = "-",
    database: Database = None,
    config: Config = None,
    plugins_dir: PluginsDir = None,
) -> None:
    """Write what a source has as a file.

    storj-monitor export events --period last-month --format xlsx -o events.xlsx
    """
    single = {
        "format": format_,
        "start": start,
        "end": end,
        "period": period,
        "days": days,
        "columns": columns,
        "timezone": timezone,
        "preset": preset,
        "personal": "1" if personal else None,
    }
    words = {key: [value] for key, value in single.items() if value is not None}
    if node:
        words["node"] = node
    _add_pairs(words, "option", option or (), prefix="option.")
    _add_pairs(words, "filter", filter_ or ())
    made = _prepared(source, words, settings_of(config, database, plugins_dir))
    if output == "-":
        to_standard_output(made)
    else:
        to_file(made, Path(output))


def _add_pairs(
    words: dict[str, list[str]], what: str, pairs: Iterable[str], prefix: str = ""
) -> None:
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            hint = f"Write --{what} KEY=VALUE."
            raise Problem("bad_request", f"--{what} {pair!r} has no value", hint)
        if not prefix and key in RESERVED:
            raise Problem("unknown_filter", f"{key!r} is no filter", f"Use --{key} for that.")
        words.setdefault(f"{prefix}{key}", []).append(value)


def _prepared(source: str, words: dict[str, list[str]], settings: Settings) -> Export:
    from storj_monitor import clock, logs
    from storj_monitor.exports.pipeline import Export
    from storj_monitor.exports.request import Limits, parse_export
    from storj_monitor.store import Store

    logs.configure()
    host = host_of(settings)
    now = clock.now()
    store = Store.open(settings.database)
    limits = Limits(now=now, nodes=[known.name for known in store.nodes()])
    return Export(parse_export(source, words, host.catalogue, limits), store, host, now)
