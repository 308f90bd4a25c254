"""`storj-monitor report`: several sources in one document, in any installed format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storj_monitor.cli import asking, options

if TYPE_CHECKING:
    from pathlib import Path


@click.command(short_help="Write a report as a file.")
@click.argument("type_", metavar="TYPE")
@click.option("--format", "-f", help="pdf (if not said), xlsx, html, ...: `plugins` lists them.")
@click.option(
    "--metric", multiple=True, metavar="NAME", help="What custom_range shows; may be repeated."
)
@asking.shared
def report(  # noqa: PLR0913, PLR0917  three groups of options, each of one kind
    type_: str,
    personal: bool,  # noqa: FBT001  a flag of the command line
    manifest: bool,  # noqa: FBT001  a flag of the command line
    node: tuple[str, ...],
    option: tuple[str, ...],
    metric: tuple[str, ...],
    output: str,
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
    **single: str | None,
) -> None:
    """Write a report as a file: daily_summary, weekly_performance, monthly_financial, ...

    Of its last complete day, week or month if no span is given; custom_range of the last 7 days.

    \b
    storj-monitor report monthly_financial -o last-month.pdf
    storj-monitor report weekly_performance --period 2026-W10 --format xlsx -o week.xlsx
    storj-monitor report custom_range --days 30 --metric storage.used_bytes -o disk.pdf
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    from storj_monitor.exports.request import parse_report

    words = asking.words_of(single, node, option, personal=personal, manifest=manifest)
    if metric:
        words["metrics"] = list(metric)
    settings = options.settings_of(config, database, plugins_dir)
    asking.write(parse_report, type_, words, settings, output)
