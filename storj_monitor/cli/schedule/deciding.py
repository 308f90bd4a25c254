"""`schedule add`, `edit`, `enable`, `disable` and `remove`: what a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from storj_monitor.cli import asking
from storj_monitor.cli.schedule.looking import say_next
from storj_monitor.cli.schedule.opening import NAME, opened, places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storj_monitor.cli.asking import Words
    from storj_monitor.cli.schedule.opening import Opened
    from storj_monitor.store import ScheduleEntry

F = TypeVar("F", bound="Callable[..., object]")

#: What is said once, by the name that a schedule has for it.
_SINGLE = ("report", "source", "format", "when", "timezone", "period", "channel", "skip_empty")
_FIRST = "Its next runs:"

_ASKED = (
    click.option("--report", metavar="TYPE", help="The report to send; or a source:"),
    click.option("--source", metavar="SOURCE", help="The source to export and send."),
    click.option("--format", "-f", help="pdf of a report, csv of a source, if not said."),
    click.option("--when", metavar="RULE", help='"daily 06:00", "weekly mon 06:00", ...'),
    click.option("--timezone", metavar="ZONE", help="Of RULE and of the period; UTC if not said."),
    click.option("--period", help="yesterday, last-week, last-month or last-year."),
    click.option("--channel", metavar="NAME", help="email, webhook, ...: `plugins` lists them."),
    click.option(
        "--recipient",
        "--to",
        multiple=True,
        metavar="WHO",
        help="An address, or a webhook's URL; may be repeated.",
    ),
    click.option("--node", multiple=True, metavar="NAME", help="Only this node; may be repeated."),
    click.option(
        "--skip-empty/--no-skip-empty",
        default=None,
        help="Send nothing where there is nothing to tell.",
    ),
    click.option("--columns", metavar="A,B", help="Of a source: only these columns."),
    click.option("--filter", multiple=True, metavar="KEY=VALUE", help="A filter of the source."),
    click.option("--metric", multiple=True, metavar="NAME", help="What custom_range shows."),
    click.option("--personal", is_flag=True, help="Addresses and countries too."),
    click.option("--preset", metavar="NAME", help="Options of the format by one name: excel-eu."),
    click.option("--option", multiple=True, metavar="KEY=VALUE", help="An option of the format."),
    places,
)


def _asked(command: F) -> F:
    """Give a command the options that say what a schedule is."""
    for option in reversed(_ASKED):
        command = option(command)
    return command


@click.command(short_help="Add a schedule.")
@click.argument("name")
@click.option("--disabled", is_flag=True, help="Add it turned off.")
@_asked
def add(
    name: str,
    disabled: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
    **given: Any,  # noqa: ANN401  options of several kinds
) -> None:
    """Add a schedule by a name of your choice, and show its next runs.

    The period follows from the rule if it isn't said: yesterday of daily, last-week of weekly,
    last-month of monthly. It is always the last whole one when the run is due.

    \b
    storj-monitor schedule add Mondays --report weekly_performance --when "weekly mon 06:00" \\
        --timezone Europe/Berlin --channel email --recipient me@example.org
    storj-monitor schedule add Books --source earnings -f xlsx --when "monthly 10 06:00" \\
        --channel webhook --recipient https://example.org/hook
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    at = opened(database, config, plugins_dir)
    body = {"name": name, "enabled": not disabled, **_body(given), "parameters": _words(given)}
    _told(at.book.add(body, at.now), at, "added")


@click.command(short_help="Change a schedule.")
@NAME
@click.option("--name", "new_name", metavar="NAME", help="Call it so from now on.")
@click.option("--all-nodes", is_flag=True, help="Of all nodes again.")
@click.option(
    "--drop",
    multiple=True,
    metavar="WORD",
    help="Take a further word back: columns, metrics, personal, preset, option.KEY or a filter.",
)
@_asked
def edit(  # noqa: PLR0913, PLR0917  those that a new one hasn't, and three places
    name: str,
    new_name: str | None,
    all_nodes: bool,  # noqa: FBT001  a flag of the command line
    drop: tuple[str, ...],
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
    **given: Any,  # noqa: ANN401  options of several kinds
) -> None:
    """Change of a schedule what is said, and leave the rest; recipients are given all anew.

    Where the rule, the zone or the period becomes another, what is due from now on counts. What
    it delivered stays known.

    \b
    storj-monitor schedule edit Mondays --when "weekly tue 06:00"
    storj-monitor schedule edit Mondays --recipient me@example.org --recipient you@example.org
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    at = opened(database, config, plugins_dir)
    had = at.book.named(name)
    words = {word: values for word, values in had.words.items() if word not in drop}
    changes = _body(given) | {"parameters": words | _words(given)}
    if new_name is not None:
        changes["name"] = new_name
    if all_nodes:
        changes["nodes"] = []
    _told(at.book.change(had.id, changes, at.now), at, "changed")


@click.command(short_help="Turn a schedule on.")
@NAME
@places
def enable(name: str, database: Path | None, config: Path | None, plugins_dir: Path | None) -> None:
    """Turn a schedule on: what is due from now on is sent, and nothing of the time it was off."""
    at = opened(database, config, plugins_dir)
    _told(at.book.enable(at.book.named(name).id, at.now, enabled=True), at, "turned on")


@click.command(short_help="Turn a schedule off.")
@NAME
@places
def disable(
    name: str, database: Path | None, config: Path | None, plugins_dir: Path | None
) -> None:
    """Turn a schedule off: nothing is sent by itself until it is turned on again."""
    at = opened(database, config, plugins_dir)
    _told(at.book.enable(at.book.named(name).id, at.now, enabled=False), at, "turned off")


@click.command(short_help="Remove a schedule.")
@NAME
@places
def remove(name: str, database: Path | None, config: Path | None, plugins_dir: Path | None) -> None:
    """Remove a schedule; what it delivered stays in `schedule deliveries`."""
    at = opened(database, config, plugins_dir)
    entry = at.book.named(name)
    at.book.remove(entry.id)
    click.echo(f"removed {entry.name!r}")


def _body(given: dict[str, Any]) -> dict[str, Any]:
    body = {name: given[name] for name in _SINGLE if given[name] is not None}
    for name, many in (("recipients", "recipient"), ("nodes", "node")):
        if given[many]:
            body[name] = list(given[many])
    return body


def _words(given: dict[str, Any]) -> Words:
    """Return the further words of the request."""
    single = {name: given[name] for name in ("columns", "preset")}
    words = asking.words_of(single, (), given["option"], personal=given["personal"], manifest=False)
    asking.add_pairs(words, "filter", given["filter"])
    if given["metric"]:
        words["metrics"] = list(given["metric"])
    return words


def _told(entry: ScheduleEntry, at: Opened, done: str) -> None:
    [told] = at.book.told([entry], at.now)
    click.echo(f"{done} {entry.name!r} (id {entry.id})")
    if told.problem is not None:
        click.echo(f"warning: {told.problem.detail}. {told.problem.hint}", err=True)
    if told.next:
        click.echo(_FIRST)
        say_next([told])
