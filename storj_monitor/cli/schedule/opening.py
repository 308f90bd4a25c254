"""What the commands of `schedule` have in common: options, the schedules, and tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import click

from storj_monitor.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from storj_monitor.registry import PluginHost
    from storj_monitor.schedules.book import Book
    from storj_monitor.settings import Settings
    from storj_monitor.store import Delivery, Store

F = TypeVar("F", bound="Callable[..., object]")

NAME = click.argument("name", metavar="NAME|ID")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")


@dataclass(frozen=True)
class Opened:
    """The schedules of a database, and what surrounds them."""

    settings: Settings
    host: PluginHost
    store: Store
    book: Book
    now: datetime


def places(command: F) -> F:
    """Give a command the options that say where its database, settings and plugins are."""
    for option in (options.plugins_dir, options.config, options.database):
        command = option(command)
    return command


def opened(database: Path | None, config: Path | None, plugins_dir: Path | None) -> Opened:
    """Open what the options name; raise OperatorError if there is no such database."""
    from storj_monitor import clock
    from storj_monitor.schedules.book import Book
    from storj_monitor.store import Store

    settings = options.settings_of(config, database, plugins_dir)
    host = options.host_of(settings)
    store = Store.open(settings.database, money=settings.money)
    return Opened(settings, host, store, Book(store, host.catalogue, settings), clock.real_now())


def say_json(document: object) -> None:
    """Print what programs read."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def say_table(
    head: Sequence[str], rows: Iterable[Sequence[object]], below: Sequence[str] = ()
) -> None:
    """Print rows under their headings, each column as wide as what is in it.

    `below` has for each row what is to stand on a line of its own under it, if anything.
    """
    texts = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row, note in zip(texts, ("", *(below or [""] * (len(texts) - 1))), strict=True):
        padded = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())
        if note:
            click.echo(f"    {note}")


def say_deliveries(found: Sequence[Delivery], opened_: Opened, *, as_json: bool) -> None:
    """Print deliveries, by the clocks of their schedules' zones; of a removed schedule in UTC."""
    from storj_monitor.schedules.answers import delivery_json

    catalogue = opened_.host.catalogue
    if as_json:
        say_json({"deliveries": [delivery_json(one, catalogue) for one in found]})
        return
    zones = {entry.id: entry.timezone for entry in opened_.book.entries()}
    head = ("ID", "DUE", "SCHEDULE", "ABOUT", "TO", "STATE", "")
    cells = [_delivery_cells(one, zones, opened_) for one in found]
    say_table(head, cells, [one.error or "" for one in found])


def _delivery_cells(one: Delivery, zones: dict[int, str], opened_: Opened) -> Sequence[object]:
    from storj_monitor.plugin.query import moment
    from storj_monitor.schedules.answers import recipient_shown
    from storj_monitor.schedules.wording import (
        edition_in_words,
        moment_in_words,
        period_in_words,
        zone_or_utc,
    )

    zone = zone_or_utc(zones.get(one.schedule_id, "UTC"))
    notes = [edition_in_words(one.edition), "late" if one.late else ""]
    if one.state == "due" and one.attempts:
        notes.append(f"next attempt {moment_in_words(moment(one.next_attempt_at), zone)}")
    return (
        one.id,
        moment_in_words(moment(one.due_at), zone),
        one.name,
        period_in_words(moment(one.start_at), moment(one.end_at), zone),
        recipient_shown(opened_.host.catalogue, one.channel, one.recipient),
        one.state,
        ", ".join(filter(None, notes)),
    )
