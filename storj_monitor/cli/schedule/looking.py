"""`schedule list`, `show`, `next` and `deliveries`: what there is, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storj_monitor.cli.schedule.opening import (
    AS_JSON,
    NAME,
    opened,
    places,
    say_deliveries,
    say_json,
    say_table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storj_monitor.schedules.answers import Told

_NONE = "there are no schedules: storj-monitor schedule add --help says how one is made"

_NOTHING = "nothing comes next: storj-monitor schedule list says why"


@click.command("list", short_help="List the schedules.")
@AS_JSON
@places
def list_(
    as_json: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """List the schedules: what each sends, when next, and how the last run went."""
    from storj_monitor.schedules.answers import MOST_OF_A_RUN

    at = opened(database, config, plugins_dir)
    if as_json:
        told = at.book.told(at.book.entries(), at.now)
        say_json({"schedules": [one.as_json(at.host.catalogue) for one in told]})
    elif told := at.book.told(at.book.entries(), at.now, MOST_OF_A_RUN):
        say_table(("ID", "NAME", "WHAT", "WHEN", "NEXT", "LAST"), map(_cells, told))
        for one in told:
            _say_problem(one)
    else:
        click.echo(_NONE, err=True)


@click.command(short_help="Show a schedule.")
@NAME
@AS_JSON
@places
def show(
    name: str,
    as_json: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Show a schedule: all that was decided, its next runs, and its last deliveries."""
    at = opened(database, config, plugins_dir)
    [told] = at.book.told([at.book.named(name)], at.now)
    document = told.as_json(at.host.catalogue)
    if as_json:
        say_json(document)
        return
    for key, value in document.items():
        if key not in ("next", "deliveries", "problem"):
            click.echo(f"{key:11} {_value(value)}".rstrip())
    _say_problem(told)
    if told.next:
        click.echo()
        say_next([told])
    if told.deliveries:
        click.echo()
        say_deliveries(told.deliveries, at, as_json=False)


@click.command("next", short_help="Show the next runs, and the period of each.")
@click.argument("name", metavar="[NAME|ID]", required=False)
@AS_JSON
@places
def next_(
    name: str | None,
    as_json: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Show the next five runs of a schedule, or of each, with the period that each will cover."""
    at = opened(database, config, plugins_dir)
    entries = at.book.entries() if name is None else [at.book.named(name)]
    told = at.book.told(entries, at.now)
    if as_json:
        documents = [one.as_json(at.host.catalogue) for one in told]
        kept = ("id", "name", "timezone", "next")
        say_json({"schedules": [{key: one[key] for key in kept} for one in documents]})
    elif any(one.next for one in told):
        say_next(told)
    else:
        click.echo(_NOTHING if told else _NONE, err=True)


@click.command(short_help="Show what was sent, and what wasn't and why.")
@click.argument("name", metavar="[NAME|ID]", required=False)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=20,
    show_default=True,
    help="So many at most.",
)
@AS_JSON
@places
def deliveries(  # noqa: PLR0913, PLR0917  as many as there are options
    name: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Show the deliveries of a schedule, or of all, what was due last first.

    The state is due (waiting, also for another attempt), claimed (being sent), sent, failed,
    skipped, or maybe_sent: it broke off while it was handed over, or was sent before while a clock
    was wrong, so nobody can know. That is never sent again by itself; `schedule again ID` does.
    """
    at = opened(database, config, plugins_dir)
    found = at.book.deliveries(limit, None if name is None else at.book.named(name).id)
    if found or as_json:
        say_deliveries(found, at, as_json=as_json)
    else:
        click.echo("nothing was sent yet", err=True)


def say_next(told: Sequence[Told]) -> None:
    """Print the next runs of schedules, the soonest first, by the clocks of their zones."""
    from storj_monitor.schedules.wording import moment_in_words, period_in_words, zone_or_utc

    runs = []
    for one in told:
        zone = zone_or_utc(one.entry.timezone)
        for run in one.next:
            about = period_in_words(run.span.start, run.span.end, zone)
            at = moment_in_words(run.due, zone)
            runs.append((run.due, (at, zone.key, one.entry.name, about)))
    say_table(("AT", "ZONE", "SCHEDULE", "ABOUT"), [cells for _, cells in sorted(runs)])


def _cells(one: Told) -> Sequence[object]:
    from storj_monitor.schedules.answers import counted
    from storj_monitor.schedules.wording import moment_in_words, rule_in_words, zone_or_utc

    entry = one.entry
    coming = "turned off" if not entry.enabled else "never"
    if one.next:
        coming = moment_in_words(one.next[0].due, zone_or_utc(entry.timezone))
    last = ", ".join(f"{count} {state}" for state, count in counted(one.last).items())
    rule = f"{rule_in_words(entry.rule)}, {entry.timezone}"
    return entry.id, entry.name, f"{entry.subject} as {entry.format}", rule, coming, last


def _say_problem(one: Told) -> None:
    if one.problem is not None:
        said = f"{one.problem.detail}. {one.problem.hint}"
        click.echo(f"warning: {one.entry.name!r} can't be sent as it is: {said}", err=True)


def _value(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
        case dict():
            return " ".join(f"{key}={','.join(texts)}" for key, texts in value.items())
        case _:
            return str(value)
